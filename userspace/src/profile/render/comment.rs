//! A profile in one line, to stand beside its packet in Wireshark.

use crate::profile::{Band, Profile};

/// Characters of a name that others chose.
const NAME: usize = 60;

/// Generation, streams and width; security; the device: `Wi-Fi 6, 2 streams, 80 MHz; PSK, PMF capable; Apple, Broadcom`.
pub(super) fn comment(profile: &Profile) -> String {
    let mut radio = match profile.features.generation() {
        Some((generation, streams)) => vec![format!("Wi-Fi {generation}"), count(streams)],
        None => vec!["before Wi-Fi 4".to_owned()],
    };
    radio.extend(width(profile).map(|width| format!("{width} MHz")));
    if !profile.links.is_empty() {
        radio.push(format!("{} links", profile.links.len() + 1));
    }
    let mut security = vec![profile.security.names()];
    let protection = (
        profile.security.protection_required,
        profile.security.protection_capable,
    );
    security.extend(match protection {
        (Some(true), _) => Some("PMF required".to_owned()),
        (_, Some(true)) => Some("PMF capable".to_owned()),
        _ => None,
    });
    let recognised = profile.device.as_ref().and_then(|device| device.name());
    let mut device: Vec<_> = recognised
        .into_iter()
        .chain(profile.manuf.as_deref())
        .map(printable)
        .collect();
    device.extend(profile.chipset.map(|chipset| format!("{chipset} chipset")));
    if profile.mac.is_local() {
        device.push("randomised address".to_owned());
    }
    if device.is_empty() {
        device.push("unknown device".to_owned());
    }
    [radio, security, device].map(|part| part.join(", ")).join("; ")
}

fn count(streams: u8) -> String {
    match streams {
        1 => "1 stream".to_owned(),
        streams => format!("{streams} streams"),
    }
}

/// The widest channel in MHz, where the elements tell.
fn width(profile: &Profile) -> Option<u16> {
    let (features, radio) = (&profile.features, &profile.radio);
    if features.dot11be_320_mhz == 1 {
        Some(320)
    } else if features.dot11ax_160_mhz == 1 || features.dot11ac_160_mhz == 1 {
        Some(160)
    } else if radio.vht.is_some() && profile.band != Band::Ghz2 {
        Some(80)
    } else {
        let wide = radio.ht.as_ref()?.width_40_mhz?;
        Some(if wide { 40 } else { 20 })
    }
}

fn printable(name: &str) -> String {
    let characters = name.chars().take(NAME);
    characters.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    #[test]
    fn in_one_line() {
        let old = profile(&[]);
        assert_eq!(comment(&old), "before Wi-Fi 4; no RSN; randomised address");
        // HT Capabilities: 40 MHz, two streams; VHT Capabilities with two streams; RSN of SAE with PMF required.
        let mut elements = vec![45, 26, 2, 0, 0, 0xff, 0xff];
        elements.resize(28, 0);
        elements.extend([191, 12, 0, 0, 0, 0, 0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0]);
        elements.extend([
            48, 20, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 8, 0xc0, 0,
        ]);
        let mut new = profile(&elements);
        new.manuf = Some(("Maker\nof".to_owned() + &"x".repeat(100)).into());
        let expected = format!(
            "Wi-Fi 5, 2 streams, 80 MHz; SAE, PMF required; Maker of{}, randomised address",
            "x".repeat(NAME - 8)
        );
        assert_eq!(comment(&new), expected);
    }
}
