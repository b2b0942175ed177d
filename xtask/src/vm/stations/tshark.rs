//! tshark's reading of the requests that were recorded in the VM.

use std::{collections::HashMap, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use xshell::{Shell, cmd};

/// Which values of a field make which key, and how.
enum Rule {
    /// The first number, or this where there is none.
    First(&'static str, i64),
    /// The first number; nothing where there is none: tshark names this field by the band.
    Shown(&'static str),
    /// 1 if the number is in the list, else this.
    Has(&'static str, i64, i64),
    /// How many of the fields with 1, 2, … in place of `#` are not 3, the code for no MCS on that stream.
    Streams(&'static str),
}

const RULES: [(&str, Rule); 28] = [
    ("features/dot11k", Rule::Has("wlan.tag.number", 70, -1)),
    ("features/dot11r", Rule::Has("wlan.tag.number", 54, -1)),
    ("features/dot11n", Rule::Has("wlan.tag.number", 45, 0)),
    ("features/dot11ac", Rule::Has("wlan.tag.number", 191, 0)),
    ("features/dot11ax", Rule::Has("wlan.ext_tag.number", 35, 0)),
    ("features/dot11ax_six_ghz", Rule::Has("wlan.ext_tag.number", 59, 0)),
    ("features/dot11v", Rule::First("wlan.extcap.b19", -1)),
    ("features/dot11aa_scs_support", Rule::First("wlan.extcap.b54", -1)),
    ("features/group_cipher", Rule::First("wlan.rsn.gcs.type", 0)),
    ("features/pairwise_cipher", Rule::First("wlan.rsn.pcs.type", 0)),
    ("features/akm", Rule::First("wlan.rsn.akms.type", 0)),
    ("features/dot11w", Rule::First("wlan.rsn.capabilities.mfpc", 0)),
    (
        "features/rsnx_sae_h2e",
        Rule::First("wlan.rsnx.sae_hash_to_element", -1),
    ),
    ("features/max_power", Rule::First("wlan.powercap.max", 0)),
    ("features/min_power", Rule::First("wlan.powercap.min", 0)),
    (
        "features/dot11ac_su_bf",
        Rule::First("wlan.vht.capabilities.subeamformee", -1),
    ),
    (
        "features/dot11ac_mu_bf",
        Rule::First("wlan.vht.capabilities.mubeamformee", -1),
    ),
    (
        "features/dot11ac_bf_sts",
        Rule::First("wlan.vht.capabilities.beamformee_sts_cap", 0),
    ),
    ("features/dot11ac_nss", Rule::Streams("wlan.vht.mcsset.rxmcsmap.ss#")),
    (
        "features/dot11ax_nss",
        Rule::Streams("wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_#_ss"),
    ),
    (
        "features/dot11ax_twt",
        Rule::First("wlan.ext_tag.he_mac_cap.twt_req_support", -1),
    ),
    (
        "features/dot11ax_bsr",
        Rule::First("wlan.ext_tag.he_mac_cap.bsr_support", -1),
    ),
    (
        "features/dot11ax_uora",
        Rule::First("wlan.ext_tag.he_mac_cap.ofdma_ra_support", -1),
    ),
    (
        "features/dot11ax_he_su_beamformee",
        Rule::First("wlan.ext_tag.he_phy_cap.su_beamformee", -1),
    ),
    (
        "features/dot11ax_he_beamformee_sts",
        Rule::First("wlan.ext_tag.he_phy_cap.beamformee_sts_lte_80mhz", 0),
    ),
    (
        "features/dot11ax_160_mhz",
        Rule::Shown("wlan.ext_tag.he_phy_cap.chan_width_set.160_in_5ghz"),
    ),
    (
        "features/dot11ax_he_er_su_ppdu",
        Rule::First("wlan.ext_tag.he_phy_cap.he_er_su_ppdu_4xxx_gi", -1),
    ),
    ("features/dot11n_nss", Rule::Streams("wlan.ht.mcsset.rxbitmask.#")),
];

/// First, last and field of HT's MCS by stream.
const HT_STREAMS: [&str; 4] = ["0to7", "8to15", "16to23", "24to31"];

/// The last request of each station in a capture, by path in a profile. `None` where there is no tshark.
pub(super) fn requests(sh: &Shell, capture: &Path) -> Result<Option<HashMap<String, Map<String, Value>>>> {
    let there = cmd!(sh, "tshark --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_ok();
    if !there {
        return Ok(None);
    }
    let mut fields = vec!["wlan.ta".to_owned()];
    for (_, rule) in &RULES {
        for field in rule.fields() {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
    }
    let arguments = fields.iter().flat_map(|field| ["-e", field.as_str()]);
    let filter = "wlan.fc.type_subtype==0||wlan.fc.type_subtype==2";
    let text = cmd!(
        sh,
        "tshark -r {capture} -Y {filter} -T fields -E separator=; -E aggregator=| {arguments...}"
    )
    .quiet()
    .ignore_stderr()
    .read()
    .context("running tshark")?;
    let read = |line: &str| {
        let values: HashMap<_, _> = fields.iter().map(String::as_str).zip(line.split(';')).collect();
        let station = values.get("wlan.ta").copied().unwrap_or_default().to_owned();
        let keys = RULES
            .iter()
            .filter_map(|(key, rule)| Some(((*key).to_owned(), json!(rule.value(&values)?))));
        (station, keys.collect())
    };
    Ok(Some(text.lines().map(read).collect()))
}

impl Rule {
    fn fields(&self) -> Vec<String> {
        match self {
            Self::First(field, _) | Self::Shown(field) | Self::Has(field, ..) => vec![(*field).to_owned()],
            Self::Streams(field) if field.starts_with("wlan.ht.") => {
                HT_STREAMS.iter().map(|part| field.replace('#', part)).collect()
            }
            Self::Streams(field) => (1..=8).map(|stream| field.replace('#', &stream.to_string())).collect(),
        }
    }

    fn value(&self, values: &HashMap<&str, &str>) -> Option<i64> {
        let all = |field: &str| -> Vec<i64> {
            let text = values.get(field).copied().unwrap_or_default();
            text.split('|').filter_map(number).collect()
        };
        match self {
            Self::First(field, absent) => all(field).first().copied().or(Some(*absent)),
            Self::Shown(field) => all(field).first().copied(),
            Self::Has(field, wanted, absent) => Some(if all(field).contains(wanted) { 1 } else { *absent }),
            Self::Streams(field) => {
                // HT has a bit for each MCS, the others a code for each stream.
                let none = if field.starts_with("wlan.ht.") { 0 } else { 3 };
                let supported = self
                    .fields()
                    .into_iter()
                    .filter_map(|field| all(&field).first().copied());
                i64::try_from(supported.filter(|&code| code != none).count()).ok()
            }
        }
    }
}

/// As tshark 4 writes numbers and, from 4.2 on, booleans.
fn number(text: &str) -> Option<i64> {
    match (text, text.strip_prefix("0x")) {
        ("True", _) => Some(1),
        ("False", _) => Some(0),
        (_, Some(digits)) => i64::from_str_radix(digits, 16).ok(),
        (_, None) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_keys() {
        let values = HashMap::from([
            ("wlan.tag.number", "0|1|70"),
            ("wlan.rsn.akms.type", "8|2"),
            ("wlan.vht.mcsset.rxmcsmap.ss1", "0x0002"),
            ("wlan.vht.mcsset.rxmcsmap.ss2", "0x0003"),
            ("wlan.ht.mcsset.rxbitmask.0to7", "0xff"),
            ("wlan.ht.mcsset.rxbitmask.8to15", "0x00"),
            ("wlan.rsn.capabilities.mfpc", "True"),
        ]);
        let value = |key: &str| {
            RULES
                .iter()
                .find(|(name, _)| *name == key)
                .and_then(|(_, rule)| rule.value(&values))
        };
        let keys = [
            "dot11k",
            "dot11r",
            "akm",
            "dot11ac_nss",
            "dot11n_nss",
            "dot11w",
            "dot11v",
        ];
        let found = keys.map(|key| value(&format!("features/{key}")));
        assert_eq!(found, [1, -1, 8, 1, 1, 1, -1].map(Some));
    }
}
