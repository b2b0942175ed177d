//! Scanning for networks.

use std::time::Duration;

use wl_nl80211::Nl80211Command;

use super::{Event, Events, Nl80211, Nl80211Error, attribute::Attributes, message::Message, number, wireless::named};
use crate::dot11::{
    Address,
    element::{ElementId, Elements},
};

/// A scan of all channels of three bands takes some 10 s with passive ones.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is scanned for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanRequest {
    /// Names that are asked for; none: any.
    pub ssids: Vec<Vec<u8>>,
    /// Frequencies in MHz; none: all.
    pub frequencies: Vec<u32>,
    /// Listen only.
    pub passive: bool,
}

/// A network that a scan found (`enum nl80211_bss`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScannedBss {
    /// Its BSSID.
    pub bssid: Address,
    /// The frequency of its primary channel in MHz.
    pub frequency: u32,
    /// In dBm.
    pub signal: Option<i8>,
    /// Capability Information.
    pub capability: u16,
    /// Time units (1024 µs) between beacons.
    pub beacon_interval: u16,
    /// Milliseconds since it was heard.
    pub seen_ms_ago: u32,
    /// The elements of its probe response, else of its beacon.
    pub elements: Vec<u8>,
    /// We are associated with it.
    pub associated: bool,
}

impl Nl80211 {
    /// Scans and waits for the result. The interface must be up, and neither a monitor nor an access point.
    ///
    /// # Errors
    ///
    /// The interface is down, another scan runs, or the scan did not end.
    pub async fn scan(&self, index: u32, request: &ScanRequest) -> Result<Vec<ScannedBss>, Nl80211Error> {
        let action = format!("scan on {}", named(index));
        // Its end may come before the answer to the request.
        let mut events = Events::of(&["scan"])?;
        self.command(Nl80211Command::TriggerScan, request.attributes(index), &action)
            .await?;
        let ended = async {
            loop {
                match events.next().await? {
                    Event::ScanDone { index: at, aborted } if at == index => return Ok(aborted),
                    _ => {}
                }
            }
        };
        let aborted = tokio::time::timeout(PATIENCE, ended)
            .await
            .map_err(|_| Nl80211Error::refused(libc::ETIMEDOUT, None, &action))??;
        if aborted {
            return Err(Nl80211Error::refused(libc::ECANCELED, None, &action));
        }
        self.scanned(index).await
    }

    /// What was found by the scans of the last half minute, whoever made them.
    ///
    /// # Errors
    ///
    /// There is no such interface.
    pub async fn scanned(&self, index: u32) -> Result<Vec<ScannedBss>, Nl80211Error> {
        let action = format!("read what {} found", named(index));
        let attributes = Attributes::default().u32(number::IFINDEX, index);
        let answers = self.dump(Nl80211Command::GetScan, attributes, &action).await?;
        Ok(answers.iter().filter_map(ScannedBss::read).collect())
    }
}

impl ScanRequest {
    fn attributes(&self, index: u32) -> Attributes {
        let attributes = Attributes::default().u32(number::IFINDEX, index);
        let frequencies = self
            .frequencies
            .iter()
            .zip(0..)
            .fold(Attributes::default(), |list, (frequency, at)| list.u32(at, *frequency));
        let attributes = if self.frequencies.is_empty() {
            attributes
        } else {
            attributes.nest(number::SCAN_FREQUENCIES, &frequencies)
        };
        if self.passive {
            return attributes;
        }
        // The empty name asks for all.
        let any = [Vec::new()];
        let ssids = if self.ssids.is_empty() { &any[..] } else { &self.ssids };
        let ssids = ssids
            .iter()
            .zip(0..)
            .fold(Attributes::default(), |list, (ssid, at)| list.put(at, ssid));
        attributes.nest(number::SCAN_SSIDS, &ssids)
    }
}

impl ScannedBss {
    fn read(message: &Message) -> Option<Self> {
        let mut found = Self::default();
        for attribute in message.find(number::BSS)?.nested() {
            match attribute.number {
                1 => found.bssid = attribute.address()?,
                2 => found.frequency = attribute.u32()?,
                4 => found.beacon_interval = attribute.u16().unwrap_or_default(),
                5 => found.capability = attribute.u16().unwrap_or_default(),
                6 => found.elements = attribute.octets.to_vec(),
                // In hundredths of a dBm.
                7 => {
                    let signal = attribute.u32().map(|signal| signal.cast_signed() / 100);
                    found.signal = signal.and_then(|signal| i8::try_from(signal).ok());
                }
                // Authenticated, associated, of an IBSS.
                9 => found.associated = attribute.u32() == Some(1),
                10 => found.seen_ms_ago = attribute.u32().unwrap_or_default(),
                11 if found.elements.is_empty() => found.elements = attribute.octets.to_vec(),
                _ => {}
            }
        }
        Some(found)
    }

    /// The network's name, as its elements have it.
    #[must_use]
    pub fn ssid(&self) -> Option<Vec<u8>> {
        Elements::parse(&self.elements)
            .first(ElementId::SSID)
            .map(<[u8]>::to_vec)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::nl80211::attribute::Attribute;

    fn read(bss: &Attributes) -> Option<ScannedBss> {
        let sent = Attributes::default().nest(number::BSS, bss);
        ScannedBss::read(&Message::new(Nl80211Command::NewScanResults, sent))
    }

    #[test]
    fn a_network() {
        let bss = Attributes::default()
            .put(1, &[2, 0, 0, 0, 0, 0])
            .u32(2, 5975)
            .u16(4, 100)
            .put(6, &[0, 2, b'h', b'i'])
            .u32(7, (-3050i32).cast_unsigned())
            .u32(9, 1)
            .put(11, &[0, 0]);
        let found = read(&bss).unwrap();
        assert_eq!(
            (found.ssid(), found.signal, found.frequency),
            (Some(b"hi".to_vec()), Some(-30), 5975)
        );
        assert!(found.associated);
        assert_eq!(read(&Attributes::default().put(1, &[2])), None);
    }

    #[test]
    fn a_passive_scan_asks_for_nothing() {
        let request = ScanRequest {
            frequencies: vec![2412, 5180],
            passive: true,
            ..ScanRequest::default()
        };
        let message = Message::new(Nl80211Command::TriggerScan, request.attributes(4));
        assert_eq!(message.find(number::SCAN_SSIDS), None);
        let frequencies = message.find(number::SCAN_FREQUENCIES).unwrap();
        let frequencies: Vec<_> = frequencies.nested().filter_map(Attribute::u32).collect();
        assert_eq!(frequencies, [2412, 5180]);
        let message = Message::new(Nl80211Command::TriggerScan, ScanRequest::default().attributes(4));
        assert_eq!(message.find(number::SCAN_SSIDS).unwrap().nested().count(), 1);
        assert_eq!(message.find(number::SCAN_FREQUENCIES), None);
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..64), at in 0u16..25) {
            let found = read(&Attributes::default().put(at, &octets));
            let _ = found.as_ref().and_then(ScannedBss::ssid);
        }
    }
}
