//! So many lines at once, then one a second.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// One line in this time, once the burst is used up.
const INTERVAL: Duration = Duration::from_secs(1);

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Log { suppressed: Option<u64> },
    LeaveOut,
}

#[derive(Debug, Default)]
struct State {
    /// When the whole burst is there again.
    full: Option<Instant>,
    suppressed: u64,
}

impl State {
    fn take(&mut self, now: Instant, burst: u32) -> bool {
        let full = self.full.map_or(now, |full| full.max(now));
        let free = full.duration_since(now) <= INTERVAL * burst.saturating_sub(1);
        if free {
            self.full = Some(full + INTERVAL);
        }
        free
    }

    fn told(&mut self) -> Option<u64> {
        Some(std::mem::take(&mut self.suppressed)).filter(|suppressed| *suppressed > 0)
    }
}

#[derive(Debug, Default)]
pub(super) struct Limit(Mutex<State>);

impl Limit {
    pub(super) fn ask(&self, now: Instant, burst: u32) -> Verdict {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.take(now, burst) {
            Verdict::Log {
                suppressed: state.told(),
            }
        } else {
            state.suppressed += 1;
            Verdict::LeaveOut
        }
    }

    /// Lines that were left out, if there is room for a line that says so.
    pub(super) fn left_out(&self, now: Instant, burst: u32, whatever: bool) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let may = state.suppressed > 0 && (state.take(now, burst) || whatever);
        may.then(|| state.told()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_a_second() {
        let (limit, start) = (Limit::default(), Instant::now());
        let at = |milliseconds: u64| start + Duration::from_millis(milliseconds);
        let log = |suppressed| Verdict::Log { suppressed };
        for _ in 0..3 {
            assert_eq!(limit.ask(at(0), 3), log(None));
        }
        for _ in 0..7 {
            assert_eq!(limit.ask(at(10), 3), Verdict::LeaveOut);
        }
        assert_eq!(limit.ask(at(1000), 3), log(Some(7)));
        assert_eq!(limit.ask(at(1500), 3), Verdict::LeaveOut);
        assert_eq!(limit.left_out(at(1600), 3, false), None);
        assert_eq!(limit.left_out(at(2000), 3, false), Some(1));
        assert_eq!(limit.left_out(at(9000), 3, false), None);
        // The burst is there again.
        let logged = (0..9).filter(|_| limit.ask(at(9000), 3) == log(None)).count();
        assert_eq!(logged, 3);
        assert_eq!(limit.left_out(at(9000), 3, true), Some(6));
    }
}
