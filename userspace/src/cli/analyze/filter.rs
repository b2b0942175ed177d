//! Which requests are shown.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{dot11::Address, profile::Profile};

/// All that are given must match; of one that is given several times, any.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Filter {
    /// Show this client only, by its address, that of one of its links or its MLD address; may be repeated
    #[arg(long, value_name = "MAC")]
    client: Vec<Address>,
    /// Show requests to this network only; may be repeated
    #[arg(long, value_name = "NAME")]
    ssid: Vec<String>,
    /// Show requests to this access point only; may be repeated
    #[arg(long, value_name = "MAC")]
    bssid: Vec<Address>,
    /// Show requests from this time on (`2026-11-21T08:30:00Z`), or from a day on (`2026-11-21`, UTC)
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
}

impl Filter {
    /// Whether somebody asks for certain clients.
    pub(super) fn names_a_client(&self) -> bool {
        !self.client.is_empty()
    }

    pub(super) fn matches(&self, profile: &Profile) -> bool {
        let own = [Some(profile.mac), profile.mld].into_iter();
        let mut own = own.chain(profile.links.iter().map(|link| link.mac)).flatten();
        (self.client.is_empty() || own.any(|address| self.client.contains(&address)))
            && (self.ssid.is_empty() || self.ssid.iter().any(|name| *name == profile.ssid.to_string()))
            && (self.bssid.is_empty() || self.bssid.contains(&profile.bssid))
            && self.since.is_none_or(|since| {
                let time = profile.time.map(i128::from);
                time.is_some_and(|time| time >= since.as_nanosecond())
            })
    }
}

/// A time, or the beginning of a day, in UTC.
pub(in crate::cli) fn time(text: &str) -> Result<Timestamp, String> {
    // A day is tried first: what is neither is better told as a time.
    let day = text
        .parse::<Date>()
        .ok()
        .filter(|_| !text.contains([':', 'T', 't', ' ']));
    match day {
        Some(day) => day.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp()),
        None => text.parse(),
    }
    .map_err(|_| "give a day (2026-11-21) or a time with its offset (2026-11-21T08:30:00Z, …+01:00)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Band, Features, OtherLink, Radio, tests::profile};

    #[test]
    fn days_and_times() {
        let seconds = |text| time(text).map(Timestamp::as_second);
        assert_eq!(seconds("2020-09-13"), Ok(1_599_955_200));
        assert_eq!(seconds("2020-09-13T12:26:40Z"), Ok(1_600_000_000));
        assert_eq!(seconds("2020-09-13 14:26:40+02:00"), Ok(1_600_000_000));
        for text in ["", "2h", "2020-09-13T12:26:40", "2020-13-13", "yesterday"] {
            assert!(
                seconds(text).is_err_and(|error| error.contains("2026-11-21T08:30:00Z")),
                "{text}"
            );
        }
    }

    #[test]
    fn every_given_one_must_match() {
        let mut profile = profile(&[0, 3, b'n', b'e', b't']);
        profile.mld = Some(Address([2, 0, 0, 0, 0, 7]));
        profile.links = vec![OtherLink {
            id: 1,
            mac: Some(Address([2, 0, 0, 0, 0, 8])),
            band: Band::Unknown,
            features: Features::default(),
            radio: Radio::default(),
        }];
        let matches = |change: &dyn Fn(&mut Filter)| {
            let mut filter = Filter {
                client: vec![profile.mac],
                ssid: vec!["other".to_owned(), "net".to_owned()],
                bssid: vec![profile.bssid],
                since: Some(Timestamp::from_second(1_600_000_000).unwrap()),
            };
            change(&mut filter);
            filter.matches(&profile)
        };
        assert!(matches(&|_| {}));
        assert!(matches(&|filter| filter.client = vec![Address([2, 0, 0, 0, 0, 7])]));
        assert!(matches(&|filter| filter.client = vec![Address([2, 0, 0, 0, 0, 8])]));
        assert!(!matches(&|filter| filter.client = vec![Address([2, 0, 0, 0, 0, 9])]));
        assert!(!matches(&|filter| filter.ssid = vec!["Net".to_owned()]));
        assert!(!matches(&|filter| filter.bssid = vec![profile.mac]));
        assert!(!matches(
            &|filter| filter.since = Timestamp::from_second(1_600_000_001).ok()
        ));
        let timeless = Profile {
            time: None,
            ..profile.clone()
        };
        let since = Filter {
            since: Some(Timestamp::UNIX_EPOCH),
            ..Filter::default()
        };
        assert!(!since.matches(&timeless) && Filter::default().matches(&timeless));
    }
}
