//! `airlens analyze` on the project's own capture, and on what is no capture.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::Stdio,
};

use airlens_tests::support::{
    cli::{FIXTURE, Said, airlens},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// Frame numbers and transmitters as in `fixtures/README.md`.
fn expected() -> Result<Vec<(u64, String)>> {
    let readme = Path::new(FIXTURE).with_file_name("README.md");
    let mut expected = Vec::new();
    for line in fs::read_to_string(readme)?.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, frames, transmitter, ..] = cells[..] else {
            continue;
        };
        for frame in frames.split(", ") {
            if let Ok(frame) = frame.parse() {
                expected.push((frame, transmitter.to_owned()));
            }
        }
    }
    assert_eq!(expected.len(), 22);
    Ok(expected)
}

fn found<'a>(requests: impl IntoIterator<Item = &'a Value>) -> Result<Vec<(u64, String)>> {
    requests
        .into_iter()
        .map(|request| {
            let frame = request["frame"].as_u64().context("no frame")?;
            Ok((frame, request["mac"].as_str().context("no mac")?.to_owned()))
        })
        .collect()
}

/// In the fixtures' folder, so that what is printed does not depend on where the project is.
fn analyze<const N: usize>(arguments: [&str; N]) -> Result<Said> {
    let folder = Path::new(FIXTURE).parent().context("no folder")?;
    let said = Said::by(airlens(["analyze"])?.args(arguments).current_dir(folder))?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    Ok(said)
}

#[test]
fn a_table_for_people() -> Result<()> {
    let said = analyze(["hwsim.pcap"])?;
    insta::assert_snapshot!("analyze_table", said.out);
    let frames: Vec<_> = said
        .out
        .lines()
        .skip(1)
        .map(|line| line.rsplit(':').next().unwrap_or_default().to_owned())
        .collect();
    let expected: Vec<_> = expected()?.iter().map(|(frame, _)| frame.to_string()).collect();
    assert_eq!(frames, expected);
    Ok(())
}

#[test]
fn a_line_a_request_for_programs() -> Result<()> {
    let said = analyze(["--jsonl", "hwsim.pcap"])?;
    let lines: Vec<Value> = said.out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(found(&lines)?, expected()?);
    let keys = [
        "file", "frame", "kind", "mac", "is_laa", "manuf", "ssid", "bssid", "band", "channel",
    ];
    let shown: Vec<_> = lines
        .iter()
        .map(|line| keys.map(|key| line[key].to_string()).join(" "))
        .collect();
    insta::assert_snapshot!("analyze_jsonl", shown.join("\n"));
    valid("analyze-line", &lines)
}

#[test]
fn a_report_for_spreadsheets() -> Result<()> {
    let said = analyze(["--csv", "hwsim.pcap", "hwsim.pcap"])?;
    insta::assert_snapshot!("analyze_csv", analyze(["--csv", "hwsim.pcap"])?.out);
    ensure!(
        said.out.split("\r\n").all(|line| !line.contains(['\r', '\n'])),
        "{}",
        said.out
    );
    let rows: Vec<_> = said.out.split_terminator("\r\n").collect();
    assert_eq!(rows.iter().filter(|row| row.starts_with("Client_Mac,")).count(), 1);
    let macs: Vec<_> = rows[1..].iter().filter_map(|row| row.split(',').next()).collect();
    let expected: Vec<_> = expected()?.into_iter().map(|(_, mac)| mac.replace(':', "-")).collect();
    assert_eq!(macs, [&expected[..], &expected[..]].concat());
    let said = Said::by(&mut airlens(["analyze", "--csv", FIXTURE, "--ssid", "none"])?)?;
    said.refuses(3, &["no client found"])
}

#[test]
fn files_come_in_the_order_of_the_arguments() -> Result<()> {
    let folder = TempDir::new()?;
    let paths = ["z.pcap", "a.pcap"].map(|name| folder.path().join(name));
    for path in &paths {
        fs::copy(FIXTURE, path)?;
    }
    let said = Said::by(airlens(["analyze", "--jsonl"])?.args(&paths))?;
    let files: Vec<_> = said
        .out
        .lines()
        .map(|line| Ok(serde_json::from_str::<Value>(line)?["file"].clone()))
        .collect::<Result<_>>()?;
    let [first, second] = paths.map(|path| Value::from(path.display().to_string()));
    assert_eq!(files, [vec![first; 22], vec![second; 22]].concat());
    Ok(())
}

/// What `analyze` says of a file with this content.
fn said_of(content: &[u8]) -> Result<Said> {
    let folder = TempDir::new()?;
    let path = folder.path().join("given");
    fs::write(&path, content)?;
    Said::by(airlens(["analyze", "--jsonl"])?.arg(path))
}

#[test]
fn a_cut_file_gives_what_was_before_the_cut() -> Result<()> {
    let whole = fs::read(FIXTURE)?;
    let said = said_of(&whole[..whole.len() - 1])?;
    assert_eq!((said.code, said.out.lines().count()), (Some(4), 22));
    for word in [
        "given: ends within the record at byte",
        "; the 457 packets before it were read",
    ] {
        ensure!(said.err.contains(word), "{}", said.err);
    }
    // Wherever the cut: a refusal, never a panic.
    for length in (0..whole.len()).step_by(2003).chain(0..30) {
        let said = said_of(&whole[..length])?;
        ensure!([3, 4].contains(&said.code.unwrap_or(-1)), "{length}: {said:?}");
        ensure!(
            said.err.contains("given: ") || said.err.contains("no client found"),
            "{length}: {said:?}"
        );
    }
    Ok(())
}

