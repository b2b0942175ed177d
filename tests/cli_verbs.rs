//! The verbs that show something and end: on nothing, on files, on the machine. Needs root and tun.

use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
};

use airlens::{
    capture::Reader,
    dot11::link::LinkType,
    profile::{Capture, Profile, client_json, client_pcap, client_stem, client_text},
    publish::{
        atomic::AtomicWriter,
        documents::{Radio, Reason, StartupMethod},
        lifecycle::{Failure, RunFiles, RunIdentity},
        schema::SCHEMAS,
        tree::{ClientTree, Kind},
    },
};
use airlens_tests::support::{
    cli::{FIXTURE, Said, airlens, airlens_as_nobody},
    run::{Network, Place},
};
use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde_json::json;

/// Above the largest process number that Linux gives (`include/linux/threads.h`, `PID_MAX_LIMIT`).
const NO_PROCESS: u32 = 1 << 22 | 1;

/// Files of every client in the fixture.
fn clients(files: &Path) -> Result<()> {
    let tree = ClientTree::new(files, AtomicWriter::default());
    let mut reader = Reader::new(File::open(FIXTURE)?)?;
    while let Some(packet) = reader.next_packet()? {
        let link_type = LinkType::from_number(packet.link_type)?;
        if let Some(profile) = Profile::from_packet(link_type, packet.octets, Capture::default())? {
            let (json, text) = (client_json(&profile).to_string(), client_text(&profile));
            let pcap = client_pcap(&profile);
            let files = [
                (Kind::Json, json.as_bytes()),
                (Kind::Text, text.as_bytes()),
                (Kind::Pcap, &pcap),
            ];
            tree.write(profile.mac.0, &client_stem(&profile), &files)?;
        }
    }
    Ok(())
}

fn said_of_clients<const N: usize>(files: &Path, arguments: [&str; N]) -> Result<Said> {
    Said::by(airlens(["clients"])?.args(arguments).arg("--files-path").arg(files))
}

#[test]
fn clients_are_shown_from_their_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    clients(folder.path())?;
    let table = said_of_clients(folder.path(), [])?;
    assert_eq!((table.code, table.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!("clients_table", table.out);

    let document = said_of_clients(folder.path(), ["--json"])?.json()?;
    let listed = document["clients"].as_array().context("no clients")?;
    assert_eq!(listed.len(), table.out.lines().count() - 1);

    let one = said_of_clients(folder.path(), ["3C:28:6D:10:00:01"])?;
    assert_eq!((one.code, one.err.as_str()), (Some(0), ""));
    let file = "clients/3c-28-6d-10-00-01/3c-28-6d-10-00-01_2.4GHz.txt";
    let text = fs::read_to_string(folder.path().join(file))?;
    let behind = one.out.strip_prefix(text.trim_end()).context("not its file")?;
    // The radio has random addresses too.
    assert_eq!(
        behind.trim(),
        "2.4 GHz: unknown device, kind 7f3a8660d1\n\nThe same kind of device, perhaps another one: 02:00:00:00:04:00, \
         06:70:ae:3f:90:4c, 8e:6f:af:cf:86:19, aa:78:e7:8b:06:fe"
    );
    let one = said_of_clients(folder.path(), ["--json", "3c-28-6d-10-00-01"])?.json()?;
    assert_eq!(one["clients"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["clients"][0]["mac"], "3c-28-6d-10-00-01");
    Ok(())
}

/// Its frame is in its files: the page is that of `analyze`, but for where the frame was found.
#[test]
fn a_client_has_a_page() -> Result<()> {
    let folder = tempfile::tempdir()?;
    clients(folder.path())?;
    let said = said_of_clients(folder.path(), ["show", "3c:28:6d:10:00:0f"])?;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let analyzed = Said::by(&mut airlens(["analyze", FIXTURE, "--client", "3c:28:6d:10:00:0f"])?)?;
    // A run keeps no probe request, so that its signature is the shorter one.
    let middle = |page: &str| {
        let behind = page.split_once("\nRADIOS")?.1;
        behind.split_once("\nFURTHER").map(|(middle, _)| middle.to_owned())
    };
    let page = middle(&said.out).context("no radios")?;
    assert_eq!(Some(page), middle(&analyzed.out));
    ensure!(said.out.contains("3c-28-6d-10-00-0f_6GHz.pcap"), "{}", said.out);
    // Another client's broken file hides this one no more than it must.
    let broken = folder.path().join("clients/02-00-00-00-00-01");
    fs::create_dir_all(&broken)?;
    fs::write(broken.join("02-00-00-00-00-01_5GHz.json"), "{")?;
    let beside = said_of_clients(folder.path(), ["show", "3c:28:6d:10:00:0f"])?;
    ensure!(beside.out.contains("3c-28-6d-10-00-0f_6GHz.pcap"), "{beside:?}");
    let record = said_of_clients(folder.path(), ["show", "3C-28-6D-10-00-0F", "--json"])?.json()?;
    assert_eq!(
        (&record["address"], &record["generation"]),
        (&json!("3c:28:6d:10:00:0f"), &json!(6))
    );
    said_of_clients(folder.path(), ["show", "02:00:00:00:00:99"])?
        .refuses(3, &["no client 02:00:00:00:00:99 was profiled"])?;
    let capture = folder
        .path()
        .join("clients/3c-28-6d-10-00-0f/3c-28-6d-10-00-0f_6GHz.pcap");
    fs::write(&capture, "no capture")?;
    said_of_clients(folder.path(), ["show", "3c:28:6d:10:00:0f"])?.refuses(1, &["can't read", "_6GHz.pcap"])
}

#[test]
fn no_client_has_its_own_exit_code() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().display().to_string();
    said_of_clients(folder.path(), [])?.refuses(3, &["no client was profiled", &path])?;
    said_of_clients(&folder.path().join("missing"), ["--json"])?.refuses(3, &["no client was profiled"])?;
    clients(folder.path())?;
    for other in ["02:00:00:00:00:99", "../../etc", ""] {
        said_of_clients(folder.path(), [other])?.refuses(3, &["no client", other, "was profiled"])?;
    }
    Ok(())
}

#[test]
fn a_client_file_that_is_none_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let client = folder.path().join("clients/02-00-00-00-00-01");
    fs::create_dir_all(&client)?;
    fs::write(client.join("02-00-00-00-00-01_5GHz.json"), "{\"mac\":")?;
    said_of_clients(folder.path(), [])?.refuses(1, &["02-00-00-00-00-01_5GHz.json is no JSON document"])
}

