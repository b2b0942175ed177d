//! The access point's answers: one at the most, of a whole frame, to who sent; memory and counters as promised.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use airlens::{
    ap::{Announcement, ApOptions, FrameOutcome, Responder, ResponderSettings, sae::Entropy},
    dot11::{
        Address, Channel, Tuning,
        emit::{Body, Header},
        frame::Frame,
    },
};
use airlens_fuzz::bounded;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

const AP: Address = Address([2, 0, 0, 0, 0, 1]);
const STATIONS: usize = 4;

/// A frame of a station, changed; or any octets.
#[derive(Arbitrary, Debug)]
struct Step {
    station: u8,
    kind: u8,
    sequence: u8,
    retry: bool,
    fields: Vec<u8>,
    edit: Option<(u8, u8)>,
    any: Option<Vec<u8>>,
    wait: u8,
    expire: bool,
}

impl Step {
    fn frame(self) -> Vec<u8> {
        if let Some(octets) = self.any {
            return octets;
        }
        let header = Header {
            flags: u8::from(self.retry) << 3,
            destination: AP,
            source: Address([2, 0, 0, 0, 1, self.station % 8]),
            bssid: AP,
            sequence: self.sequence.into(),
            ..Header::default()
        };
        let authentication = |algorithm, transaction, status| Body::Authentication {
            algorithm,
            transaction,
            status,
            fields: &self.fields,
        };
        let current_ap = (self.kind & 8 != 0).then_some(AP);
        let (body, elements) = match self.kind & 7 {
            0 => (Body::ProbeRequest, &self.fields[..]),
            1 => (authentication(0, 1, 0), &[][..]),
            2 => (authentication(3, 1, 0), &[][..]),
            3 => (authentication(3, 1, 126), &[][..]),
            4 => (authentication(3, 2, 0), &[][..]),
            5 => {
                let body = Body::AssociationRequest {
                    capability: 0,
                    listen_interval: 1,
                    current_ap,
                };
                (body, &self.fields[..])
            }
            6 => (Body::Deauthentication { reason: 3 }, &[][..]),
            _ => (authentication(self.kind.into(), 1, 0), &[][..]),
        };
        let mut frame = header.frame(&body, elements);
        if let Some((at, value)) = self.edit {
            let at = usize::from(at) % frame.len();
            frame[at] = value;
        }
        frame
    }
}

/// Announcements of 5 GHz with multi-link and of 6 GHz.
static ANNOUNCEMENTS: LazyLock<[Announcement; 2]> = LazyLock::new(|| {
    ["36", "6g5"].map(|channel| {
        let channel: Channel = channel.parse().expect("a channel");
        let mut options = ApOptions::new(AP, b"fuzz", Tuning::narrow(channel));
        options.multi_link = true;
        Announcement::new(&options).expect("there can be such an AP")
    })
});

fuzz_target!(|input: (bool, Vec<Step>)| {
    let (six, steps) = input;
    let settings = ResponderSettings {
        stations: STATIONS,
        ..ResponderSettings::default()
    };
    let announcement = &ANNOUNCEMENTS[usize::from(six)];
    let mut responder = Responder::new(announcement.clone(), settings, Entropy::new([1; 32]));
    let mut now = Duration::from_secs(1);
    let mut frames = 0;
    for step in steps.into_iter().take(32) {
        now += Duration::from_millis(100) * u32::from(step.wait);
        if step.expire {
            responder.expire(now);
        }
        let frame = step.frame();
        // Four stations with their handshake and last answer, waiting events, the answer itself.
        let replies = bounded(frame.len(), 64, 256 * 1024, || responder.frame(&frame, now));
        frames += 1;
        assert!(replies.len() <= 1);
        for reply in &replies {
            let header = Frame::new(&reply.frame).expect("a whole frame").header();
            assert_eq!((header.source(), header.bssid()), (AP, AP));
            let to = header.destination().0;
            assert!(to == frame[10..16] || six && to == [0xff; 6] && header.subtype() == 5);
            assert!(
                frame[4..10] == AP.0 || header.subtype() == 5,
                "who wasn't asked doesn't answer"
            );
        }
        let counts = responder.counts();
        assert_eq!(counts.frames(), frames);
        assert!(counts.stations <= STATIONS as u64);
        assert_eq!(counts.of(FrameOutcome::SaeAccepted), 0, "a proof was guessed");
    }
    assert!(responder.events().count() as u64 <= frames + STATIONS as u64 * 32);
});
