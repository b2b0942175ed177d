//! Where and how loud: Country, Power Constraint, Transmit Power Envelope.

use crate::dot11::cursor::Cursor;

/// Country (9.4.2.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// Country String (dot11CountryString): a country's two letters; then ` ` any environment, `O` outdoor, `I` indoor, or
    /// the number of a table of Annex E, 4 the global one.
    pub string: [u8; 3],
    /// Triplets, in order.
    pub triplets: Vec<CountryTriplet>,
}

/// A triplet of a Country element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountryTriplet {
    /// A run of channels.
    Subband {
        /// First Channel Number, below 201.
        first: u8,
        /// Number Of Channels.
        channels: u8,
        /// Maximum Transmit Power Level, in dBm.
        max_power: u8,
    },
    /// An operating triplet, about the subbands behind it.
    Operating {
        /// Operating Extension Identifier, 201 and up.
        extension: u8,
        /// Operating Class (Annex E).
        class: u8,
        /// Coverage Class, 3 µs of air propagation time each.
        coverage: u8,
    },
}

impl Country {
    /// Reads the payload: 3 octets, triplets, and up to 2 octets of padding.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (&string, rest) = payload.split_first_chunk()?;
        let triplets = rest.as_chunks().0.iter().copied().map(CountryTriplet::read).collect();
        Some(Self { string, triplets })
    }
}

impl CountryTriplet {
    /// Reads three octets.
    pub fn read([first, second, third]: [u8; 3]) -> Self {
        if first < 201 {
            Self::Subband {
                first,
                channels: second,
                max_power: third,
            }
        } else {
            Self::Operating {
                extension: first,
                class: second,
                coverage: third,
            }
        }
    }

    /// The three octets.
    pub fn octets(self) -> [u8; 3] {
        match self {
            Self::Subband {
                first,
                channels,
                max_power,
            } => [first, channels, max_power],
            Self::Operating {
                extension,
                class,
                coverage,
            } => [extension, class, coverage],
        }
    }
}

/// Power Constraint (9.4.2.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerConstraint {
    /// Local Power Constraint: dB less than the country's maximum.
    pub decibels: u8,
}

impl PowerConstraint {
    /// Reads the payload: 1 octet.
    pub fn read(payload: &[u8]) -> Option<Self> {
        Cursor(payload).u8().map(|decibels| Self { decibels })
    }
}

/// Transmit Power Envelope (9.4.2.161, IEEE Std 802.11ax-2021).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransmitPowerEnvelope {
    /// Maximum Transmit Power Interpretation (IEEE Std 802.11ax-2021 Table 9-275a): 0 local EIRP, 1 local EIRP PSD, 2 regulatory client EIRP, 3
    /// regulatory client EIRP PSD.
    pub interpretation: u8,
    /// Maximum Transmit Power Category (Table E-13): 0 default, 1 subordinate device.
    pub category: u8,
    /// Maximum Transmit Power Count, bits 0 to 2 of the information field: see [`Self::powers`].
    pub count: u8,
    /// Half dBm for 20, 40, 80 and 160 MHz; or, of a PSD, half dBm/MHz of the whole channel (count 0), or of each 20 MHz.
    pub powers: Vec<i8>,
    /// Extension Maximum Transmit Power (IEEE Std 802.11be-2024): of 320 MHz, or a count and more channels of a PSD.
    pub extension: Vec<u8>,
}

impl TransmitPowerEnvelope {
    /// Reads the payload: 1 octet, and as many powers as it announces.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let information = cursor.u8()?;
        let (count, interpretation) = (information & 7, information >> 3 & 7);
        let powers = cursor.take(Self::announced(count, interpretation)?)?;
        Some(Self {
            interpretation,
            category: information >> 6,
            count,
            powers: powers.iter().map(|power| power.cast_signed()).collect(),
            extension: cursor.0.to_vec(),
        })
    }

    /// Powers of a count: widths up to N of an EIRP, 2 to the power of N - 1 channels of a PSD. `None` where it is reserved.
    pub fn announced(count: u8, interpretation: u8) -> Option<usize> {
        match (interpretation, count) {
            (0 | 2, 0..=3) => Some(usize::from(count) + 1),
            (1 | 3, 0) => Some(1),
            (1 | 3, 1..=4) => Some(1 << (count - 1)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_with_classes() {
        let country = Country::read(b"DE\x04\xc9\x83\x00\x01\x18\x14\x00").unwrap();
        assert_eq!(&country.string, b"DE\x04");
        assert_eq!(
            country.triplets,
            [
                CountryTriplet::Operating {
                    extension: 201,
                    class: 131,
                    coverage: 0
                },
                CountryTriplet::Subband {
                    first: 1,
                    channels: 24,
                    max_power: 20
                }
            ]
        );
        assert_eq!(Country::read(b"DE"), None);
    }

    #[test]
    fn envelopes_by_interpretation() {
        let eirp = TransmitPowerEnvelope::read(&[0x02, 60, 60, 58, 9]).unwrap();
        assert_eq!((eirp.powers, eirp.extension), (vec![60, 60, 58], vec![9]));
        let psd = TransmitPowerEnvelope::read(&[0x5b, 0xf6, 1, 2, 3]).unwrap();
        assert_eq!((psd.interpretation, psd.category), (3, 1));
        assert_eq!(psd.powers, [-10, 1, 2, 3]);
        assert_eq!(TransmitPowerEnvelope::read(&[0x5b, 0xf6, 1, 2]), None);
        assert_eq!(TransmitPowerEnvelope::read(&[0x3f, 1, 2]), None, "reserved");
    }
}