fn files_of_a_run(place: &Place, pid: u32) -> Result<RunFiles> {
    let identity = RunIdentity {
        version: "0.1.0".into(),
        pid,
        startup_method: StartupMethod::Cli,
    };
    let (writer, now) = (AtomicWriter::default(), Timestamp::now());
    Ok(RunFiles::start(place.paths(), writer, identity, Radio::default(), now)?)
}

#[test]
fn status_tells_every_state() -> Result<()> {
    let place = Place::new()?;
    let said = place.status()?;
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(1), "not running\n", "")
    );
    let document = Said::by(place.name_run(&mut airlens(["status", "--json"])?))?.json()?;
    assert_eq!(
        document,
        json!({ "alive": false, "status": null, "info": null, "run": null, "health": null, "last": null })
    );

    let pid = std::process::id();
    let mut files = files_of_a_run(&place, pid)?;
    let said = place.status()?;
    assert_eq!(said.code, Some(0));
    ensure!(
        said.out.starts_with(&format!("starting (pid {pid}, since ")),
        "{said:?}"
    );
    files.running(Timestamp::now())?;
    let said = place.status()?;
    assert_eq!(said.code, Some(0));
    ensure!(said.out.starts_with(&format!("running (pid {pid}, since ")), "{said:?}");
    let document = Said::by(place.name_run(&mut airlens(["status", "--json"])?))?.json()?;
    assert_eq!(
        (&document["alive"], &document["status"]["state"]),
        (&json!(true), &json!("running"))
    );

    let message = "interface mon0 is gone: plug it in again";
    let failure = Failure {
        code: 6,
        reason: Reason::InterfaceValidation,
        message: message.into(),
    };
    files.failed(failure, Timestamp::now())?;
    let said = place.status()?;
    assert_eq!(said.code, Some(1));
    ensure!(said.out.starts_with(&format!("failed: {message}\n")), "{said:?}");
    ensure!(said.out.contains("last run: failed at "), "{said:?}");

    let place = Place::new()?;
    files_of_a_run(&place, NO_PROCESS)?.running(Timestamp::now())?;
    let said = place.status()?;
    assert_eq!(said.code, Some(1));
    ensure!(
        said.out
            .starts_with(&format!("interrupted: process {NO_PROCESS} is gone, it was running")),
        "{said:?}"
    );
    Ok(())
}

