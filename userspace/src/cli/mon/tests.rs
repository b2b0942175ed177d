//! The model by what it is told, the picture by the model.

use jiff::tz::TimeZone;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, layout::Rect};
use serde_json::{Value, json};

use super::{
    document::Document,
    draw::draw,
    model::{Command, Link, Model, Then, View},
    skin::{Role, Skin},
    source::Look,
};
use crate::{
    air::{ChannelEntry, Report},
    publish::{
        client_page::ClientPage,
        snapshot::{
            AccessPoint, Balance, DataCount, Direction, Flows, FrameCount, FrameKind, ProcessUse, Profiles, Snapshot,
        },
    },
};

const PLAIN: Skin = Skin {
    colour: false,
    ascii: false,
};

fn client(number: u64, extra: &Value) -> Value {
    let mut client = json!({
        "client_id": format!("3c:28:6d:10:00:{number:02x}"), "type": "device", "platform": "Google",
        "connected_at": 1_795_000_000.0, "uptime_seconds": 10, "last_seen": 1_795_000_000.0 + number as f64,
        "manuf": "Google", "generation": 6, "bands": ["2", "5"], "widths": [20, 40, 80], "security": "PSK, SAE",
        "streams": 2, "ssid": "Profiler 056", "signal_dbm": -40 - number as i64, "observed": false
    });
    for (key, value) in extra.as_object().unwrap() {
        client[key] = value.clone();
    }
    client
}

fn clients() -> Vec<Value> {
    let nothing = Value::Null;
    vec![
        client(1, &json!({})),
        client(
            2,
            &json!({ "generation": nothing, "bands": ["2"], "widths": [20], "streams": 1, "manuf": "Espressif", "ssid": "\u{1b}[2Jevil\u{202e}" }),
        ),
        client(
            3,
            &json!({ "ssid": "café 📡 漢字漢字漢字", "status_code": 17, "generation": 7, "bands": ["2", "5", "6"], "widths": [320] }),
        ),
        client(
            4,
            &json!({ "manuf": nothing, "platform": "", "generation": nothing, "security": nothing, "streams": nothing,
            "widths": nothing, "bands": nothing, "ssid": nothing, "signal_dbm": nothing, "failure": "wrong-passphrase" }),
        ),
        json!({ "client_id": "viewer 1", "type": "viewer", "platform": "curl", "connected_at": 1_795_000_000.5, "uptime_seconds": 1 }),
    ]
}

/// A run after so many seconds.
fn snapshot(seconds: u64) -> Snapshot {
    let data = |direction, bytes| DataCount {
        interface: "eth0".to_owned(),
        direction,
        protocol: "tcp".to_owned(),
        packets: 1000 * seconds,
        bytes: bytes * seconds,
    };
    let frames = |kind, frames| FrameCount {
        interface: "wlan0profiler".to_owned(),
        kind,
        frames: frames * seconds,
        bytes: 200 * frames * seconds,
        retries: seconds,
        bad_fcs: 0,
    };
    Snapshot {
        version: "0.1.0".to_owned(),
        started_at: 1_794_999_000.0,
        uptime_seconds: seconds as f64,
        process: Some(ProcessUse {
            cpu_seconds: seconds as f64 * 0.325,
            resident_bytes: 125_000_000,
            memory_bytes: 2_000_000_000,
        }),
        frames: vec![
            frames(FrameKind::new(0, 8), 100),
            frames(FrameKind::new(0, 0), 3),
            frames(FrameKind::new(2, 8), 1131),
        ],
        balance: Balance {
            seen: 1234 * seconds,
            handed_over: 100,
            ..Balance::default()
        },
        data: vec![data(Direction::Rx, 52_500_000), data(Direction::Tx, 106_250_000)],
        flows: Flows {
            active: 1234,
            capacity: 1_048_576,
            memory_bytes: 253_755_392,
            ..Flows::default()
        },
        profiles: Profiles {
            count: 35,
            failed: 3,
            clients: 1523,
            ..Profiles::default()
        },
        access_point: Some(AccessPoint::default()),
        ..Snapshot::default()
    }
}

