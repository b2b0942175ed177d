//! Management frames (9.3.3): the header, and the bodies that airlens reads.

use std::fmt;

use airlens_common::ieee80211::FrameControl;
use serde::Serialize;

use super::Address;

/// Octets of the header without HT Control (9.3.3.2).
const HEADER: usize = 24;

/// Why a frame can't be read as what it was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It ends within the header or within the body's fixed part.
    #[error("the frame ends after {found} of at least {needed} octets: was the capture's snapshot length too small?")]
    TooShort {
        /// Octets that there must be.
        needed: usize,
        /// Octets that there are.
        found: usize,
    },
    /// Type or subtype is another one.
    #[error("the frame's type and subtype are {0} and {1}, no management frame that is read here")]
    OtherKind(u8, u8),
    /// A later fragment of a frame (9.4.2.1): its elements are not where the body starts.
    #[error("the frame is fragment {0} of a longer one")]
    LaterFragment(u8),
}

/// A management frame without its FCS.
#[derive(Clone, Copy, Debug)]
pub struct Management<'a> {
    octets: &'a [u8],
    control: FrameControl,
    body_at: usize,
}

impl<'a> Management<'a> {
    /// Checks the header of `frame`, which starts with frame control and has its FCS cut off.
    ///
    /// # Errors
    ///
    /// Not a management frame, a later fragment of one, or shorter than its header.
    pub fn new(frame: &'a [u8]) -> Result<Self, FrameError> {
        let too_short = |needed| FrameError::TooShort {
            needed,
            found: frame.len(),
        };
        let control = FrameControl::parse(frame, 0).ok_or(too_short(HEADER))?;
        if control.kind() != FrameControl::MANAGEMENT || control.0 & 3 != 0 {
            return Err(FrameError::OtherKind(control.kind(), control.subtype()));
        }
        // The order bit, called +HTC: HT Control follows the header (9.2.4.1.10).
        let body_at = if control.0 & 1 << 15 != 0 { HEADER + 4 } else { HEADER };
        if frame.len() < body_at {
            return Err(too_short(body_at));
        }
        match frame[22] & 15 {
            0 => Ok(Self {
                octets: frame,
                control,
                body_at,
            }),
            fragment => Err(FrameError::LaterFragment(fragment)),
        }
    }

    fn address(self, at: usize) -> Address {
        self.octets.get(at..).and_then(Address::read).unwrap_or_default()
    }

    /// The frame control field.
    pub fn control(self) -> FrameControl {
        self.control
    }

    /// Address 1, the receiver.
    pub fn destination(self) -> Address {
        self.address(4)
    }

    /// Address 2, the transmitter.
    pub fn source(self) -> Address {
        self.address(10)
    }

    /// Address 3.
    pub fn bssid(self) -> Address {
        self.address(16)
    }

    /// Sequence number, 0 to 4095 (9.2.4.4.2).
    pub fn sequence(self) -> u16 {
        u16::from_le_bytes([self.octets[22], self.octets[23]]) >> 4
    }

    /// What follows the header.
    pub fn body(self) -> &'a [u8] {
        &self.octets[self.body_at..]
    }

    fn fixed<const N: usize>(self) -> Result<(&'a [u8; N], &'a [u8]), FrameError> {
        self.body().split_first_chunk().ok_or(FrameError::TooShort {
            needed: self.body_at + N,
            found: self.octets.len(),
        })
    }
}

/// Association or reassociation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestKind {
    /// Subtype 0.
    Association,
    /// Subtype 2: the station comes from another AP of the same network.
    Reassociation,
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Association => "association",
            Self::Reassociation => "reassociation",
        })
    }
}

/// An association request (9.3.3.5) or a reassociation request (9.3.3.7).
#[derive(Clone, Copy, Debug)]
pub struct AssociationRequest<'a> {
    /// The header.
    pub header: Management<'a>,
    /// Which of both.
    pub kind: RequestKind,
    /// Capability Information (9.4.1.4).
    pub capability: u16,
    /// Listen Interval (9.4.1.6), in beacon intervals.
    pub listen_interval: u16,
    /// The AP that the station comes from, in a reassociation request.
    pub current_ap: Option<Address>,
    /// The elements; [`super::element::Elements::parse`] reads them.
    pub elements: &'a [u8],
}

