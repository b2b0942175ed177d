//! Small elements of beacons, probe responses and associations.

use crate::dot11::{Address, cursor::Cursor};

/// DSSS Parameter Set (9.4.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DsssParameterSet {
    /// Current Channel, in 2.4 GHz.
    pub channel: u8,
}

impl DsssParameterSet {
    /// Reads the payload: 1 octet.
    pub fn read(payload: &[u8]) -> Option<Self> {
        Cursor(payload).u8().map(|channel| Self { channel })
    }
}

/// TIM (9.4.2.5): stations for which the AP holds frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tim {
    /// DTIM Count: beacons until the next DTIM; 0 is this one.
    pub dtim_count: u8,
    /// DTIM Period, in beacon intervals.
    pub dtim_period: u8,
    /// Bitmap Control: bit 0 group addressed frames, bits 1 to 7 the bitmap's offset.
    pub control: u8,
    /// Partial Virtual Bitmap.
    pub bitmap: Vec<u8>,
}

impl Tim {
    /// Reads the payload: 4 octets and more.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let [dtim_count, dtim_period, control] = cursor.array()?;
        (!cursor.0.is_empty()).then(|| Self {
            dtim_count,
            dtim_period,
            control,
            bitmap: cursor.0.to_vec(),
        })
    }

    /// Group addressed frames are held.
    pub fn group_traffic(&self) -> bool {
        self.control & 1 != 0
    }

    /// Association identifiers of the stations for which frames are held.
    pub fn aids(&self) -> impl Iterator<Item = u16> {
        // The bitmap's first octet is that of AID 8 × N1, where the offset is N1 / 2; there are 2,008 at the most.
        let first = u16::from(self.control & 0xfe) * 8;
        (first..2008)
            .zip(
                self.bitmap
                    .iter()
                    .flat_map(|octet| (0..8).map(move |bit| octet >> bit & 1)),
            )
            .filter_map(|(aid, bit)| (bit == 1 && aid != 0).then_some(aid))
    }
}

/// BSS Load (9.4.2.27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BssLoad {
    /// Station Count.
    pub stations: u16,
    /// Channel Utilization, in 1/255.
    pub utilization: u8,
    /// Available Admission Capacity, in 32 µs/s.
    pub admission_capacity: u16,
}

impl BssLoad {
    /// Reads the payload: 5 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        Some(Self {
            stations: cursor.u16()?,
            utilization: cursor.u8()?,
            admission_capacity: cursor.u16()?,
        })
    }
}

/// QoS Capability (9.4.2.34): the QoS Info field (9.4.1.17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QosCapability {
    /// Of an AP: bits 0 to 3 count updates of EDCA parameters, 4 Q-Ack, 5 queue request, 6 TXOP request. Of a station:
    /// U-APSD of AC_VO, AC_VI, AC_BK and AC_BE in bits 0 to 3, 4 Q-Ack, 5 and 6 the longest service period, 7 More Data
    /// Ack.
    pub info: u8,
}

impl QosCapability {
    /// Reads the payload: 1 octet.
    pub fn read(payload: &[u8]) -> Option<Self> {
        Cursor(payload).u8().map(|info| Self { info })
    }
}

/// Timeout Interval (9.4.2.48).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutInterval {
    /// Timeout Interval Type: 1 reassociation deadline, 2 key lifetime, 3 association comeback time, 4 time
    /// to start.
    pub kind: u8,
    /// Timeout Interval Value: seconds of a key lifetime (2), TU of the others.
    pub value: u32,
}

impl TimeoutInterval {
    /// When to come back, of an association response with status 30.
    pub const COMEBACK: u8 = 3;

    /// Reads the payload: 5 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        Some(Self {
            kind: cursor.u8()?,
            value: cursor.u32()?,
        })
    }
}

/// Multiple BSSID (9.4.2.45): more networks of the same transmitter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultipleBssid {
    /// MaxBSSID Indicator n: there are 2ⁿ BSSIDs at the most.
    pub indicator: u8,
    /// Elements of each Nontransmitted BSSID Profile subelement (0), capability, SSID and index first; one of many
    /// elements may go on in the next Multiple BSSID element.
    pub profiles: Vec<Vec<u8>>,
}

impl MultipleBssid {
    /// Reads the payload: 1 octet and more. Other subelements are left out, and one that is cut off.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let (indicator, mut profiles) = (cursor.u8()?, Vec::new());
        while let (Some(id), Some(content)) = (cursor.u8(), cursor.behind_length()) {
            if id == 0 {
                profiles.push(content.to_vec());
            }
        }
        Some(Self { indicator, profiles })
    }

    /// The BSSID of index `index` (Multiple BSSID-Index, 1 and up), where `transmitted` is the frame's (9.4.2.45): its last
    /// n bits count, modulo 2ⁿ.
    pub fn bssid(&self, transmitted: Address, index: u8) -> Address {
        let mask = 1u8
            .checked_shl(self.indicator.into())
            .map_or(0xff, |bit| bit.wrapping_sub(1));
        let mut bssid = transmitted;
        let last = &mut bssid.0[5];
        *last = *last & !mask | last.wrapping_add(index) & mask;
        bssid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tim_names_stations() {
        let tim = Tim::read(&[0, 2, 0x03, 0b100, 0b1]).unwrap();
        assert!(tim.group_traffic());
        assert_eq!(tim.aids().collect::<Vec<_>>(), [18, 24]);
        let nobody = Tim::read(&[1, 2, 0, 0b1]).unwrap();
        assert!(!nobody.group_traffic());
        assert_eq!(nobody.aids().count(), 0, "AID 0 is the group's");
        assert_eq!(Tim::read(&[0, 1, 0]), None);
    }

    #[test]
    fn bssids_count_in_their_last_bits() {
        let element = MultipleBssid::read(&[2, 0, 3, 83, 1, 9, 221, 0, 0, 9, 1]).unwrap();
        assert_eq!(element.profiles, [vec![83, 1, 9]]);
        let transmitted = Address([2, 0, 0, 0, 0, 0x17]);
        assert_eq!(element.bssid(transmitted, 1), Address([2, 0, 0, 0, 0, 0x14]));
        let all = MultipleBssid {
            indicator: 8,
            profiles: vec![],
        };
        assert_eq!(all.bssid(Address([0xff; 6]), 2).0[5], 1);
    }
}
