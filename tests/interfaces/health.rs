//! Health, clients and the page, as they are asked for over HTTP.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    process::Command,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use airlens::dot11::emit::Body;
use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::sensor::{Sensor, client, frame};

/// Listens to the events of a run until this is dropped.
fn listener(network: &Network, query: &str) -> Result<BufReader<TcpStream>> {
    let mut stream = network.connect()?;
    write!(
        stream,
        "GET /api/events{query} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test/1\r\n\r\n"
    )?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while !line.starts_with("event: ") {
        line.clear();
        ensure!(reader.read_line(&mut line)? > 0, "the stream has ended");
    }
    Ok(reader)
}

/// A run of a data interface alone, and the removal of that.
struct Blind {
    network: Network,
    place: Place,
    run: Running,
}

impl Blind {
    fn start() -> Result<Self> {
        let (network, place) = (Network::new()?, Place::new()?);
        let mut command = airlens(["run", "--data", "data0"])?;
        let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
        run.until_running(&place)?;
        Ok(Self { network, place, run })
    }

    fn take_its_sight(&mut self) -> Result<()> {
        let remove = || Command::new("ip").args(["link", "del", "data0"]).status();
        ensure!(self.network.here.run(remove)??.success());
        let network = &self.network;
        self.run
            .until("it sees nothing", || Ok(network.get("/readyz")?.0 == 503))
    }

    fn health(&self, arguments: &[&str]) -> Result<Said> {
        let mut command = airlens(["health"])?;
        let command = self.place.name_run(&mut command).args(arguments);
        self.network.here.run(|| Said::by(command))?
    }
}

#[test]
fn api_health() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.profiled(1)?;
    let _viewer = listener(&sensor.network, "")?;
    thread::sleep(Duration::from_millis(1100));
    let health = sensor.network.get_json("/api/health")?;
    valid("health", [&health])?;
    assert_eq!(
        (&health["status"], &health["active_sessions"]),
        (&"healthy".into(), &1.into())
    );
    assert_eq!(health["connected_clients"], 2);
    ensure!(
        (1..60).contains(&health["uptime_seconds"].as_u64().unwrap_or(0)),
        "{health}"
    );
    // What can't be written is not lost in silence.
    let clients = sensor.place.files().join("clients");
    fs::remove_dir_all(&clients)?;
    fs::write(&clients, "")?;
    sensor.profiled(2)?;
    assert_eq!(sensor.network.get_json("/api/health")?["status"], "degraded");
    sensor.stop()?;

    let mut blind = Blind::start()?;
    assert_eq!(blind.network.get("/api/health")?.0, 200);
    blind.take_its_sight()?;
    let (status, body) = blind.network.get("/api/health")?;
    let health: Value = serde_json::from_str(&body)?;
    valid("health", [&health])?;
    assert_eq!((status, &health["status"]), (503, &"unhealthy".into()));
    blind.run.stop()
}

#[test]
fn api_clients() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    let begun = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    sensor.profiled(1)?;
    let _viewer = listener(&sensor.network, "")?;
    let roof = listener(&sensor.network, "?as=sensor&name=roof")?;
    let clients = sensor.network.get_json("/api/clients")?;
    valid("client-list", [&clients])?;
    let all = clients["clients"].as_array().context("no list")?;
    assert_eq!((clients["total"].as_u64(), all.len()), (Some(3), 3));
    let of = |kind: &str| {
        all.iter()
            .find(|client| client["type"] == kind)
            .with_context(|| kind.to_owned())
    };
    let (station, viewer, sensor_) = (of("device")?, of("viewer")?, of("sensor")?);
    assert_eq!(station["client_id"], client(1).to_string());
    assert_eq!(viewer["platform"], "test");
    ensure!(sensor_.to_string().contains("roof"), "{sensor_}");
    for entry in all {
        let connected = entry["connected_at"].as_f64().context("no time")?;
        ensure!((begun - 1.0..begun + 60.0).contains(&connected), "{entry}");
        ensure!(
            entry["uptime_seconds"].is_u64() && entry["platform"].is_string(),
            "{entry}"
        );
    }
    // Who goes is not listed any more.
    drop(roof);
    let network = &sensor.network;
    sensor
        .run
        .until("it has left", || Ok(network.get_json("/api/clients")?["total"] == 2))?;
    sensor.stop().map(drop)
}

#[test]
fn healthz() -> Result<()> {
    let mut blind = Blind::start()?;
    assert_eq!(blind.network.get("/healthz")?, (200, "ok\n".to_owned()));
    blind.take_its_sight()?;
    // It lives, though it sees nothing.
    assert_eq!(blind.network.get("/healthz")?.0, 200);
    blind.run.stop()
}

