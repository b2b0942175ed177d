//! The kernel's clock in Unix time.

use jiff::{SignedDuration, Timestamp};

/// Turns `CLOCK_MONOTONIC` times of the kernel programs into Unix time.
///
/// The offset is read once a conversion source is made; make a new one now and then, since the wall clock may be set.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Unix time in ns at monotonic zero.
    offset: i128,
}

impl Clock {
    /// Reads both clocks.
    #[must_use]
    pub fn now() -> Self {
        Self {
            offset: read(libc::CLOCK_REALTIME) - read(libc::CLOCK_MONOTONIC),
        }
    }

    /// `monotonic` in ns to Unix time.
    #[must_use]
    pub fn timestamp(self, monotonic: u64) -> Timestamp {
        let nanoseconds = self.offset + i128::from(monotonic);
        Timestamp::from_nanosecond(nanoseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// `CLOCK_MONOTONIC` in ns, the clock of `bpf_ktime_get_ns`.
    #[must_use]
    pub fn monotonic() -> u64 {
        u64::try_from(read(libc::CLOCK_MONOTONIC)).unwrap_or(0)
    }

    /// What `CLOCK_TAI` is ahead of Unix time, in ns: whole seconds, 0 where nobody told the kernel (Linux `kernel/time/ntp.c`).
    #[must_use]
    pub fn ahead_of_unix() -> u64 {
        const SECOND: i128 = 1_000_000_000;
        let ahead = read(libc::CLOCK_TAI) - read(libc::CLOCK_REALTIME);
        // The two are read one after the other.
        u64::try_from((ahead + SECOND / 2).div_euclid(SECOND) * SECOND).unwrap_or(0)
    }

    /// Unix time in ns.
    #[must_use]
    pub fn unix() -> u64 {
        u64::try_from(read(libc::CLOCK_REALTIME)).unwrap_or(0)
    }

    /// Time since `monotonic` in ns.
    #[must_use]
    pub fn since(monotonic: u64) -> SignedDuration {
        SignedDuration::from_nanos(i64::try_from(Self::monotonic().saturating_sub(monotonic)).unwrap_or(i64::MAX))
    }
}

fn read(clock: libc::clockid_t) -> i128 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the answer; these clocks always exist.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}
