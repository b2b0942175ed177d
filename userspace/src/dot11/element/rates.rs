//! Supported Rates and BSS Membership Selectors (9.4.2.3), Extended Supported Rates and BSS Membership Selectors (9.4.2.12).

/// A rate, or what a station must be able to do to be in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// A rate in units of 500 kb/s.
    Rate {
        /// The units, 1 to 127.
        units: u8,
        /// Of the basic rate set, which every station must have.
        basic: bool,
    },
    /// A BSS membership selector; [`Rate::selector_name`] names it.
    Selector(u8),
}

impl Rate {
    /// Reads one octet: bit 7 marks basic rates and selectors.
    pub fn read(octet: u8) -> Self {
        match octet & 0x7f {
            // From 123 down to 121 they came one after the other (SAE, HE, EHT); no rate is that high.
            selector if octet & 0x80 != 0 && selector > 120 => Self::Selector(selector),
            units => Self::Rate {
                units,
                basic: octet & 0x80 != 0,
            },
        }
    }

    /// The octet of it.
    pub fn octet(self) -> u8 {
        match self {
            Self::Rate { units, basic } => units & 0x7f | u8::from(basic) << 7,
            Self::Selector(selector) => selector | 0x80,
        }
    }

    /// All of an element's payload.
    pub fn all(payload: &[u8]) -> impl Iterator<Item = Self> {
        payload.iter().copied().map(Self::read)
    }

    /// What a BSS membership selector asks for (122: IEEE Std 802.11ax-2021).
    pub fn selector_name(selector: u8) -> Option<&'static str> {
        Some(match selector {
            122 => "HE PHY",
            123 => "SAE hash to element only",
            124 => "EPD",
            125 => "GLK",
            126 => "VHT PHY",
            127 => "HT PHY",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_and_back() {
        for octet in 0..=255 {
            assert_eq!(Rate::read(octet).octet(), octet);
        }
        let rates: Vec<_> = Rate::all(&[0x82, 12, 0xff, 0xfb]).collect();
        assert_eq!(
            rates,
            [
                Rate::Rate { units: 2, basic: true },
                Rate::Rate {
                    units: 12,
                    basic: false
                },
                Rate::Selector(127),
                Rate::Selector(123)
            ]
        );
        assert_eq!(Rate::selector_name(123), Some("SAE hash to element only"));
        assert_eq!(Rate::selector_name(121), None);
    }
}
