//! What airlens announces as an access point, against tshark's dissection of it and against hostapd's beacons. tshark 4.0
//! knows nothing of EHT and Multi-Link but their ids: these elements are read by airlens alone (`ap`'s own tests).

#[path = "tshark_ap/fields.rs"]
mod fields;
#[path = "tshark_ap/hostapd.rs"]
mod hostapd;
#[path = "tshark_ap/text.rs"]
mod text;

use std::fs;

use airlens::{
    ap::{Announcement, ApOptions, AssociationReply, AuthenticationReply, SecurityMode},
    dot11::{Address, ChannelWidth, Tuning, element::Elements, frame::Frame, frame::RequestKind},
};
use airlens_tests::support::tshark;
use anyhow::{Context as _, Result, ensure};

const BSSID: Address = Address([2, 0, 0, 0, 0x12, 0x34]);
const STATION: Address = Address([2, 0, 0, 0, 0, 2]);

/// What tshark 4.0 has no dissector for: EHT Operation, Multi-Link, EHT Capabilities.
const UNKNOWN: [&str; 3] = [
    "Dissector for 802.11 Extension Tag (106) code not implemented",
    "Dissector for 802.11 Extension Tag (107) code not implemented",
    "Dissector for 802.11 Extension Tag (108) code not implemented",
];

fn tuning(channel: &str, width: ChannelWidth) -> Result<Option<Tuning>> {
    Ok(Tuning::new(channel.parse()?, width))
}

/// An access point of country DE that tells its version.
fn options(tuning: Tuning) -> ApOptions {
    ApOptions {
        country: *b"DE",
        version_element: Some("airlens 0.1.0".to_owned()),
        ..ApOptions::new(BSSID, b"airlens", tuning)
    }
}

/// Every access point: security mode, band, width, HE, EHT and multi-link.
fn every() -> Result<Vec<ApOptions>> {
    let mut all = Vec::new();
    for channel in ["11", "36", "52", "6g37"] {
        for width in ChannelWidth::DOWN {
            let Some(tuning) = tuning(channel, width)? else {
                continue;
            };
            for (security, bits) in SecurityMode::ALL
                .into_iter()
                .flat_map(|mode| (0..8u8).map(move |bits| (mode, bits)))
            {
                let options = ApOptions {
                    security,
                    ax: bits & 1 != 0,
                    be: bits & 2 != 0,
                    multi_link: bits & 4 != 0,
                    ..options(tuning)
                };
                if options.check().is_ok() {
                    all.push(options);
                }
            }
        }
    }
    Ok(all)
}

/// Beacon, probe response, authentication and both association responses.
fn frames(options: &ApOptions) -> Result<Vec<Vec<u8>>> {
    let announcement = Announcement::new(options)?;
    let accepts = AssociationReply {
        kind: RequestKind::Association,
        status: 0,
        aid: 1,
        fast_transition: false,
        multi_link: options.multi_link,
        comeback: None,
    };
    let again = AssociationReply {
        kind: RequestKind::Reassociation,
        fast_transition: true,
        ..accepts
    };
    let refuses = AssociationReply {
        status: 30,
        aid: 0,
        comeback: Some(1000),
        ..accepts
    };
    let authentication = AuthenticationReply {
        transaction: 2,
        multi_link: options.multi_link,
        ..AuthenticationReply::default()
    };
    let mut frames = vec![
        announcement.beacon(1_000_000, 7, 1),
        announcement.probe_response(STATION, 1_000_000, 8),
        announcement.authentication(STATION, 9, &authentication),
    ];
    frames.extend([accepts, again, refuses].map(|reply| announcement.association_response(STATION, 10, &reply)));
    frames.push(announcement.deauthentication(STATION, 11, 3));
    Ok(frames)
}

/// tshark's fields of frames, a row a frame.
fn dissect(frames: &[Vec<u8>], fields: &[&str]) -> Result<Vec<Vec<String>>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("frames.pcap");
    fs::write(&path, tshark::capture(105, frames)?)?;
    let rows = tshark::fields(&path, "", fields)?;
    ensure!(rows.len() == frames.len(), "tshark read {} packets", rows.len());
    Ok(rows)
}

/// Ids in order, `255/35` with an extension.
fn ids(numbers: &str, extensions: &str) -> Vec<String> {
    let mut extensions = extensions.split('|');
    let id = |id: &str| match id {
        "255" => format!("255/{}", extensions.next().unwrap_or_default()),
        id => id.to_owned(),
    };
    numbers.split('|').filter(|id| !id.is_empty()).map(id).collect()
}

#[test]
fn every_frame_is_read_without_a_complaint() -> Result<()> {
    let every = every()?;
    let per_point = frames(&every[0])?.len();
    let all: Vec<_> = every.iter().map(frames).collect::<Result<Vec<_>>>()?.concat();
    let fields = [
        "_ws.malformed",
        "_ws.expert.message",
        "wlan.tag.number",
        "wlan.ext_tag.number",
    ];
    let mut complaints = Vec::new();
    for (n, row) in dissect(&all, &fields)?.into_iter().enumerate() {
        let [malformed, notes, numbers, extensions] = <[_; 4]>::try_from(row).ok().context("four fields")?;
        let mut notes: Vec<_> = notes.split('|').filter(|note| !note.is_empty()).collect();
        notes.retain(|note| !UNKNOWN.iter().any(|unknown| note.starts_with(unknown)));
        let frame = Frame::new(&all[n])?;
        let elements = Elements::parse(frame.elements());
        let ours: Vec<_> = elements.iter().map(|element| element.id.to_string()).collect();
        let theirs = ids(&numbers, &extensions);
        if !malformed.is_empty() || !notes.is_empty() || !elements.notes().is_empty() || ours != theirs {
            let options = &every[n / per_point];
            complaints.push(format!("{options:?}: {malformed} {notes:?} {ours:?} {theirs:?}"));
        }
    }
    // Modes; of 2.4 GHz two widths, of both channels of 5 GHz four with HE and EHT on and off; 6 GHz has always HE.
    assert_eq!(every.len(), 4 * (2 * 5 + 2 * 4 * 5 + 4 * 3 + 2));
    assert!(
        complaints.is_empty(),
        "{} complaints: {:#?}",
        complaints.len(),
        &complaints[..complaints.len().min(3)]
    );
    Ok(())
}
