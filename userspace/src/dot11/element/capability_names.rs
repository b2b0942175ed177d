//! Names of the bits of capability elements.

use crate::dot11::Bits;

/// Where a name begins, how many bits it has, and the name; more bits than one are a number.
type Name = (usize, usize, &'static str);

/// RM Enabled Capabilities (Table 9-179).
const RADIO_MEASUREMENT: [Name; 30] = [
    (0, 1, "Link Measurement"),
    (1, 1, "Neighbor Report"),
    (2, 1, "Parallel Measurements"),
    (3, 1, "Repeated Measurements"),
    (4, 1, "Beacon Passive Measurement"),
    (5, 1, "Beacon Active Measurement"),
    (6, 1, "Beacon Table Measurement"),
    (7, 1, "Beacon Measurement Reporting Conditions"),
    (8, 1, "Frame Measurement"),
    (9, 1, "Channel Load Measurement"),
    (10, 1, "Noise Histogram Measurement"),
    (11, 1, "Statistics Measurement"),
    (12, 1, "LCI Measurement"),
    (13, 1, "LCI Azimuth"),
    (14, 1, "Transmit Stream/Category Measurement"),
    (15, 1, "Triggered Transmit Stream/Category Measurement"),
    (16, 1, "AP Channel Report"),
    (17, 1, "RM MIB"),
    (18, 3, "Operating Channel Max Measurement Duration"),
    (21, 3, "Nonoperating Channel Max Measurement Duration"),
    (24, 3, "Measurement Pilot"),
    (27, 1, "Measurement Pilot Transmission Information"),
    (28, 1, "Neighbor Report TSF Offset"),
    (29, 1, "RCPI Measurement"),
    (30, 1, "RSNI Measurement"),
    (31, 1, "BSS Average Access Delay"),
    (32, 1, "BSS Available Admission Capacity"),
    (33, 1, "Antenna"),
    (34, 1, "FTM Range Report"),
    (35, 1, "Civic Location Measurement"),
];

/// Extended Capabilities (Table 9-153; 77 to 83: IEEE Std 802.11ax-2021; 88 on: IEEE Std 802.11az-2022 and hostapd 2.12,
/// `WLAN_EXT_CAPAB_…`).
const EXTENDED: [Name; 91] = [
    (0, 1, "20/40 BSS Coexistence Management"),
    (1, 1, "GLK"),
    (2, 1, "Extended Channel Switching"),
    (3, 1, "GLK-GCR"),
    (4, 1, "PSMP"),
    (6, 1, "S-PSMP"),
    (7, 1, "Event"),
    (8, 1, "Diagnostics"),
    (9, 1, "Multicast Diagnostics"),
    (10, 1, "Location Tracking"),
    (11, 1, "FMS"),
    (12, 1, "Proxy ARP Service"),
    (13, 1, "Collocated Interference Reporting"),
    (14, 1, "Civic Location"),
    (15, 1, "Geospatial Location"),
    (16, 1, "TFS"),
    (17, 1, "WNM Sleep Mode"),
    (18, 1, "TIM Broadcast"),
    (19, 1, "BSS Transition"),
    (20, 1, "QoS Traffic Capability"),
    (21, 1, "AC Station Count"),
    (22, 1, "Multiple BSSID"),
    (23, 1, "Timing Measurement"),
    (24, 1, "Channel Usage"),
    (25, 1, "SSID List"),
    (26, 1, "DMS"),
    (27, 1, "UTC TSF Offset"),
    (28, 1, "TPU Buffer STA"),
    (29, 1, "TDLS Peer PSM"),
    (30, 1, "TDLS Channel Switching"),
    (31, 1, "Interworking"),
    (32, 1, "QoS Map"),
    (33, 1, "EBR"),
    (34, 1, "SSPN Interface"),
    (36, 1, "MSGCF"),
    (37, 1, "TDLS"),
    (38, 1, "TDLS Prohibited"),
    (39, 1, "TDLS Channel Switching Prohibited"),
    (40, 1, "Reject Unadmitted Frame"),
    (41, 3, "Service Interval Granularity"),
    (44, 1, "Identifier Location"),
    (45, 1, "U-APSD Coexistence"),
    (46, 1, "WNM Notification"),
    (47, 1, "QAB"),
    (48, 1, "UTF-8 SSID"),
    (49, 1, "QMF Activated"),
    (50, 1, "QMF Reconfiguration Activated"),
    (51, 1, "Robust AV Streaming"),
    (52, 1, "Advanced GCR"),
    (53, 1, "Mesh GCR"),
    (54, 1, "SCS"),
    (55, 1, "QLoad Report"),
    (56, 1, "Alternate EDCA"),
    (57, 1, "Unprotected TXOP Negotiation"),
    (58, 1, "Protected TXOP Negotiation"),
    (60, 1, "Protected QLoad Report"),
    (61, 1, "TDLS Wider Bandwidth"),
    (62, 1, "Operating Mode Notification"),
    (63, 2, "Max Number Of MSDUs In A-MSDU"),
    (65, 1, "Channel Schedule Management"),
    (66, 1, "Geodatabase Inband Enabling Signal"),
    (67, 1, "Network Channel Control"),
    (68, 1, "White Space Map"),
    (69, 1, "Channel Availability Query"),
    (70, 1, "Fine Timing Measurement Responder"),
    (71, 1, "Fine Timing Measurement Initiator"),
    (72, 1, "FILS"),
    (73, 1, "Extended Spectrum Management"),
    (74, 1, "Future Channel Guidance"),
    (75, 1, "PAD"),
    (77, 1, "TWT Requester"),
    (78, 1, "TWT Responder"),
    (79, 1, "OBSS Narrow Bandwidth RU In UL OFDMA Tolerance"),
    (80, 1, "Complete List of NonTxBSSID Profiles"),
    (81, 1, "SAE Password Identifiers In Use"),
    (82, 1, "SAE Password Identifiers Used Exclusively"),
    (83, 1, "Enhanced Multi-BSSID Advertisement"),
    (84, 1, "Beacon Protection Enabled"),
    (85, 1, "Mirrored SCS"),
    (86, 1, "OCT"),
    (88, 1, "SAE-PK Passwords Used Exclusively"),
    (89, 1, "TWT Parameters Range"),
    (90, 1, "Non-TB Ranging Responder"),
    (91, 1, "TB Ranging Responder"),
    (92, 1, "TB Ranging Responder Measurement"),
    (93, 1, "TB Ranging Initiator Measurement"),
    (94, 1, "AOA Measurement Available"),
    (95, 1, "Phase Shift Feedback"),
    (96, 1, "DMG/Location Supporting APs In The Area"),
    (97, 1, "I2R LMR Feedback Policy"),
    (102, 1, "Known STA Identification"),
];

/// RSN Extension (Table 9-321; 8 on: IEEE Std 802.11az-2022 and hostapd 2.12, `WLAN_RSNX_CAPAB_…`). The first four bits are
/// the field's length.
const RSN_EXTENSION: [Name; 11] = [
    (4, 1, "Protected TWT Operations"),
    (5, 1, "SAE Hash-to-Element"),
    (6, 1, "SAE-PK"),
    (8, 1, "Secure LTF"),
    (9, 1, "Secure RTT"),
    (10, 1, "URNM-MFPR-X20"),
    (14, 1, "SPP A-MSDU"),
    (15, 1, "URNM-MFPR"),
    (18, 1, "KEK In PASN"),
    (21, 1, "SSID Protection"),
    (34, 1, "SAE Password Identifier Change"),
];

/// An element that is a field of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapabilityField {
    /// RM Enabled Capabilities (9.4.2.44).
    RadioMeasurement,
    /// Extended Capabilities (9.4.2.26).
    Extended,
    /// RSN Extension (9.4.2.241).
    RsnExtension,
}