#[test]
fn interfaces_say_what_takes_them() -> Result<()> {
    let network = Network::new()?;
    let mut command = airlens(["interfaces", "--json"])?;
    let document = network.here.run(|| Said::by(&mut command))??.json()?;
    let shown: Vec<_> = document["interfaces"]
        .as_array()
        .context("no interfaces")?
        .iter()
        .map(|row| {
            json!([
                row["name"],
                row["kind"],
                row["up"],
                row["phy"],
                row["frequency"],
                row["usable_as"]
            ])
        })
        .collect();
    let expected = json!([
        ["data0", "ethernet", true, null, null, ["--data"]],
        ["lo", "loopback", true, null, null, ["--data"]],
        ["mon0", "monitor", true, null, null, ["-i"]],
    ]);
    assert_eq!(json!(shown), expected);
    assert_eq!(document["interfaces"][0]["index"], network.pair.here.index);
    assert_eq!(document["interfaces"][1]["address"], "00:00:00:00:00:00");

    let mut command = airlens(["interfaces"])?;
    let table = network.here.run(|| Said::by(&mut command))??;
    ensure!(table.code == Some(0) && table.err.is_empty(), "{table:?}");
    for words in ["data0", "monitor", "--data", "-i"] {
        ensure!(table.out.contains(words), "{words}: {}", table.out);
    }
    Ok(())
}

#[test]
fn doctor_finds_this_machine_ready() -> Result<()> {
    let said = Said::by(&mut airlens(["doctor", "--json"])?)?;
    let document = said.json()?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    assert_eq!(document["ready"], true);
    let names: Vec<_> = document["checks"]
        .as_array()
        .context("no checks")?
        .iter()
        .filter_map(|check| check["name"].as_str())
        .collect();
    for name in [
        "kernel",
        "BTF",
        "capabilities",
        "programs",
        "hooks",
        "bpffs",
        "demo",
        "wireless",
    ] {
        ensure!(names.contains(&name), "no {name}: {document:#}");
    }
    Ok(())
}

#[test]
fn doctor_tells_a_user_without_privileges_what_is_missing() -> Result<()> {
    let (mut command, _binary) = airlens_as_nobody(["doctor"])?;
    let said = Said::by(&mut command)?;
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    for words in [
        "FAILED   capabilities",
        "CAP_BPF",
        "CAP_NET_ADMIN",
        "sudo",
        "can't run here yet",
    ] {
        ensure!(said.out.contains(words), "{words}: {}", said.out);
    }
    let (mut command, _binary) = airlens_as_nobody(["doctor", "--json"])?;
    assert_eq!(Said::by(&mut command)?.json()?["ready"], false);
    Ok(())
}

#[test]
fn stats_without_a_run_says_how_to_start_one() -> Result<()> {
    let place = Place::new()?;
    for form in [None, Some("--json")] {
        let said = Said::by(place.name_run(airlens(["stats"])?.args(form)))?;
        said.refuses(1, &["run/airlens.sock", "is airlens running?", "`airlens run`"])?;
    }
    Ok(())
}

#[test]
fn schemas_are_listed_and_printed_whole() -> Result<()> {
    let list = Said::by(&mut airlens(["schema"])?)?;
    assert_eq!((list.code, list.err.as_str()), (Some(0), ""));
    assert_eq!(list.out.lines().count(), 1 + SCHEMAS.len());
    for schema in SCHEMAS {
        let title = schema.title();
        let listed = list
            .out
            .lines()
            .any(|line| line.contains(schema.name) && line.contains(&title));
        ensure!(listed, "{}: {}", schema.name, list.out);
        let printed = Said::by(&mut airlens(["schema", schema.name])?)?.json()?;
        assert_eq!(printed["$id"], format!("urn:airlens:schema:{}", schema.name));
        assert_eq!(printed, schema.bundled());
    }
    let said = Said::by(&mut airlens(["schema", "nothing"])?)?;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    ensure!(said.err.contains("analyze-line, analysis, stats"), "{}", said.err);
    Ok(())
}

#[test]
fn a_page_for_no_command_is_a_wrong_command_line() -> Result<()> {
    let said = Said::by(&mut airlens(["man", "nothing"])?)?;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    ensure!(
        said.err.contains("nothing") && said.err.contains("airlens help"),
        "{}",
        said.err
    );
    Ok(())
}

#[test]
fn a_reader_that_is_gone_is_no_failure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    clients(folder.path())?;
    for verb in [
        &["interfaces"][..],
        &["interfaces", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["clients"],
        &["clients", "--json"],
        &["analyze", "--json", FIXTURE],
        &["schema"],
        &["schema", "client"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let mut command = airlens([])?;
        command.args(verb).env("AIRLENS_FILES_PATH", folder.path());
        let output = command.stdout(Stdio::from(writer)).stderr(Stdio::piped()).output()?;
        let said = (output.status.code(), String::from_utf8(output.stderr)?);
        assert_eq!(said, (Some(0), String::new()), "{verb:?}");
    }
    Ok(())
}
