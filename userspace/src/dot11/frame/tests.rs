use proptest::prelude::*;

use super::*;
use crate::dot11::{Address, element::Elements};

const STATION: Address = Address([2, 0, 0, 0, 0, 2]);

/// Header with frame control `control`, AP 02:…:01, station 02:…:02, sequence 5; then `body`.
fn frame(control: u16, body: &[u8]) -> Vec<u8> {
    let mut frame = control.to_le_bytes().to_vec();
    frame.extend([0x3c, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x50, 0]);
    if control & 0x8000 != 0 {
        frame.extend([1, 2, 3, 4]);
    }
    frame.extend(body);
    frame
}

#[test]
fn association_request() {
    for control in [0x0000, 0x8000] {
        let octets = frame(control, &[0x31, 0x04, 10, 0, 0, 1, b'x']);
        let request = AssociationRequest::new(Management::new(&octets).unwrap()).unwrap();
        assert_eq!(request.kind, RequestKind::Association);
        assert_eq!((request.capability, request.listen_interval), (0x0431, 10));
        assert_eq!((request.current_ap, request.elements), (None, &[0, 1, b'x'][..]));
        assert_eq!((request.header.source(), request.header.duration()), (STATION, 60));
        assert_eq!(request.header.bssid(), request.header.destination());
        assert_eq!(request.header.sequence(), 5);
    }
}

#[test]
fn reassociation_request() {
    let octets = frame(0x0020, &[1, 0, 1, 0, 2, 0, 0, 0, 0, 7, 0, 0]);
    let request = AssociationRequest::new(Management::new(&octets).unwrap()).unwrap();
    assert_eq!(request.kind, RequestKind::Reassociation);
    assert_eq!(request.current_ap, Some(Address([2, 0, 0, 0, 0, 7])));
    assert_eq!(request.elements, [0, 0]);
    let error = AssociationRequest::new(Management::new(&octets[..33]).unwrap()).unwrap_err();
    assert_eq!(error, FrameError::TooShort { needed: 34, found: 33 });
}

#[test]
fn association_response() {
    for (control, kind) in [(0x0010, RequestKind::Association), (0x0030, RequestKind::Reassociation)] {
        let octets = frame(control, &[0x31, 0x04, 30, 0, 0x05, 0xc0, 56, 0]);
        let Frame::AssociationResponse(response) = Frame::new(&octets).unwrap() else {
            panic!("{control:x}");
        };
        assert_eq!((response.kind, response.capability), (kind, 0x0431));
        assert_eq!((response.status, response.aid()), (30, 5));
        assert_eq!(response.elements, [56, 0]);
        assert_eq!(
            Frame::new(&octets[..29]).unwrap_err(),
            FrameError::TooShort { needed: 30, found: 29 }
        );
    }
}

#[test]
fn beacons_and_probes() {
    let mut body = vec![1, 2, 3, 4, 5, 6, 7, 8, 100, 0, 0x11, 0x04, 0, 0];
    for control in [0x0050, 0x0080] {
        let octets = frame(control, &body);
        let (Frame::Beacon(beacon) | Frame::ProbeResponse(beacon)) = Frame::new(&octets).unwrap() else {
            panic!("{control:x}");
        };
        assert_eq!(beacon.timestamp, 0x0807_0605_0403_0201);
        assert_eq!((beacon.interval, beacon.capability), (100, 0x0411));
        assert_eq!(beacon.elements, [0, 0]);
    }
    body.drain(8..10);
    let octets = frame(0x0060, &body);
    let Frame::TimingAdvertisement(timing) = Frame::new(&octets).unwrap() else {
        panic!();
    };
    assert_eq!((timing.capability, timing.elements), (0x0411, &[0, 0][..]));
    let octets = frame(0x0040, &[0, 0]);
    let request = ProbeRequest::new(Management::new(&octets).unwrap()).unwrap();
    assert_eq!((request.header.source(), request.elements), (STATION, &[0, 0][..]));
}

#[test]
fn leaving() {
    let octets = frame(0x00c0, &[15, 0]);
    let Frame::Deauthentication(leaving) = Frame::new(&octets).unwrap() else {
        panic!();
    };
    assert_eq!((leaving.reason, leaving.elements), (15, &[][..]));
    assert!(matches!(
        Frame::new(&frame(0x00a0, &[8, 0])),
        Ok(Frame::Disassociation(_))
    ));
    // Encrypted: the reason is not read from cipher text.
    let octets = frame(0x40c0, &[15, 0, 1, 2]);
    let Frame::Protected(header) = Frame::new(&octets).unwrap() else {
        panic!();
    };
    assert_eq!((header.subtype(), header.body().len()), (12, 4));
    assert_eq!(Leaving::new(header).unwrap_err(), FrameError::Protected);
}

fn details(octets: &[u8]) -> AuthenticationDetails<'_> {
    Authentication::new(Management::new(octets).unwrap()).unwrap().details()
}

