//! What a client says beside wlanpi-profiler's lines, in their form.

use std::fmt::{Display, Write};

use crate::profile::{
    AirText, Alliance, Details, DeviceType, Mbo, P2p, Profile, SixGhz, SixGhzBand, Uapsd, Wpa, Wps, printable,
};

/// Columns of a label, as in wlanpi-profiler's text.
const LABEL: usize = 40;

/// A line for each thing that the request, or a probe request of the same address, tells; without a line break at the end,
/// empty where there is none. wlanpi-profiler's own text, [`super::client_text`], stays as its readers know it. What devices
/// call themselves is escaped: it can't steer a terminal.
pub fn beyond_text(profile: &Profile) -> String {
    let details = Details::of(profile);
    let mut lines = Lines(String::new());
    lines.security(&details);
    lines.alliance(&details.alliance, "");
    if let Some(qos) = &details.qos_capability {
        lines.u_apsd("QoS Capability", qos);
    }
    if let Some(six_ghz) = &details.six_ghz {
        lines.six_ghz(six_ghz, "6 GHz");
    }
    for (link, six_ghz) in profile.links.iter().zip(&details.links) {
        if let Some(six_ghz) = six_ghz {
            lines.six_ghz(six_ghz, &format!("6 GHz of link {}", link.id));
        }
    }
    if let Some(class) = details.he_device_class {
        lines.line("802.11ax/Device Class", class);
    }
    lines.capabilities(profile, &details);
    if let Some(probe) = &details.probe_request {
        lines.alliance(probe, "Probe/");
    }
    lines.vendors(profile, &details);
    lines.0.truncate(lines.0.trim_end().len());
    lines.0
}

struct Lines(String);

