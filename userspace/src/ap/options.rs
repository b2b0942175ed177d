//! What an access point is to be.

use std::{fmt, str::FromStr};

use crate::dot11::{
    Address, Band, ChannelWidth, Tuning,
    element::{CountryTriplet, Suite},
};

/// Which keys are offered, and so which clients can join.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SecurityMode {
    /// PSK.
    Wpa2,
    /// PSK and FT-PSK.
    FtWpa2,
    /// PSK and SAE.
    Wpa3Mixed,
    /// PSK, FT-PSK, SAE and FT-SAE.
    #[default]
    FtWpa3Mixed,
}

impl SecurityMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Wpa2, Self::FtWpa2, Self::Wpa3Mixed, Self::FtWpa3Mixed];

    /// Its name: `wpa2`, `ft-wpa2`, `wpa3-mixed` or `ft-wpa3-mixed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wpa2 => "wpa2",
            Self::FtWpa2 => "ft-wpa2",
            Self::Wpa3Mixed => "wpa3-mixed",
            Self::FtWpa3Mixed => "ft-wpa3-mixed",
        }
    }

    /// Fast BSS transition is offered.
    #[must_use]
    pub fn fast_transition(self) -> bool {
        matches!(self, Self::FtWpa2 | Self::FtWpa3Mixed)
    }

    /// SAE is offered: in the WPA3 modes, and in 6 GHz always (12.12.2).
    #[must_use]
    pub fn sae(self, band: Band) -> bool {
        band == Band::Ghz6 || matches!(self, Self::Wpa3Mixed | Self::FtWpa3Mixed)
    }

    /// The AKM suites, in the order of their numbers. In 6 GHz SAE and FT-SAE alone (12.12.2).
    #[must_use]
    pub fn akms(self, band: Band) -> Vec<Suite> {
        let (psk, sae) = (band != Band::Ghz6, self.sae(band));
        [
            (2, psk),
            (4, psk && self.fast_transition()),
            (8, sae),
            (9, sae && self.fast_transition()),
        ]
        .into_iter()
        .filter_map(|(kind, offered)| offered.then_some(Suite([0x00, 0x0f, 0xac, kind])))
        .collect()
    }
}

impl fmt::Display for SecurityMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SecurityMode {
    type Err = ApError;

    fn from_str(text: &str) -> Result<Self, ApError> {
        let mut all = Self::ALL.into_iter();
        all.find(|mode| mode.name() == text)
            .ok_or_else(|| ApError::SecurityMode(text.to_owned()))
    }
}

/// An access point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApOptions {
    /// Its address. With [`Self::multi_link`] that of the MLD too.
    pub bssid: Address,
    /// The network's name, 1 to 32 octets.
    pub ssid: Vec<u8>,
    /// Its channel and how wide it is; what clients can do besides is asked for by capabilities, which name every width of
    /// the band.
    pub tuning: Tuning,
    /// The regulatory domain's country, two capitals; `00`, the world's, announces none.
    pub country: [u8; 2],
    /// The channels of the band that clients may use, for the Country element; empty: those of [`Self::tuning`], with
    /// [`Self::max_power`].
    pub subbands: Vec<CountryTriplet>,
    /// The most EIRP that is allowed on the channel, in dBm.
    pub max_power: u8,
    /// The most EIRP density that is allowed to clients in 6 GHz, in dBm/MHz.
    pub psd: i8,
    /// The keys that it offers.
    pub security: SecurityMode,
    /// The network's passphrase, 8 to 63 printable ASCII characters.
    pub passphrase: String,
    /// 802.11ax, HE: without it there is no EHT either.
    pub ax: bool,
    /// 802.11be, EHT.
    pub be: bool,
    /// The text of the vendor element that names the program and its version; `None` for no such element.
    pub version_element: Option<String>,
    /// Between two beacons, in TU of 1,024 µs.
    pub beacon_interval: u16,
    /// Every how many beacons one is a DTIM.
    pub dtim_period: u8,
    /// The access point is an MLD of this one link.
    pub multi_link: bool,
}

