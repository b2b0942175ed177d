//! Settings of a run that change what it counts and whom it answers. Needs root and tun.

use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use airlens::dot11::{
    Address,
    element::ElementId,
    emit::{Body, ElementWriter, Header},
};
use airlens_tests::support::{
    cli::airlens,
    run::{Network, Place, Running},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

const AP: Address = Address([2, 0, 0, 0, 0, 1]);

/// A frame of a station to the access point behind a radiotap header without a field.
fn packet(sequence: u16, body: &Body<'_>, elements: &[u8]) -> Vec<u8> {
    let header = Header {
        destination: AP,
        source: Address([2, 0, 0, 0, 0, 2]),
        bssid: AP,
        sequence,
        ..Header::default()
    };
    [&[0, 0, 8, 0, 0, 0, 0, 0][..], &header.frame(body, elements)].concat()
}

fn started(network: &Network, place: &Place, arguments: &[&str]) -> Result<Running> {
    let mut command = airlens(["run", "-i", "mon0"])?;
    let mut run = Running::spawn(network, place, place.name_all(command.args(arguments)))?;
    run.until_running(place)?;
    Ok(run)
}

/// The count of a cause in a list of them.
fn of_cause(list: &Value, cause: &str) -> Option<u64> {
    let list = list.as_array()?;
    list.iter().find(|count| count["cause"] == cause)?["count"].as_u64()
}

#[test]
fn one_probe_request_in_its_interval() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    for (arguments, limited) in [(&["--probe-interval", "1h"][..], 4), (&[], 0)] {
        let mut run = started(&network, &place, arguments)?;
        let mut elements = ElementWriter::new();
        elements.raw(ElementId::SSID, b"");
        for sequence in 0..5 {
            network
                .tap
                .write(&packet(sequence, &Body::ProbeRequest, elements.octets()))?;
        }
        let mut balance = Value::Null;
        run.until("all are counted", || {
            balance = network.get_json("/api/stats")?["balance"].take();
            Ok(balance["seen"] == 5)
        })?;
        assert_eq!(of_cause(&balance["filtered"], "limited"), Some(limited), "{balance}");
        assert_eq!(balance["handed_over"], 5 - limited);
        run.stop()?;
    }
    Ok(())
}

#[test]
fn a_channel_where_there_is_no_radio_is_told() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    for (arguments, told) in [(&["-c", "36"][..], true), (&["--country", "DE"], true), (&[], false)] {
        let run = started(&network, &place, arguments)?;
        let log = run.log()?;
        assert_eq!(log.contains("no radio to tune"), told, "{log}");
        run.stop()?;
    }
    Ok(())
}

#[test]
fn a_client_has_failed_after_the_time_for_it() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut run = started(&network, &place, &["--attempt-timeout", "1s"])?;
    let open = Body::Authentication {
        algorithm: 0,
        transaction: 1,
        status: 0,
        fields: &[],
    };
    network.tap.write(&packet(1, &open, &[]))?;
    let start = Instant::now();
    run.until("it has failed", || {
        let profiles = network.get_json("/api/stats")?["profiles"].take();
        Ok(profiles["failed"] == 1)
    })?;
    // By default it would be five.
    ensure!(
        (Duration::from_millis(900)..Duration::from_secs(5)).contains(&start.elapsed()),
        "{:?}",
        start.elapsed()
    );
    run.stop()
}

#[test]
fn only_names_of_the_server_are_answered_on_loopback() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut command = airlens(["run", "-i", "mon0"])?;
    command.env("AIRLENS_MONITORING_HOSTS", "pi.lan, pi");
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let status = |host: &str| -> Result<String> {
        let mut stream = network.connect()?;
        write!(
            stream,
            "GET /api/stats HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.split(' ').nth(1).context("no status")?.to_owned())
    };
    for host in ["localhost:9474", "127.0.0.1:9474", "[::1]", "pi.lan:9474", "PI"] {
        assert_eq!(status(host)?, "200", "{host}");
    }
    for host in ["evil.example:9474", "pi.lan.evil.example", "127.0.0.1.evil.example"] {
        assert_eq!(status(host)?, "421", "{host}");
    }
    run.stop()
}
