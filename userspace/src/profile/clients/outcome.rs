//! What became of requests: the frames between a station and its AP before and after them.

use std::collections::HashMap;

use serde::Serialize;

use super::{Client, Clients, Request};
use crate::{
    dot11::{
        Address,
        frame::{AssociationResponse, Authentication, Frame, Leaving},
        link::LinkType,
    },
    profile::{Capture, Profile, recent::Recent},
};

/// Pairs of station and AP whose last authentication is remembered.
const MOST_AUTHENTICATIONS: usize = 4096;
/// An answer that comes later, in µs, is one to a request that was not heard.
const MOST_WAITING: u64 = 5_000_000;

const BROADCAST: Address = Address([0xff; 6]);

/// Who sent a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The station.
    Client,
    /// The access point.
    Ap,
}

/// An authentication (9.3.3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Authentication Algorithm Number (9.4.1.1).
    pub algorithm: u16,
    /// Status Code (9.4.1.9) of the AP's last frame, where heard.
    pub status: Option<u16>,
}

/// An association or reassociation response (9.3.3.6, 9.3.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status Code (9.4.1.9): 0 is success.
    pub status: u16,
    /// The association identifier (9.4.1.8), where the AP accepts and gives one.
    pub aid: Option<u16>,
    /// Time after the request in µs, where both are known.
    pub after: Option<u64>,
}

/// How an association is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Leave {
    /// Subtype 10: the station stays authenticated.
    Disassociation,
    /// Subtype 12.
    Deauthentication,
}

/// A disassociation (9.3.3.4) or a deauthentication (9.3.3.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Which of both.
    pub kind: Leave,
    /// Who sent it.
    pub by: Side,
    /// Reason Code (9.4.1.7); `None` where it is encrypted.
    pub reason: Option<u16>,
    /// Time after the request in µs, where both are known.
    pub after: Option<u64>,
}

/// A station and a BSSID.
type Pair = (Address, Address);
/// The places of a client and of its request.
type Place = (usize, usize);

/// What is needed to tell which request a frame belongs to.
#[derive(Debug)]
pub(super) struct Exchanges {
    authentications: Recent<Pair, Option<Authenticated>>,
    /// The last request of each pair, where it is listed: as many as requests are listed.
    latest: HashMap<Pair, Place>,
    /// The stations of these by BSSID, some more than once: whom a frame to all ends.
    stations: HashMap<Address, Vec<Address>>,
}

impl Default for Exchanges {
    fn default() -> Self {
        Self {
            authentications: Recent::new(MOST_AUTHENTICATIONS),
            latest: HashMap::new(),
            stations: HashMap::new(),
        }
    }
}

impl Exchanges {
    /// Authentications that gave way to later ones.
    pub(super) fn forgotten(&self) -> u64 {
        self.authentications.forgotten()
    }

    /// A request comes: what is heard from now on belongs to no earlier one.
    pub(super) fn forget(&mut self, profile: &Profile) {
        self.latest.remove(&(profile.mac, profile.bssid));
    }

    /// The request is listed, in this place.
    pub(super) fn follow(&mut self, request: &mut Request, place: Place) {
        let pair = (request.mac, request.bssid);
        request.authentication = self.authentications.get(pair).copied().flatten();
        self.latest.insert(pair, place);
        self.stations.entry(request.bssid).or_default().push(request.mac);
    }

    fn request<'a>(&self, clients: &'a mut [Client], pair: Pair) -> Option<&'a mut Request> {
        let &(client, request) = self.latest.get(&pair)?;
        clients.get_mut(client)?.requests.get_mut(request)
    }

    /// Whether the pair's request is the last of its client.
    fn is_last(&self, clients: &[Client], pair: Pair) -> bool {
        let place = self.latest.get(&pair);
        place.is_some_and(|&(client, request)| {
            let client = clients.get(client);
            client.is_some_and(|client| client.request_count == request as u64 + 1)
        })
    }

    fn authentication(&mut self, pair: Pair, by: Side, frame: Authentication<'_>) {
        let algorithm = frame.algorithm;
        let before = self.authentications.get(pair).copied().flatten();
        let before = before.filter(|before| before.algorithm == algorithm);
        let status = match by {
            Side::Ap => Some(frame.status),
            // It begins anew.
            Side::Client if frame.transaction == 1 => None,
            Side::Client => before.and_then(|before| before.status),
        };
        let heard = Authenticated { algorithm, status };
        self.authentications.insert(pair, Some(heard));
    }

    fn left(&mut self, clients: &mut [Client], pair: Pair, ending: Ending, time: Option<u64>) {
        if ending.kind == Leave::Deauthentication
            && let Some(authentication) = self.authentications.get_mut(pair)
        {
            *authentication = None;
        }
        if let Some(request) = self.request(clients, pair)
            && request.ended.is_none()
            && let Some(after) = after(request.time, time)
        {
            request.ended = Some(Ending { after, ..ending });
        }
    }
}

