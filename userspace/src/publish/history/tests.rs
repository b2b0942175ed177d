use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::*;
use crate::publish::atomic::{AtomicWriter, FILE_MODE};

const MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];

fn line(band: &str, power: usize) -> Value {
    json!({
        "time": "2026-01-23T12:00:00Z", "band": band, "kind": "association", "ssid": "net", "bssid": "02:00:00:00:00:01",
        "features": { "max_power": power }, "airlens": { "ssid_hex": null, "links": [], "akms": [2], "signature": { "assoc": "0,1", "joined": null } },
    })
}

fn said(lines: &[Value]) -> Vec<(&str, u64)> {
    let power = |line: &Value| line["features"]["max_power"].as_u64().unwrap();
    lines.iter().map(|line| (band(line), power(line))).collect()
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn tree(&self) -> ClientTree {
        ClientTree::new(self.0.path(), AtomicWriter::default())
    }

    fn history(&self) -> History {
        History::new(self.tree())
    }

    fn lines(&self) -> Vec<Value> {
        read(&self.tree().history(MAC)).unwrap()
    }
}

#[test]
fn a_line_for_each_change_and_none_for_a_repeat() {
    let place = Place::new();
    let mut history = place.history();
    assert_eq!(place.lines(), [json!(null); 0]);
    let mut again = line("5", 17);
    again["time"] = json!("2026-01-24T12:00:00Z");
    again["ssid"] = json!("other");
    again["airlens"]["links"] = json!([{ "id": 1, "mac": null }]);
    again["airlens"]["signature"]["joined"] = json!("wifi4|probe:0|assoc:0,1");
    assert_eq!(history.add(MAC, vec![line("5", 17)]).unwrap(), 1);
    assert_eq!(history.add(MAC, vec![again.clone()]).unwrap(), 0);
    assert_eq!(history.add(MAC, vec![line("2", 17)]).unwrap(), 1);
    // Several at once, there and back; then a change outside `features`.
    assert_eq!(
        history
            .add(MAC, vec![line("5", 20), line("5", 20), line("5", 17)])
            .unwrap(),
        2
    );
    again["airlens"]["akms"] = json!([2, 8]);
    assert_eq!(history.add(MAC, vec![again.clone()]).unwrap(), 1);
    again["airlens"]["signature"]["assoc"] = json!("0,1,45");
    assert_eq!(history.add(MAC, vec![again]).unwrap(), 1);
    assert_eq!(
        said(&place.lines()),
        [("5", 17), ("2", 17), ("5", 20), ("5", 17), ("5", 17), ("5", 17)]
    );
    let path = place.tree().history(MAC);
    assert_eq!(path, place.0.path().join("clients/02-00-00-00-00-02/history.jsonl"));
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, FILE_MODE);
}

#[test]
fn a_repeat_touches_no_file() {
    let place = Place::new();
    let mut history = place.history();
    history.add(MAC, vec![line("5", 17)]).unwrap();
    fs::remove_dir_all(place.0.path().join("clients")).unwrap();
    assert_eq!(history.add(MAC, vec![line("5", 17)]).unwrap(), 0);
    assert!(!place.0.path().join("clients").exists());
}

#[test]
fn the_next_run_goes_on_from_the_file() {
    let place = Place::new();
    let lines = vec![line("5", 17), line("2", 3)];
    assert_eq!(place.history().add(MAC, lines.clone()).unwrap(), 2);
    assert_eq!(place.history().add(MAC, lines).unwrap(), 0);
    assert_eq!(place.history().add(MAC, vec![line("5", 18)]).unwrap(), 1);
    assert_eq!(said(&place.lines()), [("5", 17), ("2", 3), ("5", 18)]);
}

#[test]
fn the_oldest_lines_go_but_each_bands_newest() {
    let place = Place::new();
    let mut history = place.history();
    history.add(MAC, vec![line("2", 1)]).unwrap();
    let many = (0..MAX_LINES + 20).map(|power| line("5", power));
    history.add(MAC, many.collect()).unwrap();
    let lines = place.lines();
    assert_eq!(lines.len(), MAX_LINES);
    assert_eq!(said(&lines)[..2], [("2", 1), ("5", 21)]);
    assert_eq!(said(&lines).last(), Some(&("5", MAX_LINES as u64 + 19)));
    // Without any two of a band the oldest go too.
    let mut foreign: Vec<_> = (0..MAX_LINES + 1).map(|band| line(&band.to_string(), 1)).collect();
    bound(&mut foreign);
    assert_eq!((foreign.len(), band(&foreign[0])), (MAX_LINES, "1"));
}

#[test]
fn what_is_cut_or_foreign_is_left_out() {
    let place = Place::new();
    place.history().add(MAC, vec![line("5", 17)]).unwrap();
    let path = place.tree().history(MAC);
    let mut text = fs::read(&path).unwrap();
    let cut = text[..text.len() / 2].to_vec();
    text.extend(b"\xff\xfe\n\n7\n[]\n");
    text.extend(&cut);
    fs::write(&path, &text).unwrap();
    assert_eq!(said(&place.lines()), [("5", 17)]);
    assert_eq!(place.history().add(MAC, vec![line("5", 17)]).unwrap(), 0);
    assert_eq!(place.history().add(MAC, vec![line("5", 18)]).unwrap(), 1);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    // Of a file that is far too long the end is read.
    let mut long = vec![b'x'; 5 << 20];
    long.push(b'\n');
    long.extend(line("5", 19).to_string().bytes());
    fs::write(&path, long).unwrap();
    assert_eq!(said(&place.lines()), [("5", 19)]);
}

#[test]
fn what_can_t_be_kept_is_an_error_and_tried_again() {
    let place = Place::new();
    let mut history = place.history();
    let path = place.tree().history(MAC);
    fs::create_dir_all(&path).unwrap();
    let error = history.add(MAC, vec![line("5", 17)]).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot read ") && error.contains("history.jsonl"),
        "{error}"
    );
    fs::remove_dir(&path).unwrap();
    assert_eq!(history.add(MAC, vec![line("5", 17)]).unwrap(), 1);
}

#[test]
fn a_file_of_a_million_lines_holds_up_nobody() {
    let place = Place::new();
    let mut history = place.history();
    history.add(MAC, vec![line("5", 1)]).unwrap();
    let path = place.tree().history(MAC);
    let newest = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{}{newest}", "{}\n".repeat(1_300_000))).unwrap();
    assert_eq!(place.lines().last(), Some(&line("5", 1)));
    assert_eq!(place.history().add(MAC, vec![line("5", 2)]).unwrap(), 1);
    let kept = place.lines();
    assert!(
        kept.len() <= MAX_LINES && kept.contains(&line("5", 1)),
        "{}",
        kept.len()
    );
}