fn look(seconds: u64) -> Look {
    let channel = |channel: &str, mhz, busy, tuned| ChannelEntry {
        channel: Some(channel.to_owned()),
        band: Some("5GHz".to_owned()),
        frequency_mhz: Some(mhz),
        tuned,
        utilization_ratio: busy,
        noise_dbm: Some(-95),
        frames: 123_456,
        retries: 4567,
        networks: 12,
        stations: 34,
        ..ChannelEntry::default()
    };
    let flow = |port: u16, bytes: u64| {
        json!({ "start": "2026-11-18T10:00:00Z", "end": "2026-11-18T10:01:40Z", "interface": "eth0", "protocol": 6, "protocol_name": "tcp",
            "source": "2001:db8:1234:5678:9abc:def0:1234:5678", "source_port": port, "destination": "192.0.2.1",
            "destination_port": 443, "packets": 1234, "bytes": bytes })
    };
    Look {
        at: seconds as f64,
        time: 1_795_000_010.0 + seconds as f64,
        status: json!({
            "state": "running", "mode": "ap", "pid": 4711, "interfaces": { "ap": "wlan0", "monitor": "wlan0profiler" },
            "channel": 36, "frequency": 5180, "width": 80, "country_code": "US", "ssid": "Profiler 056", "uptime_seconds": 477_240
        }),
        stats: snapshot(seconds),
        clients: Some(clients()),
        flows: Some(
            json!({ "time": 1_794_996_110.0 + seconds as f64, "active": 1234, "capacity": 1_048_576, "flows": [flow(54321, 4_000_000_000 + 106_250_000 * seconds), flow(1, 80)] }),
        ),
        air: Some(Report {
            channels: vec![
                channel("36", 5180, Some(0.42), true),
                channel("40", 5200, Some(0.91), false),
                channel("44", 5220, None, false),
            ],
            ..Report::default()
        }),
        detail: None,
    }
}

/// After some looks.
fn model(view: View) -> Model {
    let mut model = Model::new(view);
    for seconds in 1..20 {
        model.apply(look(seconds));
    }
    model
}

fn terminal(model: &Model, skin: Skin, columns: u16, lines: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    terminal
        .draw(|frame| {
            draw(model, skin, &TimeZone::UTC, frame.area(), frame.buffer_mut());
        })
        .unwrap();
    terminal
}

fn picture(model: &Model, skin: Skin, columns: u16, lines: u16) -> String {
    super::plain(terminal(model, skin, columns, lines).backend().buffer())
}

#[test]
fn pictures() {
    for view in View::ALL {
        let model = model(view);
        for (columns, lines) in [(80, 24), (120, 40), (40, 12)] {
            let name = format!("{}_{columns}x{lines}", view.name().to_lowercase());
            insta::assert_snapshot!(name, picture(&model, PLAIN, columns, lines));
        }
    }
    let mut model = model(View::Overview);
    let ascii = Skin { ascii: true, ..PLAIN };
    insta::assert_snapshot!("overview_ascii", picture(&model, ascii, 80, 24));
    model.command(Command::Help);
    insta::assert_snapshot!("help_80x24", picture(&model, PLAIN, 80, 24));
}

