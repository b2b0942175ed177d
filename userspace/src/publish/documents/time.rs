//! Times as the documents hold them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time in UTC to the second, `2026-01-23T12:00:00Z` (RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcSeconds(Timestamp);

impl UtcSeconds {
    /// Seconds from `earlier` to this time; 0 if the clock was set back in between.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.as_second() - earlier.0.as_second()).unwrap_or(0)
    }

    /// This time and `seconds` more; at most the end of the calendar.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Timestamp::from_second(self.0.as_second().saturating_add(seconds)).map_or(self, Self)
    }
}

impl From<Timestamp> for UtcSeconds {
    fn from(time: Timestamp) -> Self {
        // A whole second inside the calendar is in the calendar.
        Self(Timestamp::from_second(time.as_second()).unwrap_or(time))
    }
}

impl fmt::Display for UtcSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UtcSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse::<Timestamp>()
            .map(Self::from)
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_in_utc() {
        let time = UtcSeconds::from("2026-01-23T13:00:00.987+01:00".parse::<Timestamp>().unwrap());
        assert_eq!(time.to_string(), "2026-01-23T12:00:00Z");
        assert_eq!(time.plus(300).since(time), 300);
        assert_eq!(time.since(time.plus(300)), 0);
        assert_eq!(time.plus(u64::MAX), time);
        assert!(serde_json::from_str::<UtcSeconds>("\"yesterday\"").is_err());
    }
}