impl ApOptions {
    /// An access point with what is usual: HE and EHT, every key, 100 TU, a DTIM every third beacon, passphrase `profiler`,
    /// no country, 20 dBm, no version.
    #[must_use]
    pub fn new(bssid: Address, ssid: &[u8], tuning: Tuning) -> Self {
        Self {
            bssid,
            ssid: ssid.to_vec(),
            tuning,
            country: *b"00",
            subbands: Vec::new(),
            max_power: 20,
            // What the FCC allows a client of an indoor AP, the least of the known rules (47 CFR 15.407).
            psd: -1,
            security: SecurityMode::default(),
            passphrase: "profiler".to_owned(),
            ax: true,
            be: true,
            version_element: None,
            beacon_interval: 100,
            dtim_period: 3,
            multi_link: false,
        }
    }

    /// The most triplets of a Country element: three octets each, behind three.
    pub(super) const TRIPLETS: usize = 83;

    /// It says in which country it is.
    #[must_use]
    pub fn has_country(&self) -> bool {
        self.country != *b"00"
    }

    /// Its band.
    #[must_use]
    pub fn band(&self) -> Band {
        self.tuning.channel().band()
    }

    /// It announces EHT.
    #[must_use]
    pub fn eht(&self) -> bool {
        self.ax && self.be
    }

    /// Whether there can be such an access point.
    ///
    /// # Errors
    ///
    /// What there can't be.
    pub fn check(&self) -> Result<(), ApError> {
        let printable = self.passphrase.bytes().all(|octet| matches!(octet, 0x20..=0x7e));
        let country = !self.has_country() || self.country.iter().all(u8::is_ascii_uppercase);
        let (band, width) = (self.band(), self.tuning.width());
        let refused = [
            (self.bssid.is_group(), ApError::Bssid(self.bssid)),
            (!matches!(self.ssid.len(), 1..=32), ApError::Ssid(self.ssid.len())),
            (
                !printable || !matches!(self.passphrase.len(), 8..=63),
                ApError::Passphrase,
            ),
            (!country, ApError::Country),
            (
                self.beacon_interval == 0 || self.dtim_period == 0,
                ApError::BeaconInterval,
            ),
            (
                self.version_element
                    .as_ref()
                    .is_some_and(|text| text.len() > ApError::VERSION),
                ApError::Version,
            ),
            (
                band == Band::Ghz2 && self.tuning.channel().number() == 14,
                ApError::Channel14,
            ),
            (band == Band::Ghz6 && !self.ax, ApError::SixGhzNeedsHe),
            (width == ChannelWidth::Mhz320 && !self.eht(), ApError::WidthNeedsEht),
            (self.multi_link && !self.eht(), ApError::MultiLinkNeedsEht),
        ];
        refused
            .into_iter()
            .find_map(|(refused, error)| refused.then_some(error))
            .map_or(Ok(()), Err)
    }
}

/// What no access point can be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApError {
    /// Not an address of one station.
    #[error("{0} is a group's address: an access point's has an even first octet, as 02:00:00:00:00:01 has")]
    Bssid(Address),
    /// No name, or too long a one.
    #[error("an SSID has 1 to 32 octets, this one has {0}: choose another name")]
    Ssid(usize),
    /// Too short, too long, or with characters that a passphrase can't have.
    #[error("a passphrase has 8 to 63 printable ASCII characters: choose another one")]
    Passphrase,
    /// No country's code.
    #[error("a country is two capital letters, as in `US`; 00 for none")]
    Country,
    /// No time between beacons.
    #[error("beacon interval and DTIM period are 1 at the least: 100 and 3 are usual")]
    BeaconInterval,
    /// More than a vendor element holds.
    #[error("the text of the version element has {max} octets at the most: shorten it", max = Self::VERSION)]
    Version,
    /// No mode's name.
    #[error("{0:?} is no security mode: there are wpa2, ft-wpa2, wpa3-mixed and ft-wpa3-mixed")]
    SecurityMode(String),
    /// A channel of 802.11b alone.
    #[error("channel 14 is for 802.11b alone: choose 1 to 13")]
    Channel14,
    /// 6 GHz is of HE and newer stations (26.17.2.1).
    #[error("in 6 GHz there is no network without 802.11ax: leave it on, or choose a channel of 2.4 or 5 GHz")]
    SixGhzNeedsHe,
    /// 320 MHz came with EHT.
    #[error("320 MHz are of 802.11be: leave it on, or choose 160 MHz")]
    WidthNeedsEht,
    /// Multi-link came with EHT.
    #[error("multi-link is of 802.11be: leave it on, or leave multi-link off")]
    MultiLinkNeedsEht,
}

impl ApError {
    /// The most octets of a version element's text.
    pub const VERSION: usize = 64;
}
