//! Requests of clients, and a run that hears them.

use airlens::dot11::Address;
use airlens_tests::support::{
    request::association,
    run::{Network, Running},
};
use anyhow::Result;

/// The client of a number.
pub(super) fn client(number: u8) -> Address {
    Address([2, 0, 0, 0, 1, number])
}

/// This client's request.
pub(super) fn request(number: u8, ssid: &[u8]) -> Vec<u8> {
    association(client(number), number, (5180, None), ssid, |_| ())
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
