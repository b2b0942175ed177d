//! What a client says beside wlanpi-profiler's lines, in their form.

use std::fmt::Display;

use crate::profile::{AirText, Alliance, Details, DeviceType, Mbo, P2p, Profile, SixGhz, Uapsd, Wpa, Wps};

/// Label and value of each thing that the request, or a probe request of the same address, tells. What devices call
/// themselves is escaped: it can't steer a terminal.
pub(super) fn beyond(profile: &Profile) -> Vec<(String, String)> {
    let details = Details::of(profile);
    let mut lines = Lines(Vec::new());
    lines.names("RSNX", details.rsnx_capabilities.as_deref().unwrap_or_default());
    lines.alliance(&details.alliance, "");
    if let Some(qos) = &details.qos_capability {
        lines.u_apsd("QoS capability", qos);
    }
    if let Some(six_ghz) = &details.six_ghz {
        lines.six_ghz(six_ghz, "6 GHz");
    }
    for (link, six_ghz) in profile.links.iter().zip(&details.links) {
        if let Some(six_ghz) = six_ghz {
            lines.six_ghz(six_ghz, &format!("6 GHz, link {}", link.id));
        }
    }
    if let Some(class) = details.he_device_class {
        lines.line("HE device class", class);
    }
    lines.names(
        "RM capabilities",
        details.rm_capabilities.as_deref().unwrap_or_default(),
    );
    lines.names(
        "Extended capabilities",
        details.extended_capabilities.as_deref().unwrap_or_default(),
    );
    if let Some(probe) = &details.probe_request {
        lines.alliance(probe, "Probe: ");
    }
    lines.0
}

struct Lines(Vec<(String, String)>);

impl Lines {
    fn line(&mut self, label: &str, value: impl Display) {
        self.0.push((label.to_owned(), value.to_string()));
    }

    /// A line, where there is a value.
    fn some(&mut self, label: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line(label, value);
        }
    }

    /// A line of names, where there are any.
    fn names(&mut self, label: &str, names: &[impl AsRef<str>]) {
        let names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
        self.some(label, (!names.is_empty()).then(|| names.join(", ")));
    }

    fn text(&mut self, label: &str, text: Option<&AirText>) {
        self.some(label, text.map(AirText::printable));
    }

    fn alliance(&mut self, alliance: &Alliance, of: &str) {
        let label = |name: &str| format!("{of}{name}");
        if let Some(wmm) = &alliance.wmm {
            self.u_apsd(&label("WMM"), wmm);
        }
        if let Some(Wpa {
            group_cipher,
            pairwise_ciphers,
            akms,
        }) = &alliance.wpa
        {
            self.some(&label("WPA/Group cipher"), group_cipher.as_ref());
            self.names(&label("WPA/Pairwise cipher"), pairwise_ciphers);
            self.names(&label("WPA/AKM"), akms);
        }
        if let Some(wps) = &alliance.wps {
            self.wps(wps, &label("WPS"));
        }
        if let Some(mbo) = &alliance.mbo {
            self.mbo(mbo, &label("MBO"));
        }
        if let Some(oce) = &alliance.oce {
            self.line(&label("OCE"), "Supported");
            self.some(&label("OCE/Release"), oce.release);
        }
        if let Some(hotspot) = &alliance.hotspot2 {
            self.line(&label("Hotspot 2.0"), "Supported");
            self.some(&label("Hotspot 2.0/Release"), hotspot.release);
            self.some(&label("Hotspot 2.0/PPS MO ID"), hotspot.pps_mo_id);
            self.some(
                &label("Hotspot 2.0/Roaming consortium"),
                hotspot.roaming_consortium.as_ref(),
            );
        }
        if let Some(p2p) = &alliance.p2p {
            self.p2p(p2p, &label("Wi-Fi Direct"));
        }
        if let Some(display) = &alliance.wifi_display {
            self.line(&label("Wi-Fi Display"), display.role);
        }
        if let Some(multi_ap) = &alliance.multi_ap {
            let backhaul = multi_ap.backhaul_station == Some(true);
            self.line(
                &label("EasyMesh"),
                if backhaul { "Backhaul station" } else { "Supported" },
            );
        }
        self.names(
            &label("WFA capabilities"),
            alliance.wfa_capabilities.as_deref().unwrap_or_default(),
        );
        self.some(&label("CCX Version"), alliance.ccx_version);
    }

    fn u_apsd(&mut self, label: &str, info: &Uapsd) {
        self.line(label, "Supported");
        if info.u_apsd.is_empty() {
            self.line(&format!("{label}/U-APSD"), "Not supported");
            return;
        }
        self.names(&format!("{label}/U-APSD"), &info.u_apsd);
        let most = info.max_service_period_frames;
        let most = most.map_or_else(|| "No limit".to_owned(), |frames| format!("{frames} frames"));
        self.line(&format!("{label}/Service period"), most);
    }

    fn wps(&mut self, wps: &Wps, label: &str) {
        let label = |name: &str| format!("{label}/{name}");
        self.some(&label("Version"), wps.version.as_ref());
        self.text(&label("Device name"), wps.device_name.as_ref());
        self.text(&label("Manufacturer"), wps.manufacturer.as_ref());
        self.text(&label("Model name"), wps.model_name.as_ref());
        self.text(&label("Model number"), wps.model_number.as_ref());
        self.text(&label("Serial number"), wps.serial_number.as_ref());
        self.some(&label("Device type"), wps.primary_device_type.map(DeviceType::label));
        self.names(&label("Configuration methods"), &wps.config_methods);
    }

    fn mbo(&mut self, mbo: &Mbo, label: &str) {
        self.line(label, "Supported");
        self.some(&format!("{label}/Cellular data"), mbo.cellular_data.as_ref());
        for report in &mbo.non_preferred_channels {
            let channels: Vec<_> = report.channels.iter().map(u8::to_string).collect();
            let channels = if channels.is_empty() {
                "all".to_owned()
            } else {
                channels.join(", ")
            };
            self.line(
                &format!("{label}/Channels of class {}", report.operating_class),
                format_args!("{channels}: {} ({})", report.preference, report.reason),
            );
        }
    }

    fn p2p(&mut self, p2p: &P2p, label: &str) {
        self.line(label, "Supported");
        self.names(&format!("{label}/Capabilities"), &p2p.capabilities);
        self.text(&format!("{label}/Device name"), p2p.device_name.as_ref());
        self.some(
            &format!("{label}/Device type"),
            p2p.primary_device_type.map(DeviceType::label),
        );
        self.some(&format!("{label}/Listen channel"), p2p.listen_channel.as_ref());
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
        let pairs = beyond(&profile(&elements));
        for (label, value) in [
            ("WMM/U-APSD", "VO, BK"),
            ("WMM/Service period", "2 frames"),
            ("WPS/Device name", "TV\\u{1b}[m"),
            (
                "6 GHz",
                "A-MPDU to 1048575 octets, MPDU to 11454 octets, 2 µs apart, SM power save disabled",
            ),
        ] {
            let pair = (label.to_owned(), value.to_owned());
            assert!(pairs.contains(&pair), "{pair:?}: {pairs:#?}");
        }
        assert_eq!(beyond(&profile(&[0, 0])), []);
    }
}
