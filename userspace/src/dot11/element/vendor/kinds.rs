//! Types of vendor elements that are publicly documented, by owner. What is not here stays a number.

use super::VendorElement;

/// Types of the Wi-Fi Alliance (hostapd, `src/common/ieee802_11_defs.h` of October 2025; OSEN: that of 2.11).
const ALLIANCE: [(u8, &str); 19] = [
    (9, "P2P"),
    (10, "Wi-Fi Display"),
    (16, "Hotspot 2.0 Indication"),
    (18, "OSEN"),
    (19, "NAN"),
    (22, "MBO-OCE"),
    (27, "Multi-AP"),
    (28, "OWE Transition Mode"),
    (29, "Roaming Consortium Selection"),
    (30, "DPP Configurator Connectivity"),
    (31, "SAE-PK"),
    (34, "QoS Management"),
    (35, "Wi-Fi Alliance Capabilities"),
    (40, "P2P2"),
    (41, "RSNE Override"),
    (42, "RSNE Override 2"),
    (43, "RSNXE Override"),
    (44, "RSN Selection"),
    (46, "Proximity Ranging"),
];

/// Of Broadcom under its OUI Epigram (Broadcom's GPL `802.11brcm.h`).
const EPIGRAM: [(u8, &str); 8] = [
    (4, "VHT features"),
    (51, "HT Capabilities, pre-standard"),
    (52, "HT Additional Capabilities, pre-standard"),
    (53, "Extension channel"),
    (54, "Primary device address"),
    (55, "Reliable multicast"),
    (91, "ULB"),
    (92, "SDB"),
];

/// Of Cisco's compatible extensions and Aironet (Wireshark 4.0, `packet-ieee80211.c`, `aironet_ie_type_vals`).
const CISCO: [(u8, &str); 5] = [
    (0, "DTPC"),
    (3, "CCX version"),
    (4, "QoS"),
    (14, "QBSS V2, CCA"),
    (20, "Client MFP"),
];

/// Of Atheros (FreeBSD, `sys/net80211/ieee80211.h` and `ieee80211_superg.h`).
const ATHEROS: [(u8, &str); 3] = [
    (1, "Advanced capabilities"),
    (3, "Extended range"),
    (4, "Extended capabilities"),
];

/// Of Qualcomm Atheros (hostapd, `src/common/qca-vendor.h`, `enum qca_vendor_element_id`).
const QCA: [(u8, &str); 7] = [
    (0, "P2P preferred channels"),
    (1, "HE Capabilities, pre-standard"),
    (2, "HE Operation, pre-standard"),
    (3, "UORA parameters, pre-standard"),
    (4, "MU EDCA parameters, pre-standard"),
    (5, "BSS colour change, pre-standard"),
    (6, "AllPlay"),
];

impl VendorElement<'_> {
    /// What the element is, where its owner's type is publicly documented.
    pub fn name(self) -> Option<&'static str> {
        let kind = self.kind()?;
        let types: &[(u8, &'static str)] = match self.oui {
            Self::MICROSOFT => &[(1, "WPA"), (2, "WMM"), (4, "WPS")],
            Self::ALLIANCE => &ALLIANCE,
            // Its first octet is both type and version; in Broadcom's header it is BRCM_IE_VER, 2.
            [0x00, 0x10, 0x18] => &[(2, "Broadcom capabilities")],
            [0x00, 0x90, 0x4c] => &EPIGRAM,
            Self::CISCO => &CISCO,
            [0x00, 0x03, 0x7f] => &ATHEROS,
            [0x00, 0x13, 0x74] => &QCA,
            // QCN_OUI_TYPE of Qualcomm's hostapd patches: attributes of rates and widths beyond the standard's.
            [0x8c, 0xfd, 0xf0] => &[(1, "QCN")],
            // VENDOR_ENTERPRISE_STA_OUI_TYPE of Broadcom's GPL header.
            [0x00, 0x00, 0xf0] => &[(0x22, "Enterprise station")],
            // wlanpi-profiler's beacons, with its version: no OUI of the registry.
            [0x31, 0x41, 0x59] => &[(0, "wlanpi-profiler")],
            _ => &[],
        };
        types.iter().find(|(number, _)| *number == kind).map(|&(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_owner_and_type() {
        for (content, name) in [
            (&[0x50, 0x6f, 0x9a, 22][..], Some("MBO-OCE")),
            (&[0x00, 0x50, 0xf2, 4], Some("WPS")),
            (&[0x00, 0x90, 0x4c, 51, 1], Some("HT Capabilities, pre-standard")),
            (&[0x00, 0x17, 0xf2, 10], None),
            (&[0x50, 0x6f, 0x9a], None),
            (&[0x50, 0x6f, 0x9a, 200], None),
        ] {
            assert_eq!(VendorElement::new(content).unwrap().name(), name, "{content:x?}");
        }
    }
}
