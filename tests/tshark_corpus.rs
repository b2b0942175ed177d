//! Profiles of real devices' requests against tshark's dissection of the same packets. The captures lie in
//! `../shared/corpus` beside the checkout. tshark 4.0 knows nothing of EHT and Multi-Link but their ids.

#[path = "tshark_corpus/radio.rs"]
mod radio;

use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use airlens::{
    capture::Reader,
    dot11::{
        element::Elements,
        frame::{AssociationRequest, Management},
        link::LinkType,
    },
    profile::{Capture, Profile},
};
use anyhow::{Context, Result, ensure};

/// Every field that is compared, beside those of [`radio`].
const FIELDS: [&str; 41] = [
    "frame.number",
    "frame.time_epoch",
    "radiotap.channel.freq",
    "radiotap.dbm_antsignal",
    "wlan.sa",
    "wlan.bssid",
    "wlan.ssid",
    "wlan.tag.number",
    "wlan.ext_tag.number",
    "wlan.rsn.gcs.type",
    "wlan.rsn.pcs.type",
    "wlan.rsn.akms.type",
    "wlan.rsn.capabilities.mfpc",
    "wlan.rsn.capabilities.mfpr",
    "wlan.rsnx.sae_hash_to_element",
    "wlan.extcap.b19",
    "wlan.extcap.b54",
    "wlan.powercap.min",
    "wlan.powercap.max",
    "wlan.supchan.first",
    "wlan.supchan.range",
    "wlan.vht.capabilities.subeamformee",
    "wlan.vht.capabilities.mubeamformee",
    "wlan.vht.capabilities.beamformee_sts_cap",
    "wlan.vht.mcsset.rxmcsmap.ss1",
    "wlan.vht.mcsset.rxmcsmap.ss2",
    "wlan.vht.mcsset.rxmcsmap.ss3",
    "wlan.vht.mcsset.rxmcsmap.ss4",
    "wlan.ext_tag.he_mac_cap.twt_req_support",
    "wlan.ext_tag.he_mac_cap.bsr_support",
    "wlan.ext_tag.he_mac_cap.ofdma_ra_support",
    "wlan.ext_tag.he_phy_cap.chan_width_set.160_in_5ghz",
    "wlan.ext_tag.he_phy_cap.punc_preamble_rx",
    "wlan.ext_tag.he_phy_cap.su_beamformee",
    "wlan.ext_tag.he_phy_cap.beamformee_sts_lte_80mhz",
    "wlan.ext_tag.he_phy_cap.he_er_su_ppdu_4xxx_gi",
    "wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_1_ss",
    "wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_2_ss",
    "wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_3_ss",
    "wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_4_ss",
    "_ws.malformed",
];

