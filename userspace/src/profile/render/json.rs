//! JSON forms.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::client_pcapng;
use crate::dot11::frame::{RequestKind, algorithm_name, reason_name, status_name};
use crate::profile::{
    CaptureSource, Client, Details, Features, How, Known, Profile, Radio, Recognised, Request, SixGhz, changes, fastest,
};

/// Version of the lines of `airlens analyze --jsonl` and of the document of `--json`. A key more is no new version; a key
/// that goes, or means something else, is.
pub const SCHEMA_VERSION: u32 = 1;

/// The client file of wlanpi-profiler, schema 2: its keys in its order, then one more, `airlens`, with what only airlens
/// tells.
pub fn client_json(profile: &Profile) -> Value {
    json!({
        "mac": profile.mac.dashed(),
        "is_laa": profile.mac.is_local(),
        "manuf": profile.manuf,
        "chipset": profile.chipset.unwrap_or(""),
        "capture_ssid": profile.ssid.to_string(),
        "capture_bssid": profile.bssid.to_string(),
        "capture_manuf": profile.bssid_manuf.as_deref().unwrap_or("Unknown"),
        "capture_band": profile.band.digit(),
        "capture_channel": profile.channel,
        "features": features(&profile.features),
        "pcapng": BASE64_STANDARD.encode(client_pcapng(profile)),
        "schema_version": 2,
        "profiler_version": env!("CARGO_PKG_VERSION"),
        "capture_source": source(profile.source),
        "airlens": own(profile),
    })
}

/// One request as a line of JSON tells it: frame number `frame` of `file`.
pub fn record<'a>(file: &'a str, frame: u64, profile: &'a Profile) -> impl Serialize + 'a {
    Record {
        file,
        frame,
        schema_version: SCHEMA_VERSION,
        time: time(profile.time),
        kind: profile.kind,
        mac: profile.mac.to_string(),
        is_laa: profile.mac.is_local(),
        manuf: profile.manuf.as_deref(),
        chipset: profile.chipset.unwrap_or(""),
        ssid: profile.ssid.to_string(),
        bssid: profile.bssid.to_string(),
        bssid_manuf: profile.bssid_manuf.as_deref(),
        band: profile.band.digit(),
        channel: profile.channel,
        frequency: profile.frequency,
        signal: profile.signal,
        features: &profile.features,
        airlens: Own(profile),
        notes: notes(profile),
    }
}

/// A struct and no [`Value`]: lines are what airlens writes most of, and nothing reads them here.
#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    frame: u64,
    schema_version: u32,
    time: Value,
    kind: RequestKind,
    mac: String,
    is_laa: bool,
    manuf: Option<&'a str>,
    chipset: &'a str,
    ssid: String,
    bssid: String,
    bssid_manuf: Option<&'a str>,
    band: &'static str,
    channel: u8,
    frequency: Option<u16>,
    signal: Option<i8>,
    features: &'a Features,
    airlens: Own<'a>,
    notes: Value,
}

/// A client as the document of `airlens analyze --json` tells it; `file` names the input of a request.
pub fn client_record(client: &Client, file: &dyn Fn(usize) -> String) -> Value {
    let newest = || client.profiles.iter().rev().map(|known| &known.profile);
    let address = client.address();
    let requests: Vec<_> = client.requests.iter().map(|request| listed(request, file)).collect();
    let profiles: Vec<_> = client.profiles.iter().map(known).collect();
    let changed: Vec<_> = client
        .successions()
        .map(|(from, to)| json!({ "from": from, "to": to, "changes": changes(&profiles[from], &profiles[to]) }))
        .collect();
    json!({
        "address": address.map(|address| address.to_string()),
        "mld_mac": client.mld.map(|mld| mld.to_string()),
        "addresses": client.addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "further_addresses": client.further_addresses,
        "is_laa": address.is_some_and(crate::dot11::Address::is_local),
        "manuf": newest().find_map(|profile| profile.manuf.as_deref()),
        "chipset": newest().find_map(|profile| profile.chipset).unwrap_or(""),
        "generation": newest().filter_map(|profile| profile.features.generation()).map(|(generation, _)| generation).max(),
        "first_seen": time(client.first_seen),
        "last_seen": time(client.last_seen),
        "request_count": client.request_count,
        "requests": requests,
        "profiles": profiles,
        "changes": changed,
    })
}

