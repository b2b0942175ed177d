//! Its radios at their fastest, and how a multi-link device uses several.

use super::{
    columns::{Column, mbps},
    sheet::{Cell, Sheet, Tone},
};
use crate::profile::{Features, Known};

pub(super) fn draw(newest: &[&Known], columns: &[Column<'_>], sheet: &mut Sheet) {
    let multi_link = newest.iter().find(|known| known.profile.features.dot11be_mle == 1);
    sheet.heading(if multi_link.is_some() { "LINKS" } else { "RADIOS" });
    let rows: Vec<_> = columns.iter().map(row).collect();
    let headers = [
        "Band", "Link", "Channel", "Address", "Width", "Streams", "MCS", "Max Mb/s",
    ];
    sheet.table(&headers, rows);
    if let Some(known) = multi_link {
        device(known, columns, sheet);
    }
}

fn row(column: &Column<'_>) -> Vec<Cell> {
    let best = column.fastest();
    let text = |value: Option<String>| value.map_or_else(|| Cell::new("?", Tone::Faint), Cell::plain);
    vec![
        Cell::plain(column.name),
        Cell::plain(column.link.map_or_else(|| "asked".to_owned(), |link| link.to_string())),
        text((column.channel != 0).then(|| column.channel.to_string())),
        text(column.mac.map(|mac| mac.to_string())),
        text(best.map(|best| format!("{} MHz", best.width))),
        text(best.map(|best| best.streams.to_string())),
        text(best.map(|best| best.mcs.map_or_else(|| "–".to_owned(), |mcs| mcs.to_string()))),
        text(best.map(|best| mbps(best.mbps))),
    ]
}

fn device(known: &Known, columns: &[Column<'_>], sheet: &mut Sheet) {
    let Features {
        dot11be_mle_max_simultaneous_links: simultaneous,
        dot11be_mle_emlsr_support: emlsr,
        dot11be_mle_emlsr_padding_delay: padding,
        dot11be_mle_emlsr_transition_delay: transition,
        dot11be_mle_emlmr_support: emlmr,
        dot11be_mle_t2lm_negotiation_support: t2lm,
        dot11be_mle_link_reconfig_support: reconfiguration,
        ..
    } = known.profile.features;
    if let Some(mld) = known.profile.mld {
        sheet.pair_of("MLD address", Cell::plain(mld.to_string()), super::identity::kind(mld));
    }
    if let Ok(more) = u8::try_from(simultaneous) {
        let text = match together(&known.profile.features, columns) {
            Some((count, rate)) => format!("{count}: {} Mb/s together", mbps(rate)),
            None => more.saturating_add(1).to_string(),
        };
        let meaning = if more > 0 {
            "at the same time (STR or NSTR)"
        } else {
            "single radio"
        };
        sheet.pair_of("Links at once", Cell::plain(text), meaning);
    }
    let mark = Cell::mark(told(emlsr));
    let delays = match (padding, transition) {
        (-1, _) | (_, -1) => "listens on several links, moves to one".to_owned(),
        _ => format!("padding {}, transition {}", delay(padding, 16), delay(transition, 8)),
    };
    sheet.pair_of("EMLSR", mark, delays);
    let mark = Cell::mark(told(emlmr));
    sheet.pair_of("EMLMR", mark, "the same with several radios");
    let (mark, meaning) = match t2lm {
        0 => (Some(false), ""),
        1 => (Some(true), "all TIDs on one set of links"),
        3 => (Some(true), "each TID on a set of its own"),
        -1 => (None, ""),
        _ => (Some(true), "as a reserved value has it"),
    };
    let mark = Cell::mark(mark);
    let what = if meaning.is_empty() {
        "the AP steers traffic to links"
    } else {
        meaning
    };
    sheet.pair_of("TID-to-link mapping", mark, what);
    let mark = Cell::mark(told(reconfiguration));
    sheet.pair_of(
        "Link reconfiguration",
        mark,
        "adds and drops links without a new association",
    );
}

/// How many links it uses at the same time, where there are several, and how fast they are together at the most.
pub(super) fn together(features: &Features, columns: &[Column<'_>]) -> Option<(usize, f64)> {
    let at_once = usize::try_from(features.dot11be_mle_max_simultaneous_links).ok()? + 1;
    let mut rates: Vec<_> = columns
        .iter()
        .filter_map(Column::fastest)
        .map(|best| best.mbps)
        .collect();
    rates.sort_by(|a, b| b.total_cmp(a));
    let count = at_once.min(rates.len());
    (count > 1).then(|| (count, rates.iter().take(count).sum()))
}

/// A delay of EMLSR: 0, or twice as long with each step (Tables 9-417i and 9-417j); `half` is half of the first, in µs.
fn delay(code: i8, half: u32) -> String {
    match u32::try_from(code) {
        Ok(0) => "0 µs".to_owned(),
        Ok(code @ 1..=5) => format!("{} µs", half << code),
        _ => format!("code {code}"),
    }
}

/// −1 is not reported.
pub(super) fn told(report: i8) -> Option<bool> {
    match report {
        -1 => None,
        report => Some(report != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double() {
        let padding: Vec<_> = (0..6).map(|code| delay(code, 16)).collect();
        assert_eq!(padding, ["0 µs", "32 µs", "64 µs", "128 µs", "256 µs", "512 µs"]);
        assert_eq!(delay(1, 8), "16 µs");
        assert_eq!(delay(7, 8), "code 7");
    }
}
