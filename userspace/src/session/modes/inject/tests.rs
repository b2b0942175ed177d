use std::os::unix::net::UnixDatagram;

use super::*;

const BSSID: Address = Address([2, 0, 0, 0, 7, 9]);

fn packet(radiotap: u16, control: u8, to: [u8; 6], from: [u8; 6]) -> Vec<u8> {
    let mut packet = vec![0, 0];
    packet.extend(radiotap.to_le_bytes());
    packet.resize(usize::from(radiotap), 0);
    packet.extend([control, 0, 0, 0]);
    packet.extend([to, from, BSSID.0].concat());
    packet.extend([0; 8]);
    packet
}

/// The kernel's own filter decides, on a socket that is at hand without privileges.
#[test]
fn only_what_concerns_the_access_point_passes() {
    let (sender, receiver) = UnixDatagram::pair().unwrap();
    receiver.set_nonblocking(true).unwrap();
    let filter = filter(BSSID);
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_ptr().cast_mut(),
    };
    let length = size_of::<libc::sock_fprog>() as libc::socklen_t;
    let attached = unsafe {
        libc::setsockopt(
            receiver.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const program).cast(),
            length,
        )
    };
    assert_eq!(attached, 0, "{}", io::Error::last_os_error());
    let passes = |packet: &[u8]| {
        let _ = sender.send(packet);
        receiver.recv(&mut [0; 2048]).is_ok_and(|length| length == packet.len())
    };
    let (all, station, other) = ([0xff; 6], [2, 0, 0, 0, 7, 1], [2, 0, 0, 0, 8, 9]);
    for radiotap in [8, 26, 300] {
        for control in [0x00, 0x20, 0x40, 0xa0, 0xb0, 0xc0] {
            assert!(passes(&packet(radiotap, control, BSSID.0, station)), "{control:#x}");
            assert!(!passes(&packet(radiotap, control, other, station)), "{control:#x}");
            assert!(!passes(&packet(radiotap, control, station, BSSID.0)), "{control:#x}");
            let to_all = passes(&packet(radiotap, control, all, station));
            assert_eq!(to_all, control == 0x40, "{control:#x}");
        }
        for control in [0x80, 0x50, 0x10, 0xd0, 0x08, 0x48, 0xd4] {
            assert!(!passes(&packet(radiotap, control, BSSID.0, station)), "{control:#x}");
        }
    }
    for cut in [0, 3, 4, 30] {
        assert!(!passes(&packet(26, 0x40, all, station)[..cut]), "{cut}");
    }
}

#[test]
fn the_header_of_what_is_sent_is_radiotap() {
    use crate::dot11::link::LinkType;
    for kind in [Kind::Group, Kind::Station] {
        let mut packet = Vec::new();
        Injector::header(&mut packet, 12, kind);
        packet.extend([0x80, 0]);
        let link = LinkType::Radiotap.parse(&packet).unwrap();
        assert_eq!((link.frame_at, packet.len()), (12, 14));
    }
}
