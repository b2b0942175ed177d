//! MAC addresses.

use std::{fmt, str::FromStr};

/// A MAC address (IEEE Std 802-2014 8.2), written `30:bb:7d:4e:c1:2b`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(pub [u8; 6]);

impl Address {
    /// The address at the start of `octets`, where there are six.
    pub fn read(octets: &[u8]) -> Option<Self> {
        octets.first_chunk().copied().map(Self)
    }

    /// The locally administered bit: made up by the station, in no registry.
    pub fn is_local(self) -> bool {
        self.0[0] & 2 != 0
    }

    /// The group bit: no single station's address.
    pub fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// `30-bb-7d-4e-c1-2b`, the form of file names.
    pub fn dashed(self) -> String {
        self.to_string().replace(':', "-")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// What is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give an address as six pairs of hexadecimal digits: 30:bb:7d:4e:c1:2b")]
pub struct ParseAddressError;

impl FromStr for Address {
    type Err = ParseAddressError;

    /// Reads both forms, in capitals too.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let separator = if text.contains('-') { '-' } else { ':' };
        let mut pairs = text.split(separator);
        let mut address = [0; 6];
        for octet in &mut address {
            let pair = pairs.next().filter(|pair| pair.len() == 2 && !pair.starts_with('+'));
            *octet = pair
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .ok_or(ParseAddressError)?;
        }
        match pairs.next() {
            None => Ok(Self(address)),
            Some(_) => Err(ParseAddressError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_forms() {
        let address = Address::read(&[0x76, 0x32, 0xe8, 0x9e, 0x27, 0xda, 0xff]).unwrap();
        assert_eq!(address.to_string(), "76:32:e8:9e:27:da");
        assert_eq!(address.dashed(), "76-32-e8-9e-27-da");
        assert!(address.is_local() && !address.is_group());
        assert!(Address([0xff; 6]).is_group());
        assert_eq!(Address::read(&[0; 5]), None);
    }

    #[test]
    fn reads_both_forms() {
        let address = Address([0x30, 0xbb, 0x7d, 0x4e, 0xc1, 0x2b]);
        assert_eq!("30:bb:7d:4e:c1:2b".parse(), Ok(address));
        assert_eq!("30-BB-7D-4E-C1-2B".parse(), Ok(address));
        for text in [
            "",
            "30:bb:7d:4e:c1",
            "30:bb:7d:4e:c1:2b:00",
            "30-bb:7d:4e:c1:2b",
            "+3:bb:7d:4e:c1:2b",
            "30bb7d4ec12b",
            "0:bb:7d:4e:c1:2b",
        ] {
            assert_eq!(text.parse::<Address>(), Err(ParseAddressError), "{text}");
        }
    }
}
