//! Names of the bits of elements that are lists of capabilities; reserved bits, and bits of longer fields, have none.

/// Bit `n` of Extended Capabilities (9.4.2.26; 77 to 83: IEEE Std 802.11ax-2021; 89 to 95: IEEE Std 802.11az-2022).
pub fn extended_capability_name(n: usize) -> Option<&'static str> {
    Some(match n {
        0 => "20/40 BSS Coexistence Management Support",
        1 => "GLK",
        2 => "Extended Channel Switching",
        3 => "GLK-GCR",
        4 => "PSMP Capability",
        6 => "S-PSMP Support",
        7 => "Event",
        8 => "Diagnostics",
        9 => "Multicast Diagnostics",
        10 => "Location Tracking",
        11 => "FMS",
        12 => "Proxy ARP",
        13 => "Collocated Interference Reporting",
        14 => "Civic Location",
        15 => "Geospatial Location",
        16 => "TFS",
        17 => "WNM Sleep Mode",
        18 => "TIM Broadcast",
        19 => "BSS Transition",
        20 => "QoS Traffic Capability",
        21 => "AC Station Count",
        22 => "Multiple BSSID",
        23 => "Timing Measurement",
        24 => "Channel Usage",
        25 => "SSID List",
        26 => "DMS",
        27 => "UTC TSF Offset",
        28 => "TPU Buffer STA Support",
        29 => "TDLS Peer PSM Support",
        30 => "TDLS Channel Switching",
        31 => "Interworking",
        32 => "QoS Map",
        33 => "EBR",
        34 => "SSPN Interface",
        36 => "MSGCF Capability",
        37 => "TDLS Support",
        38 => "TDLS Prohibited",
        39 => "TDLS Channel Switching Prohibited",
        40 => "Reject Unadmitted Frame",
        44 => "Identifier Location",
        45 => "U-APSD Coexistence",
        46 => "WNM Notification",
        47 => "QAB Capability",
        48 => "UTF-8 SSID",
        49 => "QMF Activated",
        50 => "QMF Reconfiguration Activated",
        51 => "Robust AV Streaming",
        52 => "Advanced GCR",
        53 => "Mesh GCR",
        54 => "SCS",
        55 => "QLoad Report",
        56 => "Alternate EDCA",
        57 => "Unprotected TXOP Negotiation",
        58 => "Protected TXOP Negotiation",
        60 => "Protected QLoad Report",
        61 => "TDLS Wider Bandwidth",
        62 => "Operating Mode Notification",
        65 => "Channel Schedule Management",
        66 => "Geodatabase Inband Enabling Signal",
        67 => "Network Channel Control",
        68 => "White Space Map",
        69 => "Channel Availability Query",
        70 => "Fine Timing Measurement Responder",
        71 => "Fine Timing Measurement Initiator",
        72 => "FILS Capable",
        73 => "Extended Spectrum Management Capable",
        74 => "Future Channel Guidance",
        75 => "PAD",
        77 => "TWT Requester Support",
        78 => "TWT Responder Support",
        79 => "OBSS Narrow Bandwidth RU In OFDMA Tolerance Support",
        80 => "Complete List of NonTxBSSID Profiles",
        81 => "SAE Password Identifiers In Use",
        82 => "SAE Passwords Used Exclusively",
        83 => "Enhanced Multi-BSSID Advertisement Support",
        84 => "Beacon Protection Enabled",
        85 => "MSCS",
        86 => "OCT",
        88 => "SAE-PK Passwords Used Exclusively",
        89 => "TWT Parameters Range Support",
        90 => "Non-TB Ranging Responder",
        91 => "TB Ranging Responder",
        92 => "TB Ranging Responder Measurement Support",
        93 => "TB Ranging Initiator Measurement Support",
        94 => "AOA Measurement Available",
        95 => "Phase Shift Feedback Support",
        102 => "Known STA Identification",
        _ => return None,
    })
}

/// Bit `n` of RM Enabled Capabilities (9.4.2.44, Table 9-179); 18 to 20, 21 to 23 and 24 to 26 are numbers.
pub fn rm_capability_name(n: usize) -> Option<&'static str> {
    Some(match n {
        0 => "Link Measurement",
        1 => "Neighbor Report",
        2 => "Parallel Measurements",
        3 => "Repeated Measurements",
        4 => "Beacon Passive Measurement",
        5 => "Beacon Active Measurement",
        6 => "Beacon Table Measurement",
        7 => "Beacon Measurement Reporting Conditions",
        8 => "Frame Measurement",
        9 => "Channel Load Measurement",
        10 => "Noise Histogram Measurement",
        11 => "Statistics Measurement",
        12 => "LCI Measurement",
        13 => "LCI Azimuth",
        14 => "Transmit Stream/Category Measurement",
        15 => "Triggered Transmit Stream/Category Measurement",
        16 => "AP Channel Report",
        17 => "RM MIB",
        27 => "Measurement Pilot Transmission Information",
        28 => "Neighbor Report TSF Offset",
        29 => "RCPI Measurement",
        30 => "RSNI Measurement",
        31 => "BSS Average Access Delay",
        32 => "BSS Available Admission Capacity",
        33 => "Antenna",
        34 => "FTM Range Report",
        35 => "Civic Location Measurement",
        _ => return None,
    })
}

/// Bit `n` of RSN Extension (9.4.2.241; 8 to 10, 15: IEEE Std 802.11az-2022); 0 to 3 are the length, less one.
pub fn rsnx_capability_name(n: usize) -> Option<&'static str> {
    Some(match n {
        4 => "Protected TWT Operations Support",
        5 => "SAE Hash-to-element",
        6 => "SAE-PK",
        8 => "Secure LTF Support",
        9 => "Secure RTT Supported",
        10 => "URNM-MFPR-X20",
        14 => "SPP A-MSDU",
        15 => "URNM-MFPR",
        18 => "KEK in PASN",
        21 => "SSID Protection",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_gaps() {
        assert_eq!(extended_capability_name(19), Some("BSS Transition"));
        assert_eq!(extended_capability_name(84), Some("Beacon Protection Enabled"));
        assert_eq!(
            (extended_capability_name(5), extended_capability_name(1000)),
            (None, None)
        );
        assert_eq!(rm_capability_name(1), Some("Neighbor Report"));
        assert_eq!((rm_capability_name(18), rm_capability_name(36)), (None, None));
        assert_eq!(rsnx_capability_name(5), Some("SAE Hash-to-element"));
        assert_eq!(rsnx_capability_name(0), None);
    }
}