impl<'a> AssociationRequest<'a> {
    /// Subtype of an association request.
    pub const ASSOCIATION: u8 = 0;
    /// Subtype of a reassociation request.
    pub const REASSOCIATION: u8 = 2;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, or a body shorter than the fixed part: 4 octets, or 10 where it is a reassociation request.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&[c0, c1, l0, l1], rest) = header.fixed()?;
        let (kind, current_ap, elements) = match header.control.subtype() {
            Self::ASSOCIATION => (RequestKind::Association, None, rest),
            Self::REASSOCIATION => {
                let (&[_, _, _, _, ref current_ap @ ..], rest) = header.fixed::<10>()?;
                (RequestKind::Reassociation, Some(Address(*current_ap)), rest)
            }
            subtype => return Err(FrameError::OtherKind(0, subtype)),
        };
        Ok(Self {
            header,
            kind,
            capability: u16::from_le_bytes([c0, c1]),
            listen_interval: u16::from_le_bytes([l0, l1]),
            current_ap,
            elements,
        })
    }
}

/// A probe request (9.3.3.9).
#[derive(Clone, Copy, Debug)]
pub struct ProbeRequest<'a> {
    /// The header.
    pub header: Management<'a>,
    /// The elements; there is no fixed part.
    pub elements: &'a [u8],
}

impl<'a> ProbeRequest<'a> {
    /// Subtype of a probe request.
    pub const SUBTYPE: u8 = 4;

    /// Takes the body.
    ///
    /// # Errors
    ///
    /// Another subtype.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        match header.control.subtype() {
            Self::SUBTYPE => Ok(Self {
                header,
                elements: header.body(),
            }),
            subtype => Err(FrameError::OtherKind(0, subtype)),
        }
    }
}

/// An authentication frame (9.3.3.11).
#[derive(Clone, Copy, Debug)]
pub struct Authentication<'a> {
    /// The header.
    pub header: Management<'a>,
    /// Authentication Algorithm Number (9.4.1.1): 0 open, 2 fast transition, 3 SAE, 4 to 6 FILS, 7 PASN.
    pub algorithm: u16,
    /// Authentication Transaction Sequence Number (9.4.1.2).
    pub transaction: u16,
    /// Status Code (9.4.1.9), 0 success; reserved in some frames.
    pub status: u16,
    /// What follows: fields of the algorithm, then elements.
    pub rest: &'a [u8],
}

impl<'a> Authentication<'a> {
    /// Subtype of an authentication frame.
    pub const SUBTYPE: u8 = 11;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, or a body shorter than 6 octets.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        if header.control.subtype() != Self::SUBTYPE {
            return Err(FrameError::OtherKind(0, header.control.subtype()));
        }
        let (&[a0, a1, t0, t1, s0, s1], rest) = header.fixed()?;
        Ok(Self {
            header,
            algorithm: u16::from_le_bytes([a0, a1]),
            transaction: u16::from_le_bytes([t0, t1]),
            status: u16::from_le_bytes([s0, s1]),
            rest,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            assert_eq!(request.header.source(), Address([2, 0, 0, 0, 0, 2]));
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
    fn probe_request() {
        let octets = frame(0x0040, &[0, 0]);
        let request = ProbeRequest::new(Management::new(&octets).unwrap()).unwrap();
        assert_eq!(request.header.source(), Address([2, 0, 0, 0, 0, 2]));
        assert_eq!(request.elements, [0, 0]);
        let octets = frame(0x0050, &[]);
        let error = ProbeRequest::new(Management::new(&octets).unwrap()).unwrap_err();
        assert_eq!(error, FrameError::OtherKind(0, 5));
    }

    #[test]
    fn authentication() {
        let octets = frame(0x00b0, &[3, 0, 1, 0, 126, 0, 19, 0]);
        let frame = Authentication::new(Management::new(&octets).unwrap()).unwrap();
        assert_eq!((frame.algorithm, frame.transaction, frame.status), (3, 1, 126));
        assert_eq!(frame.rest, [19, 0]);
    }

    #[test]
    fn other_frames_are_told_apart() {
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
    }

    proptest! {
        #[test]
        fn any_octets(octets: Vec<u8>) {
            if let Ok(header) = Management::new(&octets) {
                let _ = (header.sequence(), header.body());
                let _ = (
                    AssociationRequest::new(header),
                    Authentication::new(header),
                    ProbeRequest::new(header),
                );
            }
        }
    }
}