/// Time between two in µs, where both are known; `None` where the later one is the earlier.
fn after(request: Option<u64>, time: Option<u64>) -> Option<Option<u64>> {
    match (request, time) {
        (Some(request), Some(time)) => time.checked_sub(request).map(|ns| Some(ns / 1000)),
        _ => Some(None),
    }
}

impl Clients {
    /// Subtypes of the frames that [`Self::hear`] learns from.
    pub const HEARD: [u8; 5] = [
        AssociationResponse::ASSOCIATION,
        AssociationResponse::REASSOCIATION,
        Leaving::DISASSOCIATION,
        Authentication::SUBTYPE,
        Leaving::DEAUTHENTICATION,
    ];

    /// Takes a packet between the requests, in the order of capture: an authentication is told with the requests that follow,
    /// an answer and an end with the last request of the same station to the same AP, if that one is listed. Of several the
    /// first counts. Other frames, and those with a wrong FCS, tell nothing.
    pub fn hear(&mut self, link_type: LinkType, packet: &[u8], capture: Capture) {
        let Ok(link) = link_type.parse(packet) else { return };
        let original = capture.original_length.unwrap_or(packet.len());
        if link.bad_fcs {
            return;
        }
        let Ok(frame) = Frame::new(link.frame(packet, original)) else {
            return;
        };
        let header = frame.header();
        let bssid = header.bssid();
        let (by, station) = if header.source() == bssid {
            (Side::Ap, header.destination())
        } else if header.destination() == bssid {
            (Side::Client, header.source())
        } else {
            return;
        };
        let reason = match frame {
            Frame::Authentication(frame) if !station.is_group() => {
                return self.exchanges.authentication((station, bssid), by, frame);
            }
            Frame::AssociationResponse(response) if by == Side::Ap => {
                return self.answer((station, bssid), response, capture.time);
            }
            Frame::Disassociation(frame) | Frame::Deauthentication(frame) => Some(frame.reason),
            Frame::Protected(_) => None,
            _ => return,
        };
        let kind = match header.subtype() {
            Leaving::DISASSOCIATION => Leave::Disassociation,
            Leaving::DEAUTHENTICATION => Leave::Deauthentication,
            _ => return,
        };
        let ending = Ending {
            kind,
            by,
            reason,
            after: None,
        };
        if by == Side::Client || station != BROADCAST {
            let clients = &mut self.clients;
            return self.exchanges.left(clients, (station, bssid), ending, capture.time);
        }
        // Each station is told once: a flood of frames to all takes no longer.
        for station in self.exchanges.stations.remove(&bssid).unwrap_or_default() {
            // One that has asked another AP since is not meant.
            if self.exchanges.is_last(&self.clients, (station, bssid)) {
                self.exchanges
                    .left(&mut self.clients, (station, bssid), ending, capture.time);
            }
        }
    }

    fn answer(&mut self, pair: Pair, response: AssociationResponse<'_>, time: Option<u64>) {
        let Some(request) = self.exchanges.request(&mut self.clients, pair) else {
            return;
        };
        let Some(after) = after(request.time, time) else { return };
        let in_time = after.is_none_or(|after| after <= MOST_WAITING);
        if request.kind == response.kind && request.answer.is_none() && in_time {
            let (status, aid) = (response.status, response.aid());
            request.answer = Some(Answer {
                status,
                aid: (status == 0 && aid != 0).then_some(aid),
                after,
            });
        }
    }
}

#[cfg(test)]
mod tests;
