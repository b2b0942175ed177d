//! hostapd's configuration (`hostapd.conf`), made from what the access point is to be.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use super::HostapdError;
use crate::{
    ap::{ApOptions, elements::version_element},
    dot11::{Band, ChannelWidth},
};

/// What the radio can do, as its driver says: hostapd refuses to announce more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hardware {
    /// HT Capability Information (9.4.2.55.2); `None` without HT.
    pub ht: Option<u16>,
    /// VHT Capabilities Information (9.4.2.157.2); `None` without VHT.
    pub vht: Option<u32>,
    /// HE as an access point.
    pub he: bool,
    /// EHT as an access point.
    pub eht: bool,
}

/// What hostapd is to do, and how.
#[derive(Clone, Debug)]
pub struct HostapdOptions {
    /// The access point.
    pub ap: ApOptions,
    /// Its interface.
    pub interface: String,
    /// What the radio can do.
    pub hardware: Hardware,
    /// Probe requests are answered.
    pub answer_probes: bool,
    /// The program.
    pub program: PathBuf,
    /// Arguments before the configuration's path.
    pub arguments: Vec<String>,
    /// hostapd's driver: `nl80211`.
    pub driver: &'static str,
    /// A folder of its own, with configuration and sockets; made anew.
    pub folder: PathBuf,
    /// How long it may take to get ready; longer where it checks for radar first.
    pub patience: Duration,
    /// The first pause before it is started again; it doubles.
    pub pause: Duration,
}

impl HostapdOptions {
    /// The usual: `hostapd` of the PATH with `nl80211`, 10 s of patience, pauses from 0.5 s on.
    #[must_use]
    pub fn new(ap: ApOptions, interface: &str, hardware: Hardware, folder: &Path) -> Self {
        Self {
            ap,
            interface: interface.to_owned(),
            hardware,
            answer_probes: true,
            program: PathBuf::from("hostapd"),
            arguments: Vec::new(),
            driver: "nl80211",
            folder: folder.to_owned(),
            patience: Duration::from_secs(10),
            pause: Duration::from_millis(500),
        }
    }

    pub(super) fn control_folder(&self) -> PathBuf {
        self.folder.join("control")
    }
}

/// The configuration's text; with `eht` 802.11be, which not every hostapd knows.
///
/// # Errors
///
/// The access point can't be so, or a text would not stay on its line.
pub fn configuration(options: &HostapdOptions, eht: bool) -> Result<String, HostapdError> {
    let ap = &options.ap;
    ap.check()?;
    let control = options.control_folder();
    let control = line("the run's folder", control.to_str().unwrap_or("\n"))?;
    let mut text = String::new();
    let mut set = |key: &str, value: &dyn std::fmt::Display| {
        // Nothing can go wrong in a String.
        let _ = writeln!(text, "{key}={value}");
    };
    set("interface", &line("the interface's name", &options.interface)?);
    set("driver", &options.driver);
    set("ctrl_interface", &control);
    // In hexadecimal a name can't be anything but a name.
    set("ssid2", &hex(&ap.ssid));
    if ap.country != *b"00" {
        set("country_code", &String::from_utf8_lossy(&ap.country));
        set("ieee80211d", &1);
        let radar = ap.band() == Band::Ghz5;
        set("ieee80211h", &i32::from(radar));
    }
    set("beacon_int", &ap.beacon_interval);
    set("dtim_period", &ap.dtim_period);
    set("wmm_enabled", &1);
    set("send_probe_response", &i32::from(options.answer_probes));
    set("rrm_neighbor_report", &1);
    set("rrm_beacon_report", &1);
    set("bss_transition", &1);
    if let Some(version) = &ap.version_element {
        let payload = version_element(version);
        set("vendor_elements", &format!("dd{:02x}{}", payload.len(), hex(&payload)));
    }
    for (key, value) in radio(options, eht).into_iter().chain(security(ap)?) {
        set(key, &value);
    }
    Ok(text)
}

