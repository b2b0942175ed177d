//! Per-STA Profile (IEEE Std 802.11be-2024 9.4.2.322.2.4): one more link of a multi-link device.

use std::borrow::Cow;

use crate::dot11::{Address, Bits, cursor::Cursor};

/// A Per-STA Profile subelement of a Basic Multi-Link element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerStationProfile<'a> {
    /// The link's id at the AP.
    pub link: u8,
    /// The profile is complete: what it doesn't say is said by the frame's own elements (inheritance).
    pub complete: bool,
    /// The station's or AP's address on that link.
    pub address: Option<Address>,
    /// What an AP says of that link besides.
    pub network: LinkNetwork,
    content: Cow<'a, [u8]>,
    /// Where STA Info ends and STA Profile begins.
    profile_at: usize,
}

/// The fields of STA Info that an AP sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkNetwork {
    /// Beacon Interval, in TU.
    pub beacon_interval: Option<u16>,
    /// TSF Offset, as transmitted: the link's timer less the frame's.
    pub tsf_offset: Option<i64>,
    /// DTIM Info: count and period.
    pub dtim: Option<[u8; 2]>,
    /// BSS Parameters Change Count.
    pub change_count: Option<u8>,
}

impl<'a> PerStationProfile<'a> {
    /// STA control 2 octets, STA info (its length first), then STA profile.
    pub(super) fn new(content: Cow<'a, [u8]>) -> Option<Self> {
        let control = Bits(content.get(..2)?);
        let link = control.field(0, 4)? as u8;
        let (complete, has_address) = (control.get(4)?, control.get(5)?);
        // The length counts itself.
        let length = usize::from(*content.get(2)?);
        let profile_at = (2 + length).min(content.len());
        let mut info = Cursor(content.get(3..profile_at).unwrap_or_default());
        let address = if has_address { info.address() } else { None };
        let whole = has_address == address.is_some();
        let network = whole.then(|| LinkNetwork::read(control, info)).flatten();
        Some(Self {
            link,
            complete,
            address,
            network: network.unwrap_or_default(),
            content,
            profile_at,
        })
    }

    fn profile(&self, skip: usize) -> &[u8] {
        self.content.get(self.profile_at + skip..).unwrap_or_default()
    }

    /// Capability Information (9.4.1.4) of the link.
    pub fn capability(&self) -> Option<u16> {
        Cursor(self.profile(0)).u16()
    }

    /// The link's own elements; [`super::Elements::parse`] reads them. For those of an association response see
    /// [`Self::answer`].
    pub fn elements(&self) -> &[u8] {
        self.profile(2)
    }

    /// Status Code (9.4.1.9) and elements of the link, of a profile in an association response.
    pub fn answer(&self) -> Option<(u16, &[u8])> {
        Some((Cursor(self.profile(2)).u16()?, self.profile(4)))
    }
}

impl LinkNetwork {
    /// Reads what the control field announces.
    fn read(control: Bits<'_>, mut info: Cursor<'_>) -> Option<Self> {
        let has = |bit| control.get(bit) == Some(true);
        let mut network = Self::default();
        if has(6) {
            network.beacon_interval = Some(info.u16()?);
        }
        if has(7) {
            network.tsf_offset = Some(info.u64()?.cast_signed());
        }
        if has(8) {
            network.dtim = Some(info.array()?);
        }
        // NSTR Indication Bitmap, of one or two octets.
        if has(9) {
            info.take(if has(10) { 2 } else { 1 })?;
        }
        if has(11) {
            network.change_count = Some(info.u8()?);
        }
        Some(network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aps_link() {
        let content = [
            0xf1, 0x0b, 21, 2, 0, 0, 0, 0, 8, 100, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 0x55, 7,
            0x31, 0x04, 30, 0, 45, 0,
        ];
        let profile = PerStationProfile::new(Cow::Borrowed(&content)).unwrap();
        assert_eq!((profile.link, profile.complete), (1, true));
        assert_eq!(
            profile.network,
            LinkNetwork {
                beacon_interval: Some(100),
                tsf_offset: Some(-1),
                dtim: Some([1, 2]),
                change_count: Some(7),
            }
        );
        assert_eq!(profile.capability(), Some(0x0431));
        assert_eq!(profile.answer(), Some((30, &[45, 0][..])));
        let cut = PerStationProfile::new(Cow::Borrowed(&content[..10])).unwrap();
        assert_eq!((cut.network, cut.capability()), (LinkNetwork::default(), None));
    }
}