fn listed(request: &Request, file: &dyn Fn(usize) -> String) -> Value {
    json!({
        "file": file(request.origin.input),
        "frame": request.origin.frame,
        "time": time(request.time),
        "kind": request.kind,
        "mac": request.mac.to_string(),
        "ssid": request.ssid.to_string(),
        "ssid_hex": request.ssid.hex(),
        "bssid": request.bssid.to_string(),
        "band": request.band.digit(),
        "channel": request.channel,
        "signal": request.signal,
        "profile": request.profile,
        "authentication": request.authentication.map(|authentication| json!({
            "algorithm": authentication.algorithm,
            "algorithm_name": algorithm_name(authentication.algorithm),
            "status": authentication.status,
            "status_name": authentication.status.and_then(status_name),
        })),
        "answer": request.answer.map(|answer| json!({
            "status": answer.status,
            "status_name": status_name(answer.status),
            "aid": answer.aid,
            "after_us": answer.after,
        })),
        "ended": request.ended.map(|ended| json!({
            "kind": ended.kind,
            "by": ended.by,
            "encrypted": ended.reason.is_none(),
            "reason": ended.reason,
            "reason_name": ended.reason.and_then(reason_name),
            "after_us": ended.after,
        })),
    })
}

fn known(known: &Known) -> Value {
    let profile = &known.profile;
    let best = fastest(&profile.radio, profile.band).map(|best| {
        json!({
            "mbps": (best.mbps * 10.0).round() / 10.0,
            "generation": best.generation,
            "width": best.width,
            "streams": best.streams,
            "mcs": best.mcs,
        })
    });
    json!({
        "band": profile.band.digit(),
        "first_seen": time(known.first_seen),
        "last_seen": time(known.last_seen),
        "request_count": known.requests,
        "fastest": best,
        "features": features(&profile.features),
        "airlens": own(profile),
        "notes": notes(profile),
    })
}

fn notes(profile: &Profile) -> Value {
    profile.notes.iter().map(ToString::to_string).collect()
}

/// A profile as a line of its client's history tells it.
pub fn history_line(profile: &Profile) -> Value {
    json!({
        "time": time(profile.time),
        "band": profile.band.digit(),
        "kind": profile.kind,
        "ssid": profile.ssid.to_string(),
        "bssid": profile.bssid.to_string(),
        "features": features(&profile.features),
        "airlens": own(profile),
    })
}

fn features(features: &Features) -> Value {
    // Integers, strings and one array: nothing that JSON can't say.
    serde_json::to_value(features).unwrap_or_default()
}

fn own(profile: &Profile) -> Value {
    // Texts, lists and finite numbers by keys: nothing that JSON can't say.
    serde_json::to_value(Own(profile)).unwrap_or_default()
}

/// What wlanpi-profiler has no key for.
struct Own<'a>(&'a Profile);

