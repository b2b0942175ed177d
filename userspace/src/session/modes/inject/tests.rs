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
    // SAFETY: the program and what it points to live longer than the call.
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

/// A whole injected access point on a TAP in place of a monitor: it beacons in its rhythm and answers each probe request.
#[test]
fn an_injected_access_point_beacons_and_answers() {
    use std::{collections::BTreeSet, time::Instant};

    use super::super::start::{Mode, Plan, Transmit};
    use crate::{
        ap::{ApOptions, ResponderSettings},
        dot11::{Tuning, frame::Frame, link::LinkType},
        lab::{self, LabError, Namespace, Tap},
    };

    const REQUESTS: usize = 40;
    let namespace = match Namespace::new() {
        Ok(namespace) => namespace,
        Err(LabError::NotPermitted { .. }) => {
            println!("not root: the injected access point on a TAP is left out");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    namespace
        .run(|| {
            let tap = Tap::new("mon0", lab::LinkType::Monitor).unwrap();
            let ear = Injector::open(0).unwrap();
            ear.bind(tap.index(), ALL).unwrap();
            let options = ApOptions::new(BSSID, b"net", Tuning::narrow("36".parse().unwrap()));
            let transmit = Transmit {
                index: tap.index(),
                name: "mon0".to_owned(),
                frequency: 5180,
            };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let plan = Plan::Fakeap(options, ResponderSettings::default());
            let mut mode = runtime.block_on(Mode::start(plan, transmit)).unwrap();
            let (mut responses, mut stamps, mut numbers) = (0, Vec::new(), Vec::new());
            let mut buffer = vec![0; 4096];
            let begun = Instant::now();
            for number in 0..REQUESTS {
                let mut request = packet(8, 0x40, [0xff; 6], [2, 0, 0, 0, 7, 1]);
                request[8 + 16..8 + 22].fill(0xff);
                request[8 + 22..8 + 24].copy_from_slice(&((number as u16) << 4).to_le_bytes());
                request.truncate(8 + 24);
                request.extend([0, 0, 1, 4, 0x8c, 0x12, 0x98, 0x24]);
                tap.write(&request).unwrap();
                let until = Duration::from_millis(25) * (number as u32 + 1);
                while let Some(left) = until.checked_sub(begun.elapsed()) {
                    let Ok(Some((length, _))) = ear.receive(&mut buffer, left.max(Duration::from_millis(1))) else {
                        continue;
                    };
                    let link = LinkType::Radiotap.parse(&buffer[..length]).unwrap();
                    let frame = Frame::new(link.frame(&buffer[..length], length)).unwrap();
                    if frame.header().source() != BSSID {
                        continue;
                    }
                    numbers.push(frame.header().sequence());
                    match frame {
                        Frame::Beacon(beacon) => stamps.push(beacon.timestamp),
                        Frame::ProbeResponse(_) => responses += 1,
                        other => panic!("{other:?}"),
                    }
                }
            }
            // None is answered, each for a cause of its own: before the access point is open, a header of a version that is
            // unknown, and a wrong FCS as the header's flags say.
            let station = [2, 0, 0, 0, 7, 1];
            tap.write(&packet(8, 0xb0, BSSID.0, station)).unwrap();
            let mut unreadable = packet(8, 0x40, [0xff; 6], station);
            unreadable[0] = 1;
            tap.write(&unreadable).unwrap();
            let mut bad_fcs = packet(9, 0x40, [0xff; 6], station);
            (bad_fcs[4], bad_fcs[8]) = (2, 0x40);
            tap.write(&bad_fcs).unwrap();
            let lost = |mode: &Mode, cause: &str| {
                let lost = mode.snapshot().lost;
                lost.iter().find(|lost| lost.cause == cause).map(|lost| lost.count)
            };
            let until = Instant::now() + Duration::from_secs(5);
            while lost(&mode, "bad-fcs") == Some(0) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(20));
            }
            mode.stop();
            for (cause, count) in [("not-open", 1), ("unreadable", 1), ("bad-fcs", 1), ("buffer-full", 0)] {
                assert_eq!(lost(&mode, cause), Some(count), "{cause}");
            }
            let counts = mode.snapshot();
            let (latency, jitter) = (&counts.response_latency, &counts.beacon_jitter);
            println!(
                "response latency: median {:?} µs, 99 % {:?} µs; beacon jitter: median {:?} µs, 99 % {:?} µs",
                latency.quantile_us(0.5),
                latency.quantile_us(0.99),
                jitter.quantile_us(0.5),
                jitter.quantile_us(0.99)
            );
            // A busy machine may be late at the end.
            assert!(responses >= REQUESTS - 4, "{responses}");
            assert!(stamps.len() >= 5 && stamps.is_sorted(), "{stamps:?}");
            // Sent when due, and never before.
            for stamp in &stamps {
                assert!(stamp % 102_400 < 51_200, "{stamps:?}");
            }
            let distinct: BTreeSet<_> = numbers.iter().collect();
            assert_eq!(distinct.len(), numbers.len(), "{numbers:?}");
        })
        .unwrap();
}

#[test]
fn what_has_no_room_in_the_socket_is_counted() {
    use crate::lab::{self, LabError, Namespace, Tap};

    let namespace = match Namespace::new() {
        Ok(namespace) => namespace,
        Err(LabError::NotPermitted { .. }) => {
            println!("not root: the overflow of a packet socket on a TAP is left out");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    const SENT: u64 = 5000;
    namespace
        .run(|| {
            let tap = Tap::new("mon0", lab::LinkType::Monitor).unwrap();
            let ear = Injector::hearing(tap.index(), BSSID).unwrap();
            for _ in 0..SENT {
                tap.write(&packet(8, 0x40, [0xff; 6], [2, 0, 0, 0, 7, 1])).unwrap();
            }
            // What the filter leaves out is not lost.
            tap.write(&packet(8, 0x80, [0xff; 6], [2, 0, 0, 0, 7, 1])).unwrap();
            let (mut buffer, mut read) = (vec![0; 4096], 0);
            while let Ok(Some(_)) = ear.receive(&mut buffer, Duration::from_millis(100)) {
                read += 1;
            }
            let lost = ear.dropped();
            assert!(lost > 0 && read + lost == SENT, "{read} + {lost}");
            assert_eq!(ear.dropped(), 0);
        })
        .unwrap();
}
