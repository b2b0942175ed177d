//! Frames to profiles: what of each captured frame is worth publishing, and the counts of a run.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use airlens_common::monitor::frame_flags;
use jiff::Timestamp;

use crate::{
    dot11::{Address, frame::Management, link::LinkType},
    kernel::{Clock, Frame},
    profile::{Capture, CaptureSource, Identity, Listener, Profile, ProfileError},
};

/// Stations that a run remembers. Addresses are free to an attacker; memory is not.
const MAX_STATIONS: usize = 65_536;

/// Stations of which the last probe request is remembered, 4 KiB each at the most.
const MAX_PROBING: usize = 4096;

/// Subtype of an authentication frame (IEEE Std 802.11-2020 Table 9-1).
const AUTHENTICATION: u8 = 11;

/// Counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileCounts {
    /// Profiles made.
    pub profiles: u64,
    /// Requests that gave no profile.
    pub failed: u64,
    /// Frames that can't be read as what they are.
    pub invalid: u64,
    /// Different stations seen authenticating or associating, [`MAX_STATIONS`] at the most.
    pub clients: u64,
    /// Requests that were the retransmission of one profiled before.
    pub retransmissions: u64,
    /// Requests of stations beyond [`MAX_STATIONS`], left unprofiled: their files would fill the disk.
    pub refused: u64,
}

/// What a frame came to.
#[derive(Debug)]
pub enum Outcome {
    /// A client's profile.
    Profile(Box<Profile>),
    /// A request that gives none.
    Failed(ProfileError),
    /// Nothing to publish.
    Nothing,
}

/// A station that was seen.
#[derive(Clone, Debug)]
pub struct Station {
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Its maker, once it was profiled.
    pub maker: Option<Cow<'static, str>>,
    /// Sequence number of its last request.
    sequence: Option<u16>,
}

/// Turns captured frames into profiles.
#[derive(Debug)]
pub struct Profiler {
    listener: Listener,
    stations: HashMap<Address, Station>,
    counts: ProfileCounts,
}

impl Profiler {
    /// A profiler that tells clients by `identity`.
    #[must_use]
    pub fn new(identity: Arc<Identity>) -> Self {
        Self {
            listener: Listener::new(identity, MAX_PROBING),
            stations: HashMap::new(),
            counts: ProfileCounts::default(),
        }
    }

    /// Takes one frame.
    pub fn frame(&mut self, frame: &Frame, clock: Clock) -> Outcome {
        let time = clock.timestamp(frame.header.time);
        let capture = Capture {
            time: u64::try_from(time.as_nanosecond()).ok(),
            original_length: None,
            source: CaptureSource::External,
        };
        // Frame control is at the header's end: the kernel program has read it there.
        let Some(octets) = frame.packet.get(usize::from(frame.header.radiotap_length)..) else {
            self.counts.invalid += 1;
            return Outcome::Nothing;
        };
        match self.listener.packet(LinkType::Radiotap, &frame.packet, capture) {
            Ok(Some(profile)) => self.profiled(profile, octets, time),
            Ok(None) => {
                self.other(octets, frame.header.flags, time);
                Outcome::Nothing
            }
            Err(error) => {
                self.counts.failed += 1;
                self.counts.invalid += 1;
                Outcome::Failed(error)
            }
        }
    }

    fn profiled(&mut self, profile: Profile, octets: &[u8], time: Timestamp) -> Outcome {
        let header = Management::new(octets).ok();
        let sequence = header.map(Management::sequence);
        let again = header.is_some_and(|header| header.control().retry());
        let Some(station) = self.station(profile.mac, time) else {
            self.counts.refused += 1;
            return Outcome::Nothing;
        };
        if again && station.sequence.is_some() && station.sequence == sequence {
            self.counts.retransmissions += 1;
            return Outcome::Nothing;
        }
        station.sequence = sequence;
        station.maker.clone_from(&profile.manuf);
        self.counts.profiles += 1;
        Outcome::Profile(Box::new(profile))
    }

    /// A station shows itself by authenticating; the answers are the AP's.
    fn other(&mut self, octets: &[u8], flags: u16, time: Timestamp) {
        match Management::new(octets) {
            Ok(header) if header.control().subtype() == AUTHENTICATION => {
                let from_station = header.source() != header.bssid() && flags & frame_flags::TRANSMITTED == 0;
                if from_station {
                    self.station(header.source(), time);
                }
            }
            Ok(_) => {}
            Err(_) => self.counts.invalid += 1,
        }
    }

    /// The station, seen now; `None` where there is no room for one more.
    fn station(&mut self, address: Address, time: Timestamp) -> Option<&mut Station> {
        if !self.stations.contains_key(&address) {
            if self.stations.len() >= MAX_STATIONS {
                return None;
            }
            self.counts.clients += 1;
        }
        Some(self.stations.entry(address).or_insert(Station {
            first_seen: time,
            maker: None,
            sequence: None,
        }))
    }

    /// Every station seen.
    pub fn stations(&self) -> impl Iterator<Item = (&Address, &Station)> {
        self.stations.iter()
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> &ProfileCounts {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use airlens_common::monitor::FrameHeader;
    use bytes::Bytes;

    use super::*;

    /// A management frame of 02:00:00:00:00:02 with sequence number 5 behind an empty radiotap header.
    fn frame(control: [u8; 2], bssid: u8, body: &[u8]) -> Frame {
        let mut packet = vec![0, 0, 8, 0, 0, 0, 0, 0];
        packet.extend(control);
        packet.extend([0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, bssid, 0x50, 0]);
        packet.extend(body);
        Frame {
            header: FrameHeader {
                radiotap_length: 8,
                length: packet.len() as u32,
                ..FrameHeader::default()
            },
            packet: Bytes::from(packet),
        }
    }

    #[test]
    fn a_retransmission_is_the_same_request() {
        let mut profiler = Profiler::new(Arc::default());
        let clock = Clock::now();
        let request = [1, 0, 10, 0, 0, 1, b'a'];
        assert!(matches!(
            profiler.frame(&frame([0, 0], 1, &request), clock),
            Outcome::Profile(_)
        ));
        assert!(matches!(
            profiler.frame(&frame([0, 8], 1, &request), clock),
            Outcome::Nothing
        ));
        // Not marked as sent again: the station tries anew, and its numbers have come round.
        assert!(matches!(
            profiler.frame(&frame([0, 0], 1, &request), clock),
            Outcome::Profile(_)
        ));
        let counts = profiler.counts();
        assert_eq!((counts.profiles, counts.clients, counts.retransmissions), (2, 1, 1));
    }

    #[test]
    fn stations_authenticate_and_requests_fail() {
        let mut profiler = Profiler::new(Arc::default());
        let clock = Clock::now();
        profiler.frame(&frame([0xb0, 0], 1, &[0, 0, 1, 0, 0, 0]), clock);
        // The AP's answer: transmitter and BSSID are the same.
        profiler.frame(&frame([0xb0, 0], 2, &[0, 0, 2, 0, 0, 0]), clock);
        assert!(matches!(
            profiler.frame(&frame([0, 0], 1, &[1]), clock),
            Outcome::Failed(_)
        ));
        let counts = profiler.counts();
        assert_eq!((counts.clients, counts.failed, counts.invalid), (1, 1, 1));
    }
}
