//! Texts from the air.

use serde::{Serialize, Serializer};

use crate::profile::printable;

/// What a device calls itself, as sent: any octets. In JSON as text, with a replacement for what is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AirText(pub Vec<u8>);

impl AirText {
    pub(super) fn of(octets: Option<&[u8]>) -> Option<Self> {
        octets.map(|octets| Self(octets.to_vec()))
    }

    /// As text, with a replacement for what is not UTF-8. Not for a terminal: it may hold control characters.
    pub fn lossy(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// As text that a terminal may show: control characters and the like are escaped.
    pub fn printable(&self) -> String {
        printable(&self.lossy())
    }

    /// As hexadecimal digits, where it is not UTF-8.
    pub fn hex(&self) -> Option<String> {
        std::str::from_utf8(&self.0).is_err().then(|| hex(&self.0))
    }
}

impl Serialize for AirText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.lossy())
    }
}

/// `0aff`.
pub(super) fn hex(octets: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    octets
        .iter()
        .flat_map(|octet| [digit(octet >> 4), digit(octet & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names() {
        let name = AirText(b"TV\x1b[2J\xff".to_vec());
        assert_eq!(name.printable(), "TV\\u{1b}[2J\u{fffd}");
        assert_eq!(name.hex().as_deref(), Some("54561b5b324aff"));
        assert_eq!(serde_json::to_value(&name).unwrap(), "TV\u{1b}[2J\u{fffd}");
        let plain = AirText("Küche".as_bytes().to_vec());
        assert_eq!((plain.printable().as_str(), plain.hex()), ("Küche", None));
    }
}
