//! Roaming, quality of service, power and channels.

use super::{
    columns::Column,
    links::told,
    seen::signed,
    sheet::{Cell, Sheet},
};
use crate::profile::{Band, Features, Known, VendorTag, render::text::ranges};

/// OUI of the Wi-Fi Alliance.
const WFA: [u8; 3] = [0x50, 0x6f, 0x9a];

/// Wi-Fi Agile Multiband and Optimized Connectivity share an element (MBO specification 1.2, 4.2).
const MBO: u8 = 22;

pub(super) fn draw(newest: &[&Known], columns: &[Column<'_>], sheet: &mut Sheet) {
    let Some(known) = newest.last() else { return };
    let features = |get: fn(&Features) -> i8| {
        // What any band reports: none of these depends on the radio.
        newest
            .iter()
            .map(|known| told(get(&known.profile.features)))
            .max()
            .flatten()
    };
    let has = |oui: [u8; 3], kind: u8| {
        let tags = newest.iter().flat_map(|known| &known.profile.vendors);
        Some(
            tags.into_iter()
                .any(|tag: &VendorTag| tag.oui == oui && tag.kind == Some(kind)),
        )
    };
    sheet.heading("ROAMING AND TRAFFIC");
    for (label, report, meaning) in [
        ("802.11k", features(|f| f.dot11k), "measures and reports neighbours"),
        (
            "802.11v",
            features(|f| f.dot11v),
            "takes the AP's advice where to roam (BTM)",
        ),
        (
            "802.11r",
            features(|f| f.dot11r),
            "sent a mobility domain: fast transition",
        ),
        (
            "MBO / OCE",
            has(WFA, MBO),
            "Wi-Fi Agile Multiband, Optimized Connectivity",
        ),
        (
            "WMM",
            Some(newest.iter().any(|known| known.profile.radio.wmm)),
            "four classes of traffic",
        ),
        (
            "SCS",
            features(|f| f.dot11aa_scs_support),
            "names streams for the AP to prefer",
        ),
        (
            "MSCS",
            features(|f| f.qos_r1_mscs_support),
            "asks the AP to mirror its own classes",
        ),
    ] {
        let mark = Cell::mark(report);
        sheet.pair_of(label, mark, meaning);
    }
    power(known, newest, columns, sheet);
}

fn power(known: &Known, newest: &[&Known], columns: &[Column<'_>], sheet: &mut Sheet) {
    sheet.heading("POWER AND CHANNELS");
    let mut powers: Vec<_> = newest
        .iter()
        .map(|known| (known.profile.features.min_power, known.profile.features.max_power))
        .filter(|&power| power != (0, 0))
        .map(|(min, max)| format!("{} to {} dBm", signed(min), signed(max)))
        .collect();
    powers.dedup();
    sheet.pair("Transmit power", or_not_reported(powers.join(", ")));
    let mut channels: Vec<_> = newest
        .iter()
        .flat_map(|known| known.profile.features.supported_channels.iter().copied())
        .collect();
    channels.sort_unstable();
    channels.dedup();
    match channels.len() {
        0 => sheet.pair("Channels", "not reported"),
        count => sheet.pair(
            "Channels",
            format!("{}; {count} in all", ranges(&channels).replace('-', "–")),
        ),
    }
    let mut classes = known.profile.radio.operating_classes.clone();
    classes.sort_unstable();
    classes.dedup();
    let runs: Vec<_> = classes
        .chunk_by(|&class, &next| next - class == 1)
        .map(|run| match run {
            [first, _, .., last] => format!("{first}–{last}"),
            few => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        })
        .collect();
    sheet.pair("Operating classes", or_not_reported(runs.join(", ")));
    let mut six: Vec<_> = known
        .profile
        .radio
        .operating_classes
        .iter()
        .filter(|class| matches!(class, 131..=137))
        .collect();
    six.sort();
    six.dedup();
    let classes: Vec<_> = six.iter().map(ToString::to_string).collect();
    let mut six = Vec::new();
    six.extend((!classes.is_empty()).then(|| format!("operating classes {}", classes.join(", "))));
    six.extend(
        columns
            .iter()
            .any(|column| column.band == Band::Ghz6)
            .then(|| "a radio in it".to_owned()),
    );
    let mark = Cell::mark(Some(!six.is_empty()));
    sheet.pair_of("6 GHz", mark, six.join("; "));
    let rates: Vec<_> = newest
        .iter()
        .map(|known| {
            let rates = known.profile.radio.rates.iter();
            rates
                .map(|&rate| super::columns::mbps(f64::from(rate) / 2.0))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    let mut distinct = rates;
    distinct.dedup();
    for rates in distinct {
        let cell = Cell::plain(or_not_reported(rates));
        sheet.pair_of("Legacy rates", cell, "Mb/s");
    }
}

fn or_not_reported(text: String) -> String {
    if text.is_empty() {
        "not reported".to_owned()
    } else {
        text
    }
}
