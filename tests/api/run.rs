//! The API of a real run. Needs root and tun.

use std::{
    fs,
    io::{BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    time::Instant,
};

use airlens::{
    dot11::{Address, element::ElementId},
    publish::schema,
};
use airlens_tests::support::{
    cli::{Said, airlens},
    request::association,
    run::{Network, Place, Running},
    schema::{keeps_to, valid},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::events::Messages;

const CLIENT: &str = "02:00:00:00:00:02";

/// A request at 5180 MHz and -40 dBm, with this maximum power in dBm.
fn request(sequence: u8, power: u8) -> Vec<u8> {
    let client = Address([2, 0, 0, 0, 0, 2]);
    association(client, sequence, (5180, Some(-40)), b"net", |elements| {
        elements
            .raw(ElementId::SUPPORTED_RATES, &[0x8c, 0x12, 0x98, 0x24])
            .raw(ElementId::POWER_CAPABILITY, &[3, power]);
    })
}

/// `clients show --json` has it, but for what the run alone knows.
fn hold_client(document: &Value) -> Result<()> {
    let mut schema = schema::find("analysis").context("no schema")?.bundled();
    for key in ["type", "properties", "required", "additionalProperties"] {
        schema.as_object_mut().context("no object")?.shift_remove(key);
    }
    schema["$ref"] = json!("#/$defs/client");
    keeps_to(&schema, document)
}

#[test]
fn a_listener_is_told_of_a_profile_at_once() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let mut stream = network.connect()?;
    write!(
        stream,
        "GET /api/events HTTP/1.1\r\nhost: localhost\r\nuser-agent: test/1\r\n\r\n"
    )?;
    let mut messages = Messages(BufReader::new(stream));
    let status = messages.next_of("status")?;
    valid("run-status", [&status])?;
    assert_eq!(
        (&status["state"], &status["interfaces"]["monitor"]),
        (&json!("running"), &json!("mon0"))
    );
    assert_eq!(
        status["listeners"],
        json!([{ "address": "127.0.0.1:9474", "tls": false, "token": false }])
    );
    messages.next_of("stats")?;

    let mut took = Vec::new();
    for power in 10..20 {
        let sent = Instant::now();
        network.tap.write(&request(power, power))?;
        let client = messages.next_of("client")?;
        let known = sent.elapsed();
        assert_eq!(
            (&client["client_id"], &client["signal_dbm"]),
            (&json!(CLIENT), &json!(-40))
        );
        assert_eq!((&client["bands"], &client["widths"]), (&json!(["5"]), &json!([20])));
        assert_eq!(
            (&client["ssid"], &client["security"]),
            (&json!("net"), &json!("no RSN"))
        );
        let profile = messages.next_of("profile")?;
        took.push((known, sent.elapsed()));
        assert_eq!(
            (&profile["client_id"], &profile["changed"]),
            (&json!(CLIENT), &json!(true))
        );
        // What it tells of is there.
        let document = network.get_json(&format!("/api/clients/{CLIENT}"))?;
        hold_client(&document)?;
        assert_eq!(document["profiles"][0]["features"]["max_power"], power);
        let changes = &document["differences"][0]["changes"][0];
        assert_eq!(changes["after"], if power == 10 { Value::Null } else { json!(power) });
    }
    println!("from a frame to the events client and profile: {took:?}");
    let history = network.get_json(&format!("/api/clients/{CLIENT}/history"))?;
    assert_eq!(history["history"].as_array().map(Vec::len), Some(10));

    let clients = network.get_json("/api/clients")?;
    valid("client-list", [&clients])?;
    let shown: Vec<_> = clients["clients"].as_array().context("no list")?.iter().collect();
    assert_eq!(
        (&shown[0]["type"], &shown[0]["platform"]),
        (&json!("viewer"), &json!("test"))
    );
    assert_eq!((shown.len(), &shown[1]["client_id"]), (2, &json!(CLIENT)));
    let health = network.get_json("/api/health")?;
    valid("health", [&health])?;
    assert_eq!(
        (&health["connected_clients"], &health["active_sessions"]),
        (&json!(2), &json!(1))
    );
    let status = network.get_json("/api/status")?;
    valid("run-status", [&status])?;
    assert_eq!(
        (&status["viewers"], &status["last_profile"]),
        (&json!(1), &json!(CLIENT))
    );
    let passphrase = status.to_string().contains("passphrase");
    ensure!(!passphrase, "{status:#}");
    assert_eq!(network.get("/qr.svg")?.0, 404);

    // The end of the run is the end of the stream, after its last word.
    run.stop()?;
    loop {
        let status = messages.next_of("status")?;
        if status["state"] == "stopped" {
            break;
        }
    }
    ensure!(messages.next_of("status").is_err(), "the stream goes on");
    Ok(())
}

#[test]
fn tokens_of_the_service_manager_and_warnings() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let credentials = place.folder().join("credentials");
    fs::create_dir(&credentials)?;
    let token = credentials.join("airlens-token");
    fs::write(&token, "0123456789abcdef0123\n")?;
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600))?;
    let mut command = airlens(["run", "-i", "mon0", "--listen", "0.0.0.0:9474"])?;
    command.env("CREDENTIALS_DIRECTORY", &credentials);
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let (status, body) = network.get("/api/status")?;
    ensure!(status == 401 && body.contains("about:blank"), "{status} {body}");
    assert_eq!(network.get("/healthz")?, (200, "ok\n".to_owned()));
    // The run's own socket asks for none.
    let mut stats = airlens(["stats", "--json"])?;
    let said = network.here.run(|| Said::by(place.name_run(&mut stats)))??;
    ensure!(said.code == Some(0), "{said:?}");
    let mut stream = network.connect()?;
    write!(
        stream,
        "GET /api/status HTTP/1.0\r\nauthorization: Bearer wrongwrongwrong\r\n\r\n"
    )?;
    let log = place.folder().join("log");
    run.until("it is told", || {
        Ok(fs::read_to_string(&log)?.contains("a token was refused"))
    })?;
    let log = run.log()?;
    ensure!(
        log.contains("tokens can be read on the way") && !log.contains("wrongwrong"),
        "{log}"
    );
    run.stop()?;

    let mut command = airlens(["run", "-i", "mon0", "--listen", "0.0.0.0:9474"])?;
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let log = run.log()?;
    ensure!(log.contains("whoever reaches this address is answered"), "{log}");
    run.stop()
}

#[test]
fn files_that_cannot_be_used_end_the_run_before_it_changes_anything() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let token = place.folder().join("token");
    fs::write(&token, "0123456789abcdef0123\n")?;
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644))?;
    for (variables, said) in [
        (vec![("AIRLENS_MONITORING_TOKEN_FILE", &token)], "chmod o= "),
        (
            vec![
                ("AIRLENS_MONITORING_TLS_CERTIFICATE", &token),
                ("AIRLENS_MONITORING_TLS_KEY", &token),
            ],
            "BEGIN CERTIFICATE",
        ),
    ] {
        let mut command = airlens(["run", "-i", "mon0"])?;
        command.envs(variables);
        let command = place.name_all(&mut command);
        let ended = network.here.run(|| Said::by(command))??;
        ensure!(ended.code == Some(4) && ended.err.contains(said), "{ended:?}");
        let state = place.document(&place.state())?;
        assert_eq!(state["exit"]["reason"], "config_validation");
    }
    Ok(())
}
