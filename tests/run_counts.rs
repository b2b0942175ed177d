//! A whole `airlens run`: what is written to its interfaces against what it publishes. Needs root, tun, tshark, tcpdump.

#[path = "run_counts/packets.rs"]
mod packets;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use airlens::{
    capture::Reader,
    dot11::{frame::RequestKind, link::LinkType},
    profile::{Capture, Profile, client_stem},
    publish::snapshot::FrameKind,
};
use airlens_tests::support::{
    cli::{FIXTURE, Said, airlens},
    corpus,
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// What the fixture is known to hold.
struct Fixture {
    packets: Vec<Vec<u8>>,
    /// Frames and octets by labels of type and subtype.
    kinds: BTreeMap<(String, String), (u64, u64)>,
    requests: u64,
    /// Folder and stem of every client's files.
    stems: BTreeSet<(String, String)>,
}

impl Fixture {
    fn read() -> Result<Self> {
        let packets = corpus::packets(Path::new(FIXTURE), corpus::LinkType::Radiotap)?;
        let mut kinds = BTreeMap::new();
        for packet in &packets {
            let header = usize::from(u16::from_le_bytes([packet[2], packet[3]]));
            let control = packet[header];
            let kind = FrameKind::new(control >> 2 & 3, control >> 4);
            let labels = (kind.type_name().to_owned(), kind.subtype_name().to_owned());
            let (frames, octets): &mut (u64, u64) = kinds.entry(labels).or_default();
            *frames += 1;
            *octets += (packet.len() - header) as u64;
        }
        let (mut requests, mut stems) = (0, BTreeSet::new());
        let mut last = BTreeMap::new();
        let mut reader = Reader::new(File::open(FIXTURE)?)?;
        while let Some(packet) = reader.next_packet()? {
            let link_type = LinkType::from_number(packet.link_type)?;
            if let Some(profile) = Profile::from_packet(link_type, packet.octets, Capture::default())? {
                // Written at once, what a client says again is the same attempt.
                let said = (
                    profile.bssid,
                    profile.kind == RequestKind::Association,
                    profile.body().to_vec(),
                );
                requests += u64::from(last.insert(profile.mac.0, said.clone()) != Some(said));
                stems.insert((profile.mac.to_string().replace(':', "-"), client_stem(&profile)));
            }
        }
        Ok(Self {
            packets,
            kinds,
            requests,
            stems,
        })
    }

    fn clients(&self) -> BTreeSet<&str> {
        self.stems.iter().map(|(client, _)| client.as_str()).collect()
    }
}

/// Samples of a text in the exposition format, by name with labels; the latter in the order of their names.
fn samples(text: &str) -> Result<BTreeMap<String, f64>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').context("no value")?;
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let mut labels: Vec<_> = labels.trim_end_matches('}').split(',').collect();
            labels.sort_unstable();
            Ok((format!("{name}{{{}}}", labels.join(",")), value.parse()?))
        })
        .collect()
}

/// Profiles whose files are there.
const PUBLISHED: &str = "airlens_processing_duration_seconds_count{mode=\"live\"}";

/// A run to which the whole fixture was written, once it has published everything.
fn replayed(fixture: &Fixture, network: &Network, place: &Place) -> Result<Running> {
    let mut run = Running::start(network, place)?;
    for packet in &fixture.packets {
        network.tap.write(packet)?;
    }
    // A profile's duration is measured when its files are written.
    run.until("every profile is published", || {
        let samples = samples(&network.get("/metrics")?.1)?;
        Ok(samples.get(PUBLISHED) == Some(&(fixture.requests as f64)))
    })?;
    Ok(run)
}

