//! Ethernet to the transport header, as kernel and user space read it. The first two octets are the VLAN tag that was stripped.

#![no_main]

use airlens_common::{
    data::Protocol,
    ethernet::{Layers, Summary, parse, parse_with},
};
use airlens_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

/// Ethernet, four tags, eight labels, IPv6, six extension headers of the longest kind, the longest TCP header.
const LONGEST: usize = 14 + 16 + 32 + 40 + 6 * (8 + 8 * 255) + 60;

fuzz_target!(|data: &[u8]| {
    let Some((&vlan, packet)) = data.split_first_chunk() else {
        return;
    };
    let vlan = u16::from_le_bytes(vlan) & 0x0fff;
    let read = |packet: &[u8]| -> Summary { parse(packet, 7, vlan) };
    let whole = bounded(packet.len(), 0, 0, || read(packet));
    assert_eq!(whole, read(packet));
    assert_eq!(whole.flow().is_some(), whole.protocol.belongs_to_flow());
    if let Some(flow) = whole.flow() {
        let key = flow.key;
        assert_eq!(key.ifindex, 7);
        assert!(vlan == 0 || key.vlan == vlan);
        assert!(key.vlan < 4096 && [4, 6].contains(&key.ip_version));
        assert!(usize::from(flow.header_length) <= LONGEST);
        let mut again = key;
        again.canonicalize();
        assert_eq!(again, key, "an ordered key stays as it is");
        let has_ports = !matches!(
            whole.protocol,
            Protocol::Gre | Protocol::Ipv4Other | Protocol::Ipv6Other
        );
        assert!(has_ports || (key.port_a, key.port_b, flow.tcp_flags) == (0, 0, 0));
    }
    bounded(packet.len(), 0, 0, || {
        parse_with(packet, 7, vlan, Layers { inner: true }, &mut ())
    });
    // What a shorter capture says holds for the longer one.
    let short = read(&packet[..packet.len() / 2]);
    assert!(short.protocol.is_short() || short == whole);
});
