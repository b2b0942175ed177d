//! Probe requests: which are answered (11.1.4.3.4).

use std::time::Duration;

use super::{FrameOutcome, Handled, Responder};
use crate::{
    ap::ApOptions,
    dot11::{
        Address, Band,
        element::{DsssParameterSet, ElementId, Elements},
        frame::ProbeRequest,
        link::crc32,
    },
};

const BROADCAST: Address = Address([0xff; 6]);
/// SSID List (9.4.2.73).
const SSID_LIST: ElementId = ElementId::new(84);
/// Short SSID List (IEEE Std 802.11ax-2021 9.4.2.262).
const SHORT_SSID_LIST: ElementId = ElementId::extension(58);

impl Responder {
    pub(super) fn probe(&mut self, request: ProbeRequest<'_>, now: Duration) -> Handled {
        let (header, own) = (request.header, self.announcement.options().bssid);
        let source = header.source();
        let is_ours = |address| address == own || address == BROADCAST;
        if source == own {
            return (FrameOutcome::Own, None);
        }
        if !is_ours(header.destination()) || !is_ours(header.bssid()) {
            return (FrameOutcome::Foreign, None);
        }
        if source.is_group() || source == Address::default() {
            return (FrameOutcome::BadSource, None);
        }
        if !self.settings.probe_responses {
            return (FrameOutcome::ProbeOff, None);
        }
        let options = self.announcement.options();
        if !asks_for(options, &Elements::parse(request.elements)) {
            return (FrameOutcome::ProbeOther, None);
        }
        let to = match options.band() {
            // All who look for networks hear it (IEEE Std 802.11ax-2021 26.17.2.3.2).
            Band::Ghz6 => BROADCAST,
            _ => source,
        };
        if !self.limits.probe(source, now) {
            return (FrameOutcome::Limited, None);
        }
        let sequence = self.next_sequence();
        let timestamp = u64::try_from(now.as_micros()).unwrap_or_default();
        let frame = self.announcement.probe_response(to, timestamp, sequence);
        (FrameOutcome::ProbeAnswered, Some(frame))
    }
}

/// Whether the request is for any network or for this one, and on this channel.
fn asks_for(options: &ApOptions, elements: &Elements<'_>) -> bool {
    // In 2.4 GHz channels overlap: the request may have been sent on the next one.
    let channel = elements
        .first(ElementId::DSSS_PARAMETER_SET)
        .and_then(DsssParameterSet::read);
    let number = options.tuning.channel().number();
    if options.band() == Band::Ghz2 && channel.is_some_and(|named| named.channel != number) {
        return false;
    }
    let is_ours = |ssid: &[u8]| ssid.is_empty() || ssid == options.ssid;
    let listed = || Elements::parse(elements.first(SSID_LIST).unwrap_or_default());
    let short = || {
        let list = elements.first(SHORT_SSID_LIST).unwrap_or_default();
        list.as_chunks().0.contains(&crc32(&options.ssid).to_le_bytes())
    };
    elements.first(ElementId::SSID).is_some_and(is_ours) || listed().all(ElementId::SSID).any(is_ours) || short()
}
