//! Multi-Link (IEEE Std 802.11be-2024 9.4.2.322): a multi-link device and its other links.

use super::{ElementNote, Parts, PerStationProfile};
use crate::dot11::{Address, Bits, cursor::Cursor};

/// The control field, then common info (of the Basic variant), then subelements.
#[derive(Clone, Copy, Debug)]
pub struct MultiLink<'a> {
    control: Bits<'a>,
    common: Common<'a>,
    links: &'a [u8],
}

/// The fields of a Basic element's common info, each as far as it is there.
#[derive(Clone, Copy, Debug, Default)]
struct Common<'a> {
    address: Option<Address>,
    link: Option<u8>,
    change_count: Option<u8>,
    medium_sync: Bits<'a>,
    eml: Bits<'a>,
    mld: Bits<'a>,
}

impl<'a> MultiLink<'a> {
    /// Type of the element that an association request carries.
    pub const BASIC: u8 = 0;

    /// A view of the element's payload, behind the extension id.
    pub fn new(payload: &'a [u8]) -> Self {
        let (control, rest) = payload.split_at(payload.len().min(2));
        let mut view = Self {
            control: Bits(control),
            common: Common::default(),
            links: &[],
        };
        if view.kind() == Some(Self::BASIC) {
            // Common Info Length counts itself (Figure 9-1074h).
            let length = rest.first().map_or(0, |&length| usize::from(length).min(rest.len()));
            let (common, links) = rest.split_at(length);
            view.common = Common::read(common.get(1..).unwrap_or_default(), view.control);
            view.links = links;
        }
        view
    }

    /// Type, control bits 0 to 2: 0 Basic, 1 Probe Request, 2 Reconfiguration, 3 TDLS, 4 EPCS.
    pub fn kind(self) -> Option<u8> {
        self.control.field(0, 3).map(|kind| kind as u8)
    }

    /// The MLD MAC address.
    pub fn address(self) -> Option<Address> {
        self.common.address
    }

    /// Link ID Info: the link on which the sender, an AP, says this.
    pub fn link(self) -> Option<u8> {
        self.common.link
    }

    /// BSS Parameters Change Count of that link.
    pub fn change_count(self) -> Option<u8> {
        self.common.change_count
    }

    /// Medium Synchronization Delay Information: bits 0 to 7 the duration in 32 µs, 8 to 11 the threshold, 12 to 15 the
    /// TXOPs.
    pub fn medium_synchronization(self) -> Option<u16> {
        self.common.medium_sync.field(0, 16).map(|bits| bits as u16)
    }

    /// EML Capabilities.
    pub fn eml(self) -> Option<u16> {
        self.common.eml.field(0, 16).map(|bits| bits as u16)
    }

    /// MLD Capabilities And Operations.
    pub fn mld(self) -> Option<u16> {
        self.common.mld.field(0, 16).map(|bits| bits as u16)
    }

    /// EMLSR Support, EML capabilities bit 0.
    pub fn emlsr(self) -> Option<bool> {
        self.common.eml.get(0)
    }

    /// EMLSR Padding Delay, EML capabilities bits 1 to 3, as transmitted.
    pub fn emlsr_padding_delay(self) -> Option<u8> {
        self.common.eml.field(1, 3).map(|value| value as u8)
    }

    /// EMLSR Transition Delay, EML capabilities bits 4 to 6, as transmitted.
    pub fn emlsr_transition_delay(self) -> Option<u8> {
        self.common.eml.field(4, 3).map(|value| value as u8)
    }

    /// EMLMR Support, EML capabilities bit 7.
    pub fn emlmr(self) -> Option<bool> {
        self.common.eml.get(7)
    }

    /// Maximum Number Of Simultaneous Links (less one), MLD capabilities bits 0 to 3, as transmitted.
    pub fn simultaneous_links(self) -> Option<u8> {
        self.common.mld.field(0, 4).map(|value| value as u8)
    }

    /// TID-To-Link Mapping Negotiation Support, MLD capabilities bits 5 and 6, as transmitted.
    pub fn t2lm_negotiation(self) -> Option<u8> {
        self.common.mld.field(5, 2).map(|value| value as u8)
    }

    /// Link Reconfiguration Operation Support, MLD capabilities bit 13.
    pub fn link_reconfiguration(self) -> Option<bool> {
        self.common.mld.get(13)
    }