#[test]
fn what_is_no_capture_is_refused() -> Result<()> {
    let no_capture = ["given: is no capture file", "pcap and pcapng are accepted"];
    said_of(b"")?.refuses(4, &no_capture)?;
    said_of(b"no capture at all, but long enough to be taken for a header")?.refuses(4, &no_capture)?;
    said_of(&[0x1f; 4096])?.refuses(4, &no_capture)?;
    Ok(())
}

#[test]
fn an_unknown_link_type_is_named() -> Result<()> {
    // Version 2.4, snapshot length 65535, link type 1 (Ethernet); one packet of 60 octets.
    let header: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1];
    let packet: [u32; 4] = [1, 2, 60, 60];
    let mut file: Vec<u8> = header
        .iter()
        .chain(&packet)
        .flat_map(|word| word.to_le_bytes())
        .collect();
    file.resize(file.len() + 60, 0);
    said_of(&file)?.refuses(4, &["given: link type 1 is no 802.11", "monitor mode"])?;
    file[20..24].copy_from_slice(&0xffff_u32.to_le_bytes());
    said_of(&file)?.refuses(4, &["given: link type 65535 is no 802.11"])
}

#[test]
fn a_file_without_requests_has_its_own_exit_code() -> Result<()> {
    // The fixture's header alone.
    said_of(&fs::read(FIXTURE)?[..24])?.refuses(3, &["no client found", "no association request"])
}

#[test]
fn a_missing_file_is_refused() -> Result<()> {
    let missing = TempDir::new()?.path().join("missing.pcap");
    Said::by(airlens(["analyze"])?.arg(&missing))?.refuses(4, &["missing.pcap: can't be read", "No such file"])
}

/// The frames that are shown with these filters.
fn frames<const N: usize>(filters: [&str; N]) -> Result<Vec<u64>> {
    let said = Said::by(airlens(["analyze", "--jsonl", FIXTURE])?.args(filters))?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    let lines: Vec<Value> = said.out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    Ok(found(&lines)?.into_iter().map(|(frame, _)| frame).collect())
}

#[test]
fn filters_choose_requests() -> Result<()> {
    let all: Vec<_> = expected()?.into_iter().map(|(frame, _)| frame).collect();
    assert_eq!(frames(["--client", "3C-5A-B4-10-00-0C"])?, [345, 355, 365]);
    assert_eq!(
        frames(["--client", "00:17:f2:10:00:06", "--client", "3c:28:6d:10:00:0f"])?,
        [222, 425]
    );
    assert_eq!(frames(["--ssid", "café 📡"])?, [147]);
    assert_eq!(frames(["--ssid", "airlens-6", "--client", "3c:28:6d:10:00:0f"])?, [425]);
    assert_eq!(frames(["--since", "2026-11-21"])?, all);
    let said = analyze(["--jsonl", "hwsim.pcap"])?;
    let line: Value = serde_json::from_str(said.out.lines().nth(9).context("no line")?)?;
    let text = |key: &str| line[key].as_str().map(str::to_owned).context("no text");
    assert_eq!(frames(["--since", &text("time")?])?, all[9..]);
    let chosen = frames(["--bssid", &text("bssid")?])?;
    ensure!(chosen.contains(&all[9]) && chosen.len() < all.len(), "{chosen:?}");
    Ok(())
}

#[test]
fn filters_that_match_nothing_or_are_wrong() -> Result<()> {
    let said = |option: &str, value: &str| Said::by(airlens(["analyze", FIXTURE])?.args([option, value]));
    let none = ["no client found: no association request matches the filter"];
    said("--ssid", "AIRLENS")?.refuses(3, &none)?;
    said("--client", "02:00:00:00:00:99")?.refuses(3, &none)?;
    said("--since", "2999-01-01")?.refuses(3, &none)?;
    for (option, value, words) in [
        ("--client", "3c:5a:b4", "six pairs of hexadecimal digits"),
        ("--bssid", "airlens", "six pairs of hexadecimal digits"),
        ("--since", "2h", "give a day (2026-11-21) or a time with its offset"),
        (
            "--since",
            "2026-11-21T08:00:00",
            "give a day (2026-11-21) or a time with its offset",
        ),
    ] {
        let said = said(option, value)?;
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{option} {value}");
        ensure!(said.err.contains(words), "{}", said.err);
    }
    Ok(())
}

#[test]
fn without_a_file_usage_is_shown() -> Result<()> {
    let said = Said::by(&mut airlens(["analyze"])?)?;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    ensure!(said.err.contains("<FILE>..."), "{}", said.err);
    Ok(())
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() -> Result<()> {
    for form in ["--jsonl", "--json", "--csv"] {
        let mut command = airlens(["analyze", form])?;
        // Far more than a pipe holds.
        let mut child = command
            .args([FIXTURE; 20])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no stdout")?).read_line(&mut line)?;
        let output = child.wait_with_output()?;
        ensure!(line.starts_with('{') || line.starts_with("Client_Mac,"), "{line}");
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr)?.as_str()),
            (Some(0), ""),
            "{form}"
        );
    }
    Ok(())
}
