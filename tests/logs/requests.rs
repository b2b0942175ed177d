//! Requests of clients, and a run that hears them.

use airlens::dot11::{
    Address,
    element::ElementId,
    emit::{Body, ElementWriter, Header},
};
use airlens_tests::support::run::{Network, Running};
use anyhow::Result;

/// The client of a number.
pub(super) fn client(number: u8) -> Address {
    Address([2, 0, 0, 0, 1, number])
}

/// Radiotap (flags 0, 5180 MHz) and this client's association request.
pub(super) fn request(number: u8, ssid: &[u8]) -> Vec<u8> {
    let mut packet = vec![0, 0, 14, 0, 0x0a, 0, 0, 0, 0, 0];
    packet.extend(5180u16.to_le_bytes());
    packet.extend([0, 0]);
    let access_point = Address([2, 0, 0, 0, 0, 1]);
    let header = Header {
        destination: access_point,
        source: client(number),
        bssid: access_point,
        sequence: number.into(),
        ..Header::default()
    };
    let body = Body::AssociationRequest {
        capability: 0x0431,
        listen_interval: 10,
        current_ap: None,
    };
    let mut elements = ElementWriter::new();
    elements.raw(ElementId::SSID, ssid);
    packet.extend(header.frame(&body, elements.octets()));
    packet
}

/// Sends the request and waits until the run has made its profile, the `count`th.
pub(super) fn profiled(network: &Network, run: &mut Running, number: u8, count: u64) -> Result<()> {
    network.tap.write(&request(number, b"net"))?;
    run.until("the profile is written", || {
        let stats = network.get_json("/api/stats")?;
        let events = stats["events"].as_array().cloned().unwrap_or_default();
        Ok(events
            .iter()
            .any(|event| event["cause"] == "profile-written" && event["count"] == count))
    })
}
