//! What a client says that no other section of its page has.

use std::fmt::Display;

use crate::profile::{AirText, Alliance, Details, DeviceType, Mbo, P2p, Profile, SixGhz, Uapsd, Wps};

/// A label of few letters, and what it is.
pub(super) type Line = (String, String);

/// What the request tells, and what a probe request of the same address did. What devices call themselves is escaped: it
/// can't steer a terminal.
pub(super) fn beyond(profile: &Profile) -> [Vec<Line>; 2] {
    let details = Details::of(profile);
    let mut lines = Lines(Vec::new());
    lines.names("RSNX", details.rsnx_capabilities.as_deref().unwrap_or_default());
    lines.alliance(&details.alliance);
    if let Some(qos) = &details.qos_capability {
        lines.u_apsd("QoS U-APSD", qos);
    }
    if let Some(six_ghz) = &details.six_ghz {
        lines.six_ghz(six_ghz, "6 GHz");
    }
    for (link, six_ghz) in profile.links.iter().zip(&details.links) {
        if let Some(six_ghz) = six_ghz {
            lines.six_ghz(six_ghz, &format!("6 GHz, link {}", link.id));
        }
    }
    lines.some("HE device class", details.he_device_class);
    let names = |names: &Option<Vec<String>>| names.clone().unwrap_or_default();
    lines.names("RM capabilities", &names(&details.rm_capabilities));
    lines.names("Extended capabilities", &names(&details.extended_capabilities));
    let mut probe = Lines(Vec::new());
    if let Some(alliance) = &details.probe_request {
        probe.alliance(alliance);
    }
    [lines.0, probe.0]
}

struct Lines(Vec<Line>);

impl Lines {
    /// A line, where there is a value and it is not empty.
    fn some(&mut self, label: &str, value: Option<impl Display>) {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        if !value.trim().is_empty() {
            self.0.push((label.to_owned(), value));
        }
    }

    /// A line of names, where there are any.
    fn names(&mut self, label: &str, names: &[impl AsRef<str>]) {
        let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
        self.some(label, Some(names.join(", ")));
    }

    /// A line of names, or one that says that the program is supported.
    fn program(&mut self, label: &str, names: &[impl AsRef<str>]) {
        if names.is_empty() {
            self.some(label, Some("supported"));
        } else {
            self.names(label, names);
        }
    }

    fn text(&mut self, label: &str, text: Option<&AirText>) {
        self.some(label, text.map(AirText::printable));
    }

    fn alliance(&mut self, alliance: &Alliance) {
        if let Some(wmm) = &alliance.wmm {
            self.u_apsd("WMM U-APSD", wmm);
        }
        if let Some(wpa) = &alliance.wpa {
            self.some("WPA group cipher", wpa.group_cipher.as_ref());
            self.names("WPA pairwise ciphers", &wpa.pairwise_ciphers);
            self.names("WPA AKMs", &wpa.akms);
        }
        if let Some(wps) = &alliance.wps {
            self.wps(wps);
        }
        if let Some(mbo) = &alliance.mbo {
            self.mbo(mbo);
        }
        if let Some(oce) = &alliance.oce {
            let release: Vec<_> = oce.release.iter().map(|release| format!("release {release}")).collect();
            self.program("OCE", &release);
        }
        if let Some(hotspot) = &alliance.hotspot2 {
            let release: Vec<_> = hotspot
                .release
                .iter()
                .map(|release| format!("release {release}"))
                .collect();
            self.program("Hotspot 2.0", &release);
            self.some("Hotspot 2.0 PPS MO ID", hotspot.pps_mo_id);
            self.some("Roaming consortium", hotspot.roaming_consortium.as_ref());
        }
        if let Some(p2p) = &alliance.p2p {
            self.p2p(p2p);
        }
        if let Some(display) = &alliance.wifi_display {
            self.some("Wi-Fi Display", Some(display.role));
        }
        if let Some(multi_ap) = &alliance.multi_ap {
            let backhaul = multi_ap.backhaul_station == Some(true);
            self.some(
                "EasyMesh",
                Some(if backhaul { "backhaul station" } else { "supported" }),
            );
        }
        self.names(
            "WFA capabilities",
            alliance.wfa_capabilities.as_deref().unwrap_or_default(),
        );
        self.some("CCX version", alliance.ccx_version);
    }

