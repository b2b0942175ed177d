//! WMM, the Wi-Fi Alliance's subset of 802.11e (WMM Specification 1.2.0, 2.2), and QoS Capability (9.4.2.34).

use super::VendorElement;

/// The QoS Info field (9.4.1.17; WMM Specification 1.2.0, figures 7 and 8). Its bits differ by who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QosInfo(pub u8);

impl QosInfo {
    /// Access categories in the order of a station's U-APSD bits.
    pub const CATEGORIES: [&'static str; 4] = ["VO", "VI", "BK", "BE"];

    /// From a station: the access categories that are both trigger and delivery enabled for U-APSD, bits 0 to 3.
    pub fn u_apsd(self) -> impl Iterator<Item = &'static str> {
        Self::CATEGORIES
            .into_iter()
            .enumerate()
            .filter_map(move |(bit, category)| (self.0 >> bit & 1 == 1).then_some(category))
    }

    /// From a station: frames that the AP may deliver in one U-APSD service period, bits 5 and 6; `None` for all.
    pub fn max_service_period_frames(self) -> Option<u8> {
        match self.0 >> 5 & 3 {
            0 => None,
            pairs => Some(2 * pairs),
        }
    }

    /// From an AP: it supports U-APSD, bit 7.
    pub fn ap_u_apsd(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// What one access category contends with (9.4.2.28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessCategory {
    /// 0 best effort, 1 background, 2 video, 3 voice.
    pub index: u8,
    /// Admission control is mandatory.
    pub admission_control: bool,
    /// Arbitration interframe space in slots, 2 to 15.
    pub aifsn: u8,
    /// Exponent of the smallest contention window.
    pub ecw_min: u8,
    /// Exponent of the largest contention window.
    pub ecw_max: u8,
    /// Limit of a transmit opportunity in µs, 0 for one frame.
    pub txop_limit_us: u32,
}

/// A WMM information or parameter element.
#[derive(Clone, Copy, Debug)]
pub struct Wmm<'a> {
    /// 0 information, 1 parameter.
    pub subtype: u8,
    /// Version, 1.
    pub version: u8,
    /// QoS Info.
    pub qos_info: QosInfo,
    records: &'a [[u8; 4]],
}

impl<'a> Wmm<'a> {
    pub(super) fn new(element: VendorElement<'a>) -> Option<Self> {
        let &[2, subtype @ (0 | 1), version, qos_info, ref rest @ ..] = element.content else {
            return None;
        };
        let records = match (subtype, rest) {
            (1, [_, records @ ..]) => records.as_chunks().0,
            _ => &[],
        };
        Some(Self {
            subtype,
            version,
            qos_info: QosInfo(qos_info),
            records,
        })
    }

    /// The access categories of a parameter element, as far as they are there.
    pub fn categories(self) -> impl Iterator<Item = AccessCategory> + 'a {
        self.records.iter().map(|&[first, ecw, t0, t1]| AccessCategory {
            index: first >> 5 & 3,
            admission_control: first & 0x10 != 0,
            aifsn: first & 15,
            ecw_min: ecw & 15,
            ecw_max: ecw >> 4,
            txop_limit_us: u32::from(u16::from_le_bytes([t0, t1])) * 32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wmm(content: &[u8]) -> Option<Wmm<'_>> {
        VendorElement {
            oui: VendorElement::MICROSOFT,
            content,
        }
        .wmm()
    }

    #[test]
    fn a_station_says_which_categories_are_u_apsd() {
        let info = wmm(&[2, 0, 1, 0x45]).unwrap().qos_info;
        assert_eq!(info.u_apsd().collect::<Vec<_>>(), ["VO", "BK"]);
        assert_eq!(info.max_service_period_frames(), Some(4));
        assert_eq!(QosInfo(0).max_service_period_frames(), None);
        assert!(wmm(&[2, 0, 1]).is_none() && wmm(&[2, 2, 1, 0]).is_none() && wmm(&[1, 0, 1, 0]).is_none());
    }

    #[test]
    fn an_ap_says_how_to_contend() {
        let content = [2, 1, 1, 0x8a, 0, 0x03, 0xa4, 0, 0, 0x72, 0x43, 0x5e, 0, 0x62];
        let parameter = wmm(&content).unwrap();
        assert!(parameter.qos_info.ap_u_apsd());
        let categories: Vec<_> = parameter.categories().collect();
        assert_eq!(categories.len(), 2, "the third is cut off");
        let video = AccessCategory {
            index: 3,
            admission_control: true,
            aifsn: 2,
            ecw_min: 3,
            ecw_max: 4,
            txop_limit_us: 3008,
        };
        assert_eq!(categories[1], video);
    }
}