#[test]
fn every_size_is_drawn_and_nothing_hostile_gets_through() {
    for view in View::ALL {
        let mut model = model(view);
        for open in [false, true] {
            if open {
                model.command(Command::Open);
            }
            for (columns, lines) in [
                (0, 0),
                (1, 1),
                (3, 3),
                (10, 4),
                (23, 7),
                (33, 16),
                (60, 20),
                (79, 17),
                (500, 200),
            ] {
                for skin in [
                    PLAIN,
                    Skin {
                        ascii: true,
                        colour: true,
                    },
                ] {
                    let text = picture(&model, skin, columns, lines);
                    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
                    assert!(!skin.ascii || text.is_ascii(), "{text}");
                }
            }
        }
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_the_chosen_line_is_told_apart() {
    use ratatui::style::{Color, Modifier};
    let mut model = model(View::Clients);
    model.command(Command::Down(1));
    for colour in [false, true] {
        let terminal = terminal(&model, Skin { colour, ascii: false }, 80, 24);
        let cells = terminal.backend().buffer().content();
        assert_eq!(cells.iter().any(|cell| cell.fg != Color::Reset), colour);
        let chosen = cells
            .iter()
            .filter(|cell| cell.modifier.contains(Modifier::REVERSED))
            .count();
        assert!(chosen > 70, "{chosen}");
    }
    assert_eq!(PLAIN.style(Role::Label), ratatui::style::Style::new());
}

/// A client's page, with more lines than there is room for.
fn page() -> ClientPage {
    let rows = (0..40).map(|row| {
        json!({ "kind": "row", "label": { "text": format!("  capability {row}"), "tone": "plain" }, "cells": [{ "text": "✓", "tone": "good" }],
                "meaning": "what it means" })
    });
    let mut blocks = vec![
        json!({ "kind": "ends", "left": "Google", "right": "3c:28:6d:10:00:03" }),
        json!({ "kind": "paragraph", "text": "Wi-Fi 7 · 2 streams · 5 and 6 GHz · 160 MHz", "tone": "plain" }),
        json!({ "kind": "columns", "label": "PHY", "names": ["5 GHz"] }),
    ];
    blocks.extend(rows);
    let change = json!({ "key": "max_power", "label": "Transmit power", "before": 20, "after": 23 });
    let step =
        |time: &str, changes: Value| json!({ "time": time, "band": "5", "ssid": "a\u{1b}c", "changes": changes });
    serde_json::from_value(json!({
        "client_id": "3c:28:6d:10:00:03",
        "blocks": blocks,
        "alike": ["02:00:00:00:00:01", "02:00:00:00:00:02"],
        "alike_count": 20,
        "history": [step("2026-01-24T12:00:00Z", json!([change])), step("2026-01-23T12:00:00.5Z", Value::Null)],
    }))
    .unwrap()
}

#[test]
fn a_client_is_shown_whole() {
    let mut model = model(View::Clients);
    model.command(Command::Down(1));
    assert_eq!(model.command(Command::Open), Then::Look);
    assert_eq!(model.want().detail.as_deref(), Some("3c:28:6d:10:00:03"));
    model.apply(Look {
        detail: Some(("3c:28:6d:10:00:03".to_owned(), Ok(page()))),
        ..look(20)
    });
    insta::assert_snapshot!("detail_80x24", picture(&model, PLAIN, 80, 24));
    model.command(Command::Last);
    insta::assert_snapshot!("detail_end_80x24", picture(&model, PLAIN, 80, 24));
    // From the end it goes upwards at once.
    let area = Rect::new(0, 0, 80, 24);
    let drawn = |model: &Model| draw(model, PLAIN, &TimeZone::UTC, area, &mut Buffer::empty(area)).unwrap();
    model.scroll = drawn(&model);
    let end = model.scroll;
    model.command(Command::Up(1));
    assert_eq!(drawn(&model), end - 1);
    assert_eq!(model.command(Command::Close), Then::Nothing);
    assert_eq!(model.want().detail, None);
}

#[test]
fn of_a_client_without_a_page_what_the_list_knows_is_shown() {
    let mut model = model(View::Clients);
    model.command(Command::Open);
    let client = model.want().detail.unwrap();
    model.apply(Look {
        detail: Some((client, Err("no client was profiled".to_owned()))),
        ..look(20)
    });
    let picture = picture(&model, PLAIN, 80, 24);
    assert!(
        picture.contains("no client was profiled") && picture.contains("client id"),
        "{picture}"
    );
}

#[test]
fn the_chosen_client_stays_chosen_when_others_come() {
    let mut model = model(View::Clients);
    model.command(Command::Down(2));
    let chosen = model.clients[model.selected()]["client_id"].clone();
    let mut more = look(20);
    more.clients.as_mut().unwrap().push(client(99, &json!({})));
    model.apply(more);
    assert_eq!(model.clients[model.selected()]["client_id"], chosen);
    assert_eq!(model.clients[0]["client_id"], "3c:28:6d:10:00:63");
    model.command(Command::Sort);
    assert_eq!(model.clients[0]["signal_dbm"], -41);
    assert_eq!(model.clients[model.selected()]["client_id"], chosen);
}

#[test]
fn a_run_that_goes_and_comes_again_is_told() {
    let mut model = model(View::Overview);
    model.unanswered(25.0, "no run answers at /run/x.sock".to_owned());
    model.unanswered(27.0, "no run answers at /run/x.sock".to_owned());
    assert!(matches!(model.link, Link::Down { since: 25.0, .. }));
    let text = picture(&model, PLAIN, 80, 24);
    assert!(
        text.contains("no run") && text.contains("no answer for 2s, these are old"),
        "{text}"
    );
    let mut again = look(30);
    again.stats.started_at += 29.0;
    again.stats.balance.seen = 1;
    model.apply(again);
    let text = picture(&model, PLAIN, 80, 24);
    assert!(text.contains("the run was started again: counts begin anew"), "{text}");
    assert!(model.rates.is_none());
    // After a while nobody needs to be told.
    let mut later = Look { at: 60.0, ..look(30) };
    later.stats.started_at += 29.0;
    model.apply(later);
    assert_eq!(model.notice(), None);
    let mut waiting = Model::new(View::Flows);
    waiting.unanswered(1.0, "no run answers at /run/x.sock: is airlens running?".to_owned());
    let text = picture(&waiting, PLAIN, 40, 12);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("Waiting for a run") && words.contains("is airlens running?"),
        "{text}"
    );
}

#[test]
fn documents_follow_their_schema() {
    let schema = crate::publish::schema::find("mon").unwrap().bundled();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for view in View::ALL {
        let mut model = model(view);
        for _ in 0..2 {
            let document = serde_json::to_value(Document::of(&model)).unwrap();
            let problems: Vec<_> = validator
                .iter_errors(&document)
                .map(|error| format!("{error} at {}", error.instance_path()))
                .collect();
            assert!(problems.is_empty(), "{problems:?}");
            model.unanswered(30.0, "gone".to_owned());
        }
    }
}
