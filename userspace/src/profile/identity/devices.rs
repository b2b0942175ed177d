//! Which device a client is, by the signatures of those that are known.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::{DeviceKind, Pattern, pattern::core};
use crate::profile::{Band, Profile};

/// A device that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it is called: maker and model, and the version of its software where that matters.
    pub name: String,
    /// Where the signatures come from.
    pub source: Option<String>,
    /// What else is worth to know.
    pub notes: Option<String>,
    /// What its requests look like.
    pub signatures: Vec<KnownSignature>,
}

/// One signature of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSignature {
    /// The band that it was heard on; any where not told.
    pub band: Option<Band>,
    /// The kind of device, where told: what the lines do not show, as HE Capabilities, must be alike too.
    pub kind: Option<DeviceKind>,
    /// The requests.
    pub pattern: Pattern,
}

/// How a device was recognised, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Its probe request and its association request are as known.
    Joined,
    /// Its association request is as known.
    Assoc,
    /// Its association request is as known but for what follows the network: the same kind of device.
    Similar,
}

impl How {
    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Assoc => "assoc",
            Self::Similar => "similar",
        }
    }
}

/// What a client may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The devices that fit equally well, sorted; one at the least.
    pub names: Vec<String>,
    /// How they fit.
    pub how: How,
}

impl Recognised {
    /// The device, where only one fits.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.names[..] {
            [name] => Some(name),
            _ => None,
        }
    }
}

/// Every device that is known.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    devices: Vec<Device>,
    /// Places of signatures (device, signature) by the association request, for those without `*`.
    exact: HashMap<String, Vec<Place>>,
    /// Those with `*`.
    patterns: Vec<Place>,
    /// By kind.
    kinds: HashMap<DeviceKind, Vec<Place>>,
    /// By what is left without the network's part, for those that tell no kind.
    cores: HashMap<String, Vec<Place>>,
}

type Place = (usize, usize);

impl Devices {
    /// Adds a device. Another one of the same name is the same device.
    pub fn add(&mut self, device: Device) {
        let index = self.devices.len();
        for (number, signature) in device.signatures.iter().enumerate() {
            let place = (index, number);
            if signature.pattern.assoc.contains('*') {
                self.patterns.push(place);
            } else {
                self.exact
                    .entry(signature.pattern.assoc.clone())
                    .or_default()
                    .push(place);
            }
            if let Some(kind) = signature.kind {
                self.kinds.entry(kind).or_default().push(place);
            } else if let Some(core) = core(&signature.pattern.assoc) {
                self.cores.entry(core).or_default().push(place);
            }
        }
        self.devices.push(device);
    }

    /// Those that there are, in the order in which they were added.
    #[must_use]
    pub fn all(&self) -> &[Device] {
        &self.devices
    }

    /// The device whose requests are like a profile's: both requests, else the association request, else the kind. Those
    /// that were heard on other bands only fit by kind.
    #[must_use]
    pub fn recognise(&self, profile: &Profile) -> Option<Recognised> {
        let signature = &profile.signature;
        let exact = self.exact.get(&signature.assoc).into_iter().flatten();
        let fitting: Vec<_> = exact
            .chain(&self.patterns)
            .filter(|place| {
                let known = self.at(**place);
                known.is_some_and(|known| {
                    known.pattern.fits_assoc(signature)
                        && known.band.is_none_or(|band| band == profile.band)
                        && known.kind.is_none_or(|kind| Some(kind) == profile.device_kind)
                })
            })
            .collect();
        let joined = fitting
            .iter()
            .filter(|place| {
                self.at(***place)
                    .is_some_and(|known| known.pattern.fits_joined(signature))
            })
            .copied();
        self.recognised(joined, How::Joined)
            .or_else(|| self.recognised(fitting.iter().copied(), How::Assoc))
            .or_else(|| {
                let kinds = profile.device_kind.and_then(|kind| self.kinds.get(&kind));
                let core = (!self.cores.is_empty()).then(|| core(&signature.assoc));
                let cores = core.flatten().and_then(|core| self.cores.get(&core));
                self.recognised(kinds.into_iter().chain(cores).flatten(), How::Similar)
            })
    }

    fn at(&self, (device, signature): Place) -> Option<&KnownSignature> {
        self.devices.get(device)?.signatures.get(signature)
    }

    fn recognised<'a>(&self, places: impl Iterator<Item = &'a Place>, how: How) -> Option<Recognised> {
        let names: BTreeSet<_> = places
            .filter_map(|(device, _)| Some(self.devices.get(*device)?.name.as_str()))
            .collect();
        (!names.is_empty()).then(|| Recognised {
            names: names.into_iter().map(str::to_owned).collect(),
            how,
        })
    }
}
