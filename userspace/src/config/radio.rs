//! The settings of the radio and of the access point, checked against each other.

use super::{
    CaptureMode, Config, ConfigError, Country, Layer, Origin, Passphrase, SecurityMode, Warning, Width,
    check::{Problems, wrong},
    needs::changed,
};
use crate::dot11::{Address, Band, Channel, ChannelWidth, Tuning};

/// The name of the access point's network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ssid {
    /// `Profiler`, and the last three digits of an address.
    #[default]
    Default,
    /// The system's host name.
    Hostname,
    /// This one: 1 to 32 octets.
    Named(String),
}

impl Ssid {
    /// The name: `address` is that of `eth0` where there is one, else of the Wi-Fi interface. A longer host name is cut.
    #[must_use]
    pub fn name(&self, address: Address, hostname: &str) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::Hostname if !hostname.is_empty() => {
                let end = (0..=hostname.len().min(32)).rfind(|end| hostname.is_char_boundary(*end));
                hostname.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
            }
            Self::Default | Self::Hostname => {
                let [.., last, end] = address.0;
                format!("Profiler {:x}{end:02x}", last & 0xf)
            }
        }
    }
}

/// Checked settings of the radio and of the access point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Radio {
    /// How clients are met.
    pub mode: CaptureMode,
    /// The channel asked for; listening stays where the radio is without one, an access point takes [`Radio::CHANNEL`].
    pub channel: Option<Channel>,
    /// The width asked for; `None`: the widest that adapter and rules allow.
    pub width: Option<ChannelWidth>,
    /// The network's name.
    pub ssid: Ssid,
    /// Its passphrase.
    pub passphrase: Passphrase,
    /// How it is protected.
    pub security_mode: SecurityMode,
    /// It announces 802.11ax.
    pub ax: bool,
    /// It announces 802.11be.
    pub be: bool,
    /// Where it can be several links' access point, it says that it is.
    pub multi_link: bool,
    /// It carries the vendor element with the version.
    pub profiler_element: bool,
    /// Interfaces are prepared; else they are used as they are.
    pub interface_prep: bool,
    /// The regulatory domain to set.
    pub country: Option<Country>,
}

impl Default for Radio {
    fn default() -> Self {
        check(&Layer::default(), &mut Problems::default())
    }
}

/// Checks these settings of `layer`.
pub(super) fn check(layer: &Layer, problems: &mut Problems) -> Radio {
    let channel = problems.keep(channel(layer));
    let mode = layer.mode.unwrap_or_default();
    let security_mode = layer.security_mode.unwrap_or_default();
    let ax = layer.ax.unwrap_or(true);
    let radio = Radio {
        mode,
        channel,
        width: problems.keep(width(layer.width.unwrap_or_default(), channel)),
        ssid: problems.keep(ssid(layer)),
        passphrase: layer.passphrase.clone().unwrap_or_default(),
        security_mode,
        ax,
        // Wi-Fi 7 asks for WPA3; who wants it without, for a test, says so.
        be: ax && layer.be.unwrap_or(!wpa2_only(security_mode)),
        multi_link: layer.multi_link.unwrap_or(true),
        profiler_element: layer.profiler_element.unwrap_or(true),
        interface_prep: layer.interface_prep.unwrap_or(true),
        country: layer.country,
    };
    if !matches!(mode, CaptureMode::Auto | CaptureMode::Listen) {
        problems.0.extend(radio.hindrances());
    }
    radio
}

/// No SAE is offered.
pub(super) fn wpa2_only(mode: SecurityMode) -> bool {
    !mode.sae(Band::Ghz5)
}

fn channel(layer: &Layer) -> Result<Option<Channel>, ConfigError> {
    match (layer.channel, layer.frequency) {
        (Some(_), Some(_)) => wrong("frequency", "channel says the same in another way: keep one of the two"),
        (channel, None) => Ok(channel),
        (None, Some(frequency)) => match Channel::at(frequency) {
            Ok(channel) => Ok(Some(channel)),
            Err(error) => wrong("frequency", error.to_string()),
        },
    }
}

fn width(width: Width, channel: Option<Channel>) -> Result<Option<ChannelWidth>, ConfigError> {
    let Width::Mhz(width) = width else {
        return Ok(None);
    };
    let channel = channel.unwrap_or(Radio::CHANNEL);
    if Tuning::new(channel, width).is_some() {
        return Ok(Some(width));
    }
    let widths = ChannelWidth::DOWN.iter().rev();
    let possible: Vec<_> = widths
        .filter(|width| Tuning::new(channel, **width).is_some())
        .map(|width| width.mhz().to_string())
        .collect();
    wrong(
        "width",
        format!(
            "channel {channel} has no {} MHz: choose from {} and auto",
            width.mhz(),
            possible.join(", ")
        ),
    )
}

