//! Files of devices.
//!
//! ```toml
//! [[device]]
//! name = "Maker Model"              # once for a device, with all its signatures
//! source = "heard on 2026-11-21"    # optional, as notes
//!
//! [[device.signature]]
//! band = "5GHz"                     # optional: 2.4GHz, 5GHz, 6GHz
//! kind = "0123456789"               # optional: the kind of device as airlens prints it
//! probe = "0,1,45,htcap:012c,…"     # optional
//! assoc = "0,1,33,txpow:*,…"        # * stands for what varies
//! ```
//!
//! Two files behind each other are a file. Lines in the manner of wifi_taxonomy are read too: a signature
//! `wifi4|probe:…|assoc:…`, a tab, and the name.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Device, Devices, KnownSignature, Pattern, PatternError};
use crate::profile::{Band, Profile};

/// Names are for people, and stand in tables.
const LONGEST_NAME: usize = 100;

/// The devices that come with the program.
const SHIPPED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/devices.toml"));

/// What is wrong with a file of devices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct DeviceFileError {
    /// From 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    device: Vec<toml::Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    source: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    signature: Vec<toml::Spanned<Signature>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    band: Option<String>,
    kind: Option<String>,
    probe: Option<String>,
    assoc: String,
}

impl Devices {
    /// The devices that come with the program.
    ///
    /// # Errors
    ///
    /// None for a file that the tests have read.
    pub fn shipped() -> Result<Self, DeviceFileError> {
        let mut devices = Self::default();
        devices.read(SHIPPED)?;
        Ok(devices)
    }

    /// Adds the devices of a file. Gives their number.
    ///
    /// # Errors
    ///
    /// [`DeviceFileError`]; none of the file's devices is added.
    pub fn read(&mut self, text: &str) -> Result<usize, DeviceFileError> {
        let first = text.lines().find(|line| told(line)).unwrap_or_default();
        let devices = if first.contains('\t') && first.contains("assoc:") {
            lines(text)?
        } else {
            tables(text)?
        };
        let read = devices.len();
        for device in devices {
            self.add(device);
        }
        Ok(read)
    }
}

fn told(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

fn tables(text: &str) -> Result<Vec<Device>, DeviceFileError> {
    let error = |at: usize, problem: String| DeviceFileError {
        line: text.get(..at).unwrap_or_default().matches('\n').count() + 1,
        problem,
    };
    let file: File = toml::from_str(text)
        .map_err(|wrong| error(wrong.span().map_or(0, |span| span.start), wrong.message().to_owned()))?;
    let mut devices = Vec::new();
    for entry in file.device {
        let at = entry.span().start;
        let entry = entry.into_inner();
        name(&entry.name).map_err(|problem| error(at, problem))?;
        if entry.signature.is_empty() {
            return Err(error(at, format!("{} has no [[device.signature]]", entry.name)));
        }
        let signatures = entry
            .signature
            .into_iter()
            .map(|signature| {
                let at = signature.span().start;
                known(signature.into_inner()).map_err(|problem| error(at, problem))
            })
            .collect::<Result<_, _>>()?;
        devices.push(Device {
            name: entry.name,
            source: entry.source,
            notes: entry.notes,
            signatures,
        });
    }
    Ok(devices)
}

fn known(signature: Signature) -> Result<KnownSignature, String> {
    let band = match signature.band.as_deref() {
        None => None,
        Some(name) => Some(
            [Band::Ghz2, Band::Ghz5, Band::Ghz6]
                .into_iter()
                .find(|band| band.name() == Some(name))
                .ok_or_else(|| format!("{name:?} is no band: write 2.4GHz, 5GHz or 6GHz"))?,
        ),
    };
    let kind = signature.kind.map(|kind| kind.parse()).transpose();
    let text = match &signature.probe {
        Some(probe) => format!("wifi4|probe:{probe}|assoc:{}", signature.assoc),
        None => signature.assoc,
    };
    Ok(KnownSignature {
        band,
        kind: kind.map_err(|error: super::ParseKindError| error.to_string())?,
        pattern: Pattern::parse(&text).map_err(|error| error.to_string())?,
    })
}

fn lines(text: &str) -> Result<Vec<Device>, DeviceFileError> {
    let mut devices = Vec::new();
    for (line, number) in text.lines().zip(1..).filter(|(line, _)| told(line)) {
        let error = |problem: String| DeviceFileError { line: number, problem };
        let (signature, called) = line
            .split_once('\t')
            .ok_or_else(|| error("no tab: write the signature, a tab and the device's name".to_owned()))?;
        let called = called.trim();
        name(called).map_err(error)?;
        let pattern = Pattern::parse(signature).map_err(|wrong: PatternError| error(wrong.to_string()))?;
        devices.push(Device {
            name: called.to_owned(),
            source: None,
            notes: None,
            signatures: vec![KnownSignature {
                band: None,
                kind: None,
                pattern,
            }],
        });
    }
    Ok(devices)
}

fn name(name: &str) -> Result<(), String> {
    if name.trim().is_empty() || name.len() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(format!(
            "{name:?} is no name: write 1 to {LONGEST_NAME} characters, maker and model"
        ));
    }
    Ok(())
}

/// The entry of a device that these profiles are of, to paste into a file of devices: one signature for each that differs.
#[must_use]
pub fn entry(name: &str, source: &str, profiles: &[Profile]) -> String {
    // As TOML writes them, quotes included.
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut entry = format!("[[device]]\nname = {}\nsource = {}\n", quoted(name), quoted(source));
    let mut signatures: Vec<String> = Vec::new();
    for profile in profiles {
        let mut signature = String::new();
        // Writing to a string never fails.
        if let Some(band) = profile.band.name() {
            let _ = writeln!(signature, "band = {}", quoted(band));
        }
        if let Some(kind) = profile.device_kind {
            let _ = writeln!(signature, "kind = \"{kind}\"");
        }
        if let Some(probe) = &profile.signature.probe {
            let _ = writeln!(signature, "probe = {}", quoted(probe));
        }
        let _ = writeln!(signature, "assoc = {}", quoted(&profile.signature.assoc));
        if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }
    for signature in signatures {
        let _ = write!(entry, "\n[[device.signature]]\n{signature}");
    }
    entry
}
