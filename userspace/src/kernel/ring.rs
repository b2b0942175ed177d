//! Reading a ring buffer on a thread of its own, so that no asynchronous task waits for the kernel.

use std::{
    io::{PipeWriter, pipe},
    os::fd::{AsRawFd as _, RawFd},
    thread::{self, JoinHandle},
};

use airlens_common::monitor::FrameHeader;
use aya::maps::{MapData, RingBuf};
use bytes::Bytes;

use super::KernelError;

/// How long records that wake nobody wait, in ms.
const CLOCK: i32 = 50;

/// A captured frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What the kernel program says of it.
    pub header: FrameHeader,
    /// Radiotap header and 802.11 frame.
    pub packet: Bytes,
}

impl Frame {
    /// A record of the frame ring; `None` if it is not one (object and binary of different builds).
    #[must_use]
    pub fn from_record(record: &[u8]) -> Option<Self> {
        let (header, packet) = record.split_at_checked(size_of::<FrameHeader>())?;
        // SAFETY: `header` has the size of a FrameHeader, for which any bit pattern is valid; the read may be unaligned.
        let header = unsafe { header.as_ptr().cast::<FrameHeader>().read_unaligned() };
        let packet = packet.get(..header.length as usize)?;
        Some(Self {
            header,
            packet: Bytes::copy_from_slice(packet),
        })
    }
}

/// The thread that empties a ring. Stopping it reads what is left first.
pub struct RingReader {
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl RingReader {
    /// Starts the thread; `each` gets every record in order. While `each` waits, records stay in the ring, and what finds
    /// no room there is counted by the kernel program.
    ///
    /// # Errors
    ///
    /// No pipe or thread can be made.
    pub fn spawn(
        name: &str,
        mut ring: RingBuf<MapData>,
        mut each: impl FnMut(&[u8]) + Send + 'static,
    ) -> Result<Self, KernelError> {
        let system = |call| move |source| KernelError::System { call, source };
        let (reader, writer) = pipe().map_err(system("pipe"))?;
        let work = move || {
            loop {
                let stopping = wait(ring.as_raw_fd(), reader.as_raw_fd());
                while let Some(record) = ring.next() {
                    each(&record);
                }
                if stopping {
                    return;
                }
            }
        };
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(system("start a thread"))?;
        Ok(Self {
            stop: Some(writer),
            thread: Some(thread),
        })
    }

    /// Reads what is left and ends the thread. Detach the programs before, so that nothing comes after.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // Closing the pipe wakes the thread.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a ring reader panicked: frames after that were not read");
        }
    }
}

impl Drop for RingReader {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits for records, the clock or the end; true at the end.
fn wait(ring: RawFd, stop: RawFd) -> bool {
    let mut descriptors = [(ring, libc::POLLIN), (stop, 0)].map(|(fd, events)| libc::pollfd { fd, events, revents: 0 });
    // SAFETY: two valid entries; a signal or an error only makes this round shorter.
    unsafe { libc::poll(descriptors.as_mut_ptr(), 2, CLOCK) };
    descriptors[1].revents != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_unaligned_and_checked() {
        let header = FrameHeader {
            time: 7,
            length: 3,
            ..FrameHeader::default()
        };
        let mut record = [0u8; 1 + 24 + 4];
        // SAFETY: 24 octets of a plain repr(C) value without padding.
        let octets: [u8; 24] = unsafe { std::mem::transmute(header) };
        record[1..25].copy_from_slice(&octets);
        record[25..].copy_from_slice(&[1, 2, 3, 0]);
        let frame = Frame::from_record(&record[1..]).unwrap();
        assert_eq!((frame.header.time, &frame.packet[..]), (7, &[1, 2, 3][..]));
        assert!(Frame::from_record(&record[1..26]).is_none());
        assert!(Frame::from_record(&record[..10]).is_none());
    }
}
