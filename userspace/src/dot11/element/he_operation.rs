//! HE Operation (IEEE Std 802.11ax-2021 9.4.2.249), and what goes with it.

use super::VhtChannel;
use crate::dot11::cursor::Cursor;

/// HE Operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeOperation {
    /// HE Operation Parameters, 24 bits: 0 to 2 default PE duration, 3 TWT required, 4 to 13 TXOP duration
    /// RTS threshold, 16 ER SU disable. Bits 14, 15 and 17, which say what follows, are left at 0: the fields tell.
    pub parameters: u32,
    /// BSS Color Information: bits 0 to 5 the color, 6 partial, 7 disabled.
    pub color: u8,
    /// Basic HE-MCS And NSS Set.
    pub basic_mcs: u16,
    /// VHT Operation Information, of a network that has no VHT Operation element.
    pub vht: Option<VhtChannel>,
    /// Max Co-Hosted BSSID Indicator n: up to 2ⁿ networks of one radio.
    pub co_hosted: Option<u8>,
    /// 6 GHz Operation Information.
    pub six_ghz: Option<SixGhzOperation>,
}

impl HeOperation {
    /// Bit of the parameters: VHT Operation Information is there.
    pub const VHT: u32 = 1 << 14;
    /// Bit of the parameters: Max Co-Hosted BSSID Indicator is there.
    pub const CO_HOSTED: u32 = 1 << 15;
    /// Bit of the parameters: 6 GHz Operation Information is there.
    pub const SIX_GHZ: u32 = 1 << 17;

    /// Reads the payload: 6 octets, and the fields that they announce.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let parameters = cursor.number(3)?;
        let has = |bit| parameters & bit != 0;
        let mut operation = Self {
            parameters: parameters & !(Self::VHT | Self::CO_HOSTED | Self::SIX_GHZ),
            color: cursor.u8()?,
            basic_mcs: cursor.u16()?,
            vht: None,
            co_hosted: None,
            six_ghz: None,
        };
        if has(Self::VHT) {
            operation.vht = Some(VhtChannel(cursor.array()?));
        }
        if has(Self::CO_HOSTED) {
            operation.co_hosted = Some(cursor.u8()?);
        }
        if has(Self::SIX_GHZ) {
            operation.six_ghz = Some(SixGhzOperation::read(cursor.array()?));
        }
        Some(operation)
    }

    /// TWT Required.
    pub fn twt_required(self) -> bool {
        self.parameters & 8 != 0
    }

    /// BSS Color, 1 to 63; `None` where it is disabled.
    pub fn bss_color(self) -> Option<u8> {
        (self.color & 0x80 == 0).then_some(self.color & 0x3f)
    }
}

/// 6 GHz Operation Information (Figure 9-788k).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SixGhzOperation {
    /// Primary Channel.
    pub primary: u8,
    /// Control (Figure 9-788l): bits 0 and 1 the width, 2 duplicate beacon, 3 to 6 regulatory info.
    pub control: u8,
    /// Channel Center Frequency Segments 0 and 1.
    pub segments: [u8; 2],
    /// Minimum Rate, in Mb/s.
    pub minimum_rate: u8,
}

impl SixGhzOperation {
    /// Reads five octets.
    pub fn read([primary, control, segment_0, segment_1, minimum_rate]: [u8; 5]) -> Self {
        Self {
            primary,
            control,
            segments: [segment_0, segment_1],
            minimum_rate,
        }
    }

    /// The width in MHz: 20, 40, 80; 160 where it is 160 or 80+80.
    pub fn width_mhz(self) -> u16 {
        20 << (self.control & 3)
    }

    /// Duplicate Beacon: beacons are repeated on other channels of the width.
    pub fn duplicate_beacon(self) -> bool {
        self.control & 4 != 0
    }

    /// Regulatory Info, the kind of AP; [`Self::regulatory_name`] names it.
    pub fn regulatory(self) -> u8 {
        self.control >> 3 & 15
    }

    /// The kind of AP (IEEE Std 802.11ax-2021 Table E-12, with the values that later revisions added).
    pub fn regulatory_name(self) -> Option<&'static str> {
        Some(match self.regulatory() {
            0 => "indoor (LPI)",
            1 => "standard power (SP)",
            2 => "very low power (VLP)",
            3 => "indoor enabled",
            4 | 8 => "indoor standard power",
            _ => return None,
        })
    }
}

