use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::{
    dot11::{Address, link::LinkType},
    profile::{
        Capture, Clients, How, Limits, Origin, OtherLink, Profile, Recognised, changes, history_line, tests::profile,
    },
};

fn clients(profiles: &[Profile]) -> Clients {
    let mut clients = Clients::new(Limits::default());
    for (frame, profile) in (1..).zip(profiles) {
        clients.add(Origin { input: 0, frame }, profile);
    }
    clients
}

fn page(profiles: &[Profile], differences: &[Difference], style: PageStyle) -> String {
    let clients = clients(profiles);
    client_page(&clients.all()[0], &|_| "a.pcap".to_owned(), &[], differences, style)
}

/// A line of the page by its first words, with single spaces.
fn line(page: &str, start: &str) -> String {
    let lines = page
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .into_iter()
        .find(|line| line.starts_with(start))
        .unwrap_or_default()
}

/// HT Capabilities of one stream at 40 MHz.
fn ht() -> [u8; 28] {
    let mut ht = [0; 28];
    ht[..6].copy_from_slice(&[45, 26, 2, 0, 0, 0xff]);
    ht
}

#[test]
fn an_old_client_has_a_short_page() {
    let page = page(&[profile(&[0, 0, 1, 2, 0x82, 0x6c])], &[], PageStyle::default());
    assert!(page.starts_with("Randomised address "), "{page}");
    assert_eq!(page.lines().nth(1), Some("before Wi-Fi 4 · 5 GHz · 20 MHz · 54 Mb/s"));
    assert_eq!(
        line(&page, "2020-09-13"),
        "2020-09-13 12:26:40Z no name at 02:00:00:00:00:01 · association · 5 GHz ·"
    );
    assert_eq!(
        line(&page, "5 GHz asked"),
        "5 GHz asked 36 02:00:00:00:00:02 20 MHz 1 – 54"
    );
    assert_eq!(line(&page, "802.11n"), "802.11n HT, Wi-Fi 4 ✗");
    assert_eq!(line(&page, "RSN"), "RSN none: an open network, or one older than WPA2");
    assert!(!page.contains("EMLSR") && !page.contains("CHANGED") && !page.contains("NOTES"));
}

#[test]
fn who_it_is_and_who_is_of_its_kind() {
    let mut one = profile(&ht());
    let recognised = |how| Recognised {
        names: vec!["One".to_owned(), "Two\x1b".to_owned()],
        how,
    };
    let alike = [3, 4].map(|last| Address([2, 0, 0, 0, 0, last]));
    for (how, words) in [
        (How::Joined, "by its probe and association requests"),
        (How::Assoc, "by its association request"),
        (How::Similar, "or of its kind: its association request is similar"),
    ] {
        one.device = Some(recognised(how));
        let clients = clients(&[one.clone()]);
        let page = client_page(&clients.all()[0], &|_| String::new(), &alike, &[], PageStyle::default());
        let device = line(&page, "Device");
        assert!(device.starts_with("Device One or Two\\u{1b}"), "{page}");
        assert!(page.contains(words), "{page}");
        assert_eq!(
            line(&page, "Of its kind"),
            "Of its kind 02:00:00:00:00:03, 02:00:00:00:00:04"
        );
        assert!(page.contains("the same kind of device, perhaps another one"), "{page}");
        assert!(line(&page, "Kind").ends_with("the same for requests alike"), "{page}");
    }
}

#[test]
fn what_became_of_its_request() {
    let mut clients = clients(&[profile(&[0, 1, b'a'])]);
    let mut frame = |control: [u8; 2], by_ap: bool, body: &[u8]| {
        let (to, from) = if by_ap { (2, 1) } else { (1, 2) };
        let mut packet = control.to_vec();
        packet.extend([0, 0, 2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 2, 0, 0, 0, 0, 1, 0, 0]);
        packet.extend(body);
        let capture = Capture {
            time: Some(1_600_000_000_124_654_789),
            ..Capture::default()
        };
        clients.hear(LinkType::Ieee80211, &packet, capture);
    };
    frame([0x10, 0], true, &[0, 0, 17, 0, 0, 0]);
    frame([0xc0, 0x40], false, &[7; 18]);
    let page = client_page(&clients.all()[0], &|_| String::new(), &[], &[], PageStyle::default());
    let words: Vec<_> = page.split_whitespace().collect();
    let words = words.join(" ");
    assert!(words.contains("refused: 17 "), "{page}");
    assert!(
        words.contains(", 1.2 ms later · deauthenticated by the client, 1.2 ms later: encrypted"),
        "{page}"
    );
}

#[test]
fn what_comes_from_the_air_steers_no_terminal() {
    let mut hostile = profile(&[0, 9, 0x1b, b'[', b'2', b'J', b'\n', 0xe2, 0x80, 0xae, 0xff]);
    hostile.manuf = Some("\x1b]0;x\x07".into());
    let differences = [Difference {
        between: "5 GHz".to_owned(),
        changes: vec![Change {
            key: "x".to_owned(),
            label: "\x1b[31m".to_owned(),
            before: serde_json::json!(["\x1b"]),
            after: serde_json::json!("\r"),
        }],
    }];
    let page = page(&[hostile], &differences, PageStyle::default());
    assert!(
        page.chars().all(|letter| letter == '\n' || !letter.is_control()),
        "{page:?}"
    );
    assert!(page.contains("“\\u{1b}[2J\\n\\u{202e}"), "{page}");
}

