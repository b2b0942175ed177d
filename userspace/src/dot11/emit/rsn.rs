//! RSN.

use super::Payload;
use crate::dot11::element::{ElementId, Suite};

/// RSN (9.4.2.24), version 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rsn<'a> {
    /// Group Data Cipher Suite.
    pub group: Suite,
    /// Pairwise Cipher Suite List.
    pub pairwise: &'a [Suite],
    /// AKM Suite List.
    pub akms: &'a [Suite],
    /// RSN Capabilities.
    pub capabilities: u16,
    /// PMKID List.
    pub pmkids: &'a [[u8; 16]],
    /// Group Management Cipher Suite; its absence means BIP-CMAC-128 where frames are protected.
    pub group_management: Option<Suite>,
}

impl Payload for Rsn<'_> {
    const ID: ElementId = ElementId::RSN;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend([1, 0]);
        out.extend(self.group.0);
        for suites in [self.pairwise, self.akms] {
            out.extend((suites.len() as u16).to_le_bytes());
            out.extend(suites.iter().flat_map(|suite| suite.0));
        }
        out.extend(self.capabilities.to_le_bytes());
        if !self.pmkids.is_empty() || self.group_management.is_some() {
            out.extend((self.pmkids.len() as u16).to_le_bytes());
            out.extend(self.pmkids.as_flattened());
        }
        out.extend(self.group_management.into_iter().flat_map(|suite| suite.0));
    }
}
