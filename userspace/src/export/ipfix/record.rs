//! A flow as a data record of its template. Forward is the way from the opener (RFC 5103 3), reverse the way back.

use airlens_common::flow::FlowValue;

use super::element::{IPV4, IPV6, Template};
use crate::{flow::EndedFlow, kernel::Clock};

/// Octets of an Ethernet header.
const ETHERNET: u64 = 14;
/// Octets of an 802.1Q tag.
const TAG: u64 = 4;
/// `biflowDirection` (RFC 5103 6.3.1): the source opened the flow, as far as was seen.
const INITIATOR: u8 = 1;

/// The flow's template, and its record of it.
pub(super) fn record(ended: &EndedFlow, clock: Clock) -> (&'static Template, Vec<u8>) {
    let (key, value) = (&ended.flow.key, &ended.flow.value);
    let v6 = key.ip_version == 6;
    let template = if v6 { &IPV6 } else { &IPV4 };
    let forward = value.opener();
    let ends = [(key.address_a, key.port_a), (key.address_b, key.port_b)];
    let (source, destination) = (ends[forward], ends[forward ^ 1]);
    let link = ETHERNET + if key.vlan == 0 { 0 } else { TAG };

    let mut octets = Vec::with_capacity(template.record_length());
    let milliseconds = |time| clock.timestamp(time).as_millisecond();
    // The last packet's time is of a coarser clock.
    let last = value.last.max(value.first);
    octets.extend(milliseconds(value.first).to_be_bytes());
    octets.extend(milliseconds(last).to_be_bytes());
    for (address, _) in [source, destination] {
        let words = if v6 { &address[..] } else { &address[..1] };
        // They are in the network's order already.
        octets.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
    }
    octets.extend(source.1.to_be_bytes());
    octets.extend(destination.1.to_be_bytes());
    octets.extend([key.protocol, ended.reason.ipfix(), INITIATOR]);
    octets.extend(key.ifindex.to_be_bytes());
    octets.extend(key.vlan.to_be_bytes());
    for way in [forward ^ 1, forward] {
        one_way(value, way, link, &mut octets);
    }
    (template, octets)
}

/// What was counted that way. `octetDeltaCount` and lengths are of IP, without the link-layer header of `link` octets.
fn one_way(value: &FlowValue, way: usize, link: u64, octets: &mut Vec<u8>) {
    let (packets, bytes) = (value.packets[way], value.bytes[way]);
    octets.extend(packets.to_be_bytes());
    octets.extend(bytes.saturating_sub(packets.saturating_mul(link)).to_be_bytes());
    octets.extend(bytes.to_be_bytes());
    octets.extend(u16::from(value.tcp_flags(way)).to_be_bytes());
    octets.push(value.tos(way).unwrap_or(0));
    for length in [value.shortest(way), value.longest(way)] {
        let length = length.unwrap_or(0).saturating_sub(link as u16);
        octets.extend(length.to_be_bytes());
    }
}
