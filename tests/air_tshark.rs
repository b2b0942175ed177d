//! `airlens analyze --air` against tshark: networks, names, channels, and every count. Needs tshark.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use airlens::air::Report;
use airlens_tests::support::{
    cli::{FIXTURE, STATIONS, Said, airlens},
    corpus,
    schema::valid,
    tshark,
};
use anyhow::{Context as _, Result, ensure};

const BEACONS: &str = "wlan.fc.type_subtype in {5, 8} && !(wlan.fcs.status == 0) && !_ws.malformed";

/// tshark takes a second to start: of hundreds of files, some.
const SOME: usize = 40;

fn captures() -> Result<Vec<PathBuf>> {
    let mut captures = vec![FIXTURE.into(), STATIONS.into()];
    match corpus::folder() {
        Some(folder) => captures.extend(corpus::captures(&folder)?.into_iter().step_by(SOME)),
        None => println!("../shared/corpus is not there: only the project's own captures were held against tshark"),
    }
    Ok(captures)
}

fn report(file: &Path) -> Result<Report> {
    let said = Said::by(airlens(["analyze", "--air", "--json"])?.arg(file))?;
    ensure!(matches!(said.code, Some(0 | 4)), "{}: {}", file.display(), said.err);
    let document = said.json().with_context(|| file.display().to_string())?;
    valid("air", [&document]).with_context(|| file.display().to_string())?;
    Ok(serde_json::from_value(document)?)
}

/// Name and channel of each network by tshark, of its last beacon or probe response.
type Networks = BTreeMap<String, (Vec<u8>, Option<String>, u64)>;

fn networks(file: &Path) -> Result<Networks> {
    let fields = [
        "wlan.bssid",
        "wlan.ssid",
        "wlan.ds.current_channel",
        "wlan.ht.info.primarychannel",
        "wlan.ext_tag.he_operation.6ghz.primary_channel",
        "wlan.fc.subtype",
    ];
    let mut networks = Networks::new();
    for packet in tshark::fields(file, BEACONS, &fields)? {
        let [bssid, ssid, ds, ht, six, subtype] = &packet[..] else {
            continue;
        };
        // Of a Multiple BSSID set, the first is the sender's.
        let first = |values: &str| values.split('|').next().unwrap_or_default().to_owned();
        let ssid = first(ssid);
        // tshark writes octets as hexadecimal digits, and nothing in another way.
        let ssid: Vec<u8> = (0..ssid.len() / 2)
            .filter_map(|at| u8::from_str_radix(ssid.get(2 * at..2 * at + 2)?, 16).ok())
            .collect();
        let channel = [six, ht, ds]
            .into_iter()
            .map(|value| first(value))
            .find(|value| !value.is_empty());
        let entry = networks.entry(first(bssid)).or_default();
        if ssid.iter().any(|octet| *octet != 0) {
            entry.0 = ssid;
        }
        entry.1 = channel;
        entry.2 += u64::from(first(subtype) == "8");
    }
    Ok(networks)
}

fn number(channel: &str) -> &str {
    channel.rsplit('g').next().unwrap_or(channel)
}

#[test]
fn networks_are_those_that_tshark_reads() -> Result<()> {
    let (mut total, mut named) = (0, 0);
    for file in captures()? {
        let (report, tshark) = (report(&file)?, networks(&file)?);
        let senders = report.networks.iter().filter(|network| network.transmitter.is_none());
        let ours: BTreeSet<_> = senders.map(|network| network.bssid.clone()).collect();
        let theirs: BTreeSet<_> = tshark.keys().cloned().collect();
        ensure!(ours == theirs, "{}: {ours:?}, tshark {theirs:?}", file.display());
        for network in report.networks.iter().filter(|network| network.transmitter.is_none()) {
            let (ssid, channel, beacons) = &tshark[&network.bssid];
            let expected = (!ssid.is_empty()).then(|| String::from_utf8_lossy(ssid).into_owned());
            ensure!(
                network.ssid == expected,
                "{}: {network:?}, tshark {ssid:?}",
                file.display()
            );
            ensure!(
                network.beacons == *beacons,
                "{}: {network:?}, tshark {beacons}",
                file.display()
            );
            let ours = network.channel.as_deref().map(number);
            ensure!(
                channel.is_none() || ours == channel.as_deref(),
                "{}: {network:?}, tshark {channel:?}",
                file.display()
            );
            total += 1;
            named += u32::from(expected.is_some());
        }
    }
    println!("{total} networks, {named} with a name");
    ensure!(named > 0, "no network has a name");
    Ok(())
}

