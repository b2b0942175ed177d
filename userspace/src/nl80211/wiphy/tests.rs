use proptest::prelude::*;

use super::*;
use crate::{
    dot11::{Channel, ChannelWidth, Tuning},
    nl80211::ChannelRefusal,
};

fn part(attributes: Attributes) -> Message {
    Message::new(
        Nl80211Command::NewWiphy,
        Attributes::default().u32(number::WIPHY, 7).append(attributes),
    )
}

/// A list of flags or of values, numbered from 0.
fn list(items: impl IntoIterator<Item = Attributes>) -> Attributes {
    items
        .into_iter()
        .zip(0..)
        .fold(Attributes::default(), |list, (item, at)| list.nest(at, &item))
}

fn flags(numbers: &[u16]) -> Attributes {
    numbers.iter().fold(Attributes::default(), |flags, at| flags.flag(*at))
}

/// A channel's frequency and the flags of `enum nl80211_frequency_attr`.
fn channel(frequency: u32, set: &[u16]) -> Attributes {
    Attributes::default().u32(1, frequency).u32(6, 2000).append(flags(set))
}

fn band(number: u16, parts: &Attributes) -> Attributes {
    Attributes::default().nest(number::WIPHY_BANDS, &Attributes::default().nest(number, parts))
}

/// A device of three bands as a split dump describes it: 5 GHz in two parts, 36 to 64 with radar from 52 on and no-IR on 64;
/// 6 GHz up to 320 MHz as a station, up to 160 MHz as an access point.
fn dump() -> Vec<Message> {
    let channels = |range: std::ops::RangeInclusive<u32>, set: &'static [u16]| {
        let all = range.step_by(20).map(|frequency| channel(frequency, set));
        Attributes::default().nest(1, &list(all))
    };
    let ht = Attributes::default()
        .put(3, &[0xff; 16])
        .u16(4, 0x0002)
        .u8(5, 3)
        .u8(6, 7);
    let he = |kind: u16, he: u8, eht: u8| {
        Attributes::default()
            .nest(1, &flags(&[kind]))
            .put(2, &[0; 6])
            .put(3, &[he; 11])
            .u16(6, 0x1234)
            .put(9, &[eht; 8])
    };
    let combination = Attributes::default()
        .nest(1, &list([Attributes::default().u32(1, 4).nest(2, &flags(&[3, 7]))]))
        .u32(2, 4)
        .u32(4, 1);
    let types = Attributes::default().nest(3, &Attributes::default().u16(number::FRAME_TYPE, 0x40));
    vec![
        part(
            Attributes::default()
                .text(number::WIPHY_NAME, "phy7")
                .u8(number::MAX_NUM_SCAN_SSIDS, 4),
        ),
        part(Attributes::default().nest(number::SUPPORTED_IFTYPES, &flags(&[2, 3, 6]))),
        part(band(
            3,
            &channels(5955..=6415, &[]).append(Attributes::default().nest(9, &list([he(2, 0x0c, 2), he(3, 0x0c, 0)]))),
        )),
        part(band(1, &ht.append(Attributes::default().u32(8, 0).put(7, &[0xfa; 8])))),
        part(band(1, &channels(5180..=5240, &[]))),
        part(band(1, &channels(5260..=5300, &[5]))),
        part(band(1, &channels(5320..=5320, &[3, 5]))),
        part(band(1, &channels(5745..=5825, &[2]))),
        part(band(0, &channels(2412..=2412, &[9]))),
        part(
            Attributes::default()
                .nest(number::INTERFACE_COMBINATIONS, &list([combination]))
                .u32(number::FEATURE_FLAGS, ACTIVE_MONITOR)
                .nest(number::RX_FRAME_TYPES, &types)
                .nest(number::SUPPORTED_COMMANDS, &Attributes::default().u32(1, 15)),
        ),
        // Another device, and an answer that names none.
        Message::new(Nl80211Command::NewWiphy, Attributes::default().u32(number::WIPHY, 2)),
        Message::new(
            Nl80211Command::NewWiphy,
            Attributes::default().text(number::WIPHY_NAME, "x"),
        ),
    ]
}

fn wiphy() -> Wiphy {
    let mut found = merge(&dump());
    assert_eq!(found.iter().map(|wiphy| wiphy.index).collect::<Vec<_>>(), [2, 7]);
    found.pop().unwrap()
}

fn tuning(channel: &str, width: ChannelWidth) -> Tuning {
    Tuning::new(channel.parse().unwrap(), width).unwrap()
}