    /// The per-station profiles of the other links, one a link, fragments joined, and what was odd about the subelements.
    pub fn links(self) -> (Vec<PerStationProfile<'a>>, Vec<ElementNote>) {
        let (mut links, mut notes) = (Vec::<PerStationProfile<'a>>::new(), Vec::new());
        let mut parts = Parts::of_subelements(self.links);
        while let Some(part) = parts.next() {
            match part {
                Ok((id, first)) => {
                    let (content, _, note) = parts.join(first);
                    notes.extend(note);
                    match (id == 0).then(|| PerStationProfile::new(content)).flatten() {
                        Some(profile) if links.iter().any(|link| link.link == profile.link) => {
                            notes.push(ElementNote::RepeatedLink(profile.link));
                        }
                        Some(profile) => links.push(profile),
                        None => {}
                    }
                }
                Err(note) => notes.push(note),
            }
        }
        (links, notes)
    }
}

impl<'a> Common<'a> {
    /// Reads the fields that the control field announces, in order, until one isn't there.
    fn read(octets: &'a [u8], control: Bits<'_>) -> Self {
        let mut common = Self::default();
        let mut cursor = Cursor(octets);
        common.address = cursor.address();
        if common.address.is_none() {
            return common;
        }
        // Link id, BSS parameters change count, medium synchronisation delay, EML, MLD capabilities.
        for (bit, length) in [(4, 1), (5, 1), (6, 2), (7, 2), (8, 2)] {
            if control.get(bit) != Some(true) {
                continue;
            }
            let Some(field) = cursor.take(length) else {
                return common;
            };
            match bit {
                4 => common.link = field.first().map(|link| link & 15),
                5 => common.change_count = field.first().copied(),
                6 => common.medium_sync = Bits(field),
                7 => common.eml = Bits(field),
                _ => common.mld = Bits(field),
            }
        }
        common
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MLD: [u8; 6] = [2, 0, 0, 0, 0, 9];

    #[test]
    fn common_info_in_order() {
        // Medium synchronisation, EML and MLD capabilities.
        let mut payload = vec![0xc0, 0x01, 13];
        payload.extend(MLD);
        payload.extend([0, 0, 0b1010_0011, 0, 0b0010_0001, 0x20]);
        let element = MultiLink::new(&payload);
        assert_eq!(element.kind(), Some(0));
        assert_eq!(element.address(), Some(Address(MLD)));
        assert_eq!((element.emlsr(), element.emlmr()), (Some(true), Some(true)));
        assert_eq!(
            (element.emlsr_padding_delay(), element.emlsr_transition_delay()),
            (Some(1), Some(2))
        );
        assert_eq!(
            (element.simultaneous_links(), element.t2lm_negotiation()),
            (Some(1), Some(1))
        );
        assert_eq!(element.link_reconfiguration(), Some(true));
        let cut = MultiLink::new(&payload[..12]);
        assert_eq!((cut.address(), cut.emlsr()), (Some(Address(MLD)), None));
        assert_eq!(MultiLink::new(&[]).kind(), None);
    }

    #[test]
    fn other_types_have_no_basic_common_info() {
        let mut payload = vec![0x81, 0x01, 13];
        payload.extend([0xff; 12]);
        let element = MultiLink::new(&payload);
        assert_eq!(
            (element.kind(), element.address(), element.emlsr()),
            (Some(1), None, None)
        );
        assert!(element.links().0.is_empty());
    }

    #[test]
    fn links_joined_from_fragments() {
        let mut profile = vec![0x31, 0x00, 7, 2, 0, 0, 0, 0, 8, 0x31, 0x04];
        profile.extend([45, 26]);
        profile.extend([1; 26]);
        profile.extend([221, 240]);
        profile.extend([2; 240]);
        let mut payload = vec![0x00, 0x00, 7];
        payload.extend(MLD);
        payload.extend([0, 255]);
        payload.extend(&profile[..255]);
        payload.extend([254, (profile.len() - 255) as u8]);
        payload.extend(&profile[255..]);
        payload.extend([0, 3, 0x02, 0x00, 1, 0, 3, 0x01, 0x00, 1, 0, 9, 1]);
        let (links, notes) = MultiLink::new(&payload).links();
        assert_eq!(links.len(), 2);
        assert_eq!((links[0].link, links[0].complete), (1, true));
        assert_eq!(links[0].address, Some(Address([2, 0, 0, 0, 0, 8])));
        assert_eq!(links[0].elements().len(), 2 + 26 + 2 + 240);
        assert_eq!((links[1].link, links[1].address), (2, None));
        assert_eq!(
            notes,
            [
                ElementNote::RepeatedLink(1),
                ElementNote::Truncated {
                    id: 0,
                    length: 9,
                    left: 1
                }
            ]
        );
    }
}
