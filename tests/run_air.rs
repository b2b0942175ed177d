//! The air of a run in a private network: what is written to its monitor interface is what `airlens air` shows. Needs root
//! and tun.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
    time::{Duration, Instant},
};

use airlens::air::Report;
use airlens_tests::support::cli::STATIONS;
use airlens_tests::support::{
    cli::{Said, airlens},
    corpus,
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};

/// Of the capture alone, by the reader of files.
fn of_the_file() -> Result<Report> {
    let said = Said::by(&mut airlens(["analyze", "--air", "--json", STATIONS])?)?;
    Ok(serde_json::from_value(said.json()?)?)
}

fn of_the_run(network: &Network, place: &Place, arguments: &[&str]) -> Result<Said> {
    let mut command = airlens(["air"])?;
    let command = place.name_run(&mut command).args(arguments);
    // Its socket is a path, so any namespace does; the binary's own is the network's.
    network.here.run(|| Said::by(command))?
}

#[test]
fn a_run_shows_what_a_file_does() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let packets = corpus::packets(STATIONS.as_ref(), corpus::LinkType::Radiotap)?;
    let start = Instant::now();
    for packet in &packets {
        network.tap.write(packet)?;
    }
    let quick = start.elapsed() < Duration::from_millis(900);
    let file = of_the_file()?;
    let document = loop {
        let document = of_the_run(&network, &place, &["--json"])?.json()?;
        let report: Report = serde_json::from_value(document.clone())?;
        let frames: u64 = report.channels.iter().map(|channel| channel.frames).sum();
        // Beacons wait for the reader's clock.
        if frames == packets.len() as u64 && report.networks.len() >= file.networks.len() {
            break document;
        }
        ensure!(start.elapsed() < Duration::from_secs(20), "{report:?}");
        std::thread::sleep(Duration::from_millis(100));
    };
    valid("air", [&document])?;
    let live: Report = serde_json::from_value(document)?;
    ensure!(live.hopping.is_none() && live.left_out == file.left_out, "{live:?}");
    for (live, file) in live.channels.iter().zip(&file.channels) {
        ensure!(live == file, "live {live:?}\nfile {file:?}");
    }
    for (live, file) in live.stations.iter().zip(&file.stations) {
        let live = airlens::air::StationEntry {
            last_seen: file.last_seen,
            ..live.clone()
        };
        ensure!(live == *file, "live {live:?}\nfile {file:?}");
    }
    for (live, file) in live.networks.iter().zip(&file.networks) {
        // One beacon and one probe response a second.
        let limited = airlens::air::NetworkEntry {
            beacons: live.beacons,
            probe_responses: live.probe_responses,
            last_seen: live.last_seen,
            ..file.clone()
        };
        ensure!(limited == *live, "live {live:?}\nfile {file:?}");
        ensure!(!quick || live.beacons == file.beacons.min(1), "{live:?}");
        ensure!(
            !quick || live.probe_responses == file.probe_responses.min(1),
            "{live:?}"
        );
    }
    // What was limited is counted.
    let stats = network.get_json("/api/stats")?;
    let balance = &stats["balance"];
    let sum = |causes: &serde_json::Value| -> u64 {
        let causes = causes.as_array().into_iter().flatten();
        causes.filter_map(|cause| cause["count"].as_u64()).sum()
    };
    let limited = balance["filtered"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|cause| cause["cause"] == "limited");
    ensure!(
        limited.is_some_and(|cause| cause["count"].as_u64() > Some(0)),
        "{balance}"
    );
    ensure!(balance["seen"] == packets.len() as u64, "{balance}");
    let handed_over = balance["handed_over"].as_u64().unwrap_or_default();
    ensure!(
        handed_over + sum(&balance["filtered"]) + sum(&balance["lost"]) == packets.len() as u64,
        "{balance}"
    );
    let (_, metrics) = network.get("/metrics")?;
    for channel in &live.channels {
        let (band, name) = (
            channel.band.as_deref().unwrap_or_default(),
            channel.channel.as_deref().unwrap_or_default(),
        );
        let line = format!(
            "airlens_channel_frames_total{{band=\"{band}\",channel=\"{name}\"}} {}",
            channel.frames
        );
        ensure!(metrics.lines().any(|found| found == line), "no {line}");
    }
    let tables = of_the_run(&network, &place, &[])?;
    for words in ["airlens-24", "café 📡", "airlens-6", "3c:28:6d:10:00:06 Google"] {
        ensure!(tables.out.contains(words), "no {words}: {}", tables.out);
    }
    let stations = of_the_run(&network, &place, &["--stations", "--sort", "frames"])?;
    ensure!(
        stations.out.starts_with("STATION") && !stations.out.contains("BSSID"),
        "{}",
        stations.out
    );
    run.stop()
}

