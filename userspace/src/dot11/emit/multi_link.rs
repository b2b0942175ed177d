//! Multi-Link, the Basic variant (IEEE Std 802.11be-2024 9.4.2.322.2).

use super::{Payload, elements::fragmented};
use crate::dot11::{
    Address,
    element::{ElementId, LinkNetwork},
};

/// Id that continues a subelement of Multi-Link.
const FRAGMENT: u8 = 254;

/// A Basic Multi-Link element. Its fields are those that [`crate::dot11::element::MultiLink`] reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasicMultiLink<'a> {
    /// MLD MAC Address.
    pub address: Address,
    /// Link ID Info, of an AP.
    pub link: Option<u8>,
    /// BSS Parameters Change Count, of an AP.
    pub change_count: Option<u8>,
    /// Medium Synchronization Delay Information.
    pub medium_synchronization: Option<u16>,
    /// EML Capabilities.
    pub eml: Option<u16>,
    /// MLD Capabilities And Operations.
    pub mld: Option<u16>,
    /// Per-STA Profile subelements.
    pub links: Vec<LinkProfile<'a>>,
}

/// A Per-STA Profile subelement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkProfile<'a> {
    /// The link's id at the AP.
    pub link: u8,
    /// What the profile doesn't say is said by the frame's own elements.
    pub complete: bool,
    /// The station's or AP's address on that link.
    pub address: Option<Address>,
    /// What an AP says of that link besides.
    pub network: LinkNetwork,
    /// Capability Information.
    pub capability: u16,
    /// Status Code, in an association response.
    pub status: Option<u16>,
    /// The link's elements, as [`super::ElementWriter`] makes them.
    pub elements: &'a [u8],
}

impl Payload for BasicMultiLink<'_> {
    const ID: ElementId = ElementId::MULTI_LINK;

    fn write(&self, out: &mut Vec<u8>) {
        let mut common = self.address.0.to_vec();
        let present = [
            append(&mut common, self.link.map(|link| [link & 15])),
            append(&mut common, self.change_count.map(|count| [count])),
            append(&mut common, self.medium_synchronization.map(u16::to_le_bytes)),
            append(&mut common, self.eml.map(u16::to_le_bytes)),
            append(&mut common, self.mld.map(u16::to_le_bytes)),
        ];
        out.extend((mask(present) << 4).to_le_bytes());
        out.push(common.len() as u8 + 1);
        out.extend(common);
        for link in &self.links {
            fragmented(out, 0, FRAGMENT, &link.content());
        }
    }
}

impl LinkProfile<'_> {
    fn content(&self) -> Vec<u8> {
        let (network, mut info) = (self.network, Vec::new());
        let present = [
            append(&mut info, self.address.map(|address| address.0)),
            append(&mut info, network.beacon_interval.map(u16::to_le_bytes)),
            append(&mut info, network.tsf_offset.map(i64::to_le_bytes)),
            append(&mut info, network.dtim),
        ];
        let changes = append(&mut info, network.change_count.map(|count| [count]));
        let control =
            u16::from(self.link & 15) | u16::from(self.complete) << 4 | mask(present) << 5 | u16::from(changes) << 11;
        let mut content = control.to_le_bytes().to_vec();
        content.push(info.len() as u8 + 1);
        content.extend(info);
        content.extend(self.capability.to_le_bytes());
        content.extend(self.status.into_iter().flat_map(u16::to_le_bytes));
        content.extend(self.elements);
        content
    }
}

/// Appends a field that may be missing; whether it is there.
fn append<const N: usize>(out: &mut Vec<u8>, field: Option<[u8; N]>) -> bool {
    out.extend(field.into_iter().flatten());
    field.is_some()
}

/// A bit for each that is there, the first the lowest.
fn mask<const N: usize>(present: [bool; N]) -> u16 {
    present.iter().rev().fold(0, |mask, &bit| mask << 1 | u16::from(bit))
}
