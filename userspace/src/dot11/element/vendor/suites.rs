//! Cipher and AKM suites of whoever defined them: WPA's (Wi-Fi Alliance, WPA 2.0, 3.1; OUI 00-50-F2), the Wi-Fi
//! Alliance's later ones (50-6F-9A) and Cisco's CCKM (00-40-96).

use super::super::{Suite, akm_name, cipher_name};

/// A cipher suite's name; its OUI and type, `00-50-f2:9`, where it has none.
pub fn cipher_suite_name(suite: Suite) -> String {
    let known = match suite.0 {
        [0x00, 0x0f, 0xac, kind] => cipher_name(kind),
        [0x00, 0x50, 0xf2, 0] => Some("None"),
        [0x00, 0x50, 0xf2, kind @ (1 | 2 | 5)] => cipher_name(kind),
        [0x00, 0x50, 0xf2, 4] => Some("CCMP-128"),
        _ => None,
    };
    known.map_or_else(|| number(suite), str::to_owned)
}

/// An AKM suite's name, likewise.
pub fn akm_suite_name(suite: Suite) -> String {
    let known = match suite.0 {
        [0x00, 0x0f, 0xac, kind] => akm_name(kind),
        [0x00, 0x50, 0xf2, 0] => Some("None"),
        [0x00, 0x50, 0xf2, kind @ (1 | 2)] => akm_name(kind),
        [0x50, 0x6f, 0x9a, 1] => Some("OSEN"),
        [0x50, 0x6f, 0x9a, 2] => Some("DPP"),
        [0x00, 0x40, 0x96, 0] => Some("CCKM"),
        _ => None,
    };
    known.map_or_else(|| number(suite), str::to_owned)
}

fn number(Suite([a, b, c, kind]): Suite) -> String {
    format!("{a:02x}-{b:02x}-{c:02x}:{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_or_numbers() {
        let suite = |oui: [u8; 3], kind| Suite([oui[0], oui[1], oui[2], kind]);
        let ieee = [0x00, 0x0f, 0xac];
        let wpa = [0x00, 0x50, 0xf2];
        assert_eq!(cipher_suite_name(suite(wpa, 2)), "TKIP");
        assert_eq!(cipher_suite_name(suite(wpa, 6)), "00-50-f2:6");
        assert_eq!(cipher_suite_name(suite(ieee, 9)), "GCMP-256");
        assert_eq!(akm_suite_name(suite(wpa, 2)), "PSK");
        assert_eq!(akm_suite_name(suite(ieee, 4)), "FT-PSK");
        assert_eq!(akm_suite_name(suite([0x50, 0x6f, 0x9a], 2)), "DPP");
        assert_eq!(akm_suite_name(suite([0x00, 0x40, 0x96], 0)), "CCKM");
        assert_eq!(akm_suite_name(suite(ieee, 99)), "00-0f-ac:99");
    }
}