#[test]
fn readyz() -> Result<()> {
    let mut blind = Blind::start()?;
    assert_eq!(blind.network.get("/readyz")?, (200, "ready\n".to_owned()));
    blind.take_its_sight()?;
    let (_, why) = blind.network.get("/readyz")?;
    ensure!(why.contains("no program is attached"), "{why}");
    blind.run.stop()?;

    let mut sensor = Sensor::start(&[])?;
    let clients = sensor.place.files().join("clients");
    fs::remove_dir_all(&clients)?;
    fs::write(&clients, "")?;
    sensor.profiled(1)?;
    let network = &sensor.network;
    let ready = |expected: u16| -> Result<bool> {
        let (status, why) = network.get("/readyz")?;
        ensure!(status == 200 || why.contains("files can't be written"), "{why}");
        Ok(status == expected)
    };
    sensor.run.until("it is not ready", || ready(503))?;
    fs::remove_file(&clients)?;
    // It tries again by itself within 5 s, and at once where there is something to write.
    sensor.profiled(2)?;
    let network = &sensor.network;
    sensor
        .run
        .until("it is ready again", || Ok(network.get("/readyz")?.0 == 200))?;
    sensor.stop().map(drop)
}

#[test]
fn command() -> Result<()> {
    let mut blind = Blind::start()?;
    for arguments in [&[][..], &["--live"], &["--ready"]] {
        let said = blind.health(arguments)?;
        ensure!(said.code == Some(0) && said.out.starts_with("OK: "), "{said:?}");
        assert_eq!(said.out.lines().count(), 1);
    }
    blind.take_its_sight()?;
    for (arguments, code, word) in [
        (&["--live"][..], 0, "OK: "),
        (&["--ready"], 1, "WARNING: "),
        (&[], 2, "CRITICAL: "),
    ] {
        let said = blind.health(arguments)?;
        ensure!(
            said.code == Some(code) && said.out.starts_with(word),
            "{arguments:?}: {said:?}"
        );
    }
    let gone = blind.run.pid();
    blind.run.signal(libc::SIGKILL);
    let (network, place) = (blind.network, blind.place);
    ensure!(blind.run.end()?.0.is_none(), "{gone}");
    for argument in ["--live", "--ready"] {
        let mut command = airlens(["health", argument])?;
        let said = network.here.run(|| Said::by(place.name_run(&mut command)))??;
        ensure!(said.code == Some(2) && said.out.lines().count() == 1, "{said:?}");
    }
    Ok(())
}

#[test]
fn page() -> Result<()> {
    let sensor = Sensor::start(&[])?;
    let (status, page) = sensor.network.get("/")?;
    ensure!(
        status == 200 && page.contains("<title>") && page.contains("airlens"),
        "{page}"
    );
    // Every file that it names is the run's own.
    for part in page.split([' ', '>']) {
        let Some((name, path)) = part.split_once("=\"") else {
            continue;
        };
        if !["src", "href"].contains(&name) {
            continue;
        }
        let path = path.trim_end_matches('"');
        ensure!(!path.contains("//"), "{path}");
        if !path.starts_with(['#', 'd']) {
            let path = format!("/{}", path.trim_start_matches(['.', '/']));
            assert_eq!(sensor.network.get(&path)?.0, 200, "{path}");
        }
    }
    sensor.stop().map(drop)
}

#[test]
fn request_latency() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    for _ in 0..3 {
        sensor.network.get("/api/health")?;
    }
    let path = &["path=\"/api/health\""];
    sensor.counted("airlens_http_request_duration_seconds_count", path, 3.0)?;
    let samples = sensor.metrics()?;
    assert_eq!(samples.kind("airlens_http_request_duration_seconds"), Some("histogram"));
    let sum = samples.sum("airlens_http_request_duration_seconds_sum", path);
    ensure!((0.000_001..5.0).contains(&sum), "{sum} s");
    let counted = ["path=\"/api/health\"", "code=\"200\""];
    assert_eq!(samples.sum("airlens_http_requests_total", &counted), 3.0);
    sensor.stop().map(drop)
}

/// What `sum(rate(airlens_profiles_total[1m])) * 60` is taken of.
#[test]
fn profiles_per_minute() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    for number in 1..=3 {
        sensor.profiled(number)?;
        assert_eq!(sensor.metrics()?.sum("airlens_profiles_total", &[]), f64::from(number));
    }
    sensor.stop().map(drop)
}

/// What `1 - disconnections / sessions that succeeded` is taken of.
#[test]
fn connection_stability() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.joins(1)?;
    for by in ["ap", "client"] {
        let label = format!("by=\"{by}\"");
        ensure!(sensor.metrics()?.has("airlens_disconnections_total", &[&label]));
    }
    let leaves = Body::Deauthentication { reason: 3 };
    sensor.network.tap.write(&frame(1, true, &leaves))?;
    sensor.counted("airlens_disconnections_total", &["by=\"client\""], 1.0)?;
    let samples = sensor.metrics()?;
    assert_eq!(samples.sum("airlens_disconnections_total", &[]), 1.0);
    assert_eq!(samples.sum("airlens_sessions_total", &["result=\"success\""]), 1.0);
    sensor.stop().map(drop)
}