#[test]
fn parts_of_a_dump_are_one_device() {
    let wiphy = wiphy();
    assert_eq!(
        (wiphy.name.as_str(), wiphy.max_scan_ssids, wiphy.commands.as_slice()),
        ("phy7", 4, &[15][..])
    );
    assert!(wiphy.supports(InterfaceKind::Ap) && !wiphy.supports(InterfaceKind::MeshPoint));
    assert!(wiphy.active_monitor && !wiphy.ap_sme);
    assert!(wiphy.gives_out(InterfaceKind::Ap, 0x40) && !wiphy.gives_out(InterfaceKind::Managed, 0x40));
    let bands: Vec<_> = wiphy
        .bands
        .iter()
        .map(|band| (band.band, band.channels.len()))
        .collect();
    assert_eq!(bands, [(Band::Ghz2, 1), (Band::Ghz5, 13), (Band::Ghz6, 24)]);
    assert_eq!(
        wiphy.combinations[0].to_string(),
        "up to 4 ap mesh-point: 4 in all, on 1 channel"
    );
    let radar = wiphy.channel(5320).unwrap();
    assert_eq!((radar.flags(), radar.max_power_mbm), (vec!["no-ir", "radar"], 2000));
    assert_eq!(radar.channel, Channel::at(5320).ok());
    let six = wiphy.band(Band::Ghz6).unwrap();
    let caps: Vec<_> = six.caps(InterfaceKind::Ap).collect();
    assert_eq!((caps.len(), caps[0].he_6ghz), (1, Some(0x1234)));
    assert_eq!(six.caps(InterfaceKind::Monitor).count(), 2);
}

#[test]
fn the_widest_by_kind_and_place() {
    use ChannelWidth::{Mhz20, Mhz80, Mhz160, Mhz320};
    let wiphy = wiphy();
    for (channel, kind, width) in [
        ("1", InterfaceKind::Ap, Mhz20),
        ("36", InterfaceKind::Ap, Mhz80),
        ("36", InterfaceKind::Monitor, Mhz80),
        ("52", InterfaceKind::Monitor, Mhz80),
        ("52", InterfaceKind::Ap, Mhz20),
        ("6g5", InterfaceKind::Ap, Mhz160),
        ("6g5", InterfaceKind::Managed, Mhz320),
        ("6g93", InterfaceKind::Managed, Mhz160),
        ("6g201", InterfaceKind::Ap, Mhz20),
    ] {
        let widest = wiphy.widest(channel.parse().unwrap(), kind).width();
        assert_eq!(widest, width, "{channel} {kind}");
    }
}

#[test]
fn what_stands_against_a_channel() {
    use ChannelWidth::{Mhz20, Mhz40, Mhz80, Mhz160};
    let wiphy = wiphy();
    for (at, width, transmit, words) in [
        ("36", Mhz80, true, ""),
        ("52", Mhz80, false, ""),
        ("11", Mhz20, true, "the device has no channel 11"),
        ("149", Mhz20, false, "set your country"),
        ("52", Mhz20, true, "check for radar"),
        ("64", Mhz20, true, "radar"),
        ("36", Mhz160, true, "take 80 MHz"),
        ("1", Mhz40, true, "take 20 MHz"),
        ("6g1", Mhz80, true, ""),
    ] {
        let found = wiphy.refusal(tuning(at, width), transmit);
        let text = found.map(|refusal| refusal.to_string()).unwrap_or_default();
        assert!(
            text.contains(words) && text.is_empty() == words.is_empty(),
            "{at}: {text}"
        );
    }
    let mut quiet = wiphy.clone();
    quiet.bands[1].channels[0].no_ir = true;
    let tuning = tuning("36", Mhz20);
    assert_eq!(quiet.refusal(tuning, true), Some(ChannelRefusal::NoIr(tuning)));
    assert_eq!(quiet.refusal(tuning, false), None);
}

#[test]
fn as_json() {
    let json = serde_json::to_value(wiphy()).unwrap();
    let six = &json["bands"][2];
    assert_eq!(
        (&six["band"], &six["channels"][0]["channel"]),
        (&"6".into(), &"6g1".into())
    );
    assert_eq!(six["by_kind"][0]["he"]["mac"], "000000000000");
    assert_eq!(json["interface_kinds"], serde_json::json!(["managed", "ap", "monitor"]));
}

proptest! {
    #[test]
    fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..96), at in 0u16..340, number in 0u16..12) {
        let nested = Attributes::default().put(number, &octets);
        let message = part(Attributes::default().put(at, &octets).nest(at, &Attributes::default().nest(1, &nested)));
        for wiphy in merge(&[message]) {
            let _ = wiphy.refusal(tuning("36", ChannelWidth::Mhz80), true);
        }
    }
}
