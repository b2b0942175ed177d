use airlens_common::data::Protocol;

use super::*;

fn read(link_type: u32, octets: &[u8]) -> Option<Parsed> {
    super::read(link_type, octets, Layers::default(), &mut ())
}

/// IPv4 and UDP, 28 octets.
fn packet() -> Vec<u8> {
    let mut packet = vec![0; 28];
    (packet[0], packet[3]) = (0x45, 28);
    packet[9] = 17;
    packet[12..20].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
    packet[20..24].copy_from_slice(&[0, 53, 1, 0]);
    packet[25] = 8;
    packet
}

#[test]
fn one_packet_in_every_wrapping() {
    let mut cooked = [0; 16];
    cooked[14] = 8;
    let mut cooked2 = [0; 20];
    (cooked2[0], cooked2[7]) = (8, 3);
    let mut wireless = [0; 34];
    wireless[0] = 0x88;
    wireless[26..34].copy_from_slice(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
    let mut ethernet = [0; 14];
    ethernet[12] = 8;
    let expected = read(1, &[&ethernet[..], &packet()].concat()).unwrap();
    assert_eq!(expected.summary.protocol, Protocol::Udp);
    let expected = expected.summary.flow().unwrap().key;
    for (link_type, header) in [
        (101, &[][..]),
        (228, &[]),
        (0, &[2, 0, 0, 0]),
        (108, &[0, 0, 0, 2]),
        (113, &cooked),
        (276, &cooked2),
        (105, &wireless),
    ] {
        let parsed = read(link_type, &[header, &packet()].concat()).unwrap();
        let mut key = parsed.summary.flow().unwrap().key;
        assert_eq!(key.ifindex, if link_type == 276 { 3 } else { 0 });
        key.ifindex = 0;
        assert_eq!((key, parsed.network_at), (expected, header.len()), "{link_type}");
        for cut in 0..header.len() + 28 {
            let cut = &[header, &packet()].concat()[..cut];
            let parsed = read(link_type, cut).unwrap();
            assert!(parsed.summary.flow().is_none(), "{link_type}: {} octets", cut.len());
        }
    }
    assert!(read(147, &packet()).is_none() && !is_known(147));
    // Encrypted, and a beacon.
    wireless[1] = 0x40;
    let encrypted = read(105, &[&wireless[..], &packet()].concat()).unwrap();
    assert_eq!(encrypted.summary.protocol, Protocol::Other);
    wireless[..2].copy_from_slice(&[0x80, 0]);
    let beacon = read(105, &[&wireless[..], &packet()].concat()).unwrap();
    assert_eq!(beacon.summary.protocol, Protocol::Other);
}
#[test]
fn the_packet_in_a_tunnel() {
    let inner = Layers { inner: true };
    let read = |packet: &[u8], layers| super::read(101, packet, layers, &mut ()).unwrap();
    let carry = |protocol: u8, between: &[u8]| {
        let mut outer = packet()[..20].to_vec();
        outer[9] = protocol;
        outer[16] = 99;
        outer.extend(between);
        outer.extend(packet());
        outer[3] = outer.len() as u8;
        outer
    };
    let mut ethernet = vec![0; 18];
    ethernet[12..].copy_from_slice(&[0x81, 0, 0, 7, 8, 0]);
    let vxlan = [&[0, 1, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 9, 0][..], &ethernet].concat();
    let expected = read(&packet(), inner).summary.flow().unwrap().key;
    for (protocol, between) in [
        (47, &[0, 0, 8, 0][..]),
        (47, &[0x30, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 2]),
        (17, &vxlan),
    ] {
        let outer = carry(protocol, between);
        let parsed = read(&outer, inner);
        let mut key = parsed.summary.flow().unwrap().key;
        assert_eq!(key.vlan, if protocol == 17 { 7 } else { 0 });
        key.vlan = 0;
        assert_eq!(
            (key, parsed.network(&outer)),
            (expected, &packet()[..]),
            "{between:02x?}"
        );
        let parsed = read(&outer, Layers::default());
        assert_eq!(parsed.network(&outer), outer);
        assert_ne!(parsed.summary.flow().unwrap().key, expected);
    }
    // Of another version (PPTP), and another port: no tunnel that is looked into.
    for (protocol, between) in [(47, [0, 1, 8, 0, 0, 0, 0, 0]), (17, [0, 1, 0x12, 0xb6, 0, 0, 0, 0])] {
        let outer = carry(protocol, &between);
        assert_eq!(read(&outer, inner).network(&outer), outer);
    }
}
