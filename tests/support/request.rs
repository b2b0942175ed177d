//! An association request as a monitor interface hears it.

use airlens::dot11::{
    Address,
    element::ElementId,
    emit::{Body, ElementWriter, Header},
};

/// The access point that [`association`] asks.
pub const ACCESS_POINT: Address = Address([2, 0, 0, 0, 0, 1]);

/// Radiotap (flags 0, the channel in MHz and, if any, the signal in dBm) and a client's request to join the network `ssid`, with what `more` adds.
#[must_use]
pub fn association(
    client: Address,
    sequence: u8,
    (frequency, signal): (u16, Option<i8>),
    ssid: &[u8],
    more: impl FnOnce(&mut ElementWriter),
) -> Vec<u8> {
    let (length, present) = if signal.is_some() { (15, 0x2a) } else { (14, 0x0a) };
    let mut packet = vec![0, 0, length, 0, present, 0, 0, 0, 0, 0];
    packet.extend(frequency.to_le_bytes());
    packet.extend([0, 0]);
    packet.extend(signal.map(i8::cast_unsigned));
    let header = Header {
        destination: ACCESS_POINT,
        source: client,
        bssid: ACCESS_POINT,
        sequence: sequence.into(),
        ..Header::default()
    };
    let body = Body::AssociationRequest {
        capability: 0x0431,
        listen_interval: 10,
        current_ap: None,
    };
    let mut elements = ElementWriter::new();
    elements.raw(ElementId::SSID, ssid);
    more(&mut elements);
    packet.extend(header.frame(&body, elements.octets()));
    packet
}
