//! Waiting for a batch of packets, somebody's word, or the clock.

use std::{
    io,
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd},
    time::Duration,
};

/// How long packets wait that fill no batch.
const CLOCK: Duration = Duration::from_millis(50);

/// Waits for a ring and a pipe.
#[derive(Debug)]
pub struct RingWaiter(OwnedFd);

impl RingWaiter {
    /// For these. The ring by its wakeups alone (`EPOLLET`): a ring that holds anything is always readable, and a reader
    /// who is back at once for each packet does nothing else.
    ///
    /// # Errors
    ///
    /// The system has no more descriptors.
    pub fn new(ring: RawFd, pipe: RawFd) -> io::Result<Self> {
        // SAFETY: no preconditions.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if epoll < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a new descriptor that nobody else has.
        let waiter = Self(unsafe { OwnedFd::from_raw_fd(epoll) });
        for (descriptor, events) in [(ring, libc::EPOLLIN | libc::EPOLLET), (pipe, libc::EPOLLIN)] {
            let mut event = libc::epoll_event {
                events: events.cast_unsigned(),
                u64: u64::from(descriptor == pipe),
            };
            // SAFETY: valid descriptors and a valid event.
            if unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, descriptor, &raw mut event) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(waiter)
    }

    /// Waits no longer than `left`, and some 50 ms; true if the pipe has something, or nobody has its other end.
    #[must_use]
    pub fn wait(&self, left: Option<Duration>) -> bool {
        let time = left.map_or(CLOCK, |left| left.min(CLOCK)).as_millis();
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 2];
        // SAFETY: room for two events; a signal or an error only makes this round shorter.
        let found = unsafe {
            libc::epoll_wait(
                self.0.as_raw_fd(),
                events.as_mut_ptr(),
                2,
                i32::try_from(time).unwrap_or(0),
            )
        };
        let found = usize::try_from(found).unwrap_or(0);
        events.iter().take(found).any(|event| { event.u64 } == 1)
    }
}
