//! What a profile says, against tshark's fields.

use std::collections::BTreeSet;

use airlens::dot11::element::{RsnElement, Suite};

use super::{dissection::Dissection, request::Request, rows::Rows};

/// Beside those of [`super::bits`] and [`super::radio`].
pub(crate) const FIELDS: [&str; 35] = [
    "frame.number",
    "frame.time_epoch",
    "radiotap.channel.freq",
    "radiotap.dbm_antsignal",
    "wlan.sa",
    "wlan.bssid",
    "wlan.fixed.capabilities",
    "wlan.fixed.listen_ival",
    "wlan.fixed.current_ap",
    "wlan.ssid",
    "wlan.tag.number",
    "wlan.ext_tag.number",
    "wlan.mobility_domain.mdid",
    "wlan.mobility_domain.ft_capab",
    "wlan.supopeclass.current",
    "wlan.rsn.gcs.oui",
    "wlan.rsn.gcs.type",
    "wlan.rsn.pcs.oui",
    "wlan.rsn.pcs.type",
    "wlan.rsn.akms.oui",
    "wlan.rsn.akms.type",
    "wlan.rsn.capabilities",
    "wlan.rsn.capabilities.mfpc",
    "wlan.rsn.capabilities.mfpr",
    "wlan.rsn.pmkid.count",
    "wlan.rsn.gmcs.type",
    "wlan.powercap.min",
    "wlan.powercap.max",
    "wlan.supchan.first",
    "wlan.supchan.range",
    "wlan.ext_tag.he_phy_cap.chan_width_set.40mhz_in_2_4ghz",
    "wlan.ext_tag.he_phy_cap.chan_width_set.40_80_in_5ghz",
    "wlan.ext_tag.he_phy_cap.chan_width_set.160_in_5ghz",
    "wlan.ext_tag.he_phy_cap.chan_width_set.160_80_80_in_5ghz",
    "_ws.malformed",
];

/// The names that tshark gives the bits of HE's channel widths depend on the frame's band.
const WIDTHS: [(&str, usize); 4] = [
    ("wlan.ext_tag.he_phy_cap.chan_width_set.40mhz_in_2_4ghz", 49),
    ("wlan.ext_tag.he_phy_cap.chan_width_set.40_80_in_5ghz", 50),
    ("wlan.ext_tag.he_phy_cap.chan_width_set.160_in_5ghz", 51),
    ("wlan.ext_tag.he_phy_cap.chan_width_set.160_80_80_in_5ghz", 52),
];

pub(crate) fn compare(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    frame(ours, theirs, rows);
    rows.same("*", "ids", ours.ids(), theirs.ids());
    ssid(ours, theirs, rows);
    security(ours, theirs, rows);
    lists(ours, theirs, rows);
    features(ours, theirs, rows);
}

fn frame(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let profile = &ours.profile;
    let time = profile
        .time
        .map(|ns| format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000));
    rows.same("-", "time", time.as_deref(), theirs.text("frame.time_epoch"));
    let frequency = profile.frequency.map(i64::from);
    rows.same("-", "frequency", frequency, theirs.number("radiotap.channel.freq"));
    let signal = profile.signal.map(i64::from);
    rows.same("-", "signal", signal, theirs.number("radiotap.dbm_antsignal"));
    rows.same("-", "mac", vec![&profile.mac.to_string()[..]], theirs.all("wlan.sa"));
    rows.same(
        "-",
        "bssid",
        vec![&profile.bssid.to_string()[..]],
        theirs.all("wlan.bssid"),
    );
    let current_ap = profile.current_ap.map(|address| address.to_string());
    rows.same(
        "-",
        "current AP",
        current_ap.as_deref(),
        theirs.text("wlan.fixed.current_ap"),
    );
    let capability = Some(i64::from(ours.capability));
    rows.same("-", "capability", capability, theirs.number("wlan.fixed.capabilities"));
    let interval = Some(i64::from(ours.listen_interval));
    rows.same(
        "-",
        "listen interval",
        interval,
        theirs.number("wlan.fixed.listen_ival"),
    );
}

