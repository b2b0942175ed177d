//! What it asks for in security.

use super::sheet::{Cell, Sheet};
use crate::{
    dot11::element::{akm_name, cipher_name},
    profile::{Known, Profile, Security},
};

/// AKMs, pairwise ciphers and frame protection, in one line.
pub(super) fn summary(profile: &Profile) -> String {
    let security = &profile.security;
    if *security == Security::default() {
        return "no RSN: open, or older than WPA2".to_owned();
    }
    let mut parts = vec![format!("{} ({})", security.names(), family(security))];
    let ciphers: Vec<_> = security.pairwise.iter().map(|&kind| name(kind, cipher_name)).collect();
    parts.extend((!ciphers.is_empty()).then(|| ciphers.join(", ")));
    parts.push(protection(security).to_owned());
    parts.join(" · ")
}

/// The Wi-Fi Alliance's name of what the AKMs make.
fn family(security: &Security) -> &'static str {
    let any = |kinds: &[u8]| security.akms.iter().any(|akm| kinds.contains(akm));
    match () {
        () if any(&[12, 13]) => "WPA3-Enterprise 192-bit",
        () if any(&[8, 9, 24, 25]) && any(&[2, 4, 6]) => "WPA3- or WPA2-Personal",
        () if any(&[8, 9, 24, 25]) => "WPA3-Personal",
        () if any(&[18]) => "Enhanced Open",
        () if any(&[2, 4, 6]) => "WPA2-Personal",
        () if any(&[1, 3, 5]) => "WPA2- or WPA3-Enterprise",
        () if any(&[14, 15, 16, 17]) => "FILS",
        () => "of no known family",
    }
}

fn protection(security: &Security) -> &'static str {
    match (security.protection_capable, security.protection_required) {
        (_, Some(true)) => "PMF required",
        (Some(true), _) => "PMF capable",
        _ => "no PMF",
    }
}

pub(super) fn draw(newest: &[&Known], sheet: &mut Sheet) {
    let mut told: Vec<&Profile> = Vec::new();
    for known in newest {
        let profile = &known.profile;
        let same = |other: &&Profile| {
            other.security == profile.security && other.features.rsnx_sae_h2e == profile.features.rsnx_sae_h2e
        };
        if !told.iter().any(same) {
            told.push(profile);
        }
    }
    for profile in &told {
        let band = super::columns::band_name(profile.band);
        match told.len() {
            1 => sheet.heading("SECURITY"),
            _ => sheet.heading(format!("SECURITY in {band}")),
        }
        one(profile, sheet);
    }
}

fn one(profile: &Profile, sheet: &mut Sheet) {
    let security = &profile.security;
    if *security == Security::default() {
        return sheet.pair("RSN", "none: an open network, or one older than WPA2");
    }
    let akms: Vec<_> = security
        .akms
        .iter()
        .map(|&akm| format!("{} ({akm})", name(akm, akm_name)))
        .collect();
    sheet.pair_of("Key management", Cell::plain(or_none(&akms)), family(security));
    let list = |kinds: &[u8]| {
        let names: Vec<_> = kinds
            .iter()
            .map(|&kind| format!("{} ({kind})", name(kind, cipher_name)))
            .collect();
        or_none(&names)
    };
    sheet.pair("Pairwise ciphers", list(&security.pairwise));
    sheet.pair("Group cipher", list(security.group.as_slice()));
    let any = |kinds: &[u8]| Some(security.akms.iter().any(|akm| kinds.contains(akm)));
    let rows = [
        (
            "PMF capable",
            security.protection_capable,
            "802.11w: management frames protected",
        ),
        ("PMF required", security.protection_required, ""),
        (
            "SAE hash-to-element",
            super::links::told(profile.features.rsnx_sae_h2e),
            "a must in 6 GHz",
        ),
        (
            "Fast transition",
            any(&[3, 4, 9, 13, 16, 17, 19, 25]),
            "802.11r: roams without a full handshake",
        ),
        ("FILS", any(&[14, 15, 16, 17]), "fast initial link set-up"),
    ];
    for (label, report, meaning) in rows {
        let mark = Cell::mark(report);
        sheet.pair_of(label, mark, meaning);
    }
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() {
        return "none told".to_owned();
    }
    names.join(", ")
}

fn name(kind: u8, name: fn(u8) -> Option<&'static str>) -> String {
    name(kind).map_or_else(|| "unknown".to_owned(), str::to_owned)
}
