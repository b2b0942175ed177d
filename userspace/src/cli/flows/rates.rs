//! Rates: what a flow carried since the last look, or in its life where that is the first.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

/// What a flow carried when it was last looked at.
#[derive(Clone, Copy, Debug)]
struct Seen {
    bytes: u64,
    packets: u64,
}

/// The last look.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Rates {
    time: f64,
    flows: HashMap<String, Seen>,
}

/// Of a flow, each second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) struct Rate {
    pub(in crate::cli) bits: f64,
    pub(in crate::cli) packets: f64,
}

/// What tells flows apart, pieces of one too.
fn key(flow: &Value) -> String {
    const KEYS: [&str; 8] = [
        "interface_index",
        "vlan",
        "protocol",
        "source",
        "source_port",
        "destination",
        "destination_port",
        "piece",
    ];
    KEYS.map(|key| flow[key].to_string()).join(" ")
}

/// Unix seconds of a time in RFC 3339.
pub(in crate::cli) fn seconds(time: &Value) -> Option<f64> {
    let time: Timestamp = time.as_str()?.parse().ok()?;
    Some(time.as_microsecond() as f64 / 1e6)
}

impl Rates {
    /// A flow's rate in a list of this time.
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    pub(in crate::cli) fn of(&self, flow: &Value, time: f64) -> Option<Rate> {
        let (bytes, packets) = (flow["bytes"].as_u64()?, flow["packets"].as_u64()?);
        let before = self
            .flows
            .get(&key(flow))
            .filter(|seen| seen.bytes <= bytes && seen.packets <= packets);
        let (since, seen) = match before {
            Some(seen) => (time - self.time, *seen),
            None => {
                // Less than what the table is told of at once tells nothing.
                let life = (time - seconds(&flow["start"])?).max(1.0);
                (life, Seen { bytes: 0, packets: 0 })
            }
        };
        (since > 0.0).then(|| Rate {
            bits: (bytes - seen.bytes) as f64 * 8.0 / since,
            packets: packets.saturating_sub(seen.packets) as f64 / since,
        })
    }

    /// Remembers a list for the next look.
    pub(in crate::cli) fn remember(&mut self, list: &Value) {
        self.time = list["time"].as_f64().unwrap_or_default();
        let flows = list["flows"].as_array().into_iter().flatten();
        let seen = |flow: &Value| {
            let (bytes, packets) = (flow["bytes"].as_u64()?, flow["packets"].as_u64()?);
            Some((key(flow), Seen { bytes, packets }))
        };
        self.flows = flows.filter_map(seen).collect();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn since_the_last_look_or_in_its_life() {
        let flow = |bytes: u64, packets: u64| json!({ "source": "10.0.0.1", "bytes": bytes, "packets": packets, "start": "1970-01-01T00:01:40Z" });
        let mut rates = Rates::default();
        let first = rates.of(&flow(1000, 10), 110.0).unwrap();
        assert_eq!((first.bits, first.packets), (800.0, 1.0));
        rates.remember(&json!({ "time": 110.0, "flows": [flow(1000, 10)] }));
        let second = rates.of(&flow(3000, 14), 112.0).unwrap();
        assert_eq!((second.bits, second.packets), (8000.0, 2.0));
        // Another flow of the same ends.
        assert_eq!(rates.of(&flow(900, 9), 112.0).unwrap().packets, 0.75);
    }
}