fn ssid(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let ssid: String = ours.profile.ssid.0.iter().map(|octet| format!("{octet:02x}")).collect();
    let their_ssid = theirs.text("wlan.ssid").unwrap_or_default();
    let their_ssid = if their_ssid == "<MISSING>" { "" } else { their_ssid };
    rows.same("0", "ssid", &ssid[..], their_ssid);
}

fn security(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let security = &ours.profile.security;
    let rsn = ours.first("48").map(RsnElement::new).unwrap_or_default();
    let suites = |suites: Vec<[u8; 4]>| {
        let parts = suites
            .into_iter()
            .map(|[a, b, c, kind]| (i64::from(a) << 16 | i64::from(b) << 8 | i64::from(c), i64::from(kind)));
        parts.unzip::<i64, i64, Vec<_>, Vec<_>>()
    };
    let both = |list: &str| {
        let field = |part: &str| theirs.numbers(&format!("wlan.rsn.{list}.{part}"));
        (field("oui"), field("type"))
    };
    let group = rsn.group().map(|suite| suite.0).into_iter().collect();
    rows.same("48", "group", suites(group), both("gcs"));
    rows.same(
        "48",
        "pairwise",
        suites(rsn.pairwise().map(|suite| suite.0).collect()),
        both("pcs"),
    );
    rows.same(
        "48",
        "akms",
        suites(rsn.akms().map(|suite| suite.0).collect()),
        both("akms"),
    );
    // Of the profile: those that the standard defines.
    let defined = |list: &str| {
        let (ouis, kinds) = both(list);
        let of_ieee = ouis.into_iter().zip(kinds).filter(|(oui, _)| *oui == 0x00_0fac);
        of_ieee.map(|(_, kind)| kind).collect::<Vec<_>>()
    };
    let numbers = |kinds: &[u8]| kinds.iter().copied().map(i64::from).collect::<Vec<_>>();
    rows.same(
        "48",
        "security.group",
        numbers(security.group.as_slice()),
        defined("gcs"),
    );
    rows.same("48", "security.pairwise", numbers(&security.pairwise), defined("pcs"));
    rows.same("48", "security.akms", numbers(&security.akms), defined("akms"));
    let capabilities = rsn.capabilities().map(i64::from);
    rows.same(
        "48",
        "capabilities",
        capabilities,
        theirs.number("wlan.rsn.capabilities"),
    );
    let pmkids = theirs.number("wlan.rsn.pmkid.count").unwrap_or(0);
    rows.same("48", "pmkids", rsn.pmkids().len() as i64, pmkids);
    let management = rsn.group_management().and_then(Suite::ieee).map(i64::from);
    rows.same(
        "48",
        "group management",
        management,
        theirs.number("wlan.rsn.gmcs.type"),
    );
    let flag = |field: &str| theirs.number(field).map(|value| value == 1);
    let (capable, required) = ("wlan.rsn.capabilities.mfpc", "wlan.rsn.capabilities.mfpr");
    rows.same(
        "48",
        "security.protection_capable",
        security.protection_capable,
        flag(capable),
    );
    rows.same(
        "48",
        "security.protection_required",
        security.protection_required,
        flag(required),
    );
}

/// Elements that are numbers and lists of numbers.
fn lists(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let features = &ours.profile.features;
    let domain = ours.first("54").and_then(|payload| payload.first_chunk());
    let domain = domain.map(|domain| i64::from(u16::from_le_bytes(*domain)));
    rows.same(
        "54",
        "mobility domain",
        domain,
        theirs.number("wlan.mobility_domain.mdid"),
    );
    let policy = ours
        .first("54")
        .and_then(|payload| payload.get(2))
        .copied()
        .map(i64::from);
    rows.same(
        "54",
        "fast transition policy",
        policy,
        theirs.number("wlan.mobility_domain.ft_capab"),
    );

    let current = ours
        .first("59")
        .and_then(|payload| payload.first())
        .copied()
        .map(i64::from);
    rows.same(
        "59",
        "operating class",
        current,
        theirs.number("wlan.supopeclass.current"),
    );
    let (min, max) = (features.min_power.into(), features.max_power.into());
    rows.same("33", "min_power", min, theirs.number("wlan.powercap.min").unwrap_or(0));
    rows.same("33", "max_power", max, theirs.number("wlan.powercap.max").unwrap_or(0));
    let sets = theirs.numbers("wlan.supchan.first").into_iter();
    let sets = sets.zip(theirs.numbers("wlan.supchan.range"));
    let channels = sets.flat_map(|(first, count)| {
        let step = if first + count - 1 <= 14 { 1 } else { 4 };
        // Channel numbers are octets.
        (0..count)
            .map(move |i| first + step * i)
            .filter(|channel| *channel <= 255)
    });
    let mut seen = BTreeSet::new();
    let channels: Vec<_> = channels.filter(|channel| seen.insert(*channel)).collect();
    let ours: Vec<_> = features.supported_channels.iter().copied().map(i64::from).collect();
    rows.same("36", "supported_channels", ours, channels);
}

