//! Profiles of `airlens run`, to a broker in the run's network. Needs root and tun.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, thread,
    time::{Duration, Instant},
};

use airlens::{
    demo,
    lab::{Plan, exchange},
    publish::snapshot::{Export, Snapshot},
};
use airlens_tests::support::{
    cli::airlens,
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde_json::Value;

use super::broker::{Broker, Read};

/// Every network is private: no other has it.
const PORT: u16 = 9092;
const TOPIC: &str = "stations";
/// Stations of the demonstration's capture.
const CLIENTS: u64 = 34;

/// A run on the monitor interface and its broker's side.
struct Scene {
    network: Network,
    place: Place,
}

impl Scene {
    fn new() -> Result<Self> {
        Ok(Self {
            network: Network::new()?,
            place: Place::new()?,
        })
    }

    fn broker(&self, topics: &[&str]) -> Result<Broker> {
        self.network.here.run(|| Broker::start(PORT, 3, topics))?
    }

    fn records(&self, broker: &Broker, topic: &str) -> Result<Vec<Read>> {
        self.network.here.run(|| broker.records(topic))?
    }

    fn run(&self, arguments: &[&str]) -> Result<Running> {
        let brokers = format!("127.0.0.1:{PORT}");
        let mut command = airlens(["run", "-i", "mon0", "--kafka-brokers", &brokers])?;
        let command = self.place.name_all(command.args(arguments));
        let mut run = Running::spawn(&self.network, &self.place, command)?;
        run.until_running(&self.place)?;
        Ok(run)
    }

    /// Stations join, as in the demonstration's capture.
    fn stations(&self) -> Result<()> {
        for frame in demo::frames(demo::CAPTURE)? {
            self.network.tap.write(&frame)?;
            thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }

    fn stats(&self) -> Result<Snapshot> {
        let stats = self.network.get_json("/api/stats")?;
        valid("stats", [&stats])?;
        Ok(serde_json::from_value(stats)?)
    }

    /// Waits until every profile of the run, one of each client at least, is in this state to its exporter.
    fn until_all(&self, run: &mut Running, what: &str, state: impl Fn(&Export) -> u64) -> Result<Export> {
        let mut last = None;
        run.until(what, || {
            let stats = self.stats()?;
            let export = exporter(&stats, "kafka-profiles").context("no such exporter")?;
            ensure!(export.holds(), "{export:?}");
            // The last frame may still be on its way: twice the same.
            let all = stats.profiles.count >= CLIENTS && state(export) == stats.profiles.count;
            let again = last.replace(export.clone()).as_ref() == Some(export);
            thread::sleep(Duration::from_millis(300));
            Ok(all && again)
        })?;
        last.context("never looked")
    }

    /// Holds the last record of each client on each band against the client's file, of which there is no other.
    fn files_are(&self, records: &[Read]) -> Result<()> {
        let mut last = BTreeMap::new();
        for Read { key, value, .. } in records {
            let (client, band) = (key.replace(':', "-"), value["capture_band"].as_str());
            let band = match band {
                Some("2") => "2.4GHz",
                Some("5") => "5GHz",
                Some("6") => "6GHz",
                _ => anyhow::bail!("{value}"),
            };
            last.insert(format!("{client}/{client}_{band}.json"), value);
        }
        let clients = self.place.files().join("clients");
        for (path, value) in &last {
            let on_disk: Value = serde_json::from_slice(&fs::read(clients.join(path))?)?;
            ensure!(on_disk == **value, "{path}: {on_disk}\n{value}");
        }
        let files = self.place.everything()?;
        let files = files.iter().filter_map(|path| path.strip_prefix("files/clients/"));
        let files: BTreeSet<_> = files.filter(|path| path.ends_with("GHz.json")).collect();
        assert_eq!(files, last.keys().map(String::as_str).collect());
        Ok(())
    }
}

fn exporter<'a>(stats: &'a Snapshot, name: &str) -> Option<&'a Export> {
    stats.exports.iter().find(|export| export.exporter == name)
}

fn is(record: &Read, kind: &str) -> bool {
    matches!(&*record.headers, [(name, value)] if name == "type" && value == kind)
}

/// Holds records of profiles against their schema, their time and their order.
fn are_profiles(records: &[Read], since: Timestamp) -> Result<()> {
    valid("client", records.iter().map(|record| &record.value))?;
    let mut times = BTreeMap::new();
    for record in records {
        ensure!(is(record, "profile"), "{record:?}");
        ensure!(
            (since.as_millisecond()..=Timestamp::now().as_millisecond()).contains(&record.time),
            "{since} {}",
            record.time
        );
        // A client's are in one partition, in their order.
        let before = times.insert(&record.key, record.time);
        ensure!(before.is_none_or(|before| before <= record.time), "{}", record.key);
    }
    // More than one request of some.
    ensure!(times.len() < records.len(), "{} clients", times.len());
    Ok(())
}

#[test]
fn each_profile_is_a_record_of_its_client() -> Result<()> {
    let scene = Scene::new()?;
    let broker = scene.broker(&[TOPIC])?;
    let since = Timestamp::now();
    // No data interface, and so no flow.
    let mut run = scene.run(&["--kafka-profile-topic", TOPIC])?;
    scene.stations()?;
    let export = scene.until_all(&mut run, "every profile is sent", |export| export.sent)?;
    let text = scene.network.get("/metrics")?.1;
    let sent = format!(
        "airlens_export_records_total{{exporter=\"kafka-profiles\",result=\"sent\",cause=\"\"}} {}",
        export.sent
    );
    ensure!(text.lines().any(|line| line == sent), "{text}");
    run.stop()?;
    let records = scene.records(&broker, TOPIC)?;
    assert_eq!((records.len() as u64, export.failures), (export.given, 0));
    are_profiles(&records, since)?;
    scene.files_are(&records)
}

