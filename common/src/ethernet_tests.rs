use super::*;

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
    // The last 6 octets of the TCP header are not read: everything shorter than that is malformed.
    for short in 0..length - 6 {
        assert_eq!(parse(&buffer[..short], 3, 0).protocol, Protocol::Malformed, "{short}");
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
    assert_eq!(other([8, 0]), Protocol::Malformed);
    for (protocol, class) in [
        (1, Protocol::Icmp),
        (132, Protocol::Sctp),
        (47, Protocol::Ipv4Other),
        (58, Protocol::Ipv4Other),
    ] {
        let header = ipv4_header(protocol, 0, 0);
        let (buffer, length) = frame(&[&[8, 0], &header[..20], &[0; 8]]);
        assert_eq!(parse(&buffer[..length], 1, 0).protocol, class);
    }
}
