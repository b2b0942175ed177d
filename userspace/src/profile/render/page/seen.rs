//! When and where its requests were seen.

use jiff::Timestamp;

use super::{
    columns::band_name,
    sheet::{Sheet, Tone},
};
use crate::{
    dot11::frame::{RequestKind, algorithm_name, reason_name, status_name},
    profile::{Authenticated, Client, Leave, Registry, Request, Side, render::printable},
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
        sheet.paragraph(text, 2, Tone::Plain);
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
    sheet.pair(time, format!("{ap} · {}", parts.join(" · ")));
    let outcome = outcome(request);
    if !outcome.is_empty() {
        sheet.pair("", outcome.join(" · "));
    }
}

/// `authentication SAE`, `accepted, AID 1, 1.2 ms later`, `deauthenticated by the client: 3 …`: what was heard of these.
fn outcome(request: &Request) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(Authenticated { algorithm, status }) = request.authentication {
        let name = algorithm_name(algorithm).map_or_else(|| algorithm.to_string(), str::to_owned);
        let refused = status
            .filter(|status| *status != 0)
            .map(|status| named(status, status_name));
        let refused = refused.map(|status| format!(": status {status}")).unwrap_or_default();
        parts.push(format!("authentication {name}{refused}"));
    }
    if let Some(answer) = request.answer {
        let mut text = match answer.status {
            0 => "accepted".to_owned(),
            status => format!("refused: {}", named(status, status_name)),
        };
        text.extend(answer.aid.map(|aid| format!(", AID {aid}")));
        text.extend(answer.after.map(|after| format!(", {} later", span(after))));
        parts.push(text);
    }
    if let Some(ended) = request.ended {
        let what = match ended.kind {
            Leave::Disassociation => "disassociated",
            Leave::Deauthentication => "deauthenticated",
        };
        let by = match ended.by {
            Side::Client => "the client",
            Side::Ap => "the AP",
        };
        let reason = ended
            .reason
            .map_or_else(|| "encrypted".to_owned(), |reason| named(reason, reason_name));
        let after = ended.after.map(|after| format!(", {} later", span(after)));
        parts.push(format!("{what} by {by}{}: {reason}", after.unwrap_or_default()));
    }
    parts
}

fn named(code: u16, name: fn(u16) -> Option<&'static str>) -> String {
    format!("{code} {}", name(code).unwrap_or_default())
        .trim_end()
        .to_owned()
}

/// In the unit that fits.
fn span(us: u64) -> String {
    match us {
        0..1000 => format!("{us} µs"),
        1000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        1_000_000..120_000_000 => format!("{:.1} s", us as f64 / 1e6),
        _ => format!("{} min", us / 60_000_000),
    }
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
