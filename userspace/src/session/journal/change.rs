//! The journal as a value.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    dot11::{Address, Channel, ChannelWidth, Tuning},
    nl80211::InterfaceKind,
};

/// The version of the document.
pub(super) const SCHEMA_VERSION: &str = "1.0";

/// An interface, so that another one of its name is not taken for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name when it was written down.
    pub name: String,
    /// Its index; 0 for one that is about to be made.
    pub index: u32,
    /// Its address before anything was changed.
    #[serde(with = "text")]
    pub address: Address,
}

/// A channel as the kernel tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tuned {
    /// The primary channel in MHz.
    pub frequency: u32,
    /// MHz.
    pub width: u16,
}

impl Tuned {
    /// The channel, where there is one.
    #[must_use]
    pub fn tuning(self) -> Option<Tuning> {
        let channel = Channel::at(self.frequency).ok()?;
        let width = ChannelWidth::DOWN.into_iter().find(|width| width.mhz() == self.width)?;
        Tuning::new(channel, width)
    }
}

impl From<Tuning> for Tuned {
    fn from(tuning: Tuning) -> Self {
        Self {
            frequency: tuning.channel().frequency().into(),
            width: tuning.width().mhz(),
        }
    }
}

/// One change, with what was before and what is after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// An interface was made.
    Created {
        /// Which.
        interface: Subject,
    },
    /// Its kind.
    Kind {
        /// Whose.
        interface: Subject,
        /// `managed` mostly.
        #[serde(with = "kind")]
        before: InterfaceKind,
        /// `ap`, `monitor`.
        #[serde(with = "kind")]
        after: InterfaceKind,
    },
    /// Its address.
    Address {
        /// Whose.
        interface: Subject,
        /// As it was.
        #[serde(with = "text")]
        before: Address,
        /// As it is.
        #[serde(with = "text")]
        after: Address,
    },
    /// Up or down.
    Up {
        /// Which.
        interface: Subject,
        /// It was up.
        before: bool,
        /// It is up.
        after: bool,
    },
    /// The channel of a monitor.
    Channel {
        /// Whose.
        interface: Subject,
        /// Where it was; `None` if nowhere, which can't be had again.
        before: Option<Tuned>,
        /// Where it is.
        after: Tuned,
    },
    /// The regulatory domain.
    Country {
        /// Two letters.
        before: String,
        /// Two letters.
        after: String,
    },
    /// `NetworkManager` manages it.
    NetworkManager {
        /// Which.
        interface: Subject,
        /// It did.
        before: bool,
        /// It does.
        after: bool,
    },
}

impl Change {
    /// Its interface; the regulatory domain has none.
    #[must_use]
    pub fn interface(&self) -> Option<&Subject> {
        match self {
            Self::Created { interface }
            | Self::Kind { interface, .. }
            | Self::Address { interface, .. }
            | Self::Up { interface, .. }
            | Self::Channel { interface, .. }
            | Self::NetworkManager { interface, .. } => Some(interface),
            Self::Country { .. } => None,
        }
    }
}

/// What undoing it does: `wlan0: kind ap → managed`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let up = |up: &bool| if *up { "up" } else { "down" };
        let managed = |managed: &bool| if *managed { "managed" } else { "unmanaged" };
        match self.interface() {
            Some(interface) => write!(f, "{}: ", interface.name)?,
            None => write!(f, "regulatory domain: ")?,
        }
        match self {
            Self::Created { .. } => write!(f, "made by airlens → removed"),
            Self::Kind { before, after, .. } => write!(f, "kind {after} → {before}"),
            Self::Address { before, after, .. } => write!(f, "address {after} → {before}"),
            Self::Up { before, after, .. } => write!(f, "{} → {}", up(after), up(before)),
            Self::Channel {
                before: None, after, ..
            } => write!(f, "channel {} MHz → none", after.frequency),
            Self::Channel {
                before: Some(before),
                after,
                ..
            } => write!(
                f,
                "channel {} MHz, {} wide → {} MHz, {} wide",
                after.frequency, after.width, before.frequency, before.width
            ),
            Self::Country { before, after } => write!(f, "{after} → {before}"),
            Self::NetworkManager { before, after, .. } => {
                write!(f, "NetworkManager: {} → {}", managed(after), managed(before))
            }
        }
    }
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What was changed, or is about to be.
    #[serde(flatten)]
    pub change: Change,
    /// Why it could not be undone, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl From<Change> for Entry {
    fn from(change: Change) -> Self {
        Self { change, error: None }
    }
}

/// What a run changed, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// Which start of the machine: nothing of what is here outlives it.
    pub boot_id: String,
    /// The network namespace, by its number in procfs: indices are its own.
    pub network_namespace: u64,
    /// The run's process.
    pub pid: u32,
    /// The wireless device.
    pub phy: String,
    /// The changes.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// Every address that the interface of this index has had.
    pub(super) fn addresses(&self, index: u32) -> impl Iterator<Item = Address> {
        let of = move |change: &Change| change.interface().is_some_and(|interface| interface.index == index);
        let changes = self
            .entries
            .iter()
            .map(|entry| &entry.change)
            .filter(move |change| of(change));
        changes
            .flat_map(|change| match change {
                Change::Address { before, after, .. } => [Some(*before), Some(*after)],
                change => [change.interface().map(|interface| interface.address), None],
            })
            .flatten()
    }
}

/// By its text form.
mod text {
    use std::{fmt::Display, str::FromStr};

    use super::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// By the kind's name.
mod kind {
    use super::{Deserialize, Deserializer, InterfaceKind, Serializer};

    pub(super) fn serialize<S: Serializer>(kind: &InterfaceKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(kind)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InterfaceKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        let mut kinds = (0..=12).map(InterfaceKind::of_number);
        kinds
            .find(|kind| kind.to_string() == name)
            .ok_or_else(|| serde::de::Error::custom(format!("{name:?} is no kind of interface")))
    }
}