#[test]
fn metrics_count_what_was_written_by_kind() -> Result<()> {
    let (fixture, network, place) = (Fixture::read()?, Network::new()?, Place::new()?);
    let run = replayed(&fixture, &network, &place)?;
    let (status, text) = network.get("/metrics")?;
    assert_eq!(status, 200);
    let samples = samples(&text)?;
    for (name, which) in [("airlens_frames_total", 0), ("airlens_frame_bytes_total", 1)] {
        let shown: BTreeMap<_, _> = samples
            .iter()
            .filter(|(series, _)| series.starts_with(&format!("{name}{{")))
            .map(|(series, value)| (series.clone(), *value))
            .collect();
        let expected: BTreeMap<_, _> = fixture
            .kinds
            .iter()
            .map(|((kind, subtype), counts)| {
                let series = format!("{name}{{interface=\"mon0\",subtype=\"{subtype}\",type=\"{kind}\"}}");
                (series, [counts.0, counts.1][which] as f64)
            })
            .collect();
        assert_eq!(shown, expected);
    }
    let frames = fixture.packets.len() as f64;
    assert_eq!(samples["airlens_capture_seen_total{}"], frames);
    let parts = |start: &str| -> f64 {
        let part = samples.iter().filter(|(series, _)| series.starts_with(start));
        part.map(|(_, value)| value).sum()
    };
    assert_eq!(parts("airlens_capture_frames_total{"), frames);
    assert_eq!(
        parts("airlens_capture_frames_total{cause=\"\",result=\"handed_over\"}"),
        {
            let wanted = [
                "association-request",
                "reassociation-request",
                "probe-request",
                "authentication",
                "association-response",
                "reassociation-response",
                "disassociation",
                "deauthentication",
            ];
            let selected = fixture
                .kinds
                .iter()
                .filter(|((_, subtype), _)| wanted.contains(&subtype.as_str()));
            // Of what networks send, all but those that are limited.
            let networks = fixture
                .kinds
                .iter()
                .filter(|((_, subtype), _)| ["beacon", "probe-response"].contains(&subtype.as_str()));
            selected.chain(networks).map(|(_, counts)| counts.0 as f64).sum::<f64>()
                - parts("airlens_capture_frames_total{cause=\"limited\",")
        }
    );
    assert_eq!(
        samples["airlens_profiles_total{source=\"observed\"}"],
        fixture.requests as f64
    );
    assert_eq!(samples["airlens_profiles_total{source=\"own\"}"], 0.0);
    assert_eq!(parts("airlens_failed_profiles_total{"), 0.0);
    assert_eq!(parts("airlens_errors_total{"), 0.0);
    ensure!(!text.contains("3c:28:6d"), "an address in a label");
    promtool(&text)?;
    run.stop()
}

/// `promtool check metrics` has nothing to say.
fn promtool(text: &str) -> Result<()> {
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else {
        println!("promtool is not installed: its opinion of the metrics is left out");
        return Ok(());
    };
    promtool.stdin.take().context("no stdin")?.write_all(text.as_bytes())?;
    let output = promtool.wait_with_output()?;
    let said = String::from_utf8([output.stdout, output.stderr].concat())?;
    ensure!(output.status.success() && said.is_empty(), "{said}");
    Ok(())
}

#[test]
fn the_api_and_the_verbs_say_the_same() -> Result<()> {
    let (fixture, network, place) = (Fixture::read()?, Network::new()?, Place::new()?);
    let mut run = replayed(&fixture, &network, &place)?;
    assert_eq!(network.get("/readyz")?, (200, "ready\n".to_owned()));
    assert_eq!(network.get("/healthz")?.0, 200);
    assert_eq!(network.get("/api/health")?.0, 200);
    let health = network.get_json("/api/health")?;
    assert_eq!(
        (&health["status"], &health["active_sessions"]),
        (&"healthy".into(), &1.into())
    );
    let (status, problem) = network.get("/nothing")?;
    ensure!(status == 404 && problem.contains("/nothing"), "{status} {problem}");

    // Stations are read from the kernel once a second.
    let mut stats = network.get_json("/api/stats")?;
    run.until("the stations are read", || {
        stats = network.get_json("/api/stats")?;
        Ok(stats["profiles"]["heard"] == stats["profiles"]["clients"])
    })?;
    valid("stats", [&stats])?;
    assert_eq!(stats["balance"]["seen"], fixture.packets.len());
    assert_eq!(stats["profiles"]["count"], fixture.requests);
    let said = Said::by(place.name_run(&mut airlens(["stats", "--json"])?))?;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let verb = said.json()?;
    for key in [
        "version",
        "started_at",
        "frames",
        "balance",
        "attachments",
        "profiles",
        "errors",
    ] {
        assert_eq!(verb[key], stats[key], "{key}");
    }
    let table = Said::by(place.name_run(&mut airlens(["stats"])?))?;
    assert_eq!((table.code, table.err.as_str()), (Some(0), ""));
    let balance = format!("frames seen {} = handed over ", fixture.packets.len());
    for words in [
        "monitor    on mon0",
        "data_rx    on data0",
        "data_tx    on data0",
        "beacon",
        &balance,
    ] {
        ensure!(table.out.contains(words), "{words}: {}", table.out);
    }

    let clients = network.get_json("/api/clients")?;
    let listed: BTreeSet<_> = clients["clients"]
        .as_array()
        .context("no clients")?
        .iter()
        .filter_map(|client| Some(client["client_id"].as_str()?.replace(':', "-")))
        .collect();
    for client in fixture.clients() {
        ensure!(listed.contains(client), "no {client}: {clients:#}");
    }
    assert_eq!(clients["total"], listed.len());
    assert_eq!(health["connected_clients"], listed.len());
    let said = Said::by(airlens(["clients", "--json", "--files-path"])?.arg(place.files()))?;
    assert_eq!(
        said.json()?["clients"].as_array().map(Vec::len),
        Some(fixture.stems.len())
    );

    let status = place.status()?;
    for words in [
        format!("profiles         {}", fixture.requests),
        format!("clients seen     {}", listed.len()),
        "last profile     8e:6f:af:cf:86:19".to_owned(),
    ] {
        ensure!(status.out.contains(&words), "{words}: {}", status.out);
    }
    run.stop()?;
    let metrics = &place.document(&place.paths().state)?["metrics"];
    assert_eq!(metrics["profile_count"], fixture.requests);
    assert_eq!(metrics["total_clients_seen"], listed.len());
    Ok(())
}

