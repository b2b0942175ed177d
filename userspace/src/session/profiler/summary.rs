//! What a list of clients shows of a station's last request.

use std::collections::BTreeSet;

use crate::profile::{Band, DeviceKind, Profile, Ssid, channel_widths};

/// Kinds of device that are kept of a station: one with a randomised address may turn to networks of several generations.
const MOST_KINDS: usize = 4;

/// A station's last request in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The newest generation of Wi-Fi that it announces, 4 to 7; `None` for those before.
    pub generation: Option<u8>,
    /// Spatial streams that it receives with it.
    pub streams: u8,
    /// Bands by [`Band::digit`]: of its links, and of every request before.
    pub bands: BTreeSet<&'static str>,
    /// Channel widths in MHz at which it receives, on any link.
    pub widths: BTreeSet<u16>,
    /// Key managements that it offers.
    pub security: Box<str>,
    /// The network.
    pub ssid: Ssid,
    /// The signal in dBm.
    pub signal: Option<i8>,
    /// The kinds of device that it and the requests before show, four at the most.
    pub kinds: BTreeSet<DeviceKind>,
}

impl Summary {
    /// Of a request, after those that `before` sums up.
    pub(super) fn of(profile: &Profile, before: Option<&Self>) -> Self {
        let links = || profile.links.iter().map(|link| (link.band, &link.radio));
        let all = || links().chain([(profile.band, &profile.radio)]);
        let (generation, streams) = profile.features.generation().unzip();
        let mut bands = before.map(|before| before.bands.clone()).unwrap_or_default();
        bands.extend(
            all()
                .map(|(band, _)| band)
                .filter(|&band| band != Band::Unknown)
                .map(Band::digit),
        );
        let mut kinds = before.map(|before| before.kinds.clone()).unwrap_or_default();
        if kinds.len() < MOST_KINDS {
            kinds.extend(profile.device_kind);
        }
        Self {
            generation,
            streams: streams.unwrap_or(1),
            bands,
            widths: all().flat_map(|(band, radio)| channel_widths(radio, band)).collect(),
            security: profile.security.names().into(),
            ssid: profile.ssid.clone(),
            signal: profile.signal,
            kinds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    #[test]
    fn bands_add_up_and_the_rest_is_of_the_last_request() {
        let mut first = profile(&[0, 1, b'a', 1, 1, 108]);
        (first.band, first.signal) = (Band::Ghz2, Some(-40));
        let one = Summary::of(&first, None);
        assert_eq!((one.generation, one.streams, &*one.security), (None, 1, "no RSN"));
        assert_eq!(one.widths, [20].into());
        let mut second = profile(&[0, 1, b'b']);
        second.band = Band::Ghz5;
        let two = Summary::of(&second, Some(&one));
        assert_eq!(two.bands, ["2", "5"].into());
        assert_eq!((two.ssid.to_string().as_str(), two.signal), ("b", second.signal));
        assert!(two.widths.is_empty());
    }
}
