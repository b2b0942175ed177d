//! Crafted Ethernet frames: every layout that counters and flows read, and every way to cut one.

use super::Named;

const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;
/// Generic routing encapsulation: IP, but none of the classes.
const GRE: u8 = 47;

const ADDRESSES: [u8; 12] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];

/// The tags of a frame and the EtherType of what is inside.
fn link(tags: &[(u16, u16)], ethertype: u16) -> Vec<u8> {
    let mut header = ADDRESSES.to_vec();
    for (kind, identifier) in tags {
        header.extend(kind.to_be_bytes());
        header.extend((0x2000 | identifier).to_be_bytes());
    }
    header.extend(ethertype.to_be_bytes());
    header
}

/// An IPv4 header with `options` octets of options (RFC 791 3.1).
#[must_use]
pub fn ipv4(protocol: u8, options: usize, fragment: u16, source: [u8; 4], destination: [u8; 4]) -> Vec<u8> {
    let mut header = vec![0; 20 + options];
    header[0] = 0x45 + (options / 4) as u8;
    header[6..8].copy_from_slice(&fragment.to_be_bytes());
    header[8] = 64;
    header[9] = protocol;
    header[12..16].copy_from_slice(&source);
    header[16..20].copy_from_slice(&destination);
    header
}

/// An IPv6 header and what is between it and the transport header (RFC 8200).
fn ipv6(protocol: u8, extensions: &[u8], source: u8, destination: u8) -> Vec<u8> {
    let mut header = vec![0; 40];
    header[0] = 0x60;
    header[8..10].copy_from_slice(&[0x20, 0x01]);
    header[23] = source;
    header[24..26].copy_from_slice(&[0x20, 0x01]);
    header[39] = destination;
    // Each header says what the next one is.
    let mut next = 6;
    for (index, extension) in extensions.iter().enumerate() {
        header[next] = *extension;
        next = header.len();
        let more = (index % 3) as u8;
        match extension {
            51 => {
                header.extend([0, 4 + more]);
                header.resize(next + 8 + 4 * usize::from(4 + more), 0);
            }
            44 => header.resize(next + 8, 0),
            _ => {
                header.extend([0, more]);
                header.resize(next + 8 + 8 * usize::from(more), 0);
            }
        }
    }
    header[next] = protocol;
    header
}