/// A program's standard output.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}: install it"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn every_client_has_its_files() -> Result<()> {
    let (fixture, network, place) = (Fixture::read()?, Network::new()?, Place::new()?);
    let run = replayed(&fixture, &network, &place)?;
    run.stop()?;
    let clients = place.files().join("clients");
    let mut expected = BTreeSet::new();
    let (mut all, mut senders) = (Vec::new(), Vec::new());
    for (client, stem) in &fixture.stems {
        let path = |kind: &str| clients.join(client).join(format!("{stem}.{kind}"));
        expected.extend(["json", "txt", "pcap"].map(path));
        let history = clients.join(client).join("history.jsonl");
        for line in fs::read_to_string(&history)?.lines() {
            valid("history-line", [&serde_json::from_str(line)?])?;
        }
        expected.insert(history);
        let document: Value = serde_json::from_slice(&fs::read(path("json"))?)?;
        valid("client", [&document])?;
        assert_eq!(document["mac"], client.as_str());
        let text = fs::read_to_string(path("txt"))?;
        ensure!(
            text.contains(client) || text.contains(&client.replace('-', ":")),
            "{text}"
        );
        let shown = output(Command::new("tcpdump").arg("-ner").arg(path("pcap")))?;
        ensure!(shown.lines().count() == 1 && shown.contains("ssoc Request"), "{shown}");
        let capture = fs::read(path("pcap"))?;
        let (header, records) = capture.split_at(24);
        if all.is_empty() {
            all.extend(header);
        }
        all.extend(records);
        senders.push(client.replace('-', ":"));
    }
    // tshark takes long to start: once for all of them.
    let path = place.folder().join("all.pcap");
    fs::write(&path, all)?;
    let fields = [
        "-T",
        "fields",
        "-e",
        "wlan.sa",
        "-e",
        "wlan.fc.type",
        "-e",
        "_ws.malformed",
    ];
    let shown = output(Command::new("tshark").arg("-r").arg(path).args(fields))?;
    let expected_lines: Vec<_> = senders.iter().map(|sender| format!("{sender}\t0\t")).collect();
    assert_eq!(shown.lines().collect::<Vec<_>>(), expected_lines);
    let mut found = BTreeSet::new();
    for client in fs::read_dir(clients)? {
        for file in fs::read_dir(client?.path())? {
            found.insert(file?.path());
        }
    }
    assert_eq!(found, expected);
    Ok(())
}

#[test]
fn every_client_has_its_line_in_the_report() -> Result<()> {
    let (fixture, network, place) = (Fixture::read()?, Network::new()?, Place::new()?);
    replayed(&fixture, &network, &place)?.stop()?;
    let mut names = Vec::new();
    for report in fs::read_dir(place.files().join("reports"))? {
        names.push(report?.path());
    }
    names.sort();
    // Two where the day ended meanwhile.
    ensure!([1, 2].contains(&names.len()), "{names:?}");
    let analyzed = Said::by(&mut airlens(["analyze", "--csv", FIXTURE])?)?.out;
    let (header, expected) = analyzed.split_once("\r\n").context("no header")?;
    let mut clients = BTreeSet::new();
    for name in names {
        let day = name.file_name().unwrap_or_default().to_string_lossy();
        ensure!(
            day.len() == 23 && day.starts_with("profiler-20") && day.ends_with(".csv"),
            "{day}"
        );
        let report = fs::read_to_string(&name)?;
        let rows = report.strip_prefix(header).and_then(|rows| rows.strip_prefix("\r\n"));
        for row in rows.context("no header")?.split_inclusive("\r\n") {
            // Word for word what the capture gives.
            ensure!(expected.split_inclusive("\r\n").any(|other| other == row), "{row}");
            clients.extend(row.split(',').next().map(str::to_owned));
        }
    }
    let all: BTreeSet<_> = fixture.stems.iter().map(|(client, _)| client.clone()).collect();
    assert_eq!(clients, all);
    Ok(())
}