    fn u_apsd(&mut self, label: &str, info: &Uapsd) {
        let most = match info.max_service_period_frames {
            _ if info.u_apsd.is_empty() => return self.some(label, Some("of no access category")),
            Some(frames) => format!("{frames} frames"),
            None => "any number of frames".to_owned(),
        };
        self.some(
            label,
            Some(format!("{}; {most} a service period", info.u_apsd.join(", "))),
        );
    }

    fn wps(&mut self, wps: &Wps) {
        self.some("WPS version", wps.version.as_ref());
        self.text("WPS device name", wps.device_name.as_ref());
        self.text("WPS manufacturer", wps.manufacturer.as_ref());
        self.text("WPS model name", wps.model_name.as_ref());
        self.text("WPS model number", wps.model_number.as_ref());
        self.text("WPS serial number", wps.serial_number.as_ref());
        self.device_type("WPS device type", wps.primary_device_type);
        self.names("WPS methods", &wps.config_methods);
    }

    /// All zero is what devices without one send.
    fn device_type(&mut self, label: &str, device_type: Option<DeviceType>) {
        let told = device_type.filter(
            |&DeviceType {
                 category, subcategory, ..
             }| (category, subcategory) != (0, 0),
        );
        self.some(label, told.map(DeviceType::label));
    }

    fn mbo(&mut self, mbo: &Mbo) {
        let cellular: Vec<_> = mbo
            .cellular_data
            .iter()
            .map(|data| format!("cellular data {data}"))
            .collect();
        self.program("MBO", &cellular);
        for report in &mbo.non_preferred_channels {
            let channels: Vec<_> = report.channels.iter().map(u8::to_string).collect();
            let channels = if channels.is_empty() {
                "all".to_owned()
            } else {
                channels.join(", ")
            };
            let value = format!("{channels}: {} ({})", report.preference, report.reason);
            self.some(&format!("MBO channels, class {}", report.operating_class), Some(value));
        }
    }

    fn p2p(&mut self, p2p: &P2p) {
        self.program("Wi-Fi Direct", &p2p.capabilities);
        self.text("P2P device name", p2p.device_name.as_ref());
        self.device_type("P2P device type", p2p.primary_device_type);
        self.some("P2P listen channel", p2p.listen_channel.as_ref());
    }

    /// In one line: what the band's capabilities say, and which access points the client can join.
    fn six_ghz(&mut self, six_ghz: &SixGhz, label: &str) {
        let mut parts = Vec::new();
        if let Some(band) = &six_ghz.capabilities {
            let octets = |name: &str, octets: Option<u32>| octets.map(|octets| format!("{name} to {octets} octets"));
            parts.extend(octets("A-MPDU", band.max_ampdu_octets));
            parts.extend(octets("MPDU", band.max_mpdu_octets.map(u32::from)));
            parts.extend(band.mpdu_start_spacing_us.map(|spacing| format!("{spacing} µs apart")));
            parts.extend(band.sm_power_save.as_ref().map(|mode| format!("SM power save {mode}")));
        }
        let joins = |name: &str, joins: Option<bool>| {
            joins.map(|joins| format!("{} {name} APs", if joins { "joins" } else { "does not join" }))
        };
        parts.extend(joins("indoor (LPI)", six_ghz.indoor_ap));
        parts.extend(joins("standard power", six_ghz.standard_power_ap));
        self.names(label, &parts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    #[test]
    fn what_no_other_section_has() {
        let mut elements = vec![221, 7, 0x00, 0x50, 0xf2, 2, 0, 1, 0x25];
        elements.extend([
            221, 13, 0x00, 0x50, 0xf2, 4, 0x10, 0x11, 0, 5, b'T', b'V', 0x1b, b'[', b'm',
        ]);
        elements.extend([255, 3, 59, 0xbc, 0x36]);
        let [pairs, probe] = beyond(&profile(&elements));
        assert_eq!(probe, []);
        for (label, value) in [
            ("WMM U-APSD", "VO, BK; 2 frames a service period"),
            ("WPS device name", "TV\\u{1b}[m"),
            (
                "6 GHz",
                "A-MPDU to 1048575 octets, MPDU to 11454 octets, 2 µs apart, SM power save disabled",
            ),
        ] {
            let pair = (label.to_owned(), value.to_owned());
            assert!(pairs.contains(&pair), "{pair:?}: {pairs:#?}");
        }
        assert_eq!(beyond(&profile(&[0, 0])), [vec![], vec![]]);
    }
}
