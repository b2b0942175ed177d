mod bands;
mod frames;
mod order;

use super::*;
use crate::dot11::{Address, ChannelWidth, Tuning, element::Elements, frame::Frame};

const BSSID: Address = Address([2, 0, 0, 0, 0x12, 0x34]);
const STATION: Address = Address([2, 0, 0, 0, 0, 2]);

fn tuning(channel: &str, width: ChannelWidth) -> Tuning {
    Tuning::new(channel.parse().unwrap(), width).unwrap()
}

/// An access point of country DE.
fn options(channel: &str, width: ChannelWidth) -> ApOptions {
    ApOptions {
        country: *b"DE",
        ..ApOptions::new(BSSID, b"airlens", tuning(channel, width))
    }
}

/// What `check` makes of the elements of a beacon.
fn beacon<T>(options: &ApOptions, check: impl FnOnce(&Elements<'_>) -> T) -> T {
    let octets = Announcement::new(options).unwrap().beacon(1, 2, 0);
    let Ok(Frame::Beacon(beacon)) = Frame::new(&octets) else {
        panic!("no beacon: {octets:02x?}");
    };
    let elements = Elements::parse(beacon.elements);
    assert_eq!(elements.notes(), []);
    check(&elements)
}
