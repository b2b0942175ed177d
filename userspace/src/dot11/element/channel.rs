//! The channel that a network uses or goes to: HT and VHT Operation, channel switch announcements.

use crate::dot11::{Bits, cursor::Cursor};

/// Channel Switch Announcement (9.4.2.18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelSwitch {
    /// Channel Switch Mode: 1 means that stations are to be silent until the switch.
    pub mode: u8,
    /// New Channel Number.
    pub channel: u8,
    /// Channel Switch Count, in beacons; 0 means at any time.
    pub count: u8,
}

impl ChannelSwitch {
    /// Reads the payload: 3 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let [mode, channel, count] = Cursor(payload).array()?;
        Some(Self { mode, channel, count })
    }
}

/// Extended Channel Switch Announcement (9.4.2.52).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedChannelSwitch {
    /// Channel Switch Mode, as in [`ChannelSwitch`].
    pub mode: u8,
    /// New Operating Class (Annex E).
    pub class: u8,
    /// New Channel Number.
    pub channel: u8,
    /// Channel Switch Count, in beacons.
    pub count: u8,
}

impl ExtendedChannelSwitch {
    /// Reads the payload: 4 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let [mode, class, channel, count] = Cursor(payload).array()?;
        Some(Self {
            mode,
            class,
            channel,
            count,
        })
    }
}

/// HT Operation (9.4.2.56), 802.11n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HtOperation {
    /// Primary Channel.
    pub primary: u8,
    /// HT Operation Information behind it, 5 octets.
    pub information: [u8; 5],
    /// Basic HT-MCS Set (9.4.2.55.4).
    pub basic_mcs: [u8; 16],
}

impl HtOperation {
    /// Reads the payload: 22 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        Some(Self {
            primary: cursor.u8()?,
            information: cursor.array()?,
            basic_mcs: cursor.array()?,
        })
    }

    /// Secondary Channel Offset: 1 above, -1 below the primary channel, 0 none.
    pub fn secondary(self) -> i8 {
        match self.information[0] & 3 {
            1 => 1,
            3 => -1,
            _ => 0,
        }
    }

    /// STA Channel Width: any that the stations can, 40 MHz here; else 20 MHz.
    pub fn any_width(self) -> bool {
        self.information[0] & 4 != 0
    }

    /// HT Protection: 0 none, 1 nonmember, 2 20 MHz, 3 non-HT mixed.
    pub fn protection(self) -> u8 {
        self.information[1] & 3
    }

    /// Channel Center Frequency Segment 2, bits 13 to 20: the second segment of a VHT network where VHT Operation has none.
    pub fn segment_2(self) -> u8 {
        Bits(&self.information).field(13, 8).unwrap_or_default() as u8
    }
}

/// VHT Operation (9.4.2.158), 802.11ac.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VhtOperation {
    /// The channel.
    pub channel: VhtChannel,
    /// Basic VHT-MCS And NSS Set.
    pub basic_mcs: u16,
}

impl VhtOperation {
    /// Reads the payload: 5 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        Some(Self {
            channel: VhtChannel(cursor.array()?),
            basic_mcs: cursor.u16()?,
        })
    }
}

/// VHT Operation Information: Channel Width, Channel Center Frequency Segments 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VhtChannel(pub [u8; 3]);

impl VhtChannel {
    /// The width in MHz (Table 9-274): `20 or 40` as HT Operation says, `80`, `160` or `80+80`. `None` where it is reserved.
    pub fn width(self) -> Option<&'static str> {
        let Self([width, segment_0, segment_1]) = self;
        match (width, segment_0.abs_diff(segment_1)) {
            (0, _) => Some("20 or 40"),
            (1, _) if segment_1 == 0 => Some("80"),
            (1, 8) | (2, _) => Some("160"),
            (1, 17..) | (3, _) => Some("80+80"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ht_operation() {
        let mut payload = [0; 22];
        payload[..6].copy_from_slice(&[36, 0x05, 0x43, 0x06, 0, 0]);
        let operation = HtOperation::read(&payload).unwrap();
        assert_eq!((operation.primary, operation.secondary()), (36, 1));
        assert_eq!((operation.any_width(), operation.protection()), (true, 3));
        assert_eq!(operation.segment_2(), 50);
        payload[1] = 3;
        assert_eq!(HtOperation::read(&payload).unwrap().secondary(), -1);
        assert_eq!(HtOperation::read(&payload[..21]), None);
    }

    #[test]
    fn vht_widths() {
        for (channel, width) in [
            ([0, 0, 0], Some("20 or 40")),
            ([1, 42, 0], Some("80")),
            ([1, 42, 50], Some("160")),
            ([1, 42, 155], Some("80+80")),
            ([2, 50, 0], Some("160")),
            ([3, 42, 155], Some("80+80")),
            ([1, 42, 43], None),
            ([4, 0, 0], None),
        ] {
            assert_eq!(VhtChannel(channel).width(), width, "{channel:?}");
        }
    }
}