impl CapabilityField {
    fn names(self) -> &'static [Name] {
        match self {
            Self::RadioMeasurement => &RADIO_MEASUREMENT,
            Self::Extended => &EXTENDED,
            Self::RsnExtension => &RSN_EXTENSION,
        }
    }

    /// The name of the field that a bit belongs to, as the standard calls it but for a "Support" or "Capability" at its
    /// end.
    pub fn name(self, bit: usize) -> Option<&'static str> {
        self.names()
            .iter()
            .find(|&&(first, width, _)| (first..first + width).contains(&bit))
            .map(|&(.., name)| name)
    }

    /// What a payload says in order: the names of its bits, `name: number` where a name has several that are not 0,
    /// `bit 99` where it has none.
    pub fn set(self, payload: &[u8]) -> Vec<String> {
        let bits = Bits(payload);
        let mut named = self.names().iter().copied().peekable();
        let mut set = Vec::new();
        let mut bit = match self {
            Self::RsnExtension => 4,
            _ => 0,
        };
        while let Some(is_set) = bits.get(bit) {
            let (width, name) = match named.next_if(|&(first, ..)| first == bit) {
                Some((_, width, name)) => (width, Some(name)),
                None => (1, None),
            };
            match (name, bits.field(bit, width)) {
                (Some(name), Some(1)) if width == 1 => set.push(name.to_owned()),
                (Some(name), Some(number @ 1..)) => set.push(format!("{name}: {number}")),
                (None, _) if is_set => set.push(format!("bit {bit}")),
                _ => {}
            }
            bit += width;
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_bit_by_name() {
        let measurement = CapabilityField::RadioMeasurement.set(&[0x73, 0x10, 0x91, 0x00, 0x14]);
        assert_eq!(
            measurement,
            [
                "Link Measurement",
                "Neighbor Report",
                "Beacon Passive Measurement",
                "Beacon Active Measurement",
                "Beacon Table Measurement",
                "LCI Measurement",
                "AP Channel Report",
                "Operating Channel Max Measurement Duration: 4",
                "Nonoperating Channel Max Measurement Duration: 4",
                "FTM Range Report",
                "bit 36"
            ]
        );
        let extended = CapabilityField::Extended.set(&[0x20, 0, 8, 0, 0, 0x04, 0, 0x80, 1]);
        assert_eq!(
            extended,
            [
                "bit 5",
                "BSS Transition",
                "Service Interval Granularity: 2",
                "Max Number Of MSDUs In A-MSDU: 3"
            ]
        );
        assert_eq!(
            CapabilityField::Extended.set(&[0, 0, 0, 0, 0, 0, 0, 0x80]),
            [""; 0],
            "half of a number"
        );
        assert_eq!(CapabilityField::RsnExtension.set(&[0x2f]), ["SAE Hash-to-Element"]);
        assert_eq!(CapabilityField::RsnExtension.set(&[]), [""; 0]);
    }

    #[test]
    fn names_stand_in_order_and_do_not_overlap() {
        for field in [
            CapabilityField::RadioMeasurement,
            CapabilityField::Extended,
            CapabilityField::RsnExtension,
        ] {
            let names = field.names();
            assert!(
                names.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0),
                "{field:?}"
            );
        }
        assert_eq!(
            CapabilityField::Extended.name(64),
            Some("Max Number Of MSDUs In A-MSDU")
        );
        assert_eq!(CapabilityField::Extended.name(76), None);
    }
}
