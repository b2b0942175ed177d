//! The frames of an access point, made once and then copied.

use super::{ApError, ApOptions, AssociationReply, AuthenticationReply, elements};
use crate::dot11::{
    Address, Band,
    element::Tim,
    emit::{Body, ElementWriter, Header, Network},
};

/// Octets of a management frame's header (9.3.3.2).
const HEADER: usize = 24;
/// Where a header has address 1.
const DESTINATION: usize = 4;
/// Where a header has Sequence Control.
const SEQUENCE: usize = 22;
/// Where a beacon and a probe response have their timestamp.
const TIMESTAMP: usize = HEADER;

/// What an access point announces, ready to be sent.
///
/// A beacon is a copy of the octets that were made at first, with timestamp, sequence number and DTIM count of its own.
#[derive(Clone, Debug)]
pub struct Announcement {
    options: ApOptions,
    capability: u16,
    beacon: Vec<u8>,
    /// Where the beacon's TIM element is, and where it ends.
    tim: std::ops::Range<usize>,
    probe_response: Vec<u8>,
}

impl Announcement {
    /// The frames of this access point.
    ///
    /// # Errors
    ///
    /// There can be no such access point ([`ApOptions::check`]).
    pub fn new(options: &ApOptions) -> Result<Self, ApError> {
        options.check()?;
        let (head, tail) = (elements::head(options), elements::tail(options));
        let capability = elements::capability(options);
        let network = Network {
            timestamp: 0,
            interval: options.beacon_interval,
            capability,
        };
        let header = |destination| Header {
            destination,
            source: options.bssid,
            bssid: options.bssid,
            ..Header::default()
        };
        let mut beacon = header(Address([0xff; 6])).frame(&Body::Beacon(network), head.octets());
        let start = beacon.len();
        let mut tim = ElementWriter::new();
        // No station has frames waiting: an AP of airlens has none to hold.
        tim.put(&Tim {
            dtim_count: 0,
            dtim_period: options.dtim_period,
            control: 0,
            bitmap: vec![0],
        });
        beacon.extend(tim.octets());
        let tim = start..beacon.len();
        beacon.extend(tail.octets());
        let both = [head.octets(), tail.octets()].concat();
        Ok(Self {
            options: options.clone(),
            capability,
            beacon,
            tim,
            probe_response: header(Address::default()).frame(&Body::ProbeResponse(network), &both),
        })
    }

    /// What it was made of.
    #[must_use]
    pub fn options(&self) -> &ApOptions {
        &self.options
    }

    /// The beacon up to its TIM, header and fixed fields included (`NL80211_ATTR_BEACON_HEAD`).
    #[must_use]
    pub fn beacon_head(&self) -> &[u8] {
        &self.beacon[..self.tim.start]
    }

    /// The beacon's elements behind its TIM (`NL80211_ATTR_BEACON_TAIL`).
    #[must_use]
    pub fn beacon_tail(&self) -> &[u8] {
        &self.beacon[self.tim.end..]
    }

    /// The lowest basic rate, at which beacons and answers are sent, in units of 500 kb/s: DSSS in 2.4 GHz, OFDM in 5 and
    /// 6 GHz (26.17.2.2: 6 Mb/s of a non-HT PPDU is what every station of 6 GHz looks for).
    #[must_use]
    pub fn rate(&self) -> u8 {
        if self.options.band() == Band::Ghz2 { 2 } else { 12 }
    }

    /// A beacon to be injected: TSF in µs, a sequence number of 0 to 4095, and the beacons until the next DTIM, 0 in one.
    #[must_use]
    pub fn beacon(&self, timestamp: u64, sequence: u16, dtim_count: u8) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.beacon.len());
        self.append_beacon(&mut out, timestamp, sequence, dtim_count);
        out
    }

    /// [`Self::beacon`] behind what `out` has, so that one buffer is used for all.
    pub fn append_beacon(&self, out: &mut Vec<u8>, timestamp: u64, sequence: u16, dtim_count: u8) {
        let start = out.len();
        out.extend_from_slice(&self.beacon);
        let frame = &mut out[start..];
        stamp(frame, timestamp, sequence);
        // Behind the element's id and length.
        frame[self.tim.start + 2] = dtim_count;
    }

    /// A probe response; to ff:ff:ff:ff:ff:ff an unsolicited one, by which 6 GHz is found sooner (26.17.2.3.2).
    #[must_use]
    pub fn probe_response(&self, to: Address, timestamp: u64, sequence: u16) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.probe_response.len());
        self.append_probe_response(&mut out, to, timestamp, sequence);
        out
    }

    /// [`Self::probe_response`] behind what `out` has.
    pub fn append_probe_response(&self, out: &mut Vec<u8>, to: Address, timestamp: u64, sequence: u16) {
        let start = out.len();
        out.extend_from_slice(&self.probe_response);
        let frame = &mut out[start..];
        stamp(frame, timestamp, sequence);
        frame[DESTINATION..DESTINATION + 6].copy_from_slice(&to.0);
    }

    /// An authentication frame.
    #[must_use]
    pub fn authentication(&self, to: Address, sequence: u16, reply: &AuthenticationReply<'_>) -> Vec<u8> {
        let body = Body::Authentication {
            algorithm: reply.algorithm,
            transaction: reply.transaction,
            status: reply.status,
            fields: reply.fields,
        };
        self.frame(to, sequence, &body, &reply.elements(&self.options))
    }

    /// A (re)association response, with what the answer of a real access point has: the network's elements too where it
    /// accepts.
    #[must_use]
    pub fn association_response(&self, to: Address, sequence: u16, reply: &AssociationReply) -> Vec<u8> {
        let body = Body::AssociationResponse {
            kind: reply.kind,
            capability: self.capability,
            status: reply.status,
            aid: reply.aid,
        };
        self.frame(to, sequence, &body, reply.elements(&self.options).octets())
    }

    /// A deauthentication.
    #[must_use]
    pub fn deauthentication(&self, to: Address, sequence: u16, reason: u16) -> Vec<u8> {
        self.frame(to, sequence, &Body::Deauthentication { reason }, &[])
    }

    fn frame(&self, to: Address, sequence: u16, body: &Body<'_>, elements: &[u8]) -> Vec<u8> {
        let header = Header {
            destination: to,
            source: self.options.bssid,
            bssid: self.options.bssid,
            sequence,
            ..Header::default()
        };
        header.frame(body, elements)
    }
}

fn stamp(frame: &mut [u8], timestamp: u64, sequence: u16) {
    frame[TIMESTAMP..TIMESTAMP + 8].copy_from_slice(&timestamp.to_le_bytes());
    frame[SEQUENCE..SEQUENCE + 2].copy_from_slice(&(sequence << 4).to_le_bytes());
}