#[test]
fn authentication() {
    let octets = frame(0x00b0, &[2, 0, 1, 0, 0, 0, 54, 0]);
    let open = Authentication::new(Management::new(&octets).unwrap()).unwrap();
    assert_eq!((open.algorithm, open.transaction, open.status), (2, 1, 0));
    assert_eq!(open.details(), AuthenticationDetails::Elements(&[54, 0]));
    let octets = frame(0x00b0, &[4, 0, 1, 0, 0, 0, 9]);
    assert_eq!(details(&octets), AuthenticationDetails::Other(&[9]));
    let octets = frame(0x00b0, &[3, 0, 2, 0, 0, 0, 1, 0, 7, 7]);
    let AuthenticationDetails::SaeConfirm(confirm) = details(&octets) else {
        panic!();
    };
    assert_eq!((confirm.send_confirm, confirm.confirm), (1, &[7, 7][..]));
}

/// What follows the fixed part of an SAE commit of group 19: `before`, scalar and element, `behind`.
fn commit(status: u16, before: &[u8], behind: &[u8]) -> Vec<u8> {
    let [low, high] = status.to_le_bytes();
    let key = [[1; 32], [2; 32], [3; 32]].concat();
    frame(
        0x00b0,
        &[&[3, 0, 1, 0, low, high, 19, 0], before, &key, behind].concat(),
    )
}

#[test]
fn sae_commits() {
    // Hunting and pecking, then with a token, then with a password identifier.
    for (before, behind) in [(&[][..], &[][..]), (&[9; 5], &[]), (&[], &[255, 3, 33, b'i', b'd'])] {
        let octets = commit(0, before, behind);
        let AuthenticationDetails::SaeCommit(commit) = details(&octets) else {
            panic!();
        };
        assert_eq!((commit.group, commit.hash_to_element), (19, false));
        let (scalar, element) = commit.scalar_and_element.unwrap();
        assert_eq!((scalar, element.len()), (&[1; 32][..], 64));
        assert_eq!(commit.anti_clogging_token().unwrap_or_default(), before);
        assert_eq!(commit.elements, behind);
    }
    let behind = [255, 5, 92, 20, 0, 21, 0, 255, 3, 93, 8, 8];
    let octets = commit(126, &[], &behind);
    let AuthenticationDetails::SaeCommit(commit) = details(&octets) else {
        panic!();
    };
    assert!(commit.hash_to_element);
    assert_eq!(commit.rejected_groups(), [20, 21]);
    assert_eq!(commit.anti_clogging_token(), Some(vec![8, 8]));
    // Token asked for, in both forms; group refused; unknown group; cut off.
    for (rest, token) in [
        (&[19, 0, 5, 6][..], Some(vec![5, 6])),
        (&[19, 0, 255, 3, 93, 5, 6], Some(vec![5, 6])),
    ] {
        assert_eq!(SaeCommit::new(76, rest).unwrap().anti_clogging_token(), token);
    }
    let refused = SaeCommit::new(77, &[20, 0]).unwrap();
    assert_eq!((refused.group, refused.scalar_and_element), (20, None));
    assert_eq!(SaeCommit::new(0, &[99, 0, 1]).unwrap().elements, [1]);
    assert_eq!(SaeCommit::new(0, &[19, 0, 1]).unwrap().scalar_and_element, None);
    assert_eq!(SaeCommit::new(0, &[19]), None);
}

#[test]
fn refuses_what_is_something_else() {
    assert_eq!(
        Management::new(&frame(0x0008, &[])).unwrap_err(),
        FrameError::OtherKind(2, 0)
    );
    let beacon = frame(0x0080, &[0; 12]);
    let header = Management::new(&beacon).unwrap();
    assert_eq!(
        AssociationRequest::new(header).unwrap_err(),
        FrameError::OtherKind(0, 8)
    );
    let mut fragment = frame(0, &[0; 4]);
    fragment[22] |= 1;
    assert_eq!(Management::new(&fragment).unwrap_err(), FrameError::LaterFragment(1));
    assert!(matches!(Frame::new(&frame(0x0090, &[])), Ok(Frame::Atim(_))));
    assert!(matches!(Frame::new(&frame(0x0070, &[])), Ok(Frame::Other(_))));
}

proptest! {
    #[test]
    fn any_octets(mut octets: Vec<u8>, subtype in 0u8..16) {
        // Of all octets few are a management frame of which anything is read.
        if octets.len() > 23 {
            octets[0] = subtype << 4;
            octets[1] &= !0x40;
            octets[22] &= 0xf0;
        }
        if let Ok(frame) = Frame::new(&octets) {
            let header = frame.header();
            prop_assert_eq!(header.subtype(), subtype);
            prop_assert!(frame.elements().len() <= header.body().len());
            Elements::parse(frame.elements());
        }
    }

    #[test]
    fn any_sae(status in prop::sample::select(vec![0, 1, 76, 77, 126, 127]), group in 0u8..32, rest: Vec<u8>) {
        let rest = [&[group, 0], &rest[..]].concat();
        let commit = SaeCommit::new(status, &rest).unwrap();
        let token = commit.token.unwrap_or_default().len();
        let key = commit.scalar_and_element.map_or(0, |(scalar, element)| scalar.len() + element.len());
        prop_assert_eq!(2 + token + key + commit.elements.len(), rest.len());
        let _ = (commit.anti_clogging_token(), commit.rejected_groups());
    }
}