#[test]
fn a_run_without_air_keeps_none() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut command = airlens(["run", "-i", "mon0"])?;
    command.env("AIRLENS_AIR", "false");
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    for packet in corpus::packets(STATIONS.as_ref(), corpus::LinkType::Radiotap)? {
        network.tap.write(&packet)?;
    }
    let start = Instant::now();
    while network.get_json("/api/stats")?["profiles"]["count"]
        .as_u64()
        .unwrap_or(0)
        < 30
    {
        ensure!(start.elapsed() < Duration::from_secs(20), "no profiles");
        std::thread::sleep(Duration::from_millis(100));
    }
    let report: Report = serde_json::from_value(of_the_run(&network, &place, &["--json"])?.json()?)?;
    ensure!(
        report.channels.is_empty() && report.networks.is_empty() && report.stations.is_empty(),
        "{report:?}"
    );
    ensure!(network.get_json("/api/stats")?["profiles"]["heard"].is_null());
    ensure!(!network.get("/metrics")?.1.contains("clients_heard"));
    run.stop()
}

#[test]
fn a_client_is_heard_by_any_frame_and_an_access_point_is_none() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut run = Running::start(&network, &place)?;
    let gauge = |name: &str| {
        let metrics = network.get("/metrics")?.1;
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix(&format!("airlens_{name} ")));
        Ok::<_, anyhow::Error>(value.map(str::to_owned))
    };
    assert_eq!(gauge("clients_heard")?.as_deref(), Some("0"));
    let frame = |control: [u8; 2], to: u8, from: u8, third: u8, body: &[u8]| {
        let mut frame = vec![0, 0, 8, 0, 0, 0, 0, 0];
        frame.extend(control);
        frame.extend([0, 0]);
        for last in [to, from, third] {
            frame.extend([2, 0, 0, 0, 0, last]);
        }
        frame.extend([0x10, 0]);
        frame.extend(body);
        frame
    };
    // The access point's beacon and data, then a client's data: to the AP, it names the AP first.
    network.tap.write(&frame(
        [0x80, 0],
        0xff,
        1,
        1,
        &[0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 1, 0, 0, 1, b'a'],
    ))?;
    network.tap.write(&frame([0x08, 2], 9, 1, 1, b"data"))?;
    run.until("the frames are counted", || {
        Ok(network.get_json("/api/stats")?["balance"]["seen"] == 2)
    })?;
    assert_eq!(gauge("clients_heard")?.as_deref(), Some("0"));
    network.tap.write(&frame([0x08, 1], 1, 9, 1, b"data"))?;
    run.until("the client is heard", || {
        Ok(gauge("clients_heard")?.as_deref() == Some("1"))
    })?;
    // It neither authenticated nor asked: it is no client that was profiled.
    assert_eq!(gauge("clients")?.as_deref(), Some("0"));
    run.stop()
}

#[test]
fn hopping_needs_a_radio() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut command = airlens(["run", "-i", "mon0", "--hop", "1,6"])?;
    let run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    let (code, log) = run.end()?;
    // A TAP is none; and where nothing of cfg80211 is there, that is told.
    ensure!(matches!(code, Some(2 | 7)), "{code:?}: {log}");
    let status = place.document(&place.paths().status)?;
    ensure!(status["state"] == "failed", "{status}");
    Ok(())
}

#[test]
fn without_a_run_air_says_so() -> Result<()> {
    let place = Place::new()?;
    let said = Said::by(place.name_run(&mut airlens(["air"])?))?;
    said.refuses(1, &["is airlens running?"])
}

#[test]
fn the_demonstration_has_an_air_too() -> Result<()> {
    let mut command = airlens(["demo", "--rate", "2000", "--duration", "20", "--listen", "127.0.0.1:0"])?;
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    // Kept open: a reader that is gone ends it.
    let mut lines = BufReader::new(demo.stdout.take().context("no output")?).lines();
    let stem = lines.by_ref().map_while(std::result::Result::ok).find_map(|line| {
        let stem = line.trim().strip_prefix("air      airlens air --run-stem ")?;
        Some(stem.to_owned())
    });
    let stem = stem.context("it does not say how to see its air")?;
    let start = Instant::now();
    let shown = loop {
        let said = Said::by(&mut airlens(["air", "--run-stem", &stem])?)?;
        if said.out.contains("airlens-6") && said.out.contains("Espressif") {
            break true;
        }
        if start.elapsed() > Duration::from_secs(15) {
            break false;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    // SAFETY: our own child, which was not waited for yet.
    unsafe { libc::kill(demo.id().cast_signed(), libc::SIGTERM) };
    let status = demo.wait()?;
    ensure!(shown && status.success(), "{shown} {status}");
    Ok(())
}
