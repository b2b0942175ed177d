//! Vendor Specific (9.4.2.25).

/// An OUI and what its owner puts behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorElement<'a> {
    /// The owner's OUI.
    pub oui: [u8; 3],
    /// What follows: mostly a type, then content.
    pub content: &'a [u8],
}

impl<'a> VendorElement<'a> {
    /// Splits the element's payload; `None` where it has no whole OUI.
    pub fn new(payload: &'a [u8]) -> Option<Self> {
        let (&oui, content) = payload.split_first_chunk()?;
        Some(Self { oui, content })
    }

    /// The type, where it is one octet, as most owners have it.
    pub fn kind(self) -> Option<u8> {
        self.content.first().copied()
    }

    /// WMM (Wi-Fi Alliance, WMM Specification 1.2.0, 2.2): Microsoft's OUI, type 2.
    pub fn is_wmm(self) -> bool {
        self.oui == [0x00, 0x50, 0xf2] && self.kind() == Some(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_the_oui_off() {
        let vendor = VendorElement::new(&[0x00, 0x50, 0xf2, 2]).unwrap();
        assert_eq!((vendor.oui, vendor.content), ([0x00, 0x50, 0xf2], &[2][..]));
        assert_eq!((vendor.kind(), vendor.is_wmm()), (Some(2), true));
        assert_eq!(VendorElement::new(&[0, 0x50]), None);
        assert_eq!(VendorElement::new(&[0, 0x50, 0xf2]).unwrap().kind(), None);
    }
}
