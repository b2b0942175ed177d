extern crate std;

use std::collections::HashMap;

use super::*;

const TCP: u8 = 6;
const UDP: u8 = 17;

impl Fragments for HashMap<FlowKey, Transport> {
    fn remember(&mut self, packet: &FlowKey, transport: Transport) {
        self.insert(*packet, transport);
    }

    fn recall(&mut self, packet: &FlowKey) -> Option<Transport> {
        self.get(packet).copied()
    }
}

const MACS: [u8; 12] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];

/// An Ethernet frame from its parts, in a fixed buffer.
fn frame(parts: &[&[u8]]) -> ([u8; 256], usize) {
    let mut buffer = [0; 256];
    let mut length = 0;
    for part in core::iter::once(&&MACS[..]).chain(parts) {
        buffer[length..length + part.len()].copy_from_slice(part);
        length += part.len();
    }
    (buffer, length)
}

fn ipv4_header(protocol: u8, options: usize, fragment: u16) -> [u8; 28] {
    let mut header = [0; 28];
    header[0] = 0x45 + (options / 4) as u8;
    header[6..8].copy_from_slice(&fragment.to_be_bytes());
    header[9] = protocol;
    header[12..16].copy_from_slice(&[10, 0, 0, 9]);
    header[16..20].copy_from_slice(&[10, 0, 0, 2]);
    header
}

fn tcp(source: u16, destination: u16, flags: u8) -> [u8; 20] {
    let mut header = [0; 20];
    header[..2].copy_from_slice(&source.to_be_bytes());
    header[2..4].copy_from_slice(&destination.to_be_bytes());
    header[12] = 0x50;
    header[13] = flags;
    header
}

#[test]
fn ipv4_with_options_vlan_and_every_truncation() {
    let header = ipv4_header(TCP, 8, 0);
    let (buffer, length) = frame(&[
        &[0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, 8, 0],
        &header,
        &tcp(40000, 443, 0x12),
    ]);
    let summary = parse(&buffer[..length], 3, 0);
    let flow = summary.flow().unwrap();
    assert_eq!(summary.protocol, Protocol::Tcp);
    assert_eq!((flow.key.vlan, flow.key.ifindex, flow.key.ip_version), (7, 3, 4));
    assert_eq!(flow.key.address_a[0].to_ne_bytes(), [10, 0, 0, 2]);
    assert_eq!((flow.key.port_a, flow.key.port_b, flow.from_a), (443, 40000, false));
    assert_eq!((flow.tcp_flags, usize::from(flow.header_length)), (0x12, length));
    for short in 0..length {
        let expected = match short {
            ..22 => Protocol::EthernetShort,
            22..50 => Protocol::IpShort,
            _ => Protocol::TransportShort,
        };
        assert_eq!(parse(&buffer[..short], 3, 0).protocol, expected, "{short}");
        assert!(expected.is_short() && expected.is_malformed() && !expected.belongs_to_flow());
    }
    assert_eq!(parse(&buffer[..length], 3, 99).flow().unwrap().key.vlan, 99);
}

#[test]
fn later_fragments_have_no_ports() {
    let header = ipv4_header(UDP, 0, 185);
    let (buffer, length) = frame(&[&[8, 0], &header[..20], &[0xff; 8]]);
    let summary = parse(&buffer[..length], 1, 0);
    assert_eq!(summary.protocol, Protocol::Udp);
    let key = summary.flow().unwrap().key;
    assert_eq!((key.port_a, key.port_b), (0, 0));
}

