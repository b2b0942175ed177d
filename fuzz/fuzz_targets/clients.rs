//! Clients put together from many requests: what they take of memory stays within the limits, and nothing goes uncounted.

#![no_main]

use airlens::{
    dot11::{
        Address,
        emit::{Body, Header},
        link::LinkType,
    },
    profile::{Capture, Client, Clients, Limits, Origin, Profile, client_record},
};
use airlens_fuzz::bounded;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Request {
    /// Addresses are few, so that clients meet.
    station: u8,
    again: Option<u8>,
    time: u16,
    elements: Vec<u8>,
}

const LIMITS: Limits = Limits {
    clients: 8,
    profiles: 4,
    requests: 16,
    all_requests: 32,
    octets: 4096,
};

/// Memory for a profile, by octet of its packet, and for all that is listed.
const FACTOR: usize = 64;
const LISTED: usize = 128 * 1024;

impl Request {
    fn profile(&self) -> Option<Profile> {
        let header = Header {
            source: Address([2, 0, 0, 0, 0, self.station % 16]),
            ..Header::default()
        };
        let current_ap = self.again.map(|ap| Address([2, 0, 0, 0, 1, ap]));
        let body = Body::AssociationRequest {
            capability: 0x31,
            listen_interval: 10,
            current_ap,
        };
        let packet = header.frame(&body, &self.elements);
        let capture = Capture {
            time: Some(self.time.into()),
            ..Capture::default()
        };
        Profile::from_packet(LinkType::Ieee80211, &packet, capture)
            .ok()
            .flatten()
    }
}

fn check(client: &Client) {
    assert!(client.profiles.len() <= LIMITS.profiles && client.requests.len() <= LIMITS.requests);
    assert!(client.requests.len() as u64 <= client.request_count && client.addresses.len() <= 16);
    let kept: u64 = client.profiles.iter().map(|known| known.requests).sum();
    assert!(kept <= client.request_count);
    for request in &client.requests {
        assert!(request.profile.is_none_or(|place| place < client.profiles.len()));
    }
    let record = client_record(client, &|_| "file".to_owned());
    let line = serde_json::to_string(&record).expect("nothing that JSON can't say");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&line).expect("JSON"), record);
}

fuzz_target!(|requests: Vec<Request>| {
    let mut clients = Clients::new(LIMITS);
    let profiles: Vec<_> = requests.iter().filter_map(Request::profile).collect();
    bounded(LIMITS.octets, FACTOR, LISTED, || {
        for (frame, profile) in profiles.iter().enumerate() {
            clients.add(
                Origin {
                    input: 0,
                    frame: frame as u64,
                },
                profile,
            );
        }
    });
    assert!(clients.all().len() <= LIMITS.clients);
    let counted: u64 = clients.all().iter().map(|client| client.request_count).sum();
    assert_eq!(
        counted + clients.left_out().requests_of_further_clients,
        profiles.len() as u64
    );
    clients.all().iter().for_each(check);
});
