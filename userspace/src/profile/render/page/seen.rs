//! When and where its requests were seen.

use jiff::Timestamp;

use super::{
    columns::band_name,
    sheet::{Sheet, Tone},
};
use crate::{
    dot11::frame::RequestKind,
    profile::{Client, Registry, Request, render::printable},
};

/// Requests that a page lists: the first of each profile, then the last ones.
const MOST: usize = 6;

pub(super) fn draw(client: &Client, file: &dyn Fn(usize) -> String, sheet: &mut Sheet) {
    sheet.heading("SEEN");
    let shown: Vec<_> = if client.requests.len() > MOST {
        let start = client.requests.len() - MOST;
        client.requests[start..].iter().collect()
    } else {
        client.requests.iter().collect()
    };
    let shown_count = shown.len() as u64;
    if client.request_count > shown_count {
        let first = client.first_seen.map(when).unwrap_or_default();
        let text = format!(
            "{} requests since {first}; the last {shown_count} listed:",
            client.request_count
        );
        sheet.paragraph(&text, 2, Tone::Plain);
    }
    for request in shown {
        one(request, file, sheet);
    }
}

fn one(request: &Request, file: &dyn Fn(usize) -> String, sheet: &mut Sheet) {
    let kind = match request.kind {
        RequestKind::Association => "association",
        RequestKind::Reassociation => "reassociation",
    };
    let mut parts = vec![kind.to_owned(), band_name(request.band).to_owned()];
    if request.channel != 0 {
        parts.push(format!("channel {}", request.channel));
    }
    parts.extend(request.signal.map(|signal| format!("{} dBm", signed(signal))));
    parts.push(format!(
        "{}, frame {}",
        printable(&file(request.origin.input)),
        request.origin.frame
    ));
    let name = match request.ssid.0.is_empty() {
        true => "no name".to_owned(),
        false => format!("“{}”", printable(&request.ssid.to_string())),
    };
    let ap = match Registry::default().short_name(request.bssid) {
        Some(maker) => format!("{name} at {} ({})", request.bssid, printable(&maker)),
        None => format!("{name} at {}", request.bssid),
    };
    let time = request.time.map_or_else(|| "time unknown".to_owned(), when);
    sheet.pair(&time, &format!("{ap} · {}", parts.join(" · ")));
}

/// `2026-01-23 12:00:00Z`.
pub(super) fn when(ns: u64) -> String {
    Timestamp::from_nanosecond(ns.into())
        .map(|time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
        .unwrap_or_default()
}

/// With a minus sign as long as a digit.
pub(super) fn signed(value: i8) -> String {
    if value < 0 {
        format!("−{}", value.unsigned_abs())
    } else {
        value.to_string()
    }
}
