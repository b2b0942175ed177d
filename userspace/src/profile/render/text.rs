//! The text form of a client, as wlanpi-profiler writes it.

use std::fmt::{Display, Write};

use crate::{
    dot11::element::{akm_name, cipher_name},
    profile::{Features, Profile},
};

const RULE: &str = "---------------------------------------------";
/// Columns of a label.
const LABEL: usize = 40;
const NOT_REPORTED: &str = "Not reported*";
const FOOTNOTES: &str = "
* Reported client capabilities are dependent on available features at the time of client association.
** Reported channels do not factor local regulatory domain. Detected channel sets are assumed contiguous.";

/// A header between two rules, a line a capability, two footnotes; no line break at the end.
pub fn client_text(profile: &Profile) -> String {
    let mut text = Text(String::new());
    text.header(profile);
    text.security(profile);
    text.ht_and_vht(&profile.features);
    text.he(&profile.features);
    text.eht(&profile.features);
    text.radio(&profile.features);
    text.0.push_str(FOOTNOTES);
    text.0
}

struct Text(String);

impl Text {
    fn line(&mut self, label: &str, value: impl Display) {
        // Writing to a String can't fail.
        let _ = writeln!(self.0, "{label:<LABEL$} {value}");
    }

    fn report(&mut self, label: &str, report: i8) {
        self.line(label, supported(report).unwrap_or(NOT_REPORTED));
    }

    /// A number, or that there is none.
    fn number(&mut self, label: &str, value: i8) {
        match value {
            -1 => self.line(label, NOT_REPORTED),
            value => self.line(label, value),
        }
    }

    fn header(&mut self, profile: &Profile) {
        let maker = match (&profile.manuf, profile.mac.is_local()) {
            (None, true) => "Randomized MAC".to_owned(),
            (None, false) => "Unknown".to_owned(),
            (Some(maker), true) => format!("{maker} (Randomized MAC)"),
            (Some(maker), false) => maker.to_string(),
        };
        let band = profile.band.words().unwrap_or("Unknown");
        let _ = writeln!(
            self.0,
            "{RULE}\n - Client MAC: {}\n - OUI manufacturer lookup: {maker}\n - Chipset lookup: {}\n - Frequency band: \
             {band}\n - Capture channel: {}\n{RULE}",
            profile.mac,
            profile.chipset.unwrap_or("Unknown"),
            profile.channel
        );
    }

    fn security(&mut self, profile: &Profile) {
        let features = &profile.features;
        match features.dot11k {
            1 => self.line("802.11k", "Supported"),
            _ => self.line(
                "802.11k",
                "Not reported* - treat with caution, many clients lie about this",
            ),
        }
        self.report("802.11r", features.dot11r);
        self.report("802.11v", features.dot11v);
        self.report("802.11aa/SCS", features.dot11aa_scs_support);
        self.report("QoS R1/MSCS", features.qos_r1_mscs_support);
        self.line("Group Cipher", suites(profile.security.group.as_slice(), cipher_name));
        self.line("Pairwise Cipher", suites(&profile.security.pairwise, cipher_name));
        self.line("AKM", suites(&profile.security.akms, akm_name));
        let protection = profile.security.protection_capable.map_or(-1, i8::from);
        self.line("802.11w/MFP", supported(protection).unwrap_or("Not reported"));
        self.line(
            "RSNX SAE H2E",
            supported(features.rsnx_sae_h2e).unwrap_or("Not reported"),
        );
    }

    fn ht_and_vht(&mut self, features: &Features) {
        self.report("802.11n", present(features.dot11n));
        if features.dot11n == 1 {
            self.line("802.11n/HT NSS", features.dot11n_nss);
        }
        self.report("802.11ac", present(features.dot11ac));
        if features.dot11ac == 1 {
            self.line("802.11ac/VHT NSS", features.dot11ac_nss);
        }
        self.report("802.11ac/160 MHz", features.dot11ac_160_mhz);
        if features.dot11ac == 1 {
            self.line("802.11ac/VHT MCS", &features.dot11ac_mcs);
        }
        self.report("802.11ac/SU Beamformee", features.dot11ac_su_bf);
        self.report("802.11ac/MU Beamformee", features.dot11ac_mu_bf);
    }

    fn he(&mut self, features: &Features) {
        self.report("802.11ax", present(features.dot11ax));
        if features.dot11ax == 1 {
            self.line("802.11ax/HE NSS", features.dot11ax_nss);
            self.line("802.11ax/HE MCS", &features.dot11ax_mcs);
        }
        self.report("802.11ax/TWT", features.dot11ax_twt);
        self.report("802.11ax/UORA", features.dot11ax_uora);
        self.report("802.11ax/BSR", features.dot11ax_bsr);
        self.report("802.11ax/Punctured Preamble", features.dot11ax_punctured_preamble);
        self.report("802.11ax/SU Beamformee", features.dot11ax_he_su_beamformee);
        self.report("802.11ax/HE ER SU PPDU", features.dot11ax_he_er_su_ppdu);
        if features.dot11ax_six_ghz == 1 {
            self.line("6 GHz Capability", "Supported");
        }
        self.report("802.11ax/160 MHz", features.dot11ax_160_mhz);
    }

