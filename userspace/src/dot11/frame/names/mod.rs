//! Names of the numbers in fixed fields; a number without a name is reserved, or newer than these tables.

mod reason;
mod status;

pub use reason::reason_name;
pub use status::status_name;

/// The name of an authentication algorithm (9.4.1.1).
pub fn algorithm_name(algorithm: u16) -> Option<&'static str> {
    Some(match algorithm {
        0 => "Open System",
        1 => "Shared Key",
        2 => "Fast BSS Transition",
        3 => "SAE",
        4 => "FILS Shared Key without PFS",
        5 => "FILS Shared Key with PFS",
        6 => "FILS Public Key",
        7 => "PASN",
        65535 => "Vendor Specific",
        _ => return None,
    })
}

/// The name of a category of action frames (9.4.1.11, Table 9-51; 36, 37: IEEE Std 802.11be-2024).
pub fn category_name(category: u8) -> Option<&'static str> {
    Some(match category {
        0 => "Spectrum Management",
        1 => "QoS",
        3 => "Block Ack",
        4 => "Public",
        5 => "Radio Measurement",
        6 => "Fast BSS Transition",
        7 => "HT",
        8 => "SA Query",
        9 => "Protected Dual of Public Action",
        10 => "WNM",
        11 => "Unprotected WNM",
        12 => "TDLS",
        13 => "Mesh",
        14 => "Multihop",
        15 => "Self-protected",
        16 => "DMG",
        // Reserved there for the Wi-Fi Alliance's WMM.
        17 => "WMM",
        18 => "FST",
        19 => "Robust AV Streaming",
        20 => "Unprotected DMG",
        21 => "VHT",
        22 => "Unprotected S1G",
        23 => "S1G",
        24 => "Flow Control",
        25 => "Control Response MCS Negotiation",
        26 => "FILS",
        27 => "CDMG",
        28 => "CMMG",
        29 => "GLK",
        30 => "HE",
        31 => "Protected HE",
        32 => "WUR",
        34 => "Protected FTM",
        36 => "EHT",
        37 => "Protected EHT",
        126 => "Vendor-specific Protected",
        127 => "Vendor-specific",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_gaps() {
        assert_eq!(status_name(0), Some("success"));
        assert_eq!(status_name(126), Some("SAE: hash to element"));
        assert_eq!(status_name(141), Some("denied: operation parameter update"));
        assert_eq!((status_name(4), status_name(0xffff)), (None, None));
        assert_eq!(reason_name(15), Some("4-way handshake timed out"));
        assert_eq!((reason_name(0), reason_name(0xffff)), (None, None));
        assert_eq!(algorithm_name(3), Some("SAE"));
        assert_eq!(algorithm_name(8), None);
        assert_eq!(category_name(37), Some("Protected EHT"));
        assert_eq!((category_name(2), category_name(128)), (None, None));
    }
}