fn features(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let features = &ours.profile.features;
    let mut report =
        |element, key, ours: i8, field: &str| rows.same(element, key, i64::from(ours), theirs.report(field));
    report(
        "244",
        "rsnx_sae_h2e",
        features.rsnx_sae_h2e,
        "wlan.rsnx.sae_hash_to_element",
    );
    report("127", "dot11v", features.dot11v, "wlan.extcap.b19");
    report(
        "127",
        "dot11aa_scs_support",
        features.dot11aa_scs_support,
        "wlan.extcap.b54",
    );
    report(
        "127",
        "qos_r1_mscs_support",
        features.qos_r1_mscs_support,
        "wlan.extcap.b85",
    );
    report(
        "191",
        "dot11ac_su_bf",
        features.dot11ac_su_bf,
        "wlan.vht.capabilities.subeamformee",
    );
    report(
        "191",
        "dot11ac_mu_bf",
        features.dot11ac_mu_bf,
        "wlan.vht.capabilities.mubeamformee",
    );
    let he = "255/35";
    let mac = |field: &str| format!("wlan.ext_tag.he_mac_cap.{field}");
    let phy = |field: &str| format!("wlan.ext_tag.he_phy_cap.{field}");
    report(he, "dot11ax_twt", features.dot11ax_twt, &mac("twt_req_support"));
    report(he, "dot11ax_bsr", features.dot11ax_bsr, &mac("bsr_support"));
    report(he, "dot11ax_uora", features.dot11ax_uora, &mac("ofdma_ra_support"));
    report(
        he,
        "dot11ax_he_su_beamformee",
        features.dot11ax_he_su_beamformee,
        &phy("su_beamformee"),
    );
    report(
        he,
        "dot11ax_he_er_su_ppdu",
        features.dot11ax_he_er_su_ppdu,
        &phy("he_er_su_ppdu_4xxx_gi"),
    );

    let punctured = theirs
        .number(&phy("punc_preamble_rx"))
        .map_or(-1, |forms| i64::from(forms != 0));
    rows.same(
        he,
        "dot11ax_punctured_preamble",
        features.dot11ax_punctured_preamble.into(),
        punctured,
    );
    let sts = theirs.number(&phy("beamformee_sts_lte_80mhz")).unwrap_or(0);
    rows.same(
        he,
        "dot11ax_he_beamformee_sts",
        features.dot11ax_he_beamformee_sts.into(),
        sts,
    );
    let sts = theirs.number("wlan.vht.capabilities.beamformee_sts_cap").unwrap_or(0);
    rows.same("191", "dot11ac_bf_sts", features.dot11ac_bf_sts.into(), sts);
    let wide = theirs
        .number("wlan.vht.capabilities.supportedchanwidthset")
        .map(|width| {
            let extended = theirs.number("wlan.vht.capabilities.ext_nss_bw_support").unwrap_or(0);
            i64::from(width == 1 || width == 2 || width == 0 && extended > 0)
        });
    rows.same(
        "191",
        "dot11ac_160_mhz",
        features.dot11ac_160_mhz.into(),
        wide.unwrap_or(-1),
    );
    let payload = airlens::dot11::Bits(ours.first(he).unwrap_or_default());
    for (field, bit) in WIDTHS {
        // In the other band tshark has another name for the bit.
        if let Some(value) = theirs.number(field) {
            rows.same(he, field, payload.field(bit, 1).map(i64::from), Some(value));
        }
    }
}
