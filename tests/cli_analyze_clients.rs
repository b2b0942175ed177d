//! `airlens analyze` on clients of several requests: the document, and the page of one.

use std::path::Path;

use airlens_tests::support::{
    cli::{FIXTURE, Said, airlens},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// In the fixtures' folder, so that what is printed does not depend on where the project is.
fn analyze<const N: usize>(arguments: [&str; N]) -> Result<Said> {
    let folder = Path::new(FIXTURE).parent().context("no folder")?;
    Said::by(airlens(["analyze"])?.args(arguments).current_dir(folder))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("no {key}: {value}"))
}

#[test]
fn a_document_of_clients() -> Result<()> {
    let said = analyze(["--json", "hwsim.pcap"])?;
    let document = said.json()?;
    assert_eq!(said.err, "");
    valid("analysis", [&document])?;
    // Written piece by piece, it is what would be written at once.
    assert_eq!(said.out, format!("{}\n", serde_json::to_string_pretty(&document)?));

    let input = json!({ "file": "hwsim.pcap", "packets": 458, "requests": 22, "bad_fcs": 0, "unreadable": 0, "forgotten_probes": 0, "damaged": null });
    assert_eq!(document["inputs"], json!([input]));
    let clients = list(&document, "clients")?;
    let mut frames = Vec::new();
    for client in clients {
        let requests = list(client, "requests")?;
        assert_eq!(client["request_count"], requests.len());
        for request in requests {
            let place = request["profile"].as_u64().context("no profile")?;
            let profile = client["profiles"].get(place as usize).context("no such profile")?;
            assert_eq!(request["band"], profile["band"]);
            frames.push(request["frame"].as_u64().context("no frame")?);
        }
    }
    // The same requests as line by line, and of the same capabilities.
    let lines = analyze(["--jsonl", "hwsim.pcap"])?.out;
    let lines: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut addresses: Vec<_> = lines.iter().map(|line| line["mac"].clone()).collect();
    addresses.sort_by_key(Value::to_string);
    addresses.dedup();
    assert_eq!(addresses.len(), clients.len());
    frames.sort_unstable();
    let expected: Vec<_> = lines.iter().filter_map(|line| line["frame"].as_u64()).collect();
    assert_eq!(frames, expected);
    let first = (&clients[0]["profiles"][0], &lines[0]);
    for key in ["features", "airlens", "notes"] {
        assert_eq!(first.0[key], first.1[key], "{key}");
    }
    Ok(())
}

#[test]
fn a_document_of_none() -> Result<()> {
    let said = analyze(["--json", "hwsim.pcap", "--ssid", "none"])?;
    let document = said.json()?;
    assert_eq!((said.code, &document["clients"]), (Some(3), &json!([])));
    assert_eq!(document["inputs"][0]["requests"], 22);
    assert_eq!(said.out, format!("{}\n", serde_json::to_string_pretty(&document)?));
    Ok(())
}

/// A client's second request on a band that says something else is a change of the client.
#[test]
fn what_changed_is_told() -> Result<()> {
    let document = analyze(["--json", "hwsim.pcap"])?.json()?;
    let mut changed = 0;
    for client in list(&document, "clients")? {
        for change in list(client, "changes")? {
            let of = |key: &str| client["profiles"].get(change[key].as_u64()? as usize);
            let (from, to) = (of("from").context("no from")?, of("to").context("no to")?);
            assert_eq!(from["band"], to["band"]);
            for change in list(change, "changes")? {
                ensure!(change["before"] != change["after"], "{change}");
                changed += 1;
            }
        }
    }
    ensure!(changed > 0, "the fixture has a client that changes");
    Ok(())
}

/// A file that can't be read to its end is told in the document too.
#[test]
fn damage_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let whole = std::fs::read(FIXTURE)?;
    let cut = folder.path().join("cut.pcap");
    std::fs::write(&cut, &whole[..whole.len() - 1])?;
    let said = Said::by(airlens(["analyze", "--json", FIXTURE])?.arg(&cut))?;
    assert_eq!(said.code, Some(4));
    let document: Value = serde_json::from_str(&said.out)?;
    let inputs = list(&document, "inputs")?;
    assert_eq!(
        (&inputs[0]["damaged"], &inputs[1]["packets"]),
        (&Value::Null, &json!(457))
    );
    let damage = inputs[1]["damaged"].as_str().context("no damage")?;
    ensure!(
        damage.contains("ends within the record") && said.err.contains(damage),
        "{said:?}"
    );
    Ok(())
}