/// A transport header (RFC 9293, RFC 768, RFC 9260), ports given, or 16 octets of another protocol.
#[must_use]
pub fn transport(protocol: u8, ports: (u16, u16), flags: u8) -> Vec<u8> {
    let mut header = [ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat();
    match protocol {
        TCP => {
            header.resize(24, 0);
            header[12] = 0x60;
            header[13] = flags;
        }
        UDP => header.extend([0, 8, 0, 0]),
        _ => header.resize(16, 0),
    }
    header
}

/// A UDP packet of `octets` in all from one of `flows` different ports.
#[must_use]
pub fn udp(flow: u32, octets: usize) -> Vec<u8> {
    let [_, high, middle, low] = flow.to_be_bytes();
    let mut packet = link(&[], 0x0800);
    packet.extend(ipv4(UDP, 0, 0, [10, high, middle, low], [10, 255, 0, 1]));
    packet.extend(transport(UDP, (40_000, 53), 0));
    packet.resize(octets.max(packet.len()), 0);
    packet
}

/// A TCP segment of `octets` in all.
#[must_use]
pub fn tcp(octets: usize) -> Vec<u8> {
    let mut packet = link(&[], 0x0800);
    packet.extend(ipv4(TCP, 0, 0, [10, 0, 0, 9], [10, 0, 0, 2]));
    packet.extend(transport(TCP, (40_000, 443), 0x10));
    packet.resize(octets.max(packet.len()), 0);
    packet
}

/// The same over IPv6.
#[must_use]
pub fn tcp6(octets: usize) -> Vec<u8> {
    let mut packet = link(&[], 0x86dd);
    packet.extend(ipv6(TCP, &[], 9, 2));
    packet.extend(transport(TCP, (40_000, 443), 0x10));
    packet.resize(octets.max(packet.len()), 0);
    packet
}

/// A UDP packet in the VLAN `identifier`.
#[must_use]
pub fn tagged(identifier: u16) -> Vec<u8> {
    let mut packet = link(&[(0x8100, identifier)], 0x0800);
    packet.extend(ipv4(UDP, 0, 0, [10, 0, 0, 9], [10, 0, 0, 2]));
    packet.extend(transport(UDP, (40_000, 53), 0));
    packet.resize(100, 0);
    packet
}

/// Every layout, whole and cut to every length from 14 octets to all of its headers.
#[must_use]
pub fn crafted() -> Vec<Named> {
    let mut whole: Vec<Named> = Vec::new();
    let tags: [&[(u16, u16)]; 5] = [
        &[],
        &[(0x8100, 7)],
        &[(0x8100, 0)],
        &[(0x88a8, 5), (0x8100, 9)],
        &[(0x8100, 1), (0x8100, 2), (0x8100, 3)],
    ];
    for tags in tags {
        for (name, ethertype, body) in networks() {
            whole.push((
                format!("tags {tags:x?}, {name}"),
                [link(tags, ethertype), body, vec![0x5a; 6]].concat(),
            ));
        }
    }
    whole.extend(stacked());
    let mut all = Vec::new();
    for (name, packet) in whole {
        if packet.len() < 130 {
            all.extend((14..packet.len()).map(|cut| (format!("{name}, cut to {cut}"), packet[..cut].to_vec())));
        }
        all.push((name, packet));
    }
    all
}

/// MPLS labels (RFC 3032), as many tags as are read and one more, tunnels.
fn stacked() -> Vec<Named> {
    let datagram = |ports| {
        let header = ipv4(UDP, 0, 0, [10, 0, 0, 9], [10, 0, 0, 2]);
        [header, transport(UDP, ports, 0)].concat()
    };
    let labels = |count: usize| {
        let mut labels = [0, 0, 0x10, 64].repeat(count);
        labels[4 * count - 2] |= 1;
        labels
    };
    let mut all: Vec<Named> = Vec::new();
    for count in [1, 3, 8, 9] {
        let packet = [link(&[], 0x8847), labels(count), datagram((40_000, 53))].concat();
        all.push((format!("{count} labels"), packet));
    }
    let tags = [(0x88a8, 1), (0x9100, 2), (0x8100, 3), (0x8100, 4), (0x8100, 5)];
    for count in [4, 5] {
        let packet = [link(&tags[..count], 0x0800), datagram((40_000, 53))].concat();
        all.push((format!("{count} tags"), packet));
    }
    let inner = tcp(80);
    let vxlan = [
        link(&[], 0x0800),
        datagram((40_000, 4789)),
        vec![8, 0, 0, 0, 0, 0, 1, 0],
        inner.clone(),
    ];
    all.push(("VXLAN".to_owned(), vxlan.concat()));
    let header = ipv4(GRE, 0, 0, [192, 0, 2, 1], [192, 0, 2, 2]);
    let bridged = [link(&[], 0x0800), header, vec![0x20, 0, 0x65, 0x58, 0, 0, 0, 1], inner];
    all.push(("GRE".to_owned(), bridged.concat()));
    for (kind, back) in [(8, false), (0, true), (3, true), (13, false), (14, true)] {
        let mut header = ipv4(1, 0, 0, [10, 0, 0, 9], [10, 0, 0, 2]);
        if back {
            header[12..20].rotate_left(4);
        }
        let message = vec![kind, 0, 0, 0, 0, 1, 0, 1];
        all.push((
            format!("ICMP type {kind}"),
            [link(&[], 0x0800), header, message].concat(),
        ));
    }
    all
}

fn networks() -> Vec<(String, u16, Vec<u8>)> {
    let (one, other) = ([10, 0, 0, 9], [10, 0, 0, 2]);
    let mut all = Vec::new();
    for protocol in [TCP, UDP, SCTP, 1, 58, GRE] {
        let there = transport(protocol, (40_000, 443), 0x12);
        let back = transport(protocol, (443, 40_000), 0x19);
        let mut v4 = |name: &str, options, fragment, source, destination, transport: &[u8]| {
            let header = ipv4(protocol, options, fragment, source, destination);
            all.push((
                format!("IPv4 {protocol} {name}"),
                0x0800,
                [&header[..], transport].concat(),
            ));
        };
        v4("there", 0, 0, one, other, &there);
        v4("back", 0, 0, other, one, &back);
        v4("to itself", 0, 0, one, one, &there);
        v4("options", 4, 0, one, other, &there);
        v4("all options", 40, 0, one, other, &there);
        v4("first fragment", 0, 0x2000, one, other, &there);
        v4("last fragment", 0, 0x00b9, one, other, &there);
        v4("do not fragment", 0, 0x4000, one, other, &there);
        let chains: [&[u8]; 8] = [
            &[],
            &[0],
            &[43],
            &[60, 44],
            &[51],
            &[0, 60, 43, 44, 51, 60],
            &[60, 60, 60, 60, 60, 60, 60],
            &[60; 12],
        ];
        for chain in chains {
            let header = ipv6(protocol, chain, 9, 2);
            all.push((
                format!("IPv6 {protocol} behind {chain:?}"),
                0x86dd,
                [&header[..], &there].concat(),
            ));
        }
        let mut later = ipv6(protocol, &[44], 2, 9);
        later[43] = 8;
        all.push((
            format!("IPv6 {protocol} later fragment"),
            0x86dd,
            [&later[..], &back].concat(),
        ));
    }
    all.extend(contradictions());
    all.push(("ARP".to_owned(), 0x0806, vec![1; 28]));
    all.push(("EAPOL".to_owned(), 0x888e, vec![2; 20]));
    all.push(("a length, not a type".to_owned(), 0x0026, vec![0x42; 38]));
    all
}

/// Headers that contradict themselves.
fn contradictions() -> Vec<(String, u16, Vec<u8>)> {
    let there = transport(TCP, (1, 2), 2);
    let sound = [ipv4(TCP, 0, 0, [10, 0, 0, 9], [10, 0, 0, 2]), there.clone()].concat();
    let sound6 = [ipv6(TCP, &[], 1, 2), there].concat();
    let broken = |name: &str, ethertype: u16, packet: &[u8], at: usize, value: u8| {
        let mut packet = packet.to_vec();
        packet[at] = value;
        (name.to_owned(), ethertype, packet)
    };
    vec![
        broken("IPv4 that says version 6", 0x0800, &sound, 0, 0x65),
        broken("IPv4 with a header of 16 octets", 0x0800, &sound, 0, 0x44),
        broken("IPv4 with options beyond the packet", 0x0800, &sound, 0, 0x4f),
        broken("IPv4 with a total length of 19 octets", 0x0800, &sound, 3, 19),
        broken("TCP with a header of 16 octets", 0x0800, &sound, 20 + 12, 0x40),
        broken("TCP with options beyond the packet", 0x0800, &sound, 20 + 12, 0xf0),
        broken("IPv6 that says version 4", 0x86dd, &sound6, 0, 0x40),
        broken(
            "IPv6 with an extension header beyond the packet",
            0x86dd,
            &sound6,
            6,
            60,
        ),
    ]
}
