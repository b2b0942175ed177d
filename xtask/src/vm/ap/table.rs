//! `tests/vm/ap.txt`: who tries to join which access point, and what comes of it.

use serde_json::{Value, json};

use crate::vm::stations::path;

/// How wpa_supplicant's attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Refused,
    Connected,
    Wrong,
}

/// One attempt, as its line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    pub(crate) name: String,
    pub(crate) mode: String,
    /// As `airlens run -c` takes it.
    channel: String,
    /// As `--security-mode` takes it.
    pub(crate) security: String,
    pub(crate) address: String,
    pub(crate) end: End,
    besides: Vec<(String, String)>,
}

impl Join {
    /// As a profile writes the band.
    pub(crate) fn band(&self) -> &'static str {
        match (self.channel.starts_with("6g"), self.number()) {
            (true, _) => "6",
            (false, ..=14) => "2",
            _ => "5",
        }
    }

    /// The station joins as a multi-link device.
    pub(crate) fn multi_link(&self) -> bool {
        self.name.starts_with("link-")
    }

    pub(crate) fn number(&self) -> u32 {
        self.channel.trim_start_matches("6g").parse().unwrap_or(0)
    }

    /// What the last column says of the profile, by path.
    pub(crate) fn besides(&self) -> impl Iterator<Item = (String, Value)> {
        let value = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        self.besides.iter().map(move |(key, text)| (path(key), value(text)))
    }
}

/// Reads the list; the error is the line that is not understood.
pub(crate) fn parse(text: &str) -> Result<Vec<Join>, String> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|line| join(line).ok_or_else(|| line.to_owned())).collect()
}

fn join(line: &str) -> Option<Join> {
    let columns: Vec<_> = line.split('|').map(str::trim).collect();
    let [name, mode, channel, security, _, address, _, _, end, besides] = columns[..] else {
        return None;
    };
    Some(Join {
        name: name.strip_prefix("join ")?.trim().to_owned(),
        mode: mode.to_owned(),
        channel: channel.to_owned(),
        security: security.to_owned(),
        address: address.to_owned(),
        end: match end {
            "refused" => End::Refused,
            "connected" => End::Connected,
            "wrong" => End::Wrong,
            _ => return None,
        },
        besides: besides
            .split_whitespace()
            .map(|pair| {
                pair.split_once('=')
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
            })
            .collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_meets_every_band_and_security() {
        let text = include_str!("../../../../tests/vm/ap.txt");
        let joins = parse(text).unwrap();
        for mode in ["ap", "fakeap", "hostapd"] {
            for (band, akms) in [("2", &[2, 4, 8][..]), ("5", &[2, 4, 8, 9]), ("6", &[8, 9])] {
                for akm in akms {
                    let wanted = ("features/akm".to_owned(), json!(akm));
                    let found = joins.iter().any(|join| {
                        join.mode == mode && join.band() == band && join.besides().any(|says| says == wanted)
                    });
                    assert!(found, "{mode}, {band} GHz, key management {akm}");
                }
            }
        }
        let mut names: Vec<_> = joins.iter().map(|join| &join.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), joins.len());
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        assert!(parse("join x | ap | 1 | wpa2 |  | 02:00:00:00:00:01 | PSK |  | left | akm=2\n").is_err());
        assert!(parse("join x | ap\n").is_err());
    }
}