/// Channel, width and generations.
fn radio(options: &HostapdOptions, eht: bool) -> Vec<(&'static str, String)> {
    let (ap, hardware) = (&options.ap, options.hardware);
    let band = ap.band();
    let eht = ap.eht() && hardware.eht && eht;
    // 320 MHz are EHT's alone.
    let older = ap.tuning.within(ChannelWidth::Mhz160);
    let tuning = if eht { ap.tuning } else { older };
    let six = band == Band::Ghz6;
    let center = tuning.center_number().to_string();
    // 0: 20 or 40 MHz, 1: 80, 2: 160, 9: 320.
    let width = match tuning.width() {
        ChannelWidth::Mhz20 | ChannelWidth::Mhz40 => "0",
        ChannelWidth::Mhz80 => "1",
        ChannelWidth::Mhz160 => "2",
        ChannelWidth::Mhz320 => "9",
    };
    // What HE and VHT can say.
    let older_width = if width == "9" { "2" } else { width };
    let mut lines = vec![
        ("hw_mode", if band == Band::Ghz2 { "g" } else { "a" }.to_owned()),
        ("channel", tuning.channel().number().to_string()),
    ];
    if six {
        lines.push(("op_class", tuning.operating_class().to_string()));
    } else if let Some(ht) = hardware.ht {
        lines.push(("ieee80211n", "1".to_owned()));
        lines.push((
            "ht_capab",
            ht_flags(ht, tuning.secondary() * i8::from(width_of_40(tuning))),
        ));
    }
    if let (Band::Ghz5, Some(vht)) = (band, hardware.vht) {
        lines.push(("ieee80211ac", "1".to_owned()));
        lines.push(("vht_capab", vht_flags(vht)));
        lines.push(("vht_oper_chwidth", older_width.to_owned()));
        if older_width != "0" {
            lines.push(("vht_oper_centr_freq_seg0_idx", older.center_number().to_string()));
        }
    }
    if ap.ax && hardware.he {
        lines.push(("ieee80211ax", "1".to_owned()));
        lines.push(("he_oper_chwidth", older_width.to_owned()));
        if older_width != "0" {
            lines.push(("he_oper_centr_freq_seg0_idx", older.center_number().to_string()));
        }
    }
    if eht {
        lines.push(("ieee80211be", "1".to_owned()));
        lines.push(("eht_oper_chwidth", width.to_owned()));
        if width != "0" {
            lines.push(("eht_oper_centr_freq_seg0_idx", center));
        }
    }
    lines
}

fn width_of_40(tuning: crate::dot11::Tuning) -> bool {
    tuning.width() >= ChannelWidth::Mhz40
}

/// Flags of `ht_capab`: those of the hardware, and the secondary channel, 1 above, -1 below, 0 none.
fn ht_flags(ht: u16, secondary: i8) -> String {
    let wide = match secondary {
        1 => "[HT40+]",
        -1 => "[HT40-]",
        _ => "",
    };
    let flags = [
        (0, "[LDPC]"),
        (5, "[SHORT-GI-20]"),
        (6, "[SHORT-GI-40]"),
        (7, "[TX-STBC]"),
    ];
    let flags = flags
        .iter()
        .filter(|(bit, _)| ht >> bit & 1 == 1)
        .map(|(_, flag)| *flag);
    let flags = flags.filter(|flag| secondary != 0 || *flag != "[SHORT-GI-40]");
    [wide].into_iter().chain(flags).collect()
}

/// Flags of `vht_capab`: those of the hardware.
fn vht_flags(vht: u32) -> String {
    let length = ["", "[MAX-MPDU-7991]", "[MAX-MPDU-11454]", ""][(vht & 3) as usize];
    let wide = if vht >> 2 & 3 == 1 { "[VHT160]" } else { "" };
    let flags = [
        (4, "[RXLDPC]"),
        (5, "[SHORT-GI-80]"),
        (6, "[SHORT-GI-160]"),
        (7, "[TX-STBC-2BY1]"),
        (12, "[SU-BEAMFORMEE]"),
    ];
    let flags = flags
        .iter()
        .filter(|(bit, _)| vht >> bit & 1 == 1)
        .map(|(_, flag)| *flag);
    [length, wide].into_iter().chain(flags).collect()
}

/// Keys and passphrase.
fn security(ap: &ApOptions) -> Result<Vec<(&'static str, String)>, HostapdError> {
    let (band, mode) = (ap.band(), ap.security);
    let names = mode.akms(band).into_iter().filter_map(|suite| match suite.0[3] {
        2 => Some("WPA-PSK"),
        4 => Some("FT-PSK"),
        8 => Some("SAE"),
        9 => Some("FT-SAE"),
        _ => None,
    });
    let six = band == Band::Ghz6;
    let mut lines = vec![
        ("wpa", "2".to_owned()),
        ("wpa_key_mgmt", Vec::from_iter(names).join(" ")),
        ("rsn_pairwise", "CCMP".to_owned()),
        ("wpa_passphrase", line("the passphrase", &ap.passphrase)?.to_owned()),
        ("ieee80211w", if six { "2" } else { "1" }.to_owned()),
    ];
    if mode.sae(band) {
        lines.push(("sae_require_mfp", "1".to_owned()));
        // 1: hash to element alone, as 6 GHz asks (12.4.4.2.3); 2: looping too.
        lines.push(("sae_pwe", if six { "1" } else { "2" }.to_owned()));
    }
    if mode.fast_transition() {
        let [.., high, low] = ap.bssid.0;
        lines.push(("mobility_domain", format!("{high:02x}{low:02x}")));
        lines.push(("nas_identifier", format!("airlens-{high:02x}{low:02x}")));
        lines.push(("ft_psk_generate_local", "1".to_owned()));
        lines.push(("ft_over_ds", "0".to_owned()));
    }
    Ok(lines)
}

/// A text that stays on its line.
fn line<'a>(what: &'static str, text: &'a str) -> Result<&'a str, HostapdError> {
    if text.chars().any(char::is_control) {
        return Err(HostapdError::Text { what });
    }
    Ok(text)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