#[test]
fn a_multi_link_device_has_a_column_for_each_band() {
    let mut one = profile(&[&[0, 1, b'a'], &ht()[..]].concat());
    one.mld = Some(Address([2, 0, 0, 0, 0, 9]));
    one.features.dot11be_mle = 1;
    one.features.dot11be_mle_emlsr_support = 1;
    one.features.dot11be_mle_emlsr_padding_delay = 2;
    one.features.dot11be_mle_emlsr_transition_delay = 5;
    one.features.dot11be_mle_max_simultaneous_links = 1;
    let link = |id, band| OtherLink {
        id,
        mac: Some(Address([2, 0, 0, 0, 1, id])),
        band,
        features: one.features.clone(),
        radio: one.radio.clone(),
    };
    one.links = vec![link(2, crate::profile::Band::Ghz6), link(0, crate::profile::Band::Ghz2)];
    let page = page(&[one], &[], PageStyle::default());
    assert_eq!(line(&page, "PHY"), "PHY 2.4 GHz 5 GHz 6 GHz");
    assert_eq!(line(&page, "6 GHz 2"), "6 GHz 2 ? 02:00:00:00:01:02 40 MHz 1 7 135");
    assert_eq!(line(&page, "EMLSR"), "EMLSR ✓ padding 64 µs, transition 256 µs");
    assert!(line(&page, "Links at once").starts_with("Links at once 2:"), "{page}");
    assert!(
        page.lines()
            .nth(1)
            .is_some_and(|line| line.contains("2.4 + 5 + 6 GHz MLO")),
        "{page}"
    );
}

#[test]
fn what_has_no_room_on_the_page_is_told_by_its_number() {
    let lines = |count: usize| vec![("Label".to_owned(), "value".to_owned()); count];
    for (count, last) in [(60, "Label value"), (61, "… and 1 more"), (99, "… and 39 more")] {
        let mut sheet = Sheet::default();
        told(&lines(count), &mut sheet);
        let page = layout::text(&layout::lay_out(&sheet.finish(), 80, false), false);
        assert_eq!(page.lines().count(), count.min(61));
        let words: Vec<_> = page.lines().last().unwrap_or_default().split_whitespace().collect();
        assert_eq!(words.join(" "), last);
    }
    // Of 16 addresses that are remembered twelve are shown, and some have no place at all.
    let mut one = profile(&[]);
    let (features, radio) = (one.features.clone(), one.radio.clone());
    let link = |id| OtherLink {
        id,
        mac: Some(Address([2, 0, 0, 0, 2, id])),
        band: crate::profile::Band::Ghz6,
        features: features.clone(),
        radio: radio.clone(),
    };
    for (links, more) in [(11, ""), (12, "and 1 more"), (15, "and 4 more"), (18, "and 7 more")] {
        one.links = (0..links).map(link).collect();
        let page = page(&[one.clone()], &[], PageStyle::default());
        assert_eq!(
            page.lines().filter(|line| line.contains(": randomised")).count(),
            12,
            "{page}"
        );
        assert_eq!(line(&page, "and "), more, "{page}");
    }
}

#[test]
fn differences_are_told_in_words() {
    let (before, after) = (profile(&[0, 0]), profile(&[0, 0, 54, 0, 33, 2, 0xff, 20]));
    let differences = [Difference {
        between: "5 GHz, then → now".to_owned(),
        changes: changes(&history_line(&before), &history_line(&after)),
    }];
    let page = page(&[before, after], &differences, PageStyle::default());
    assert_eq!(line(&page, "802.11r: "), "802.11r: not reported → 1");
    assert_eq!(line(&page, "min power: "), "min power: 0 → -1");
    assert_eq!(line(&page, "Transmit power"), "Transmit power −1 to 20 dBm");
}

#[test]
fn ascii_is_ascii() {
    let style = PageStyle {
        ascii: true,
        ..PageStyle::default()
    };
    let page = page(
        &[profile(&[&[0, 4, 0xf0, 0x9f, 0x9a, 0x80], &ht()[..]].concat())],
        &[],
        style,
    );
    assert!(page.is_ascii(), "{page}");
    assert!(page.contains("\"?\" at"), "{page}");
    assert_eq!(line(&page, "802.11n"), "802.11n HT, Wi-Fi 4 yes");
}

proptest! {
    #[test]
    fn any_request_has_a_page_of_80_columns(
        octets in prop::collection::vec(any::<u8>(), 0..600),
        ids in prop::collection::vec(prop::sample::select(vec![0, 1, 33, 36, 45, 48, 59, 127, 191, 221, 255]), 12),
        extension in prop::sample::select(vec![35, 59, 107, 108]),
        ascii: bool,
    ) {
        let mut elements = Vec::new();
        for (id, payload) in ids.into_iter().zip(octets.chunks(50)) {
            elements.extend([id, payload.len() as u8]);
            elements.extend(payload);
            if let (255, Some(first)) = (id, elements.len().checked_sub(payload.len())) {
                elements[first] = extension;
            }
        }
        let page = page(&[profile(&elements)], &[], PageStyle { ascii, ..PageStyle::default() });
        for line in page.lines() {
            prop_assert!(line.width() <= 80, "{}", line);
            prop_assert!(!line.contains(char::is_control));
        }
    }
}
