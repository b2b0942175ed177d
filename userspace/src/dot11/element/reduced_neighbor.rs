//! Reduced Neighbor Report (9.4.2.170, IEEE Std 802.11ax-2021, IEEE Std 802.11be-2024).

use crate::dot11::{Address, cursor::Cursor};

/// Reduced Neighbor Report: one field a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReducedNeighborReport {
    /// Neighbor AP Information fields.
    pub channels: Vec<NeighborChannel>,
}

/// A Neighbor AP Information field: the APs of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeighborChannel {
    /// TBTT Information Field Type, 2 bits: 0, or 1 of fields that hold MLD parameters alone.
    pub kind: u8,
    /// Filtered Neighbor AP: the network that was asked for is among them.
    pub filtered: bool,
    /// Operating Class (Annex E).
    pub class: u8,
    /// Channel Number.
    pub channel: u8,
    /// TBTT Information fields, 1 to 16 of the same length.
    pub aps: Vec<TbttInformation>,
}

/// A TBTT Information field, as far as its length goes. Where it has none of the standard's lengths it is kept
/// as octets alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TbttInformation(pub Vec<u8>);

/// What one AP's field says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Neighbor {
    /// Neighbor AP TBTT Offset, in TU; 255 means unknown, 254 that much and more.
    pub tbtt_offset: Option<u8>,
    /// BSSID.
    pub bssid: Option<Address>,
    /// Short SSID, the CRC-32 of the SSID (9.4.2.170.3).
    pub short_ssid: Option<u32>,
    /// BSS Parameters (Figure 9-632a): bit 0 OCT recommended, 1 same SSID, 2 multiple BSSID, 3 transmitted BSSID, 4 member
    /// of a network with co-located 2.4 or 5 GHz AP, 5 unsolicited probe responses, 6 co-located AP.
    pub parameters: Option<u8>,
    /// 20 MHz PSD, half dBm/MHz; 127 means no limit.
    pub psd: Option<i8>,
    /// MLD Parameters.
    pub mld: Option<MldParameters>,
}

/// MLD Parameters (IEEE Std 802.11be-2024), 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MldParameters {
    /// AP MLD ID: 0 is the MLD of the frame's sender, 255 unknown.
    pub mld: u8,
    /// Link ID, 15 where it is unknown.
    pub link: u8,
    /// BSS Parameters Change Count.
    pub change_count: u8,
    /// All Updates Included.
    pub all_updates: bool,
    /// Disabled Link Indication.
    pub disabled: bool,
}

impl ReducedNeighborReport {
    /// Reads the payload's fields until one is cut off or has no length; `None` where there is none.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let channels: Vec<_> = std::iter::from_fn(|| NeighborChannel::read(&mut cursor)).collect();
        (!channels.is_empty()).then_some(Self { channels })
    }
}

impl NeighborChannel {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let [header, length, class, channel] = cursor.array()?;
        if length == 0 {
            return None;
        }
        let aps = (0..=header >> 4).map(|_| {
            cursor
                .take(length.into())
                .map(|octets| TbttInformation(octets.to_vec()))
        });
        Some(Self {
            aps: aps.collect::<Option<_>>()?,
            kind: header & 3,
            filtered: header & 4 != 0,
            class,
            channel,
        })
    }

    /// What each AP's field says.
    pub fn neighbors(&self) -> impl Iterator<Item = Neighbor> {
        self.aps.iter().map(|ap| ap.neighbor(self.kind).unwrap_or_default())
    }
}

