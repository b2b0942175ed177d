//! The association request itself, read element by element: what of it depends on the access point or the network.
use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::pcap::Frame;

/// Header (24 octets), capabilities and listen interval (IEEE Std 802.11-2020 9.3.3.5).
const FIXED: usize = 28;
/// The same in a reassociation request: the current access point's address follows (9.3.3.7).
const FIXED_AGAIN: usize = 34;

/// The last association or reassociation request of a station.
pub(super) fn last_of<'a>(frames: &'a [Frame], station: &str) -> Result<&'a Frame> {
    let requests = frames
        .iter()
        .rev()
        .filter(|frame| matches!(frame.kind(), Some((0, 0 | 2))));
    requests
        .into_iter()
        .find(|frame| frame.transmitter().is_some_and(|address| written(address) == station))
        .with_context(|| format!("no request of {station} in the capture"))
}

/// An address as hostapd and airlens write it.
pub(super) fn written(address: [u8; 6]) -> String {
    address.map(|octet| format!("{octet:02x}")).join(":")
}

/// What a request must give.
pub(super) fn features(request: &Frame) -> Result<Map<String, Value>> {
    let fixed = if request.kind() == Some((0, 2)) {
        FIXED_AGAIN
    } else {
        FIXED
    };
    let body = request.mpdu().get(fixed..).context("a short association request")?;
    from_elements(body)
}

/// Group and first pairwise cipher, first key management, and whether management frames may be protected (9.4.2.24).
fn rsn(body: &[u8]) -> Result<[u8; 4]> {
    let Some(rsn) = element(body, 48) else {
        return Ok([0; 4]);
    };
    // Version 2, group 4, count 2, pairwise 4 each, count 2, key management 4 each, capabilities 2.
    let octet = |at: usize| rsn.get(at).copied().context("a short RSN element");
    let pairwise = usize::from(octet(6)?);
    let akm = 10 + 4 * pairwise;
    let capabilities = akm + 4 * usize::from(octet(8 + 4 * pairwise)?);
    Ok([octet(5)?, octet(11)?, octet(akm + 3)?, octet(capabilities)? >> 7])
}

fn from_elements(body: &[u8]) -> Result<Map<String, Value>> {
    let [group, pairwise, akm, protected] = rsn(body)?;
    let bit = |id: u8, n: usize| -> i32 {
        let octet = element(body, id).and_then(|element| element.get(n / 8));
        octet.map_or(-1, |octet| i32::from(octet >> (n % 8) & 1))
    };
    let present = |id: u8| if element(body, id).is_some() { 1 } else { -1 };
    let power = element(body, 33);
    let features = json!({
        "group_cipher": group,
        "pairwise_cipher": pairwise,
        "akm": akm,
        "dot11w": protected,
        "rsnx_sae_h2e": bit(244, 5),
        "dot11k": present(70),
        "dot11r": present(54),
        "dot11v": bit(127, 19),
        // Linux 6.1 sends its capabilities of 6 GHz in every band.
        "dot11ax_six_ghz": i32::from(extension(body, 59)),
        "dot11be": i32::from(extension(body, 108)),
        "max_power": power.and_then(|power| power.get(1)).copied().unwrap_or(0).cast_signed(),
        "min_power": power.and_then(|power| power.first()).copied().unwrap_or(0).cast_signed(),
    });
    Ok(features.as_object().cloned().unwrap_or_default())
}

/// The first element with this number.
fn element(body: &[u8], wanted: u8) -> Option<&[u8]> {
    elements(body).find(|(id, _)| *id == wanted).map(|(_, payload)| payload)
}

/// Whether there is an element 255 with this extension number.
fn extension(body: &[u8], wanted: u8) -> bool {
    elements(body).any(|(id, payload)| id == 255 && payload.first() == Some(&wanted))
}

fn elements(mut body: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let [id, length, rest @ ..] = body else { return None };
        let (payload, next) = rest.split_at_checked(usize::from(*length))?;
        body = next;
        Some((*id, payload))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_become_features() {
        let rsn = [
            48, 20, 1, 0, 0, 15, 172, 4, 1, 0, 0, 15, 172, 4, 1, 0, 0, 15, 172, 8, 0xc0, 0,
        ];
        let body = [
            &[0, 1, b'x'][..],
            &rsn,
            &[33, 2, 0xf7, 20],
            &[244, 1, 0x20],
            &[127, 2, 0, 0],
            &[255, 3, 59, 0, 0],
        ]
        .concat();
        let features = from_elements(&body).unwrap();
        let expected = json!({
            "group_cipher": 4, "pairwise_cipher": 4, "akm": 8, "dot11w": 1, "rsnx_sae_h2e": 1, "dot11k": -1,
            "dot11r": -1, "dot11v": -1, "dot11ax_six_ghz": 1, "dot11be": 0, "max_power": 20, "min_power": -9,
        });
        assert_eq!(Value::Object(features), expected);
        assert_eq!(from_elements(&body[..3]).unwrap()["akm"], 0);
        assert!(from_elements(&[48, 4, 1, 0, 0, 15]).is_err());
    }
}