/// What tshark says about one request.
struct Dissection(HashMap<&'static str, String>);

impl Dissection {
    /// All values of a field.
    fn all(&self, field: &str) -> Vec<&str> {
        self.0[field].split('|').filter(|value| !value.is_empty()).collect()
    }

    /// The first, as a number.
    fn number(&self, field: &str) -> Option<i64> {
        self.all(field).first().copied().and_then(number)
    }

    fn numbers(&self, field: &str) -> Vec<i64> {
        self.all(field).into_iter().filter_map(number).collect()
    }

    /// −1 where tshark has no value.
    fn report(&self, field: &str) -> i64 {
        self.number(field).unwrap_or(-1)
    }

    /// Streams of a two-bit map, and the codes in use.
    fn map(&self, prefix: &str, suffix: &str) -> Vec<i64> {
        (1..=4)
            .filter_map(|n| self.number(&format!("{prefix}{n}{suffix}")))
            .filter(|&code| code != 3)
            .collect()
    }

    /// Element ids in order, `255/35` with an extension.
    fn ids(&self) -> Vec<String> {
        let mut extensions = self.all("wlan.ext_tag.number").into_iter();
        let id = |id: &str| match id {
            "255" => format!("255/{}", extensions.next().unwrap_or_default()),
            id => id.to_owned(),
        };
        self.all("wlan.tag.number").into_iter().map(id).collect()
    }
}

fn number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// One pcap file of every packet of the corpus.
struct Merged {
    file: Vec<u8>,
    /// The profiles of its requests, by number of packet.
    profiles: Vec<(i64, Profile)>,
}

fn merge(files: &[PathBuf]) -> Result<Merged> {
    let mut merged = Vec::new();
    for word in [0xa1b2_3c4du32, 4 << 16 | 2, 0, 0, 262_144, 127] {
        merged.extend(word.to_le_bytes());
    }
    let (mut profiles, mut number) = (Vec::new(), 0);
    for path in files {
        let mut reader = Reader::new(File::open(path)?)?;
        // The one truncated capture of the corpus gives what is before the cut.
        while let Ok(Some(packet)) = reader.next_packet() {
            ensure!(
                packet.link_type == 127,
                "{}: link type {}",
                path.display(),
                packet.link_type
            );
            number += 1;
            let time = packet.time.context("time")?;
            let (seconds, ns) = (time / 1_000_000_000, time % 1_000_000_000);
            for word in [seconds, ns, packet.octets.len() as u64, packet.original_length as u64] {
                merged.extend(u32::try_from(word)?.to_le_bytes());
            }
            merged.extend(packet.octets);
            let capture = Capture {
                time: packet.time,
                original_length: Some(packet.original_length),
                ..Capture::default()
            };
            let profile = Profile::from_packet(LinkType::Radiotap, packet.octets, capture)?;
            profiles.extend(profile.map(|profile| (number, profile)));
        }
    }
    Ok(Merged { file: merged, profiles })
}

fn dissect(file: &Path) -> Result<Vec<Dissection>> {
    let mut tshark = Command::new("tshark");
    tshark
        .arg("-r")
        .arg(file)
        .args(["-Y", "wlan.fc.type_subtype==0||wlan.fc.type_subtype==2"]);
    tshark.args([
        "-T",
        "fields",
        "-E",
        "separator=/t",
        "-E",
        "occurrence=a",
        "-E",
        "aggregator=|",
    ]);
    let fields = [&FIELDS[..], &radio::FIELDS].concat();
    for field in &fields {
        tshark.args(["-e", field]);
    }
    let output = tshark.output().context("tshark can't be run: apt-get install tshark")?;
    ensure!(
        output.status.success(),
        "tshark: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines
        .lines()
        .map(|line| {
            Dissection(
                fields
                    .iter()
                    .copied()
                    .zip(line.split('\t').map(str::to_owned))
                    .collect(),
            )
        })
        .collect())
}

/// The elements' ids of a profile's packet.
fn ids(profile: &Profile) -> Result<Vec<String>> {
    let link = profile.link_type.parse(&profile.packet)?;
    let original = profile.original_length().unwrap_or(profile.packet.len());
    let request = AssociationRequest::new(Management::new(link.frame(&profile.packet, original))?)?;
    Ok(Elements::parse(request.elements)
        .iter()
        .map(|element| element.id.to_string())
        .collect())
}

/// Whether tshark read the packet to its end.
fn compare(ours: &Profile, theirs: &Dissection) -> Result<bool> {
    let frame = theirs.number("frame.number");
    macro_rules! same {
        ($ours:expr, $theirs:expr) => {{
            let (ours, theirs) = ($ours, $theirs);
            ensure!(
                ours == theirs,
                "frame {frame:?}: {}: {ours:?}, tshark {theirs:?}",
                stringify!($ours)
            );
        }};
    }
    let time = ours
        .time
        .map(|ns| format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000));
    same!(time.as_deref(), theirs.all("frame.time_epoch").first().copied());
    same!(ours.frequency.map(i64::from), theirs.number("radiotap.channel.freq"));
    same!(ours.signal.map(i64::from), theirs.number("radiotap.dbm_antsignal"));
    same!(vec![ours.mac.to_string()], theirs.all("wlan.sa"));
    same!(vec![ours.bssid.to_string()], theirs.all("wlan.bssid"));
    let ssid: String = ours.ssid.0.iter().map(|octet| format!("{octet:02x}")).collect();
    let their_ssid = theirs.all("wlan.ssid").first().copied().unwrap_or_default();
    same!(&ssid[..], if their_ssid == "<MISSING>" { "" } else { their_ssid });
    let (our_ids, their_ids) = (ids(ours)?, theirs.ids());
    if !theirs.all("_ws.malformed").is_empty() {
        // tshark 4.0 gives up in an RSN element without RSN capabilities, which are optional (9.4.2.24).
        same!(their_ids.last().map(String::as_str), Some("48"));
        same!(&our_ids[..their_ids.len()], &their_ids[..]);
        return Ok(false);
    }
    same!(our_ids, their_ids);

    let features = &ours.features;
    let numbers = |kinds: &[u8]| kinds.iter().copied().map(i64::from).collect::<Vec<_>>();
    same!(
        numbers(ours.security.group.as_slice()),
        theirs.numbers("wlan.rsn.gcs.type")
    );
    same!(numbers(&ours.security.pairwise), theirs.numbers("wlan.rsn.pcs.type"));
    same!(numbers(&ours.security.akms), theirs.numbers("wlan.rsn.akms.type"));
    same!(
        ours.security.protection_capable.map(i64::from),
        theirs.number("wlan.rsn.capabilities.mfpc")
    );
    same!(
        ours.security.protection_required.map(i64::from),
        theirs.number("wlan.rsn.capabilities.mfpr")
    );
    same!(
        i64::from(features.rsnx_sae_h2e),
        theirs.report("wlan.rsnx.sae_hash_to_element")
    );
    same!(i64::from(features.dot11v), theirs.report("wlan.extcap.b19"));
    same!(
        i64::from(features.dot11aa_scs_support),
        theirs.report("wlan.extcap.b54")
    );
    same!(
        i64::from(features.min_power),
        theirs.number("wlan.powercap.min").unwrap_or(0)
    );
    same!(
        i64::from(features.max_power),
        theirs.number("wlan.powercap.max").unwrap_or(0)
    );
    let sets = theirs
        .numbers("wlan.supchan.first")
        .into_iter()
        .zip(theirs.numbers("wlan.supchan.range"));
    let channels = sets.flat_map(|(first, count)| {
        let step = if first <= 14 { 1 } else { 4 };
        (0..count).map(move |i| first + step * i)
    });
    same!(numbers(&features.supported_channels), channels.collect::<Vec<_>>());

    let streams = ["0to7", "8to15", "16to23", "24to31"]
        .map(|range| theirs.number(&format!("wlan.ht.mcsset.rxbitmask.{range}")))
        .into_iter()
        .filter(|mask| mask.is_some_and(|mask| mask != 0))
        .count();
    same!(usize::from(features.dot11n_nss), streams);

    let vht = theirs.map("wlan.vht.mcsset.rxmcsmap.ss", "");
    same!(usize::from(features.dot11ac_nss), vht.len());
    same!(features.dot11ac_mcs.clone(), ranges(vht, ["0-7", "0-8", "0-9"]));
    let wide = theirs
        .number("wlan.vht.capabilities.supportedchanwidthset")
        .map(|width| {
            let extended = theirs.number("wlan.vht.capabilities.ext_nss_bw_support").unwrap_or(0);
            i64::from(width == 1 || width == 2 || width == 0 && extended > 0)
        });
    same!(i64::from(features.dot11ac_160_mhz), wide.unwrap_or(-1));
    same!(
        i64::from(features.dot11ac_su_bf),
        theirs.report("wlan.vht.capabilities.subeamformee")
    );
    same!(
        i64::from(features.dot11ac_mu_bf),
        theirs.report("wlan.vht.capabilities.mubeamformee")
    );
    let sts = theirs.number("wlan.vht.capabilities.beamformee_sts_cap").unwrap_or(0);
    same!(i64::from(features.dot11ac_bf_sts), sts);

    let he = theirs.map("wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_", "_ss");
    same!(usize::from(features.dot11ax_nss), he.len());
    same!(features.dot11ax_mcs.clone(), ranges(he, ["0-7", "0-9", "0-11"]));
    same!(
        i64::from(features.dot11ax_twt),
        theirs.report("wlan.ext_tag.he_mac_cap.twt_req_support")
    );
    same!(
        i64::from(features.dot11ax_bsr),
        theirs.report("wlan.ext_tag.he_mac_cap.bsr_support")
    );
    same!(
        i64::from(features.dot11ax_uora),
        theirs.report("wlan.ext_tag.he_mac_cap.ofdma_ra_support")
    );
    let punctured = theirs
        .number("wlan.ext_tag.he_phy_cap.punc_preamble_rx")
        .map_or(-1, |forms| i64::from(forms != 0));
    same!(i64::from(features.dot11ax_punctured_preamble), punctured);
    same!(
        i64::from(features.dot11ax_he_su_beamformee),
        theirs.report("wlan.ext_tag.he_phy_cap.su_beamformee")
    );
    let sts = theirs
        .number("wlan.ext_tag.he_phy_cap.beamformee_sts_lte_80mhz")
        .unwrap_or(0);
    same!(i64::from(features.dot11ax_he_beamformee_sts), sts);
    same!(
        i64::from(features.dot11ax_he_er_su_ppdu),
        theirs.report("wlan.ext_tag.he_phy_cap.he_er_su_ppdu_4xxx_gi")
    );
    // tshark has no such bit for a client of the 2.4 GHz band.
    if let Some(wide) = theirs.number("wlan.ext_tag.he_phy_cap.chan_width_set.160_in_5ghz") {
        same!(i64::from(features.dot11ax_160_mhz), wide);
    }
    radio::compare(ours, theirs)?;
    Ok(true)
}