/// MU EDCA Parameter Set (IEEE Std 802.11ax-2021 9.4.2.251).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MuEdca {
    /// QoS Info (9.4.1.17).
    pub qos_info: u8,
    /// MU AC_BE, AC_BK, AC_VI and AC_VO Parameter Records, in this order.
    pub records: [MuEdcaRecord; 4],
}

/// A parameter record: ACI/AIFSN (bits 0 to 3 AIFSN, 4 admission mandatory, 5 and 6 the category), ECWmin/ECWmax (a nibble
/// each), MU EDCA Timer in 8 TU.
pub type MuEdcaRecord = [u8; 3];

impl MuEdca {
    /// Reads the payload: 13 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let qos_info = cursor.u8()?;
        let mut records = [[0; 3]; 4];
        for record in &mut records {
            *record = cursor.array()?;
        }
        Some(Self { qos_info, records })
    }
}

/// Spatial Reuse Parameter Set (IEEE Std 802.11ax-2021 9.4.2.252).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpatialReuse {
    /// SR Control: bit 0 PSR disallowed, 1 non-SRG OBSS PD SR disallowed, 4 HE-SIG-A value 15 allowed. Bits 2
    /// and 3, which say what follows, are left at 0: the fields tell.
    pub control: u8,
    /// Non-SRG OBSS PD Max Offset, in dB.
    pub non_srg_max_offset: Option<u8>,
    /// The spatial reuse group.
    pub group: Option<SpatialReuseGroup>,
}

/// The SRG fields of a Spatial Reuse Parameter Set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpatialReuseGroup {
    /// SRG OBSS PD Min and Max Offset, in dB.
    pub offsets: [u8; 2],
    /// SRG BSS Color Bitmap.
    pub colors: u64,
    /// SRG Partial BSSID Bitmap.
    pub bssids: u64,
}

impl SpatialReuse {
    /// Bit of the control: Non-SRG OBSS PD Max Offset is there.
    pub const NON_SRG: u8 = 1 << 2;
    /// Bit of the control: the SRG fields are there.
    pub const SRG: u8 = 1 << 3;

    /// Reads the payload: 1 octet, and the fields that it announces.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let control = cursor.u8()?;
        let mut reuse = Self {
            control: control & !(Self::NON_SRG | Self::SRG),
            non_srg_max_offset: None,
            group: None,
        };
        if control & Self::NON_SRG != 0 {
            reuse.non_srg_max_offset = Some(cursor.u8()?);
        }
        if control & Self::SRG != 0 {
            reuse.group = Some(SpatialReuseGroup {
                offsets: cursor.array()?,
                colors: cursor.u64()?,
                bssids: cursor.u64()?,
            });
        }
        Some(reuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_fields_in_order() {
        let payload = [0x0c, 0xc0, 0x02, 0x85, 0xfc, 0xff, 1, 42, 50, 3, 5, 0x0f, 7, 15, 6];
        let operation = HeOperation::read(&payload).unwrap();
        assert!(operation.twt_required());
        assert_eq!(operation.bss_color(), None);
        assert_eq!(operation.vht.unwrap().width(), Some("160"));
        assert_eq!(operation.co_hosted, Some(3));
        let six_ghz = operation.six_ghz.unwrap();
        assert_eq!((six_ghz.primary, six_ghz.width_mhz()), (5, 160));
        assert_eq!(six_ghz.regulatory_name(), Some("standard power (SP)"));
        assert!(six_ghz.duplicate_beacon());
        assert_eq!((six_ghz.segments, six_ghz.minimum_rate), ([7, 15], 6));
        assert_eq!(HeOperation::read(&payload[..14]), None);
        let plain = HeOperation::read(&[0, 0, 0, 5, 0xfc, 0xff]).unwrap();
        assert_eq!((plain.bss_color(), plain.six_ghz), (Some(5), None));
    }

    #[test]
    fn spatial_reuse_by_its_control() {
        assert_eq!(SpatialReuse::read(&[1]).unwrap().group, None);
        let mut payload = [0; 20];
        payload[..4].copy_from_slice(&[0x0c, 20, 3, 9]);
        payload[4] = 1;
        let reuse = SpatialReuse::read(&payload).unwrap();
        assert_eq!(reuse.non_srg_max_offset, Some(20));
        let group = reuse.group.unwrap();
        assert_eq!((group.offsets, group.colors, group.bssids), ([3, 9], 1, 0));
        assert_eq!(SpatialReuse::read(&payload[..19]), None);
    }
}
