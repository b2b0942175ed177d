//! A client's page as a document, for programs that lay it out themselves: `/api/clients/{id}/page`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::recall::Recalled;
use crate::{
    dot11::Address,
    profile::{Block, Change, changes, client_blocks},
};

/// What [`airlens clients show`](crate::profile::client_page) prints, before it has a width, and the client's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientPage {
    /// Its address.
    pub client_id: String,
    /// From the top downwards.
    pub blocks: Vec<Block>,
    /// Other clients of the same kind of device, where one of both has a randomised address and may thus be the other: some of
    /// them, the one seen last first.
    #[serde(default)]
    pub alike: Vec<String>,
    /// How many there are.
    #[serde(default)]
    pub alike_count: usize,
    /// The newest first.
    pub history: Vec<Step>,
}

/// A profile in the history of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// When the request was seen, UTC (RFC 3339); null if not known.
    pub time: Value,
    /// GHz: `2`, `5`, `6`; `0` if not known.
    pub band: Value,
    /// The network that the client asked to join.
    pub ssid: Value,
    /// What it says otherwise than the one before on its band; `None` where that is the first.
    pub changes: Option<Vec<Change>>,
}

impl ClientPage {
    /// Of a client, the lines of its history, the oldest first, and some others of its kind with their whole number.
    #[must_use]
    pub fn new(found: &Recalled, lines: &[Value], (alike, alike_count): (Vec<Address>, usize)) -> Self {
        let newest = found.client.newest();
        let address = newest.last().map(|known| known.profile.client());
        Self {
            client_id: address.map(|address| address.to_string()).unwrap_or_default(),
            blocks: client_blocks(&found.client, &|input| found.name(input), &[], &[]),
            alike: alike.iter().map(ToString::to_string).collect(),
            alike_count,
            history: steps(lines),
        }
    }
}

fn steps(lines: &[Value]) -> Vec<Step> {
    let step = |place: usize| {
        let line = &lines[place];
        let before = lines[..place]
            .iter()
            .rev()
            .find(|before| before["band"] == line["band"]);
        Step {
            time: line["time"].clone(),
            band: line["band"].clone(),
            ssid: line["ssid"].clone(),
            changes: before.map(|before| changes(before, line)),
        }
    };
    (0..lines.len()).rev().map(step).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_step_is_held_against_the_one_before_on_its_band() {
        let line = |band: &str, power: u8| json!({ "band": band, "time": null, "ssid": "a", "features": { "max_power": power } });
        let steps = steps(&[line("5", 1), line("2", 7), line("5", 2)]);
        let changed: Vec<_> = steps
            .iter()
            .map(|step| step.changes.as_ref().map(|changes| changes[0].after.clone()))
            .collect();
        assert_eq!(changed, [Some(json!(2)), None, None]);
        assert_eq!(steps[0].band, "5");
    }
}