impl Serialize for Own<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let profile = self.0;
        let details = Details::of(profile);
        let links = profile.links.iter().zip(&details.links).map(|(link, six_ghz)| OwnLink {
            id: link.id,
            mac: link.mac.map(|mac| mac.to_string()),
            band: link.band.digit(),
            features: &link.features,
            radio: &link.radio,
            six_ghz: six_ghz.as_ref(),
        });
        let vendors = profile.vendors.iter().zip(&details.vendors).map(|(tag, content)| {
            let [a, b, c] = tag.oui;
            OwnVendor {
                oui: format!("{a:02x}:{b:02x}:{c:02x}"),
                kind: tag.kind,
                owner: tag.owner.as_deref(),
                name: content.name,
            }
        });
        OwnKeys {
            ssid_hex: profile.ssid.hex(),
            current_ap: profile.current_ap.map(|ap| ap.to_string()),
            pairwise_ciphers: &profile.security.pairwise,
            akms: &profile.security.akms,
            dot11w_required: profile.security.protection_required.map_or(-1, i8::from),
            dot11ax_he_er_su_ppdu_4x_ltf_800_ns_gi: profile.features.dot11ax_he_er_su_ppdu,
            mld_mac: profile.mld.map(|mld| mld.to_string()),
            links: links.collect(),
            radio: &profile.radio,
            vendor_elements: vendors.collect(),
            vendor_contents: details.vendors.iter().map(|vendor| vendor.content.as_str()).collect(),
            signature: OwnSignature {
                assoc: &profile.signature.assoc,
                joined: profile.signature.joined(),
            },
            device: OwnDevice {
                name: profile.device.as_ref().and_then(Recognised::name),
                candidates: profile.device.as_ref().map_or(&[], |device| &device.names),
                matched: profile.device.as_ref().map(|device| device.how),
                kind: profile.device_kind.map(|kind| kind.to_string()),
            },
            details: &details,
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct OwnKeys<'a> {
    ssid_hex: Option<String>,
    current_ap: Option<String>,
    pairwise_ciphers: &'a [u8],
    akms: &'a [u8],
    dot11w_required: i8,
    dot11ax_he_er_su_ppdu_4x_ltf_800_ns_gi: i8,
    mld_mac: Option<String>,
    links: Vec<OwnLink<'a>>,
    radio: &'a Radio,
    vendor_elements: Vec<OwnVendor<'a>>,
    vendor_contents: Vec<&'a str>,
    signature: OwnSignature<'a>,
    device: OwnDevice<'a>,
    #[serde(flatten)]
    details: &'a Details,
}

#[derive(Serialize)]
struct OwnLink<'a> {
    id: u8,
    mac: Option<String>,
    band: &'static str,
    features: &'a Features,
    radio: &'a Radio,
    six_ghz: Option<&'a SixGhz>,
}

#[derive(Serialize)]
struct OwnVendor<'a> {
    oui: String,
    #[serde(rename = "type")]
    kind: Option<u8>,
    owner: Option<&'a str>,
    name: Option<&'static str>,
}

#[derive(Serialize)]
struct OwnSignature<'a> {
    assoc: &'a str,
    joined: Option<String>,
}

#[derive(Serialize)]
struct OwnDevice<'a> {
    name: Option<&'a str>,
    candidates: &'a [String],
    matched: Option<How>,
    kind: Option<String>,
}

/// RFC 3339, UTC; null where the capture has no time.
fn time(ns: Option<u64>) -> Value {
    ns.and_then(|ns| jiff::Timestamp::from_nanosecond(ns.into()).ok())
        .map_or(Value::Null, |time| json!(time.to_string()))
}

fn source(source: CaptureSource) -> &'static str {
    match source {
        CaptureSource::External => "external",
        CaptureSource::Internal => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    #[test]
    fn keys_in_wlanpi_profilers_order() {
        let json = client_json(&profile(&[0, 1, b'a']));
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "mac",
                "is_laa",
                "manuf",
                "chipset",
                "capture_ssid",
                "capture_bssid",
                "capture_manuf",
                "capture_band",
                "capture_channel",
                "features",
                "pcapng",
                "schema_version",
                "profiler_version",
                "capture_source",
                "airlens"
            ]
        );
        assert_eq!(json["mac"], "02-00-00-00-00-02");
        assert_eq!(json["is_laa"], true);
        assert_eq!(json["manuf"], Value::Null);
        assert_eq!(json["capture_manuf"], "Unknown");
        assert_eq!(json["capture_band"], "5");
    }

    #[test]
    fn a_record_tells_time_and_notes() {
        let profile = profile(&[0, 1, b'a', 54, 1, 1, 54, 0]);
        let record = serde_json::to_value(record("a.pcap", 7, &profile)).unwrap();
        assert_eq!((&record["file"], &record["frame"]), (&json!("a.pcap"), &json!(7)));
        assert_eq!(record["time"], "2020-09-13T12:26:40.123456789Z");
        assert_eq!(record["kind"], "association");
        assert_eq!(record["notes"], json!(["element 54 is there again, the first counts"]));
        assert_eq!(record["airlens"]["dot11w_required"], -1);
    }
}
