//! MBO and OCE share one element, 50-6F-9A type 22 (Multiband Operation Specification 1.2, 4.2; Optimized Connectivity
//! Experience Specification 1.0, 4.2; attribute ids also in hostapd's `src/common/ieee802_11_defs.h`).

use super::attributes::{Attributes, Head};

/// The attributes of an MBO-OCE element.
#[derive(Clone, Copy, Debug)]
pub struct MboOce<'a>(Attributes<'a>);

/// Channels that a station would rather not, or rather, use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelReport<'a> {
    /// Operating class (Annex E).
    pub operating_class: u8,
    /// Channels; none for the whole class.
    pub channels: &'a [u8],
    /// 0 can't operate there, 1 prefers not to, 255 prefers to.
    pub preference: u8,
    /// 0 unspecified, 1 beacons below the RSSI limit, 2 external interference, 3 interference within the device.
    pub reason: u8,
}

impl<'a> MboOce<'a> {
    /// A view of what is behind the type.
    pub fn new(attributes: &'a [u8]) -> Self {
        Self(Attributes::new(attributes, Head::Short))
    }

    /// Every attribute in order: id, below 100 of MBO and from 101 on of OCE, and value.
    pub fn attributes(self) -> impl Iterator<Item = (u8, &'a [u8])> {
        self.0.map(|(id, value)| (id as u8, value))
    }

    fn octet(self, id: u16) -> Option<u8> {
        self.0.first(id)?.first().copied()
    }

    /// Any attribute of MBO.
    pub fn has_mbo(self) -> bool {
        self.attributes().any(|(id, _)| (1..100).contains(&id))
    }

    /// Any attribute of OCE.
    pub fn has_oce(self) -> bool {
        self.attributes().any(|(id, _)| id > 100)
    }

    /// From an AP: it knows about cellular data (attribute 1, bit 6).
    pub fn ap_cellular_aware(self) -> Option<bool> {
        self.octet(1).map(|capability| capability & 0x40 != 0)
    }

    /// Non-preferred Channel Report (2), each that names a class.
    pub fn channel_reports(self) -> impl Iterator<Item = ChannelReport<'a>> {
        self.attributes().filter_map(|(id, value)| match (id, value) {
            (2, &[operating_class, ref channels @ .., preference, reason]) => Some(ChannelReport {
                operating_class,
                channels,
                preference,
                reason,
            }),
            _ => None,
        })
    }

    /// From a station: Cellular Data Capabilities (3): 1 connected, 2 not connected, 3 not capable.
    pub fn cellular_data(self) -> Option<u8> {
        self.octet(3)
    }

    /// From an AP: the reason of Association Disallowed (4): 1 unspecified, 2 too many stations, 3 air interface
    /// overloaded, 4 authentication server overloaded, 5 RSSI too low.
    pub fn association_disallowed(self) -> Option<u8> {
        self.octet(4)
    }

    /// From an AP: Cellular Data Connection Preference (5): 0 excluded, 1 better not, 255 better.
    pub fn cellular_preference(self) -> Option<u8> {
        self.octet(5)
    }

    /// Transition Reason Code (6), in BSS transition management requests.
    pub fn transition_reason(self) -> Option<u8> {
        self.octet(6)
    }

    /// Transition Rejection Reason Code (7), in BSS transition management responses.
    pub fn rejection_reason(self) -> Option<u8> {
        self.octet(7)
    }

    /// Association Retry Delay (8), in seconds.
    pub fn retry_delay_s(self) -> Option<u16> {
        self.0.first(8)?.first_chunk().map(|&delay| u16::from_le_bytes(delay))
    }

    /// OCE Capability Indication (101): bits 0 to 2 release, bit 3 a STA that is a configurator (STA-CFON); the other bits
    /// are an AP's.
    pub fn oce_capability(self) -> Option<u8> {
        self.octet(101)
    }

    /// From an AP: RSSI-based (Re-)Association Rejection (102): dB that are missing, and seconds to wait.
    pub fn rssi_rejection(self) -> Option<(u8, u8)> {
        match self.0.first(102)? {
            &[delta, delay, ..] => Some((delta, delay)),
            _ => None,
        }
    }

    /// From an AP: Reduced WAN Metrics (103), exponents of the capacity in units of 100 kb/s: down, then up.
    pub fn wan_capacity(self) -> Option<(u8, u8)> {
        self.octet(103).map(|both| (both & 15, both >> 4))
    }

    /// From an AP: RNR Completeness (104), the short SSIDs whose APs its reduced neighbour report lists in full.
    pub fn complete_neighbours(self) -> Option<&'a [[u8; 4]]> {
        self.0.first(104).map(|list| list.as_chunks().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_tells_channels_and_cellular_data() {
        let element = MboOce::new(&[2, 5, 115, 36, 40, 1, 2, 2, 0, 3, 1, 1, 101, 1, 0x09, 2, 2, 115, 0]);
        let reports: Vec<_> = element.channel_reports().collect();
        let report = ChannelReport {
            operating_class: 115,
            channels: &[36, 40],
            preference: 1,
            reason: 2,
        };
        assert_eq!(
            reports,
            [report],
            "an empty one has nothing to say, the last is too short"
        );
        assert_eq!((element.cellular_data(), element.oce_capability()), (Some(1), Some(9)));
        assert!(element.has_mbo() && element.has_oce());
        assert!(!MboOce::new(&[101, 1, 1]).has_mbo() && !MboOce::new(&[3, 1, 1]).has_oce());
    }

    #[test]
    fn an_ap_tells_why_not() {
        let octets = [1, 1, 0x40, 4, 1, 5, 5, 1, 255, 8, 2, 30, 0, 102, 2, 7, 10, 103, 1, 0x53];
        let element = MboOce::new(&octets);
        assert_eq!(element.ap_cellular_aware(), Some(true));
        assert_eq!(
            (element.association_disallowed(), element.cellular_preference()),
            (Some(5), Some(255))
        );
        assert_eq!((element.transition_reason(), element.rejection_reason()), (None, None));
        assert_eq!(element.retry_delay_s(), Some(30));
        assert_eq!(
            (element.rssi_rejection(), element.wan_capacity()),
            (Some((7, 10)), Some((3, 5)))
        );
        assert_eq!(element.complete_neighbours(), None);
        let short = MboOce::new(&[104, 5, 1, 2, 3, 4, 5]);
        assert_eq!(short.complete_neighbours(), Some(&[[1, 2, 3, 4]][..]));
    }
}
