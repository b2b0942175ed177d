//! Kinds of values that settings have, each with its text form.

use std::{fmt, net::SocketAddr, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    air::HopList,
    ap::SecurityMode,
    dot11::{Channel, ChannelWidth},
};

/// How clients are met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptureMode {
    /// By the interface: a monitor listens, a managed one becomes an access point.
    #[default]
    Auto,
    /// No transmission: whatever is on the air.
    Listen,
    /// An access point of airlens's own.
    Ap,
    /// An access point by injected frames, for drivers that can't be one.
    Fakeap,
    /// An access point by the system's hostapd.
    Hostapd,
}

/// Where the programs are attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hook {
    /// The first that works: native XDP, TCX, generic XDP.
    #[default]
    Auto,
    /// XDP in the driver.
    Native,
    /// XDP in the stack.
    Generic,
    /// tc ingress.
    Tc,
}

/// Another program whose files are written too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compat {
    /// wlanpi-profiler.
    Wlanpi,
}

/// What is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What ends or breaks a run.
    Error,
    /// And what harms it.
    Warn,
    /// And what it does.
    #[default]
    Info,
    /// And details.
    Debug,
    /// And every step.
    Trace,
}

/// What is wrong with a value of this module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// No width.
    #[error("{0:?} is no width: choose from 20, 40, 80, 160, 320 (MHz) and auto")]
    Width(String),
    /// No passphrase: it is not repeated.
    #[error("a passphrase has 8 to 63 characters, each from space to ~ (printable ASCII); this one has {0}")]
    Passphrase(String),
    /// No country.
    #[error("{0:?} is no country: give two letters of ISO 3166-1, such as DE or US")]
    Country(String),
}

/// The width of the channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// The widest that the adapter and the rules allow.
    #[default]
    Auto,
    /// This one.
    Mhz(ChannelWidth),
}

impl FromStr for Width {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let width = ChannelWidth::DOWN
            .into_iter()
            .find(|width| width.mhz().to_string() == text);
        width.map(Self::Mhz).ok_or_else(|| ValueError::Width(text.to_owned()))
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Mhz(width) => width.mhz().fmt(f),
        }
    }
}

/// The access point's passphrase (IEEE Std 802.11-2024 J.4.1). Its `Debug` form does not tell it.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(String);

impl Passphrase {
    /// That of wlanpi-profiler.
    pub const DEFAULT: &'static str = "profiler";

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Default for Passphrase {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

impl FromStr for Passphrase {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = |what: String| Err(ValueError::Passphrase(what));
        if !text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
            return wrong("another one".to_owned());
        }
        match text.len() {
            8..=63 => Ok(Self(text.to_owned())),
            length => wrong(length.to_string()),
        }
    }
}

/// A country of ISO 3166-1, or `00` for the rules that hold everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(pub [u8; 2]);

impl FromStr for Country {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.to_ascii_uppercase().as_bytes() {
            &[first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => Ok(Self([first, second])),
            b"00" => Ok(Self(*b"00")),
            _ => Err(ValueError::Country(text.to_owned())),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

/// A value that is written as text, or as the number that the text would be.
pub(super) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<T, D::Error> {
    struct Written;
    impl de::Visitor<'_> for Written {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a number")
        }

        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_u64<E>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_i64<E>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }
    let text = deserializer.deserialize_any(Written)?;
    text.parse().map_err(de::Error::custom)
}

macro_rules! by_text {
    ($type:ty) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parsed(deserializer)
            }
        }
    };
    ($type:ty, $text:expr) => {
        by_text!($type);
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let text: fn(&$type) -> String = $text;
                serializer.serialize_str(&text(self))
            }
        }
    };
}
by_text!(Width, ToString::to_string);
by_text!(SecurityMode, ToString::to_string);
by_text!(HopList, ToString::to_string);
by_text!(Country, ToString::to_string);
by_text!(Passphrase, |passphrase| passphrase.expose().to_owned());

/// An address with a port; fit for command line flags too.
///
/// # Errors
/// It is none; how one looks.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!(
            "{text:?} is no address with its port: write 127.0.0.1:9474, [::1]:9474, or 0.0.0.0:9474 for all interfaces"
        )
    })
}

/// `listen` of a file.
pub(super) fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    listen_address(&text).map(Some).map_err(de::Error::custom)
}

/// A channel as a setting.
pub(super) mod channel {
    use super::{Channel, Deserializer, Serializer};

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Channel>, D::Error> {
        super::parsed(deserializer).map(Some)
    }

    pub(in crate::config) fn serialize<S: Serializer>(
        channel: &Option<Channel>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match channel {
            Some(channel) => serializer.collect_str(channel),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for text in ["auto", "20", "320"] {
            assert_eq!(text.parse::<Width>().unwrap().to_string(), text);
        }
        assert!("30".parse::<Width>().is_err() && "+20".parse::<Width>().is_err());
        assert_eq!("de".parse::<Country>().unwrap().to_string(), "DE");
        assert!(
            ["D", "DEU", "1A", "Ä"]
                .iter()
                .all(|text| text.parse::<Country>().is_err())
        );
    }

    #[test]
    fn passphrases() {
        for (text, fits) in [
            ("profiler", true),
            ("seven77", false),
            ("pass\twords", false),
            ("päßwörter", false),
        ] {
            assert_eq!(text.parse::<Passphrase>().is_ok(), fits, "{text}");
        }
        assert!("x".repeat(63).parse::<Passphrase>().is_ok());
        let error = "x".repeat(64).parse::<Passphrase>().unwrap_err().to_string();
        assert!(error.ends_with("has 64"), "{error}");
        let secret: Passphrase = "correct horse".parse().unwrap();
        assert!(!format!("{secret:?}").contains("horse"));
    }
}