#[test]
fn counts_are_those_of_tshark() -> Result<()> {
    let mut total = 0;
    for file in captures()? {
        let report = report(&file)?;
        // Retries and channels of every frame; transmitters of those with a right FCS.
        let fields = [
            "wlan_radio.frequency",
            "wlan.fc.retry",
            "wlan.fc.type",
            "wlan.ta",
            "wlan.fcs.status",
        ];
        let mut channels: BTreeMap<Option<u16>, [u64; 4]> = BTreeMap::new();
        let mut senders: BTreeMap<String, [u64; 2]> = BTreeMap::new();
        for packet in tshark::fields(&file, "wlan", &fields)? {
            let [frequency, retry, kind, sender, fcs] = &packet[..] else {
                continue;
            };
            let first = |values: &str| values.split('|').next().unwrap_or_default().to_owned();
            let retry = u64::from(matches!(first(retry).as_str(), "1" | "True"));
            let management = u64::from(first(kind) == "0");
            // What it reads of a frame with a wrong FCS is not what a driver reads.
            let unread = u64::from(kind.is_empty() || fcs == "0");
            let count = channels.entry(first(frequency).parse().ok()).or_default();
            *count = [count[0] + 1, count[1] + retry, count[2] + management, count[3] + unread];
            let sender = first(sender);
            if !sender.is_empty() && fcs != "0" {
                let count = senders.entry(sender).or_default();
                *count = [count[0] + 1, count[1] + retry];
            }
        }
        for channel in report.channels.iter().filter(|channel| channel.frames > 0) {
            let [frames, retries, management, unread] = channels.remove(&channel.frequency_mhz).unwrap_or_default();
            let near = |ours, theirs| (theirs..=theirs + unread + channel.bad_fcs).contains(&ours);
            ensure!(
                channel.frames == frames
                    && near(channel.retries, retries)
                    && near(channel.management_frames, management),
                "{}: {channel:?}, tshark {frames} frames, {retries} retries, {management} management, {unread} unread",
                file.display()
            );
        }
        ensure!(
            channels.is_empty(),
            "{}: {channels:?} are tshark's alone",
            file.display()
        );
        let networks = report
            .networks
            .iter()
            .map(|network| (&network.bssid, network.frames, network.retries));
        let stations = report
            .stations
            .iter()
            .map(|station| (&station.mac, station.frames, station.retries));
        let mut known = BTreeMap::new();
        for (address, frames, retries) in networks.chain(stations) {
            if frames > 0 {
                known.insert(address.clone(), [frames, retries]);
            }
        }
        for (sender, count) in &senders {
            // An AP that sent no beacon is neither network nor station.
            if let Some(ours) = known.remove(sender) {
                ensure!(
                    ours == *count,
                    "{}: {sender} {ours:?}, tshark {count:?}",
                    file.display()
                );
                total += count[0];
            }
        }
        ensure!(known.is_empty(), "{}: tshark knows no {known:?}", file.display());
    }
    println!("{total} frames by sender");
    ensure!(total > 1000, "{total} frames");
    Ok(())
}

#[test]
fn tables_fit_a_terminal() -> Result<()> {
    for file in [FIXTURE, STATIONS] {
        let said = Said::by(&mut airlens(["analyze", "--air", file])?)?;
        ensure!(said.code == Some(0), "{said:?}");
        for line in said.out.lines() {
            ensure!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
        }
        for header in ["CHANNEL", "BSSID", "STATION"] {
            ensure!(said.out.contains(header), "{}", said.out);
        }
    }
    Ok(())
}
