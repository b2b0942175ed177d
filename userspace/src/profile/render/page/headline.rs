//! Who it is and what it is, in a few lines.

use super::{
    columns::{Column, mbps},
    sheet::{Sheet, Tone},
};
use crate::profile::{Client, Known, render::printable};

pub(super) fn draw(client: &Client, newest: &[&Known], columns: &[Column<'_>], sheet: &mut Sheet) {
    let mut who = vec![maker(client, newest)];
    let device = newest.iter().find_map(|known| known.profile.device.as_ref()?.name());
    who.extend(device.map(printable));
    let chipset = newest.iter().find_map(|known| known.profile.chipset);
    who.extend(chipset.map(|chipset| format!("{chipset} chipset")));
    let address = newest
        .last()
        .map(|known| known.profile.mac)
        .or_else(|| client.address());
    let address = address.map(|address| address.to_string()).unwrap_or_default();
    sheet.ends(who.join(" · "), address);
    sheet.paragraph(what(newest, columns).join(" · "), 0, Tone::Plain);
    let mut security: Vec<_> = newest
        .iter()
        .map(|known| super::security::summary(&known.profile))
        .collect();
    security.dedup();
    sheet.paragraph(security.join("; "), 0, Tone::Plain);
}

fn maker(client: &Client, newest: &[&Known]) -> String {
    let maker = newest.iter().find_map(|known| known.profile.manuf.as_deref());
    let randomised = newest.iter().any(|known| known.profile.mac.is_local());
    match (maker, randomised) {
        (Some(maker), true) => format!("{}, randomised address", printable(maker)),
        (Some(maker), false) => printable(maker),
        (None, true) => "Randomised address".to_owned(),
        (None, false) if client.mld.is_some() => "Unknown multi-link device".to_owned(),
        (None, false) => "Unknown maker".to_owned(),
    }
}

fn what(newest: &[&Known], columns: &[Column<'_>]) -> Vec<String> {
    let generations = columns.iter().filter_map(|column| column.features.generation());
    let mut what = match generations.max() {
        Some((generation, streams)) => vec![format!("Wi-Fi {generation}"), plural(streams, "stream")],
        None => vec!["before Wi-Fi 4".to_owned()],
    };
    let mut bands: Vec<_> = columns
        .iter()
        .map(|column| column.name.trim_end_matches(" GHz"))
        .collect();
    bands.dedup();
    let multi_link = newest.iter().any(|known| !known.profile.links.is_empty());
    let bands = match bands[..] {
        ["band ?"] | [] => "band unknown".to_owned(),
        _ => format!("{} GHz", bands.join(" + ")),
    };
    what.push(if multi_link { format!("{bands} MLO") } else { bands });
    let best = columns.iter().filter_map(Column::fastest);
    if let Some(best) = best.reduce(|best, next| if next.mbps > best.mbps { next } else { best }) {
        what.push(format!("{} MHz", best.width));
        what.push(format!("{} Mb/s", mbps(best.mbps)));
    }
    let together = newest
        .iter()
        .find_map(|known| super::links::together(&known.profile.features, columns));
    if let Some((count, rate)) = together {
        what.push(format!("{} on {count} links", mbps(rate)));
    }
    what
}

fn plural(count: u8, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
