//! Management frames (9.3.3): the header, and a view of each body.

mod action;
mod association;
mod authentication;
mod beacon;
mod header;
mod leaving;
mod names;
mod probe;
mod sae;
#[cfg(test)]
mod tests;

pub use action::*;
pub use association::{AssociationRequest, AssociationResponse, RequestKind};
pub use authentication::{Authentication, AuthenticationDetails};
pub use beacon::{Beacon, TimingAdvertisement};
pub use header::Management;
pub use leaving::Leaving;
pub use names::{algorithm_name, category_name, reason_name, status_name};
pub use probe::ProbeRequest;
pub use sae::{SaeCommit, SaeConfirm};

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
    /// The body is encrypted (9.2.4.1.9).
    #[error("the frame's body is encrypted: its sender and receiver alone can read it")]
    Protected,
}

/// Any management frame.
#[derive(Clone, Copy, Debug)]
pub enum Frame<'a> {
    /// Subtypes 0 and 2.
    AssociationRequest(AssociationRequest<'a>),
    /// Subtypes 1 and 3.
    AssociationResponse(AssociationResponse<'a>),
    /// Subtype 4.
    ProbeRequest(ProbeRequest<'a>),
    /// Subtype 5.
    ProbeResponse(Beacon<'a>),
    /// Subtype 6.
    TimingAdvertisement(TimingAdvertisement<'a>),
    /// Subtype 8.
    Beacon(Beacon<'a>),
    /// Subtype 9 (9.3.3.3), which has no body.
    Atim(Management<'a>),
    /// Subtype 10.
    Disassociation(Leaving<'a>),
    /// Subtype 11.
    Authentication(Authentication<'a>),
    /// Subtype 12.
    Deauthentication(Leaving<'a>),
    /// Subtype 13.
    Action(Action<'a>),
    /// Subtype 14.
    ActionNoAck(Action<'a>),
    /// Any of them with its body encrypted.
    Protected(Management<'a>),
    /// A reserved subtype.
    Other(Management<'a>),
}

impl<'a> Frame<'a> {
    /// Reads a management frame, which starts with frame control and has its FCS cut off.
    ///
    /// # Errors
    ///
    /// Not a management frame, a later fragment of one, or one that ends within its header or its fixed part.
    pub fn new(frame: &'a [u8]) -> Result<Self, FrameError> {
        let header = Management::new(frame)?;
        if header.protected() {
            return Ok(Self::Protected(header));
        }
        Ok(match header.subtype() {
            AssociationRequest::ASSOCIATION | AssociationRequest::REASSOCIATION => {
                Self::AssociationRequest(AssociationRequest::new(header)?)
            }
            AssociationResponse::ASSOCIATION | AssociationResponse::REASSOCIATION => {
                Self::AssociationResponse(AssociationResponse::new(header)?)
            }
            ProbeRequest::SUBTYPE => Self::ProbeRequest(ProbeRequest::new(header)?),
            Beacon::PROBE_RESPONSE => Self::ProbeResponse(Beacon::new(header)?),
            TimingAdvertisement::SUBTYPE => Self::TimingAdvertisement(TimingAdvertisement::new(header)?),
            Beacon::SUBTYPE => Self::Beacon(Beacon::new(header)?),
            9 => Self::Atim(header),
            Leaving::DISASSOCIATION => Self::Disassociation(Leaving::new(header)?),
            Authentication::SUBTYPE => Self::Authentication(Authentication::new(header)?),
            Leaving::DEAUTHENTICATION => Self::Deauthentication(Leaving::new(header)?),
            Action::SUBTYPE => Self::Action(Action::new(header)?),
            Action::NO_ACK => Self::ActionNoAck(Action::new(header)?),
            _ => Self::Other(header),
        })
    }

    /// The header.
    pub fn header(self) -> Management<'a> {
        match self {
            Self::AssociationRequest(frame) => frame.header,
            Self::AssociationResponse(frame) => frame.header,
            Self::ProbeRequest(frame) => frame.header,
            Self::ProbeResponse(frame) | Self::Beacon(frame) => frame.header,
            Self::TimingAdvertisement(frame) => frame.header,
            Self::Disassociation(frame) | Self::Deauthentication(frame) => frame.header,
            Self::Authentication(frame) => frame.header,
            Self::Action(frame) | Self::ActionNoAck(frame) => frame.header,
            Self::Atim(header) | Self::Protected(header) | Self::Other(header) => header,
        }
    }

    /// The elements behind the fixed part, of the frames whose body ends with them; empty where it is encrypted, and of an
    /// authentication or an action frame what its details tell.
    pub fn elements(self) -> &'a [u8] {
        match self {
            Self::AssociationRequest(frame) => frame.elements,
            Self::AssociationResponse(frame) => frame.elements,
            Self::ProbeRequest(frame) => frame.elements,
            Self::ProbeResponse(frame) | Self::Beacon(frame) => frame.elements,
            Self::TimingAdvertisement(frame) => frame.elements,
            Self::Disassociation(frame) | Self::Deauthentication(frame) => frame.elements,
            Self::Authentication(frame) => match frame.details() {
                AuthenticationDetails::Elements(elements) => elements,
                AuthenticationDetails::SaeCommit(commit) => commit.elements,
                AuthenticationDetails::SaeConfirm(_) | AuthenticationDetails::Other(_) => &[],
            },
            Self::Action(frame) | Self::ActionNoAck(frame) => frame.details().elements(),
            Self::Atim(_) | Self::Protected(_) | Self::Other(_) => &[],
        }
    }
}
