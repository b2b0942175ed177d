//! Replaying the project's own capture at a chosen rate.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::DemoError;
use crate::{capture::Reader, lab::Tap};

/// Frames recorded in a VM with simulated radios; tests/fixtures/README.md says how.
pub static CAPTURE: &[u8] = include_bytes!("../../../tests/fixtures/stations.pcap");

/// How many frames to replay. The capture starts anew when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(u64),
    /// As many as the rate gives in this time.
    Duration(Duration),
}

/// A replay.
pub struct Replay {
    /// Where the frames go.
    pub tap: Arc<Tap>,
    /// The frames, with radiotap headers.
    pub frames: Vec<Vec<u8>>,
    /// Frames a second.
    pub rate: u32,
    /// How many.
    pub amount: Amount,
    /// Ends the replay early.
    pub stop: Arc<AtomicBool>,
}

impl Replay {
    /// Writes frame after frame, each at its time, and says how many. Blocks: give it a thread.
    ///
    /// # Errors
    ///
    /// A frame can't be written.
    pub fn run(&self) -> Result<u64, DemoError> {
        let start = Instant::now();
        let mut sent = 0;
        for frame in self.frames.iter().cycle() {
            let over = match self.amount {
                Amount::Count(count) => sent >= count,
                Amount::Duration(duration) => start.elapsed() >= duration,
            };
            if over || self.stop.load(Ordering::Relaxed) {
                break;
            }
            self.tap.write(frame)?;
            sent += 1;
            let due = start + Duration::from_secs_f64(sent as f64 / f64::from(self.rate.max(1)));
            let wait = due.saturating_duration_since(Instant::now());
            // Shorter rests than the scheduler keeps are made up for by the next.
            if wait > Duration::from_micros(200) {
                thread::sleep(wait);
            }
        }
        Ok(sent)
    }
}

/// The frames of a capture, with their radiotap headers.
///
/// # Errors
///
/// The capture is damaged.
pub fn frames(capture: &[u8]) -> Result<Vec<Vec<u8>>, DemoError> {
    let mut reader = Reader::new(capture)?;
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet()? {
        frames.push(packet.octets.to_vec());
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use airlens_common::monitor::{Counter, Verdict};

    use super::*;

    #[test]
    fn the_capture_holds_requests_that_the_program_hands_over() {
        let frames = frames(CAPTURE).unwrap();
        let requests = frames
            .iter()
            .filter(|frame| Verdict::of(&frame[..], 0b101).unwrap().counter == Counter::HandedOver)
            .count();
        assert!(
            frames.len() > 100 && requests >= 12,
            "{} frames, {requests} requests",
            frames.len()
        );
    }
}