impl TbttInformation {
    fn neighbor(&self, kind: u8) -> Option<Neighbor> {
        let mut cursor = Cursor(&self.0);
        let mut neighbor = Neighbor::default();
        if kind != 0 {
            // IEEE Std 802.11be-2024: type 1 is three octets of MLD parameters.
            neighbor.mld = (kind == 1).then(|| MldParameters::read(&mut cursor)).flatten();
            return Some(neighbor);
        }
        neighbor.tbtt_offset = Some(cursor.u8()?);
        let length = self.0.len();
        if matches!(length, 7..=9 | 11..) {
            neighbor.bssid = Some(cursor.address()?);
        }
        if matches!(length, 5 | 6 | 11..) {
            neighbor.short_ssid = Some(cursor.u32()?);
        }
        if matches!(length, 2 | 6 | 8 | 9 | 12..) {
            neighbor.parameters = Some(cursor.u8()?);
        }
        if matches!(length, 9 | 13..) {
            neighbor.psd = Some(cursor.u8()?.cast_signed());
        }
        if length >= 16 {
            neighbor.mld = MldParameters::read(&mut cursor);
        }
        Some(neighbor)
    }

    /// The field of an AP that says all of these; a length that the standard has for what is there.
    pub fn of(neighbor: Neighbor) -> Self {
        let mut octets: Vec<u8> = neighbor.tbtt_offset.into_iter().collect();
        octets.extend(neighbor.bssid.into_iter().flat_map(|bssid| bssid.0));
        octets.extend(neighbor.short_ssid.into_iter().flat_map(u32::to_le_bytes));
        octets.extend(neighbor.parameters);
        octets.extend(neighbor.psd.map(i8::cast_unsigned));
        octets.extend(neighbor.mld.into_iter().flat_map(MldParameters::octets));
        Self(octets)
    }
}

impl MldParameters {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let bits = cursor.number(3)?;
        Some(Self {
            mld: bits as u8,
            link: (bits >> 8 & 15) as u8,
            change_count: (bits >> 12) as u8,
            all_updates: bits >> 20 & 1 == 1,
            disabled: bits >> 21 & 1 == 1,
        })
    }

    fn octets(self) -> [u8; 3] {
        let bits = u32::from(self.mld)
            | u32::from(self.link & 15) << 8
            | u32::from(self.change_count) << 12
            | u32::from(self.all_updates) << 20
            | u32::from(self.disabled) << 21;
        let [a, b, c, _] = bits.to_le_bytes();
        [a, b, c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_by_length() {
        let full = Neighbor {
            tbtt_offset: Some(254),
            bssid: Some(Address([2, 0, 0, 0, 0, 3])),
            short_ssid: Some(0x1234_5678),
            parameters: Some(0x42),
            psd: Some(-2),
            mld: Some(MldParameters {
                mld: 0,
                link: 2,
                change_count: 0xa5,
                all_updates: true,
                disabled: false,
            }),
        };
        let shorter = [
            (16, full),
            (13, Neighbor { mld: None, ..full }),
            (
                8,
                Neighbor {
                    mld: None,
                    psd: None,
                    short_ssid: None,
                    ..full
                },
            ),
            (
                5,
                Neighbor {
                    tbtt_offset: Some(1),
                    short_ssid: Some(9),
                    ..Neighbor::default()
                },
            ),
        ];
        for (length, neighbor) in shorter {
            let field = TbttInformation::of(neighbor);
            assert_eq!(field.0.len(), length);
            assert_eq!(field.neighbor(0), Some(neighbor), "{length}");
        }
        let alone = TbttInformation(vec![1, 0x32, 0x10]).neighbor(1).unwrap();
        assert_eq!(alone.mld.unwrap().link, 2);
        assert_eq!(alone.tbtt_offset, None);
    }

    #[test]
    fn channels_until_the_cut() {
        let payload = [0x14, 1, 131, 37, 255, 7, 0x00, 2, 81, 6, 0];
        let report = ReducedNeighborReport::read(&payload).unwrap();
        assert_eq!(report.channels.len(), 1);
        let channel = &report.channels[0];
        assert_eq!((channel.class, channel.channel, channel.filtered), (131, 37, true));
        let offsets: Vec<_> = channel.neighbors().map(|ap| ap.tbtt_offset).collect();
        assert_eq!(offsets, [Some(255), Some(7)]);
        assert_eq!(ReducedNeighborReport::read(&payload[6..]), None);
    }
}
