mod conversation;
mod hostile;
mod multi_link;
mod probes;
mod refusals;

use std::time::Duration;

use super::*;
use crate::{
    ap::{
        ApOptions, SecurityMode,
        sae::{
            SaeAnswer,
            tests::station::{AP, STATION},
        },
    },
    dot11::{
        Channel, Tuning,
        emit::{Body, ElementWriter, Header},
        frame::{AssociationResponse, Authentication, Leaving, RequestKind},
    },
};

const NOW: Duration = Duration::from_secs(100);

fn options(channel: &str) -> ApOptions {
    let channel: Channel = channel.parse().unwrap();
    ApOptions::new(AP, b"profiler", Tuning::narrow(channel))
}

fn responder(options: &ApOptions) -> Responder {
    let announcement = Announcement::new(options).unwrap();
    Responder::new(announcement, ResponderSettings::default(), Entropy::new([1; 32]))
}

/// A station that sends frames with one sequence number after the other.
struct Client {
    address: Address,
    sequence: u16,
}

impl Client {
    fn new(address: Address) -> Self {
        Self { address, sequence: 0 }
    }

    fn frame(&mut self, body: &Body<'_>, elements: &[u8]) -> Vec<u8> {
        self.sequence += 1;
        let header = Header {
            destination: AP,
            source: self.address,
            bssid: AP,
            sequence: self.sequence,
            ..Header::default()
        };
        header.frame(body, elements)
    }

    fn authentication(&mut self, algorithm: u16, transaction: u16, status: u16, fields: &[u8]) -> Vec<u8> {
        let body = Body::Authentication {
            algorithm,
            transaction,
            status,
            fields,
        };
        self.frame(&body, &[])
    }

    fn association(&mut self, current_ap: Option<Address>) -> Vec<u8> {
        let body = Body::AssociationRequest {
            capability: 0x31,
            listen_interval: 10,
            current_ap,
        };
        self.frame(&body, &[0, 8, b'p', b'r', b'o', b'f', b'i', b'l', b'e', b'r'])
    }
}

/// The one reply, and its frame read.
fn only(replies: Vec<Reply>) -> Vec<u8> {
    let [reply] = <[Reply; 1]>::try_from(replies).unwrap();
    let header = Frame::new(&reply.frame).unwrap().header();
    assert_eq!((header.source(), header.bssid()), (AP, AP));
    reply.frame
}

fn authentication(frame: &[u8]) -> Authentication<'_> {
    match Frame::new(frame).unwrap() {
        Frame::Authentication(authentication) => authentication,
        other => panic!("{other:?}"),
    }
}

fn association_response(frame: &[u8]) -> AssociationResponse<'_> {
    match Frame::new(frame).unwrap() {
        Frame::AssociationResponse(response) => response,
        other => panic!("{other:?}"),
    }
}

fn deauthentication(frame: &[u8]) -> Leaving<'_> {
    match Frame::new(frame).unwrap() {
        Frame::Deauthentication(leaving) => leaving,
        other => panic!("{other:?}"),
    }
}

/// The answer in an SAE frame.
fn sae_answer(frame: &[u8]) -> SaeAnswer {
    let read = authentication(frame);
    assert_eq!(read.algorithm, Authentication::SAE);
    SaeAnswer {
        transaction: read.transaction,
        status: read.status,
        fields: read.rest.to_vec(),
    }
}
