//! Header and body of management frames.

use crate::dot11::{
    Address,
    frame::{
        Action, AssociationRequest, AssociationResponse, Authentication, AuthenticationDetails, Beacon, Frame, Leaving,
        ProbeRequest, RequestKind,
    },
};

/// The header of a management frame (9.3.3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Bits 8 to 14 of frame control (9.2.4.1): 0x08 retry, 0x10 power management. The order bit is set where there is an
    /// HT Control field.
    pub flags: u8,
    /// Duration/ID (9.2.4.2), in µs.
    pub duration: u16,
    /// Address 1, the receiver.
    pub destination: Address,
    /// Address 2, the transmitter.
    pub source: Address,
    /// Address 3.
    pub bssid: Address,
    /// Sequence number, 0 to 4095 (9.2.4.4.2).
    pub sequence: u16,
    /// HT Control (9.2.4.6).
    pub ht_control: Option<[u8; 4]>,
}

/// The fixed part of a frame's body; elements follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// (Re)association request (9.3.3.5, 9.3.3.7).
    AssociationRequest {
        /// Capability Information.
        capability: u16,
        /// Listen Interval, in beacon intervals.
        listen_interval: u16,
        /// The AP that the station comes from: makes it a reassociation request.
        current_ap: Option<Address>,
    },
    /// (Re)association response (9.3.3.6, 9.3.3.8).
    AssociationResponse {
        /// Which of both.
        kind: RequestKind,
        /// Capability Information.
        capability: u16,
        /// Status Code.
        status: u16,
        /// Association identifier, 1 to 2007, or 0 for none.
        aid: u16,
    },
    /// Probe request (9.3.3.9).
    ProbeRequest,
    /// Probe response (9.3.3.10).
    ProbeResponse(Network),
    /// Beacon (9.3.3.2).
    Beacon(Network),
    /// Disassociation (9.3.3.4).
    Disassociation {
        /// Reason Code.
        reason: u16,
    },
    /// Authentication (9.3.3.11).
    Authentication {
        /// Authentication Algorithm Number.
        algorithm: u16,
        /// Authentication Transaction Sequence Number.
        transaction: u16,
        /// Status Code.
        status: u16,
        /// Fields of the algorithm.
        fields: &'a [u8],
    },
    /// Deauthentication (9.3.3.12).
    Deauthentication {
        /// Reason Code.
        reason: u16,
    },
    /// Action (9.3.3.13).
    Action {
        /// Category.
        category: u8,
        /// What is behind it: mostly an action code, then fields.
        fields: &'a [u8],
    },
}

/// The fixed part of beacons and probe responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Timestamp, in µs; most drivers write their own.
    pub timestamp: u64,
    /// Beacon Interval, in TU of 1,024 µs.
    pub interval: u16,
    /// Capability Information.
    pub capability: u16,
}

impl Network {
    fn of(beacon: Beacon<'_>) -> Self {
        Self {
            timestamp: beacon.timestamp,
            interval: beacon.interval,
            capability: beacon.capability,
        }
    }
}

impl Header {
    /// The frame, without FCS: this header, `body`, and `elements` as [`super::ElementWriter`] makes them.
    pub fn frame(&self, body: &Body<'_>, elements: &[u8]) -> Vec<u8> {
        let order = u8::from(self.ht_control.is_some()) << 7;
        let mut out = vec![body.subtype() << 4, self.flags & 0x7f | order];
        out.extend(self.duration.to_le_bytes());
        for address in [self.destination, self.source, self.bssid] {
            out.extend(address.0);
        }
        out.extend((self.sequence << 4).to_le_bytes());
        out.extend(self.ht_control.into_iter().flatten());
        body.write(&mut out);
        out.extend(elements);
        out
    }
}

impl<'a> Body<'a> {
    /// The fixed part that a frame's views read, and of an authentication frame the fields before its elements. `None` of an
    /// action frame, whose fields and elements only its details tell apart, and of frames that are not emitted.
    pub fn of(frame: Frame<'a>) -> Option<Self> {
        Some(match frame {
            Frame::AssociationRequest(request) => Self::AssociationRequest {
                capability: request.capability,
                listen_interval: request.listen_interval,
                current_ap: request.current_ap,
            },
            Frame::AssociationResponse(response) => Self::AssociationResponse {
                kind: response.kind,
                capability: response.capability,
                status: response.status,
                aid: response.aid(),
            },
            Frame::ProbeRequest(_) => Self::ProbeRequest,
            Frame::ProbeResponse(beacon) => Self::ProbeResponse(Network::of(beacon)),
            Frame::Beacon(beacon) => Self::Beacon(Network::of(beacon)),
            Frame::Disassociation(leaving) => Self::Disassociation { reason: leaving.reason },
            Frame::Deauthentication(leaving) => Self::Deauthentication { reason: leaving.reason },
            Frame::Authentication(authentication) => Self::Authentication {
                algorithm: authentication.algorithm,
                transaction: authentication.transaction,
                status: authentication.status,
                fields: match authentication.details() {
                    AuthenticationDetails::Elements(_) => &[],
                    _ => &authentication.rest[..authentication.rest.len() - frame.elements().len()],
                },
            },
            _ => return None,
        })
    }

    fn subtype(&self) -> u8 {
        match self {
            Self::AssociationRequest { current_ap: None, .. } => AssociationRequest::ASSOCIATION,
            Self::AssociationRequest { .. } => AssociationRequest::REASSOCIATION,
            Self::AssociationResponse { kind, .. } => match kind {
                RequestKind::Association => AssociationResponse::ASSOCIATION,
                RequestKind::Reassociation => AssociationResponse::REASSOCIATION,
            },
            Self::ProbeRequest => ProbeRequest::SUBTYPE,
            Self::ProbeResponse(_) => Beacon::PROBE_RESPONSE,
            Self::Beacon(_) => Beacon::SUBTYPE,
            Self::Disassociation { .. } => Leaving::DISASSOCIATION,
            Self::Authentication { .. } => Authentication::SUBTYPE,
            Self::Deauthentication { .. } => Leaving::DEAUTHENTICATION,
            Self::Action { .. } => Action::SUBTYPE,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut numbers = |numbers: &[u16]| out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        match *self {
            Self::AssociationRequest {
                capability,
                listen_interval,
                current_ap,
            } => {
                numbers(&[capability, listen_interval]);
                out.extend(current_ap.into_iter().flat_map(|address| address.0));
            }
            Self::AssociationResponse {
                capability,
                status,
                aid,
                ..
            } => {
                // The two most significant bits of an AID are sent as 1 (9.4.1.8).
                numbers(&[capability, status, aid | 0xc000]);
            }
            Self::ProbeRequest => {}
            Self::ProbeResponse(network) | Self::Beacon(network) => {
                out.extend(network.timestamp.to_le_bytes());
                out.extend(network.interval.to_le_bytes());
                out.extend(network.capability.to_le_bytes());
            }
            Self::Disassociation { reason } | Self::Deauthentication { reason } => numbers(&[reason]),
            Self::Authentication {
                algorithm,
                transaction,
                status,
                fields,
            } => {
                numbers(&[algorithm, transaction, status]);
                out.extend(fields);
            }
            Self::Action { category, fields } => {
                out.push(category);
                out.extend(fields);
            }
        }
    }
}