    fn eht(&mut self, features: &Features) {
        self.report("802.11be", present(features.dot11be));
        if features.dot11be == 1 {
            self.line("802.11be/EHT NSS", features.dot11be_nss);
            self.line("802.11be/EHT MCS", &features.dot11be_mcs);
        }
        self.report("802.11be/320 MHz in 6 GHz", features.dot11be_320_mhz);
        self.report("802.11be/SU Beamformee", features.dot11be_su_beamformee);
        self.report("802.11be/EPCS Support", features.dot11be_epcs_support);
        self.report("802.11be/EHT OM Control", features.dot11be_om_support);
        self.report("802.11be/R-TWT Support", features.dot11be_rtwt_support);
        self.report(
            "802.11be/SCS Traffic Desc",
            features.dot11be_scs_traffic_description_support,
        );
        self.report("802.11be/EHT-MCS 15 In MRU", features.dot11be_mcs15_support);
        self.report("802.11be/EHT DUP (MCS 14) 6 GHz", features.dot11be_mcs14_support);
        self.report("802.11be/MLE", features.dot11be_mle);
        self.number("802.11be/MLE/MLC Type", features.dot11be_mle_mlc_type);
        self.report("802.11be/MLE/EMLSR", features.dot11be_mle_emlsr_support);
        self.number(
            "802.11be/MLE/EMLSR Padding Delay",
            features.dot11be_mle_emlsr_padding_delay,
        );
        self.number(
            "802.11be/MLE/EMLSR Transition Delay",
            features.dot11be_mle_emlsr_transition_delay,
        );
        self.report("802.11be/MLE/EMLMR", features.dot11be_mle_emlmr_support);
        self.number(
            "802.11be/MLE/Max Sim. Links",
            features.dot11be_mle_max_simultaneous_links,
        );
        self.number(
            "802.11be/MLE/T2LM Negot.",
            features.dot11be_mle_t2lm_negotiation_support,
        );
        self.report("802.11be/MLE/Link Reconfig", features.dot11be_mle_link_reconfig_support);
    }

    fn radio(&mut self, features: &Features) {
        if features.six_ghz_operating_class_supported == 1 {
            self.line("6 GHz Operating Class", "Supported");
        }
        match (features.min_power, features.max_power) {
            (0, 0) => self.line("Max Power", "Not reported"),
            (_, max) => self.line("Max Power", format_args!("{max} dBm")),
        }
        match &features.supported_channels[..] {
            [] => self.line("Supported Channels", "Not reported"),
            channels => {
                self.line("Supported Channels", format_args!("{}**", ranges(channels)));
                self.line("Number of Channels", channels.len());
            }
        }
    }
}

/// Nothing for −1.
fn supported(report: i8) -> Option<&'static str> {
    match report {
        -1 => None,
        0 => Some("Not supported"),
        _ => Some("Supported"),
    }
}

/// Elements whose absence is 0 in JSON and "not reported" in text.
fn present(report: i8) -> i8 {
    if report == 1 { 1 } else { -1 }
}

/// `GCMP-256 (9), CCMP-128 (4)`.
fn suites(kinds: &[u8], name: fn(u8) -> Option<&'static str>) -> String {
    if kinds.is_empty() {
        return NOT_REPORTED.to_owned();
    }
    let names: Vec<_> = kinds
        .iter()
        .map(|&kind| format!("{} ({kind})", name(kind).unwrap_or("Unknown")))
        .collect();
    names.join(", ")
}

/// `1-13, 36-64, 165`: runs of the band's own step.
pub(super) fn ranges(channels: &[u8]) -> String {
    let follows = |&a: &u8, &b: &u8| b.checked_sub(a) == Some(if b <= 14 { 1 } else { 4 });
    let runs: Vec<_> = channels
        .chunk_by(follows)
        .map(|run| match run {
            [first, .., last] => format!("{first}-{last}"),
            [single] => single.to_string(),
            [] => String::new(),
        })
        .collect();
    runs.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    #[test]
    fn header_lines_and_footnotes() {
        let text = client_text(&profile(&[36, 6, 1, 13, 36, 2, 165, 1, 33, 2, 0xf7, 20, 54, 0]));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0].len(), 45);
        assert_eq!(lines[1], " - Client MAC: 02:00:00:00:00:02");
        assert_eq!(lines[2], " - OUI manufacturer lookup: Randomized MAC");
        assert_eq!(lines[6], lines[0]);
        assert_eq!(lines[8], "802.11r                                  Supported");
        assert!(text.contains("Max Power                                20 dBm\n"));
        assert!(text.contains("Supported Channels                       1-13, 36-40, 165**\n"));
        assert!(text.contains("Number of Channels                       16\n\n* Reported"));
        assert!(text.ends_with("assumed contiguous."));
    }

    #[test]
    fn lists_all_suites_by_name() {
        let rsn = [
            48, 22, 1, 0, 0, 15, 172, 4, 1, 0, 0, 15, 172, 4, 2, 0, 0, 15, 172, 2, 0, 15, 172, 8,
        ];
        let text = client_text(&profile(&rsn));
        assert!(
            text.contains("AKM                                      PSK (2), SAE (8)\n"),
            "{text}"
        );
        assert!(text.contains("802.11w/MFP                              Not reported\n"));
        assert_eq!(suites(&[77], cipher_name), "Unknown (77)");
    }
}
