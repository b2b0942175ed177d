//! (Re)association requests: what the client can do is in them, so they are refused.

use std::time::Duration;

use super::{FrameOutcome, Handled, NOT_AUTHENTICATED, Responder, ResponderEvent};
use crate::{
    ap::AssociationReply,
    dot11::{
        element::Elements,
        frame::{AssociationRequest, RequestKind},
    },
};

impl Responder {
    pub(super) fn association(&mut self, request: AssociationRequest<'_>, now: Duration) -> Handled {
        let (address, kind) = (request.header.source(), request.kind);
        let authenticated = self.stations.get(address).is_some_and(|station| station.authenticated);
        let handled = if authenticated {
            self.refuse(request, now)
        } else {
            self.deauthenticate(address, NOT_AUTHENTICATED, FrameOutcome::NotAuthenticated, now)
        };
        if handled.0 != FrameOutcome::Limited {
            self.counts.reassociations += u64::from(kind == RequestKind::Reassociation);
            self.events.push(ResponderEvent::AssociationRequested {
                address,
                kind,
                authenticated,
            });
        }
        handled
    }

    fn refuse(&mut self, request: AssociationRequest<'_>, now: Duration) -> Handled {
        let address = request.header.source();
        if !self.limits.answer(address, now) {
            return (FrameOutcome::Limited, None);
        }
        let reply = AssociationReply {
            kind: request.kind,
            status: self.settings.refusal,
            aid: 0,
            fast_transition: false,
            multi_link: Elements::parse(request.elements).multi_link().is_some(),
            comeback: None,
        };
        let sequence = self.next_sequence();
        let frame = self.announcement.association_response(address, sequence, &reply);
        (FrameOutcome::AssociationRefused, Some(frame))
    }
}