/// A request that can't be decoded is told, and counted.
#[test]
fn what_can_not_be_decoded_is_counted() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut file = std::fs::read(FIXTURE)?;
    // Octets are microseconds or nanoseconds, the link type 127: the first request's radiotap header says that it is longer than it is.
    let request = first_request(&file).context("no request")?;
    file[request + 2] = 0xff;
    file[request + 3] = 0xff;
    let path = folder.path().join("odd.pcap");
    std::fs::write(&path, &file)?;
    let said = Said::by(airlens(["analyze", "--json"])?.arg(&path))?;
    let document: Value = serde_json::from_str(&said.out)?;
    valid("analysis", [&document])?;
    let input = &document["inputs"][0];
    assert_eq!(
        (
            &input["packets"],
            &input["requests"],
            &input["unreadable"],
            &input["damaged"]
        ),
        (&json!(458), &json!(21), &json!(1), &Value::Null)
    );
    ensure!(
        said.err.lines().count() == 1 && said.err.contains(": frame "),
        "{}",
        said.err
    );
    Ok(())
}

/// Where the first packet of a pcap file with an association request begins.
fn first_request(file: &[u8]) -> Option<usize> {
    let word = |at: usize| Some(u32::from_le_bytes(file.get(at..at + 4)?.try_into().ok()?) as usize);
    let mut at = 24;
    loop {
        let (length, packet) = (word(at + 8)?, at + 16);
        let header = usize::from(u16::from_le_bytes(file.get(packet + 2..packet + 4)?.try_into().ok()?));
        if file.get(packet + header) == Some(&0) {
            return Some(packet);
        }
        at = packet + length;
    }
}

/// Over the limit of requests that are listed, all are counted, and what is left out is told.
#[test]
fn what_has_no_room_is_told() -> Result<()> {
    let said = Said::by(airlens(["analyze", "--json", "--client", "3c:5a:b4:10:00:0c"])?.args([FIXTURE; 90]))?;
    let document: Value = serde_json::from_str(&said.out)?;
    let client = &document["clients"][0];
    assert_eq!(
        (&client["request_count"], list(client, "requests")?.len()),
        (&json!(270), 256)
    );
    assert_eq!(document["left_out"]["further_requests"], 14);
    ensure!(
        said.err
            .contains("14 further requests of these clients are not listed: --jsonl"),
        "{}",
        said.err
    );
    Ok(())
}

/// The lines of a page below a heading.
fn section(page: &str, heading: &str) -> String {
    let lines = page.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_of_a_client() -> Result<()> {
    let said = analyze(["hwsim.pcap", "--client", "3c:28:6d:10:00:0f"])?;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!("analyze_page", said.out);
    let roaming = analyze(["hwsim.pcap", "--client", "3c:5a:b4:10:00:0c", "--page"])?;
    insta::assert_snapshot!("analyze_page_roaming_seen", section(&roaming.out, "SEEN"));
    Ok(())
}

#[test]
fn a_page_for_each_client_or_a_table() -> Result<()> {
    let pages = analyze(["--page", "--ascii", "hwsim.pcap"])?;
    ensure!(pages.out.is_ascii(), "{}", pages.out);
    let clients = analyze(["--json", "hwsim.pcap"])?.json()?;
    let clients = list(&clients, "clients")?.len();
    assert_eq!(pages.out.matches("\nSECURITY").count(), clients);
    assert_eq!(
        pages.out.lines().filter(|line| *line == "-".repeat(80)).count(),
        clients - 1
    );
    let table = analyze(["--table", "hwsim.pcap", "--client", "3c:28:6d:10:00:0f"])?;
    ensure!(
        table.out.starts_with(" Client ") && table.out.lines().count() == 2,
        "{}",
        table.out
    );
    // One client needs no table; nor does what is no terminal need colours.
    let one = analyze(["hwsim.pcap", "--ssid", "airlens-6", "--since", "2026-11-21"])?;
    let of_one = analyze(["hwsim.pcap", "--client", "3c:28:6d:10:00:0f"])?;
    ensure!(one.out == of_one.out || one.out.starts_with(" Client "), "{}", one.out);
    ensure!(
        !pages.out.contains('\x1b') && !of_one.out.contains('\x1b'),
        "{}",
        of_one.out
    );
    for pair in [["--page", "--json"], ["--page", "--table"], ["--table", "--csv"]] {
        let said = Said::by(airlens(["analyze", FIXTURE])?.args(pair))?;
        assert_eq!(said.code, Some(2), "{pair:?}");
        ensure!(said.err.contains("cannot be used with"), "{}", said.err);
    }
    Ok(())
}
