//! Whether a client is in the midst of joining: then the radio stays.

use std::time::Duration;

/// How long after its authentication a client's association request is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// What follows the request comes within this time.
const AFTER: Duration = Duration::from_millis(100);

/// Management subtypes (IEEE Std 802.11-2020 Table 9-1).
const AUTHENTICATION: u8 = 11;
const REQUESTS: [u8; 2] = [0, 2];

/// What was seen of joining clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joining {
    until: Option<Duration>,
}

impl Joining {
    /// Takes the subtype of a management frame that was seen at `now`.
    pub fn frame(&mut self, subtype: u8, now: Duration) {
        if subtype == AUTHENTICATION {
            self.until = Some(now + PATIENCE);
        } else if REQUESTS.contains(&subtype) {
            self.until = Some(now + AFTER);
        }
    }

    /// A client is joining.
    #[must_use]
    pub fn is_on(self, now: Duration) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_authentication_to_association() {
        let at = Duration::from_millis;
        let mut joining = Joining::default();
        joining.frame(8, at(1));
        assert!(!joining.is_on(at(1)));
        joining.frame(11, at(10));
        assert!(joining.is_on(at(2009)) && !joining.is_on(at(2010)));
        joining.frame(0, at(500));
        assert!(joining.is_on(at(599)) && !joining.is_on(at(600)));
    }
}