#[test]
fn ipv6_extension_headers_are_stepped_over() {
    let mut header = [0u8; 40];
    header[0] = 0x60;
    header[6] = 0;
    header[23] = 1;
    header[39] = 2;
    let hop_by_hop = [60, 0, 0, 0, 0, 0, 0, 0];
    let destination = [44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let fragment = [17, 0, 0, 1, 0, 0, 0, 1];
    let udp = [0x13, 0x88, 0, 53, 0, 8, 0, 0];
    let (buffer, length) = frame(&[&[0x86, 0xdd], &header, &hop_by_hop, &destination, &fragment, &udp]);
    let flow = *parse(&buffer[..length], 1, 0).flow().unwrap();
    assert_eq!(
        (flow.key.protocol, flow.key.port_a, flow.key.port_b, flow.from_a),
        (17, 5000, 53, true)
    );

    let later = [17, 0, 0, 9, 0, 0, 0, 1];
    let (buffer, length) = frame(&[&[0x86, 0xdd], &header, &hop_by_hop, &destination, &later, &udp]);
    let flow = *parse(&buffer[..length], 1, 0).flow().unwrap();
    assert_eq!((flow.key.protocol, flow.key.port_a), (17, 0));
}

#[test]
fn classes() {
    let other = |ethertype: [u8; 2]| {
        let (buffer, length) = frame(&[&ethertype, &[0; 28]]);
        parse(&buffer[..length], 1, 0).protocol
    };
    assert_eq!(other([8, 6]), Protocol::Arp);
    assert_eq!(other([0x88, 0x8e]), Protocol::Other);
    assert_eq!(other([8, 0]), Protocol::IpHeader);
    for (protocol, class) in [
        (1, Protocol::Icmp),
        (132, Protocol::Sctp),
        (47, Protocol::Gre),
        (89, Protocol::Ipv4Other),
        (58, Protocol::Ipv4Other),
    ] {
        let header = ipv4_header(protocol, 0, 0);
        let (buffer, length) = frame(&[&[8, 0], &header[..20], &[0; 12]]);
        assert_eq!(parse(&buffer[..length], 1, 0).protocol, class);
    }
}

#[test]
fn contradictions_have_a_class() {
    let class = |parts: &[&[u8]]| {
        let (buffer, length) = frame(parts);
        parse(&buffer[..length], 1, 0).protocol
    };
    let mut header = ipv4_header(UDP, 0, 0);
    header[3] = 19;
    assert_eq!(class(&[&[8, 0], &header]), Protocol::IpLength);
    let mut segment = tcp(1, 2, 0);
    segment[12] = 0x40;
    assert_eq!(
        class(&[&[8, 0], &ipv4_header(TCP, 0, 0)[..20], &segment]),
        Protocol::TransportHeader
    );
    let datagram = [0, 1, 0, 2, 0, 7, 0, 0];
    assert_eq!(
        class(&[&[8, 0], &ipv4_header(UDP, 0, 0)[..20], &datagram]),
        Protocol::TransportHeader
    );
    assert_eq!(class(&[&[8, 6], &[0; 27]]), Protocol::ArpShort);
    // More tags than are stepped over.
    assert_eq!(
        class(&[&[0x81, 0, 0, 1, 0x88, 0xa8, 0, 2, 0x91, 0, 0, 3, 0x81, 0, 0, 4, 0x81, 0]]),
        Protocol::Other
    );
}

#[test]
fn labels_are_stepped_over() {
    let udp = [0x13, 0x88, 0, 53, 0, 8, 0, 0];
    let header = ipv4_header(UDP, 0, 0);
    let (buffer, length) = frame(&[&[0x88, 0x47], &[0, 0, 0x10, 64], &[0, 0, 0x21, 64], &header[..20], &udp]);
    let flow = *parse(&buffer[..length], 1, 0).flow().unwrap();
    assert_eq!((flow.key.port_a, flow.key.port_b), (53, 5000));
    let (buffer, length) = frame(&[&[0x88, 0x47], &[0, 0, 0x11, 64], &[0; 20]]);
    assert_eq!(parse(&buffer[..length], 1, 0).protocol, Protocol::Other);
    let (buffer, length) = frame(&[&[0x88, 0x48], &[0, 0, 0x10, 64].repeat(MAX_LABELS), &header[..20]]);
    assert_eq!(parse(&buffer[..length], 1, 0).protocol, Protocol::Other);
}

#[test]
fn later_fragments_belong_to_the_first() {
    let mut known = HashMap::new();
    let mut read = |parts: &[&[u8]]| {
        let (buffer, length) = frame(parts);
        *parse_with(&buffer[..length], 1, 0, Layers::default(), &mut known)
            .flow()
            .unwrap()
    };
    let udp = [0x13, 0x88, 0, 53, 5, 0xdc, 0, 0];
    let first = read(&[&[8, 0], &ipv4_header(UDP, 0, 0x2000)[..20], &udp]);
    let later = read(&[&[8, 0], &ipv4_header(UDP, 0, 0x00b9)[..20], &[7; 3]]);
    assert_eq!((later.key, later.from_a), (first.key, first.from_a));
    let mut other = ipv4_header(UDP, 0, 0x00b9);
    other[5] = 1;
    assert_eq!(read(&[&[8, 0], &other[..20]]).key.port_a, 0);

    let mut header = [0u8; 40];
    header[0] = 0x60;
    header[6] = 44;
    header[39] = 1;
    let [first, later] = [0, 9].map(|offset| [60, 0, 0, offset | 1, 0, 0, 0, 1]);
    let options = [17, 0, 0, 0, 0, 0, 0, 0];
    let first = read(&[&[0x86, 0xdd], &header, &first, &options, &udp]);
    let later = read(&[&[0x86, 0xdd], &header, &later, &[1; 3]]);
    assert_eq!((first.key.protocol, first.key.port_b), (17, 53));
    assert_eq!((later.key, later.from_a), (first.key, first.from_a));
}

#[test]
fn answers_of_icmp_belong_to_their_question() {
    let read = |message: &[u8], back: bool| {
        let mut header = ipv4_header(1, 0, 0);
        if back {
            header[12..20].rotate_left(4);
        }
        let (buffer, length) = frame(&[&[8, 0], &header[..20], message]);
        *parse(&buffer[..length], 1, 0).flow().unwrap()
    };
    let (question, answer) = (read(&[8, 0, 1, 2], false), read(&[0, 0, 1, 2], true));
    assert_eq!(question.key, answer.key);
    assert_ne!(question.from_a, answer.from_a);
    // From 10.0.0.9, which is B: the destination's port is A's.
    assert_eq!((question.key.port_a, question.key.port_b), (0x0800, 0));
    assert_eq!(read(&[3, 1, 0, 0], false).key.port_a, 0x0301);
}

#[test]
fn tunnels_count_by_the_outer_header_or_the_inner() {
    let inner = [&MACS[..], &[8, 0], &ipv4_header(TCP, 0, 0)[..20], &tcp(1000, 443, 2)].concat();
    let outer = |protocol| {
        let mut header = ipv4_header(protocol, 0, 0);
        header[12..20].copy_from_slice(&[192, 0, 2, 1, 192, 0, 2, 2]);
        header
    };
    let vxlan = [
        &[0x13, 0x88, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 1, 0][..],
        &inner,
    ]
    .concat();
    let bridged = [&[0x20, 0, 0x65, 0x58, 0, 0, 0, 1][..], &inner].concat();
    let routed = [&[0, 0, 8, 0][..], &inner[14..]].concat();
    for (protocol, tunnel) in [(UDP, &vxlan), (47, &bridged), (47, &routed)] {
        let (buffer, length) = frame(&[&[8, 0], &outer(protocol)[..20], tunnel]);
        let read = |inner| parse_with(&buffer[..length], 1, 5, Layers { inner }, &mut ());
        assert_eq!(read(false).flow().unwrap().key.protocol, protocol);
        let summary = read(true);
        let flow = summary.flow().unwrap();
        assert_eq!((summary.protocol, flow.key.vlan), (Protocol::Tcp, 5));
        assert_eq!((flow.key.port_a, flow.key.port_b, flow.tcp_flags), (443, 1000, 2));
        assert_eq!(usize::from(flow.header_length), length);
    }
}