#[test]
fn a_broker_that_was_away_gets_every_profile() -> Result<()> {
    let scene = Scene::new()?;
    let spool = scene.place.folder().join("spool");
    let spool = spool.to_str().context("no UTF-8")?;
    let since = Timestamp::now();
    let arguments = ["--kafka-profile-topic", TOPIC, "--kafka-spool", spool];
    let mut run = scene.run(&arguments)?;
    scene.stations()?;
    let first = scene.until_all(&mut run, "every profile is spooled", |export| export.spooled)?;
    ensure!(first.failures > 0, "{first:?}");
    // The next run finds them, and more come.
    run.stop()?;
    let mut run = scene.run(&arguments)?;
    scene.stations()?;
    run.until("profiles of both are spooled", || {
        let stats = scene.stats()?;
        let export = exporter(&stats, "kafka-profiles").context("no such exporter")?;
        Ok(export.recovered == first.spooled && export.given > 0 && export.spooled > first.spooled)
    })?;
    let broker = scene.broker(&[TOPIC])?;
    let second = scene.until_all(&mut run, "every profile is sent", |export| {
        export.sent.saturating_sub(first.spooled)
    })?;
    ensure!(second.lost.iter().all(|cause| cause.count == 0), "{second:?}");
    let (code, log) = {
        run.signal(libc::SIGTERM);
        run.end()?
    };
    let told = format!(
        "given={} recovered={} sent={} spooled=0",
        second.given,
        first.spooled,
        first.spooled + second.given
    );
    ensure!(code == Some(0) && log.contains(&told), "{told}: {log}");
    let records = scene.records(&broker, TOPIC)?;
    assert_eq!(records.len() as u64, first.given + second.given);
    are_profiles(&records, since)?;
    scene.files_are(&records)
}

#[test]
fn without_brokers_and_spool_the_end_of_a_run_tells_the_loss() -> Result<()> {
    let scene = Scene::new()?;
    let mut run = scene.run(&[])?;
    scene.stations()?;
    let export = scene.until_all(&mut run, "every profile waits", |export| export.waiting)?;
    let said = scene.place.name_run(&mut airlens(["stats"])?).output()?;
    let said = String::from_utf8(said.stdout)?;
    ensure!(
        said.contains(&format!("to kafka-profiles given {} + recovered 0", export.given)),
        "{said}"
    );
    let start = Instant::now();
    run.signal(libc::SIGTERM);
    let (code, log) = run.end()?;
    // Its five seconds, and what a busy machine takes.
    ensure!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let given = export.given;
    let told = format!("exporter=kafka-profiles given={given} recovered=0 sent=0 spooled=0 lost={given}");
    ensure!(code == Some(0) && log.contains(&told), "{told}: {log}");
    Ok(())
}

/// Flows and profiles of one run, to these topics: what arrived there.
fn both(flows: &str, profiles: &str) -> Result<(Vec<Read>, Vec<Read>)> {
    let scene = Scene::new()?;
    let broker = scene.broker(&BTreeSet::from([flows, profiles]).into_iter().collect::<Vec<_>>())?;
    let topics = ["--kafka-topic", flows, "--kafka-profile-topic", profiles];
    let since = Timestamp::now();
    let mut run = scene.run(&[&topics[..], &["--data", "data0"]].concat())?;
    let plan = Plan {
        exchanges: 10,
        size: 100,
        pause: Duration::ZERO,
    };
    let there = scene.network.pair.there.ipv4.into();
    exchange(&scene.network.here, &scene.network.there, there, plan)?;
    scene.stations()?;
    let export = scene.until_all(&mut run, "every profile is sent", |export| export.sent)?;
    // Flows end with the run.
    run.stop()?;
    let of = |topic: &str, kind: &str| -> Result<Vec<Read>> {
        let mut records = scene.records(&broker, topic)?;
        let (all, apart) = (records.len(), flows != profiles);
        records.retain(|record| is(record, kind));
        ensure!(!apart || records.len() == all, "others than {kind} in {topic}");
        Ok(records)
    };
    let (flows, profiles) = (of(flows, "flow")?, of(profiles, "profile")?);
    assert_eq!(profiles.len() as u64, export.given);
    are_profiles(&profiles, since)?;
    scene.files_are(&profiles)?;
    valid("flow", flows.iter().map(|record| &record.value))?;
    let exchanged = |record: &&Read| record.value["packets"] == 20 && record.value["protocol_name"] == "udp";
    assert_eq!(flows.iter().filter(exchanged).count(), 1, "{flows:?}");
    Ok((flows, profiles))
}

#[test]
fn flows_and_profiles_have_topics_of_their_own() -> Result<()> {
    both("flows", TOPIC).map(drop)
}

#[test]
fn one_topic_for_both_tells_them_apart() -> Result<()> {
    let (flows, profiles) = both("airlens", "airlens")?;
    ensure!(!flows.is_empty() && !profiles.is_empty());
    Ok(())
}
