//! Stations that an interface knows, and what it counted of them.

use serde::Serialize;
use wl_nl80211::Nl80211Command;

use super::{
    Nl80211, Nl80211Error,
    attribute::{Attribute, Attributes},
    message::Message,
    number,
    wireless::named,
};
use crate::dot11::Address;

/// A station, as an access point has it, or the access point, as a station has it (`enum nl80211_sta_info`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StationInfo {
    /// Its address.
    #[serde(serialize_with = "crate::nl80211::as_text")]
    pub address: Address,
    /// Milliseconds since it was heard last.
    pub inactive_ms: Option<u32>,
    /// Seconds since it joined.
    pub connected_s: Option<u32>,
    /// Octets received from it.
    pub rx_bytes: Option<u64>,
    /// Octets sent to it.
    pub tx_bytes: Option<u64>,
    /// Packets received from it.
    pub rx_packets: Option<u32>,
    /// Packets sent to it.
    pub tx_packets: Option<u32>,
    /// Retries of what was sent.
    pub tx_retries: Option<u32>,
    /// Packets that it did not acknowledge.
    pub tx_failed: Option<u32>,
    /// dBm of its last frame.
    pub signal: Option<i8>,
    /// dBm, averaged.
    pub signal_average: Option<i8>,
    /// The rate of the last frame received, in units of 100 kb/s.
    pub rx_rate: Option<u32>,
    /// The rate of the last frame sent, in units of 100 kb/s.
    pub tx_rate: Option<u32>,
    /// It authenticated.
    pub authenticated: bool,
    /// It associated.
    pub associated: bool,
    /// It may send data.
    pub authorized: bool,
    /// Its management frames are protected.
    pub protected: bool,
}

impl Nl80211 {
    /// The stations that an interface knows.
    ///
    /// # Errors
    ///
    /// There is no such interface.
    pub async fn stations(&self, index: u32) -> Result<Vec<StationInfo>, Nl80211Error> {
        let action = format!("list the stations of {}", named(index));
        let attributes = Attributes::default().u32(number::IFINDEX, index);
        let answers = self.dump(Nl80211Command::GetStation, attributes, &action).await?;
        Ok(answers.iter().map(StationInfo::read).collect())
    }
}

impl StationInfo {
    fn read(message: &Message) -> Self {
        let mut found = Self {
            address: message
                .find(number::MAC)
                .and_then(Attribute::address)
                .unwrap_or_default(),
            ..Self::default()
        };
        for attribute in message.find(number::STA_INFO).into_iter().flat_map(Attribute::nested) {
            match attribute.number {
                1 => found.inactive_ms = attribute.u32(),
                // Those of 64 bits come behind these.
                2 => found.rx_bytes = attribute.u32().map(u64::from),
                3 => found.tx_bytes = attribute.u32().map(u64::from),
                7 => found.signal = attribute.i8(),
                8 => found.tx_rate = rate(attribute),
                9 => found.rx_packets = attribute.u32(),
                10 => found.tx_packets = attribute.u32(),
                11 => found.tx_retries = attribute.u32(),
                12 => found.tx_failed = attribute.u32(),
                13 => found.signal_average = attribute.i8(),
                14 => found.rx_rate = rate(attribute),
                16 => found.connected_s = attribute.u32(),
                17 => found.read_flags(attribute),
                23 => found.rx_bytes = attribute.u64(),
                24 => found.tx_bytes = attribute.u64(),
                _ => {}
            }
        }
        found
    }

    /// `struct nl80211_sta_flag_update`: which are told, and which of those are set.
    fn read_flags(&mut self, flags: Attribute<'_>) {
        let set = flags.u64().map_or(0, |pair| {
            let octets = pair.to_ne_bytes();
            let half = |at: usize| u32::from_ne_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]);
            half(0) & half(4)
        });
        self.authorized = set & 1 << 1 != 0;
        self.protected = set & 1 << 4 != 0;
        self.authenticated = set & 1 << 5 != 0;
        self.associated = set & 1 << 7 != 0;
    }
}

/// `enum nl80211_rate_info`: 32 bits where there are, else 16.
fn rate(info: Attribute<'_>) -> Option<u32> {
    let number = |wanted| info.nested().find(|attribute| attribute.number == wanted);
    number(5)
        .and_then(Attribute::u32)
        .or_else(|| number(1)?.u16().map(u32::from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_station_and_its_counts() {
        let flags = [1u32 << 1 | 1 << 4 | 1 << 7, 1 << 1 | 1 << 5 | 1 << 7]
            .map(u32::to_ne_bytes)
            .concat();
        let info = Attributes::default()
            .u32(2, 7)
            .u8(7, 0xe2)
            .nest(8, &Attributes::default().u16(1, 540).u32(5, 24019))
            .nest(14, &Attributes::default().u16(1, 60))
            .put(17, &flags)
            .put(23, &(1u64 << 33).to_ne_bytes());
        let sent = Attributes::default()
            .put(number::MAC, &[2, 0, 0, 0, 1, 0])
            .nest(number::STA_INFO, &info);
        let found = StationInfo::read(&Message::new(Nl80211Command::NewStation, sent));
        assert_eq!(found.address.to_string(), "02:00:00:00:01:00");
        assert_eq!(
            (found.rx_bytes, found.tx_bytes, found.signal),
            (Some(1 << 33), None, Some(-30))
        );
        assert_eq!((found.tx_rate, found.rx_rate), (Some(24019), Some(60)));
        assert_eq!(
            (found.authorized, found.protected, found.associated),
            (true, false, true)
        );
        assert_eq!(serde_json::to_value(&found).unwrap()["address"], "02:00:00:00:01:00");
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..64), at in 0u16..40) {
            let info = Attributes::default().put(at, &octets).nest(at, &Attributes::default().put(5, &octets));
            let sent = Attributes::default().nest(number::STA_INFO, &info);
            let _ = StationInfo::read(&Message::new(Nl80211Command::NewStation, sent));
        }
    }
}
