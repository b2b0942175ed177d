//! One of each frame as the emitter writes it, with elements as access points and phones have them.

#[path = "actions.rs"]
mod actions;
#[path = "elements.rs"]
mod elements;
#[path = "neighbors.rs"]
mod neighbors;

use airlens::dot11::{
    Address,
    element::{ElementId, Elements, Rate, Suite, TimeoutInterval},
    emit::{Body, ElementWriter, Header, Network, Rsn},
    frame::{Frame, RequestKind},
};
use anyhow::Result;

use super::dissect;

const AP: Address = Address([2, 0, 0, 0, 0, 1]);
const STATION: Address = Address([2, 0, 0, 0, 0, 2]);

/// A frame, and what tshark is to say of it.
struct Case {
    name: &'static str,
    octets: Vec<u8>,
    fields: Vec<(&'static str, String)>,
    /// Ids that tshark lists besides: of elements within an element, and of fragments.
    within: &'static [&'static str],
    /// How tshark 4.0 says that it has no dissector for it.
    unknown: Option<&'static str>,
}

fn case(name: &'static str, body: &Body<'_>, elements: &ElementWriter, fields: &[(&'static str, &str)]) -> Case {
    let header = Header {
        duration: 60,
        destination: STATION,
        source: AP,
        bssid: AP,
        sequence: 77,
        ..Header::default()
    };
    let mut all = vec![
        ("wlan.duration", "60".to_owned()),
        ("wlan.ra", STATION.to_string()),
        ("wlan.ta", AP.to_string()),
        ("wlan.bssid", AP.to_string()),
        ("wlan.seq", "77".to_owned()),
    ];
    all.extend(fields.iter().map(|&(field, value)| (field, value.to_owned())));
    Case {
        name,
        octets: header.frame(body, elements.octets()),
        fields: all,
        within: &[],
        unknown: None,
    }
}

fn rsn() -> ElementWriter {
    let ieee = |kind| Suite([0x00, 0x0f, 0xac, kind]);
    let mut elements = ElementWriter::new();
    elements.put(&Rsn {
        group: ieee(4),
        pairwise: &[ieee(4)],
        akms: &[ieee(8), ieee(2)],
        capabilities: 0x00c0,
        pmkids: &[[7; 16]],
        group_management: Some(ieee(6)),
    });
    elements
}

fn rates() -> Vec<Rate> {
    [0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36, 48, 72, 96, 108, 0xfb]
        .map(Rate::read)
        .into()
}

fn cases() -> Vec<Case> {
    let network = Network {
        timestamp: 0x0102_0304_0506_0708,
        interval: 100,
        capability: 0x0431,
    };
    let beacon = [
        ("wlan.fixed.timestamp", "72623859790382856"),
        ("wlan.fixed.beacon", "100"),
        ("wlan.fixed.capabilities", "0x0431"),
        ("wlan.ssid", "6e6574"),
        ("wlan.supported_rates", "0x82|0x84|0x8b|0x96|0x0c|0x12|0x18|0x24"),
        ("wlan.extended_supported_rates", "0x30|0x48|0x60|0x6c|0xfb"),
    ];
    let mut ssid = ElementWriter::new();
    ssid.raw(ElementId::SSID, b"net").rates(&rates());
    let none = ElementWriter::new();
    let mut comeback = ElementWriter::new();
    let kind = TimeoutInterval::COMEBACK;
    comeback
        .rates(&rates()[..4])
        .put(&TimeoutInterval { kind, value: 1000 });
    let key = [&[19, 0][..], &[1; 32], &[2; 64]].concat();
    let mut rejected = ElementWriter::new();
    rejected
        .raw(ElementId::REJECTED_GROUPS, &[20, 0])
        .raw(ElementId::ANTI_CLOGGING_TOKEN, &[9; 4]);
    let mut cases = vec![
        case("beacon", &Body::Beacon(network), &ssid, &beacon),
        case("probe response", &Body::ProbeResponse(network), &ssid, &beacon),
        case("probe request", &Body::ProbeRequest, &ssid, &beacon[3..]),
        case(
            "association request",
            &Body::AssociationRequest {
                capability: 0x1431,
                listen_interval: 10,
                current_ap: None,
            },
            &rsn(),
            &[
                ("wlan.fixed.capabilities", "0x1431"),
                ("wlan.fixed.listen_ival", "0x000a"),
                ("wlan.rsn.gcs.type", "4"),
                ("wlan.rsn.pcs.type", "4"),
                ("wlan.rsn.akms.type", "8|2"),
                ("wlan.rsn.capabilities", "0x00c0"),
                ("wlan.rsn.pmkid.count", "1"),
                ("wlan.rsn.gmcs.type", "6"),
            ],
        ),
        case(
            "reassociation request",
            &Body::AssociationRequest {
                capability: 0x0431,
                listen_interval: 1,
                current_ap: Some(STATION),
            },
            &ssid,
            &[("wlan.fixed.current_ap", "02:00:00:00:00:02"), ("wlan.ssid", "6e6574")],
        ),
        case(
            "authentication",
            &Body::Authentication {
                algorithm: 0,
                transaction: 2,
                status: 17,
                fields: &[],
            },
            &none,
            &[
                ("wlan.fixed.auth.alg", "0"),
                ("wlan.fixed.auth_seq", "0x0002"),
                ("wlan.fixed.status_code", "0x0011"),
            ],
        ),
        case(
            "SAE commit",
            &Body::Authentication {
                algorithm: 3,
                transaction: 1,
                status: 126,
                fields: &key,
            },
            &rejected,
            &[
                ("wlan.fixed.finite_cyclic_group", "19"),
                ("wlan.fixed.scalar", &"01".repeat(32)),
                ("wlan.fixed.finite_field_element", &"02".repeat(64)),
                ("wlan.ext_tag.sae.anti_clogging_token", "09090909"),
            ],
        ),
        case(
            "disassociation",
            &Body::Disassociation { reason: 8 },
            &none,
            &[("wlan.fixed.reason_code", "0x0008")],
        ),
        case(
            "deauthentication",
            &Body::Deauthentication { reason: 15 },
            &none,
            &[("wlan.fixed.reason_code", "0x000f")],
        ),
    ];
    for kind in [RequestKind::Association, RequestKind::Reassociation] {
        let body = Body::AssociationResponse {
            kind,
            capability: 0x0431,
            status: 30,
            aid: 5,
        };
        let fields = [
            ("wlan.fixed.status_code", "0x001e"),
            ("wlan.fixed.aid", "0x0005"),
            ("wlan.timeout_int.type", "3"),
            ("wlan.timeout_int.value", "1000"),
        ];
        cases.push(case("response", &body, &comeback, &fields));
    }
    cases.extend(elements::cases(network));
    cases.extend(neighbors::cases(network));
    cases.extend(actions::cases());
    cases
}

#[test]
fn tshark_reads_what_is_written() -> Result<()> {
    let cases = cases();
    let mut fields = vec![
        "wlan.tag.number",
        "wlan.ext_tag.number",
        "_ws.malformed",
        "_ws.expert.message",
    ];
    fields.extend(
        cases
            .iter()
            .flat_map(|case| case.fields.iter().map(|(field, _)| *field)),
    );
    fields.sort_unstable();
    fields.dedup();
    let frames: Vec<_> = cases.iter().map(|case| case.octets.clone()).collect();
    let mut differing = Vec::new();
    for (case, theirs) in cases.iter().zip(dissect(105, &frames, &fields)?) {
        for (field, value) in &case.fields {
            if theirs.0[field] != *value {
                differing.push(format!("{}: {field}: {value}, tshark {}", case.name, theirs.0[field]));
            }
        }
        let (malformed, mut notes) = (theirs.all("_ws.malformed"), theirs.all("_ws.expert.message"));
        notes.retain(|note| !case.unknown.is_some_and(|unknown| note.starts_with(unknown)));
        if !malformed.is_empty() || !notes.is_empty() {
            differing.push(format!("{}: {malformed:?} {notes:?}", case.name));
        }
        let elements = Elements::parse(Frame::new(&case.octets)?.elements());
        let ids: Vec<_> = elements.iter().map(|element| element.id.to_string()).collect();
        let mut their_ids = theirs.ids();
        their_ids.retain(|id| !case.within.contains(&&**id));
        if ids != their_ids {
            differing.push(format!("{}: elements {ids:?}, tshark {their_ids:?}", case.name));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    Ok(())
}
