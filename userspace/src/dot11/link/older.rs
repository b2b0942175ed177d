//! Prism (wlan-ng) and AVS headers, which older drivers wrote.
//!
//! Layout: Linux `drivers/net/wireless/intersil/hostap/hostap_common.h` of 6.6 (`linux_wlan_ng_prism_hdr`,
//! `linux_wlan_ng_cap_hdr`).

use airlens_common::Octets;

use super::{Fcs, Link};

/// First four octets of an AVS header, its version aside.
const AVS_COOKIE: u32 = 0x8021_1000;
/// Prism message codes of the two drivers that wrote it.
const PRISM_CODES: [u32; 2] = [0x44, 0x41];
/// Octets in front of Prism's items, and of an item: number, status, length, value.
const PRISM_FIXED: usize = 24;
const PRISM_ITEM: usize = 12;

/// Prism: in the byte order of the machine that wrote it.
pub(super) fn prism(packet: &[u8]) -> Option<Link> {
    if u32_be(packet, 0)? & 0xffff_f000 == AVS_COOKIE {
        return avs(packet);
    }
    let big_endian = PRISM_CODES.contains(&u32_be(packet, 0)?);
    let u32_at = |at| {
        if big_endian {
            u32_be(packet, at)
        } else {
            packet.u32_le(at)
        }
    };
    let u16_at = |at| {
        if big_endian {
            packet.u16_be(at)
        } else {
            packet.u16_le(at)
        }
    };
    let length = usize::try_from(u32_at(4)?).ok()?;
    if length < PRISM_FIXED || length > packet.len() {
        return None;
    }
    let mut link = unknown(length);
    for at in (PRISM_FIXED..=length.saturating_sub(PRISM_ITEM)).step_by(PRISM_ITEM) {
        let (number, status, value) = (u32_at(at)?, u16_at(at + 4)?, u32_at(at + 8)?);
        // Item n has the number 0x000n_0044 or 0x0000_n041; status 0: the value is there.
        let item = if number & 0xff == 0x41 {
            number >> 12
        } else {
            number >> 16
        };
        match (item, status) {
            (3, 0) => link.frequency = channel_frequency(value),
            (6, 0) => link.signal = dbm(value),
            _ => {}
        }
    }
    Some(link)
}

/// AVS: big-endian.
pub(super) fn avs(packet: &[u8]) -> Option<Link> {
    let length = usize::try_from(u32_be(packet, 4)?).ok()?;
    if u32_be(packet, 0)? & 0xffff_f000 != AVS_COOKIE || length < 64 || length > packet.len() {
        return None;
    }
    let mut link = unknown(length);
    link.frequency = match u32_be(packet, 28)? {
        channel @ 0..256 => channel_frequency(channel),
        mhz @ 256..10_000 => u16::try_from(mhz).ok(),
        khz => u16::try_from(khz / 1000).ok(),
    };
    // SSI type 2: dBm.
    if u32_be(packet, 44)? == 2 {
        link.signal = dbm(u32_be(packet, 48)?);
    }
    Some(link)
}

fn u32_be(packet: &[u8], at: usize) -> Option<u32> {
    packet.u32_ne(at).map(u32::from_be)
}

fn unknown(frame_at: usize) -> Link {
    Link {
        frame_at,
        fcs: Fcs::Unknown,
        bad_fcs: false,
        frequency: None,
        signal: None,
    }
}

/// Signal levels that can only be dBm.
fn dbm(value: u32) -> Option<i8> {
    i8::try_from(value.cast_signed()).ok().filter(|&dbm| dbm < 0)
}

/// MHz of a channel number; these headers are older than the 6 GHz band.
fn channel_frequency(channel: u32) -> Option<u16> {
    let channel = u16::try_from(channel).ok()?;
    match channel {
        1..=13 => Some(2407 + 5 * channel),
        14 => Some(2484),
        15..=196 => Some(5000 + 5 * channel),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prism_header(big_endian: bool) -> Vec<u8> {
        let octets = |value: u32| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let half = |value: u16| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let mut header = Vec::new();
        header.extend(octets(0x44));
        header.extend(octets(48));
        header.extend([0; 16]);
        for (number, value) in [(0x0003_0044, 6u32), (0x0006_0044, (-61i32).cast_unsigned())] {
            header.extend(octets(number));
            header.extend(half(0));
            header.extend(half(4));
            header.extend(octets(value));
        }
        header
    }

    #[test]
    fn prism_in_both_byte_orders() {
        for big_endian in [false, true] {
            let mut packet = prism_header(big_endian);
            packet.push(0);
            let link = prism(&packet).unwrap();
            assert_eq!((link.frame_at, link.fcs), (48, Fcs::Unknown));
            assert_eq!((link.frequency, link.signal), (Some(2437), Some(-61)));
            assert_eq!(prism(&packet[..47]), None);
        }
    }

    fn avs_header(channel: u32) -> Vec<u8> {
        let mut header = vec![0; 64];
        header[..4].copy_from_slice(&0x8021_1001u32.to_be_bytes());
        header[4..8].copy_from_slice(&64u32.to_be_bytes());
        header[28..32].copy_from_slice(&channel.to_be_bytes());
        header[44..48].copy_from_slice(&2u32.to_be_bytes());
        header[48..52].copy_from_slice(&(-70i32).to_be_bytes());
        header
    }

    #[test]
    fn avs_channel_in_every_unit() {
        for (channel, frequency) in [(36, 5180), (5180, 5180), (2_484_000, 2484), (14, 2484)] {
            let packet = avs_header(channel);
            let link = avs(&packet).unwrap();
            assert_eq!(
                (link.frame_at, link.frequency, link.signal),
                (64, Some(frequency), Some(-70))
            );
            assert_eq!(prism(&packet), Some(link), "AVS in a capture of link type 119");
        }
        assert_eq!(avs(&avs_header(1)[..63]), None);
        assert_eq!(avs(&[0; 64]), None);
    }
}