impl Lines {
    fn line(&mut self, label: &str, value: impl Display) {
        // Writing to a String can't fail.
        let _ = writeln!(self.0, "{label:<LABEL$} {value}");
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

    fn security(&mut self, details: &Details) {
        let with = |start: &str| -> Vec<&String> {
            let names = details.akm_names.iter();
            names.filter(|name| name.split('-').any(|part| part == start)).collect()
        };
        self.names("AKM with Fast Transition", &with("FT"));
        self.names("AKM with FILS", &with("FILS"));
        self.names("RSNX", details.rsnx_capabilities.as_deref().unwrap_or_default());
    }

    fn capabilities(&mut self, profile: &Profile, details: &Details) {
        let names = |names: &Option<Vec<String>>| names.clone().unwrap_or_default();
        self.names("802.11k Capabilities", &names(&details.rm_capabilities));
        self.names("Extended Capabilities", &names(&details.extended_capabilities));
        let classes: Vec<_> = profile.radio.operating_classes.iter().map(u8::to_string).collect();
        self.names("Operating Classes", &classes);
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
            self.some(&label("WPA/Group Cipher"), group_cipher.as_ref());
            self.names(&label("WPA/Pairwise Cipher"), pairwise_ciphers);
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
                &label("Hotspot 2.0/Roaming Consortium"),
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
            &label("Wi-Fi Alliance Capabilities"),
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
        self.line(&format!("{label}/Service Period"), most);
    }

    fn wps(&mut self, wps: &Wps, label: &str) {
        let label = |name: &str| format!("{label}/{name}");
        self.some(&label("Version"), wps.version.as_ref());
        self.text(&label("Device Name"), wps.device_name.as_ref());
        self.text(&label("Manufacturer"), wps.manufacturer.as_ref());
        self.text(&label("Model Name"), wps.model_name.as_ref());
        self.text(&label("Model Number"), wps.model_number.as_ref());
        self.text(&label("Serial Number"), wps.serial_number.as_ref());
        self.some(&label("Device Type"), wps.primary_device_type.map(DeviceType::label));
        self.names(&label("Configuration Methods"), &wps.config_methods);
    }

    fn mbo(&mut self, mbo: &Mbo, label: &str) {
        self.line(label, "Supported");
        self.some(&format!("{label}/Cellular Data"), mbo.cellular_data.as_ref());
        for report in &mbo.non_preferred_channels {
            let channels: Vec<_> = report.channels.iter().map(u8::to_string).collect();
            let channels = if channels.is_empty() {
                "all".to_owned()
            } else {
                channels.join(", ")
            };
            self.line(
                &format!("{label}/Channels of Class {}", report.operating_class),
                format_args!("{channels}: {} ({})", report.preference, report.reason),
            );
        }
    }

    fn p2p(&mut self, p2p: &P2p, label: &str) {
        self.line(label, "Supported");
        self.names(&format!("{label}/Capabilities"), &p2p.capabilities);
        self.text(&format!("{label}/Device Name"), p2p.device_name.as_ref());
        self.some(
            &format!("{label}/Device Type"),
            p2p.primary_device_type.map(DeviceType::label),
        );
        self.some(&format!("{label}/Listen Channel"), p2p.listen_channel.as_ref());
    }

    fn six_ghz(&mut self, six_ghz: &SixGhz, label: &str) {
        let label = |name: &str| format!("{label}/{name}");
        let classes: Vec<_> = six_ghz.operating_classes.iter().map(u8::to_string).collect();
        self.names(&label("Operating Classes"), &classes);
        if let Some(band) = &six_ghz.capabilities {
            self.six_ghz_band(band, &label);
        }
        let can = |can: bool| if can { "Supported" } else { "Not supported" };
        self.line(
            &label("Indoor AP (LPI)"),
            six_ghz.indoor_ap.map_or("Not reported*", can),
        );
        self.line(
            &label("Standard Power AP"),
            six_ghz.standard_power_ap.map_or("Not reported*", can),
        );
    }

    fn six_ghz_band(&mut self, band: &SixGhzBand, label: &dyn Fn(&str) -> String) {
        let octets = |octets: u32| format!("{octets} octets");
        self.some(&label("Max A-MPDU"), band.max_ampdu_octets.map(octets));
        self.some(&label("Max MPDU"), band.max_mpdu_octets.map(|most| octets(most.into())));
        let spacing = band.mpdu_start_spacing_us.map(|spacing| format!("{spacing} µs"));
        self.some(&label("MPDU Start Spacing"), spacing);
        self.some(&label("SM Power Save"), band.sm_power_save.as_ref());
    }

    fn vendors(&mut self, profile: &Profile, details: &Details) {
        for (tag, content) in profile.vendors.iter().zip(&details.vendors) {
            let [a, b, c] = tag.oui;
            let owner: &str = match &tag.owner {
                Some(owner) => owner,
                None => "unknown owner",
            };
            let what = match (content.name, tag.kind) {
                (Some(name), _) => name.to_owned(),
                (None, Some(kind)) => format!("type {kind}: {}", content.content.get(2..).unwrap_or_default()),
                (None, None) => "no type".to_owned(),
            };
            self.line(
                &format!("Vendor {a:02x}-{b:02x}-{c:02x}"),
                format_args!("{}, {what}", printable(owner)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    #[test]
    fn lines_in_the_form_of_the_text() {
        let mut elements = vec![48, 18, 1, 0, 0, 15, 172, 4, 1, 0, 0, 15, 172, 4, 1, 0, 0, 15, 172, 9];
        elements.extend([221, 7, 0x00, 0x50, 0xf2, 2, 0, 1, 0x25]);
        elements.extend([
            221, 13, 0x00, 0x50, 0xf2, 4, 0x10, 0x11, 0, 5, b'T', b'V', 0x1b, b'[', b'm',
        ]);
        elements.extend([
            221, 8, 0x50, 0x6f, 0x9a, 22, 2, 2, 81, 9, 221, 5, 0x00, 0x17, 0xf2, 10, 0,
        ]);
        elements.extend([255, 3, 59, 0xbc, 0x36]);
        let text = beyond_text(&profile(&elements));
        for line in [
            "AKM with Fast Transition                 FT-SAE",
            "WMM/U-APSD                               VO, BK",
            "WMM/Service Period                       2 frames",
            "WPS/Device Name                          TV\\u{1b}[m",
            "6 GHz/Max A-MPDU                         1048575 octets",
            "6 GHz/Standard Power AP                  Not reported*",
            "Vendor 00-17-f2                          Apple, Inc., type 10: 00",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
        assert_eq!(beyond_text(&profile(&[0, 0])), "");
    }
}
