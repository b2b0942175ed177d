//! Devices: files of them, and clients that are recognised by them.

use proptest::prelude::*;

use super::*;
use crate::profile::{Band, Profile, tests::profile};

/// HT Capabilities with this information field, two streams, a vendor element, and the SSID in front.
fn elements(information: u16) -> Vec<u8> {
    let [low, high] = information.to_le_bytes();
    vec![
        0, 1, b'a', 45, 7, low, high, 0x17, 0xff, 0xff, 0, 0, 221, 4, 0x00, 0x10, 0x18, 2,
    ]
}

fn devices(text: &str) -> Devices {
    let mut devices = Devices::default();
    devices.read(text).unwrap();
    devices
}

fn recognised(devices: &Devices, profile: &Profile) -> Option<(How, Vec<String>)> {
    devices.recognise(profile).map(|found| (found.how, found.names))
}

#[test]
fn what_is_shipped_can_be_read() {
    let shipped = Devices::shipped().unwrap();
    assert!(shipped.all().iter().all(|device| device.source.is_some()));
}

#[test]
fn a_printed_entry_is_read_back_and_recognises() {
    let mut heard = profile(&elements(0x016f));
    heard.signature.probe = Some("0,1,45,wps:_".to_owned());
    let alone = profile(&elements(0x016f));
    let text = entry(
        "Maker \"Model\" 7",
        "a test",
        &[heard.clone(), alone.clone(), heard.clone()],
    );
    let known = devices(&text);
    let device = &known.all()[0];
    assert_eq!((&device.name[..], device.signatures.len()), ("Maker \"Model\" 7", 2));
    assert_eq!(device.signatures[0].band, Some(Band::Ghz5));
    let name = || vec!["Maker \"Model\" 7".to_owned()];
    assert_eq!(recognised(&known, &heard), Some((How::Joined, name())));
    assert_eq!(recognised(&known, &alone), Some((How::Assoc, name())));
    // Another channel width, another network.
    let mut elsewhere = elements(0x012d);
    elsewhere.extend([48, 2, 1, 0, 127, 1, 4]);
    assert_eq!(recognised(&known, &profile(&elsewhere)), Some((How::Similar, name())));
    assert_eq!(recognised(&known, &profile(&elements(0x012c))), None, "no LDPC");
    let twice = devices(&format!(
        "{text}\n{}",
        entry("Other", "a test", std::slice::from_ref(&alone))
    ));
    assert_eq!(
        recognised(&twice, &alone),
        Some((How::Assoc, vec!["Maker \"Model\" 7".to_owned(), "Other".to_owned()]))
    );
}

#[test]
fn bands_kinds_and_stars() {
    let client = profile(&elements(0x016f));
    let assoc = &client.signature.assoc;
    let of = |signature: &str| {
        devices(&format!(
            "[[device]]\nname = \"X\"\n[[device.signature]]\n{signature}\n"
        ))
    };
    for (signature, expected) in [
        (format!("assoc = \"{assoc}\""), Some(How::Assoc)),
        (format!("assoc = \"{assoc}\"\nband = \"5GHz\""), Some(How::Assoc)),
        // Heard on another band: the radio is alike all the same.
        (format!("assoc = \"{assoc}\"\nband = \"2.4GHz\""), Some(How::Similar)),
        (
            format!("assoc = \"{assoc}\"\nkind = \"{}\"", client.device_kind.unwrap()),
            Some(How::Assoc),
        ),
        (format!("assoc = \"{assoc}\"\nkind = \"0000000000\""), None),
        (
            format!("assoc = \"other\"\nkind = \"{}\"", client.device_kind.unwrap()),
            Some(How::Similar),
        ),
        ("assoc = \"0,45,*,htmcs:*\"".to_owned(), Some(How::Assoc)),
        ("assoc = \"0,45,*,txpow:*\"".to_owned(), None),
        (format!("assoc = \"{assoc}\"\nprobe = \"0\""), Some(How::Assoc)),
    ] {
        let found = recognised(&of(&signature), &client).map(|(how, _)| how);
        assert_eq!(found, expected, "{signature}");
    }
}

#[test]
fn wrong_files_say_where_and_what() {
    let wrong = |text: &str| {
        let error = Devices::default().read(text).unwrap_err();
        (error.line, error.problem)
    };
    for (text, line, words) in [
        ("[[device]]\n\nname = 7\n", 3, "invalid type"),
        ("[[device]]\nname = \"a\"\nmodel = \"b\"\n", 3, "unknown field `model`"),
        ("\n[[device]]\nname = \"a\"\n", 2, "a has no [[device.signature]]"),
        ("[[device]]\nname = \"\"\n", 1, "\"\" is no name"),
        (
            "[[device]]\nname = \"a\"\n[[device.signature]]\nassoc = \"0 1\"\n",
            3,
            "no signature",
        ),
        (
            "[[device]]\nname = \"a\"\n[[device.signature]]\nassoc = \"0\"\nband = \"5\"\n",
            3,
            "no band",
        ),
        (
            "[[device]]\nname = \"a\"\n[[device.signature]]\nassoc = \"0\"\nkind = \"5\"\n",
            3,
            "a kind is ten",
        ),
        (
            "# mine\nwifi4|probe:0|assoc:0\tA\nwifi4|probe:0|assoc:0 B\n",
            3,
            "no tab",
        ),
        ("wifi4|probe:0|assoc:0|os:ios\tA\n", 1, "a condition"),
        ("wifi4|probe:0|assoc:0\t\n", 1, "is no name"),
    ] {
        let (at, problem) = wrong(text);
        assert!(at == line && problem.contains(words), "{text}: {at}: {problem}");
    }
    let mut none = Devices::default();
    assert_eq!(none.read("# nothing yet\n"), Ok(0));
}

proptest! {
    #[test]
    fn any_file(text: String, table in "(\\[\\[device\\]\\]|name = \"a\"|\\[\\[device.signature\\]\\]|assoc = \"[0-9,*|]{0,9}\"|\n|\t){0,12}") {
        for text in [text, table] {
            let mut devices = Devices::default();
            let _ = devices.read(&text);
            let _ = devices.recognise(&profile(&elements(0)));
        }
    }
}