fn ssid(layer: &Layer) -> Result<Ssid, ConfigError> {
    match (&layer.ssid, layer.hostname_ssid.unwrap_or(false)) {
        (Some(_), true) => wrong("hostname_ssid", "ssid names the network already: keep one of the two"),
        (Some(name), false) if (1..=32).contains(&name.len()) => Ok(Ssid::Named(name.clone())),
        (Some(name), false) => wrong(
            "ssid",
            format!("a network's name has 1 to 32 octets; {name:?} has {}", name.len()),
        ),
        (None, true) => Ok(Ssid::Hostname),
        (None, false) => Ok(Ssid::Default),
    }
}

impl Radio {
    /// An access point's channel unless another is asked for.
    pub const CHANNEL: Channel = Channel::DEFAULT;

    /// The access point's channel.
    #[must_use]
    pub fn ap_channel(&self) -> Channel {
        self.channel.unwrap_or(Self::CHANNEL)
    }

    /// What hinders an access point with these settings. Settings with a mode that transmits are checked for it; who
    /// resolves [`CaptureMode::Auto`] to one asks.
    #[must_use]
    pub fn hindrances(&self) -> Vec<ConfigError> {
        let channel = self.ap_channel();
        let mut found = Vec::new();
        let mut hindrance = |key, message: &str| found.extend(wrong::<()>(key, message).err());
        match channel.band() {
            Band::Ghz6 if !self.ax => hindrance(
                "ax",
                "6 GHz is for 802.11ax and newer alone: leave 802.11ax on, or take another band",
            ),
            Band::Ghz2 if channel.number() == 14 => {
                hindrance(
                    "channel",
                    "on channel 14 only 802.11b may transmit: choose from 1 to 13, or listen there (mode listen)",
                );
            }
            _ => {}
        }
        if channel.band() == Band::Ghz6 && wpa2_only(self.security_mode) {
            hindrance(
                "security_mode",
                "6 GHz takes WPA3 alone: choose wpa3-mixed or ft-wpa3-mixed, of which SAE is announced there",
            );
        }
        found
    }
}

impl Config {
    /// What is odd about these settings, which `layer` has: options of an access point where there is none, and the like.
    /// `origin` tells where a key was set.
    pub(super) fn warnings(&self, layer: &Layer, origin: impl Fn(&str) -> Origin) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let radio = &self.radio;
        let no_wifi = self.interface.is_none() && !self.data.is_empty();
        if radio.mode == CaptureMode::Listen || no_wifi {
            let unused = changed(layer, |key| key.access_point);
            let why = if no_wifi { "without -i" } else { "in listen mode" };
            if !unused.is_empty() {
                warnings.push(Warning {
                    origin: Origin::Default,
                    message: format!("{why} there is no access point: not used are {}", unused.join(", ")),
                });
            }
            return warnings;
        }
        let mut warn = |key: &str, message: &str| {
            let (origin, message) = (origin(key), format!("{key}: {message}"));
            warnings.push(Warning { origin, message });
        };
        if radio.be && wpa2_only(radio.security_mode) {
            warn(
                "be",
                "802.11be asks for WPA3 (security_mode wpa3-mixed): clients may ignore it, fit for tests only",
            );
        } else if layer.be == Some(true) && !radio.ax {
            warn("be", "not announced without 802.11ax: leave ax on");
        }
        if radio.mode == CaptureMode::Auto {
            for hindrance in radio.hindrances() {
                if let ConfigError::Value { key, message, .. } = hindrance {
                    warn(key, &format!("{message} (an access point fails so)"));
                }
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_networks() {
        let address = "00:11:22:33:4a:0c".parse().unwrap();
        assert_eq!(Ssid::Default.name(address, "pi"), "Profiler a0c");
        assert_eq!(Ssid::Hostname.name(address, "pi"), "pi");
        assert_eq!(Ssid::Hostname.name(address, ""), "Profiler a0c");
        let long = format!("{}é", "x".repeat(31));
        assert_eq!(Ssid::Hostname.name(address, &long), "x".repeat(31));
        assert_eq!(Ssid::Named("café".into()).name(address, "pi"), "café");
    }
}
