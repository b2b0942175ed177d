//! The user's document: its examples of our documents, and of programs that read them.

use std::fs;
use std::process::Command;

use airlens::publish::documents::Mode;
use airlens_tests::support::corpus;
use serde_json::{Value, json};

use super::{assert_valid, start, time, validator};

/// What the examples of the user's document say is a document of ours.
#[test]
fn the_documents_examples_keep_to_the_schemas_but_for_our_further_fields() {
    let Some(document) = shared("seeds/000_3f9bf8515f6bbe61.txt") else {
        return println!("../shared/seeds is not there: the document's examples are left out");
    };
    let mut found = Vec::new();
    for mut example in blocks(&document, "json")
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).unwrap())
    {
        let name = match &example {
            status if status.get("startup_method").is_some() => "status",
            info if info.get("phy").is_some() => "info",
            _ => "state",
        };
        match name {
            "info" => {
                example["invalid_frame_count"] = json!(0);
                example["bad_fcs_count"] = json!(0);
            }
            "state" => {
                example["metrics"]["failed_profile_count"] = json!(0);
                example["metrics"]["last_profile"] = Value::Null;
                example["metrics"]["last_profile_timestamp"] = Value::Null;
            }
            _ => {}
        }
        assert_valid(&validator(name), &example);
        found.push(name);
    }
    assert_eq!(found, ["status", "info", "state"]);
}

#[test]
fn the_documents_integration_examples_run_unchanged() {
    let Some(document) = shared("seeds/000_3f9bf8515f6bbe61.txt") else {
        return println!("../shared/seeds is not there: the document's integration examples are left out");
    };
    for program in ["jq", "python3"] {
        if Command::new(program).arg("--version").output().is_err() {
            return println!("{program} is not installed: the document's integration examples are left out");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = start(folder.path(), Mode::Listen);
    // The examples name fixed paths: only those are replaced. The module that draws QR codes is replaced by one that
    // keeps the text.
    let place = |script: &str| {
        let folder = format!("{}/", folder.path().display());
        script.replace("/tmp/", &folder).replace("/run/", &folder)
    };
    fs::write(
        folder.path().join("qrcode.py"),
        "class make:\n    def __init__(self, text):\n        self.text = text\n    def save(self, path):\n        \
         print(path.rsplit('/', 1)[1], self.text)\n",
    )
    .unwrap();
    let bash = blocks(&document, "bash");
    let python = blocks(&document, "python");
    let run = |program: &str, script: &str| {
        let output = Command::new(program)
            .args(["-c", &place(script)])
            .env("PYTHONPATH", folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let jq = bash.iter().find(|script| script.contains("jq -r")).unwrap();
    assert_eq!(run("bash", jq), (Some(1), "Profiler state: starting\n".into()));
    files.running(time(1)).unwrap();
    assert_eq!(run("bash", jq), (Some(0), "Profiler is running\n".into()));

    let reader = python
        .iter()
        .find(|script| script.contains("Clients profiled"))
        .unwrap();
    let expected = "SSID: \nChannel: 36\nClients profiled: 0\nUptime: 1 seconds\n";
    assert_eq!(run("python3", reader), (Some(0), expected.into()));
    let qr = python.iter().find(|script| script.contains("qrcode")).unwrap();
    assert_eq!(
        run("python3", qr),
        (Some(0), "profiler-qr.png WIFI:S:;T:WPA;P:;;\n".into())
    );

    files.stopped(time(5)).unwrap();
    assert_eq!(run("bash", jq), (Some(1), "Profiler not running\n".into()));
}

/// The code blocks of a language in a Markdown text.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let block = |part: &str| part.split_once("```").map(|(block, _)| block.to_owned());
    markdown.split(&start).skip(1).filter_map(block).collect()
}

fn shared(path: &str) -> Option<String> {
    Some(fs::read_to_string(corpus::shared(path)?).unwrap())
}