/// The ranges' names, each once, in the order of the alphabet.
fn ranges(codes: Vec<i64>, names: [&str; 3]) -> String {
    let mut ranges: Vec<_> = codes.into_iter().map(|code| names[code as usize]).collect();
    ranges.sort_unstable();
    ranges.dedup();
    ranges.join(", ")
}

#[test]
fn tshark_reads_the_same() -> Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("skipped, ../shared/corpus is not there: 1,190 requests decode as tshark's do");
        return Ok(());
    }
    let mut files = Vec::new();
    for folder in ["taxonomy/pcaps", "wlanpi"] {
        for entry in fs::read_dir(corpus.join(folder))? {
            files.push(entry?.path());
        }
    }
    files.sort();
    let Merged { file, profiles } = merge(&files)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("merged.pcap");
    fs::write(&path, file)?;
    let dissections = dissect(&path)?;
    let numbers: Vec<_> = dissections.iter().map(|theirs| theirs.number("frame.number")).collect();
    assert_eq!(
        profiles.iter().map(|(number, _)| Some(*number)).collect::<Vec<_>>(),
        numbers
    );
    assert_eq!(profiles.len(), 1190);
    let (mut whole, mut errors) = (0, Vec::new());
    for ((_, ours), theirs) in profiles.iter().zip(&dissections) {
        match compare(ours, theirs) {
            Ok(read) => whole += usize::from(read),
            Err(error) => errors.push(error.to_string()),
        }
    }
    assert!(
        errors.is_empty(),
        "{} differ:\n{}",
        errors.len(),
        errors[..errors.len().min(20)].join("\n")
    );
    assert_eq!(whole, 1187, "tshark gives up in three requests of an Xbox 360");
    Ok(())
}
