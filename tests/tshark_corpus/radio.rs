//! The radio's numbers and the vendor elements, against tshark's.

use airlens::profile::Highest;

use super::{dissection::Dissection, request::Request, rows::Rows};

/// Beside those of [`super::bits`].
pub(crate) const FIELDS: [&str; 9] = [
    "wlan.supported_rates",
    "wlan.extended_supported_rates",
    "wlan.tag.oui",
    "wlan.tag.vendor.oui.type",
    "wlan.wfa.ie.type",
    "wlan.ext_tag.he_mcs_map.rx_he_mcs_map_160",
    "wlan.ext_tag.he_mcs_map.tx_he_mcs_map_160",
    "wlan.ext_tag.he_mcs_map.rx_he_mcs_map_80_80",
    "wlan.ext_tag.he_mcs_map.tx_he_mcs_map_80_80",
];

/// First MCS and field of each part of the HT set.
const HT_SET: [(i64, &str); 8] = [
    (0, "0to7"),
    (8, "8to15"),
    (16, "16to23"),
    (24, "24to31"),
    (32, "32"),
    (33, "33to38"),
    (39, "39to52"),
    (53, "53to76"),
];

/// The highest MCS by stream, two bits a stream.
fn highest(map: Option<i64>, names: [u8; 3]) -> Highest {
    let mut highest: Highest = (0..8)
        .map(|stream| names.get((map.unwrap_or(0xffff) >> (2 * stream) & 3) as usize).copied())
        .collect();
    while highest.last() == Some(&None) {
        highest.pop();
    }
    highest
}

/// Streams and names of the ranges of a two-bit map, each once, in the order of the alphabet.
fn streams(map: Option<i64>, names: [&str; 3]) -> (u8, String) {
    let codes = (0..8).map(|stream| (map.unwrap_or(0xffff) >> (2 * stream) & 3) as usize);
    let mut ranges: Vec<_> = codes.filter_map(|code| names.get(code).copied()).collect();
    let streams = ranges.len() as u8;
    ranges.sort_unstable();
    ranges.dedup();
    (streams, ranges.join(", "))
}

/// Every number that tshark shows too.
pub(crate) fn compare(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    rates_and_vendors(ours, theirs, rows);
    ht(ours, theirs, rows);
    vht(ours, theirs, rows);
    he(ours, theirs, rows);
}

fn rates_and_vendors(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let profile = &ours.profile;
    for (id, field) in [("1", "wlan.supported_rates"), ("50", "wlan.extended_supported_rates")] {
        let listed = ours.first(id).unwrap_or_default().iter().copied().map(i64::from);
        rows.same(id, field, listed.collect(), theirs.numbers(field));
    }
    // The profile's are these; what is no rate comes behind.
    let listed = ["1", "50"]
        .into_iter()
        .flat_map(|id| ours.first(id).unwrap_or_default());
    let (rates, selectors): (Vec<u8>, Vec<_>) = listed.map(|rate| rate & 0x7f).partition(|rate| *rate <= 108);
    let radio = &profile.radio;
    rows.same(
        "1",
        "rates",
        (&radio.rates, &radio.membership_selectors),
        (&rates, &selectors),
    );
    let ouis = profile.vendors.iter().map(|vendor| {
        let [a, b, c] = vendor.oui.map(i64::from);
        a << 16 | b << 8 | c
    });
    rows.same("221", "vendor OUIs", ouis.collect(), theirs.numbers("wlan.tag.oui"));
    let kinds = profile.vendors.iter().filter_map(|vendor| vendor.kind).map(i64::from);
    rows.same(
        "221",
        "vendor types",
        kinds.collect(),
        theirs.numbers("wlan.tag.vendor.oui.type"),
    );
    rows.same("221", "wmm", radio.wmm, theirs.numbers("wlan.wfa.ie.type").contains(&2));
}

fn ht(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let ht = ours.profile.radio.ht.clone().unwrap_or_default();
    let flag = |field: &str| {
        theirs
            .number(&format!("wlan.ht.capabilities.{field}"))
            .map(|value| value == 1)
    };
    rows.same("45", "ht.ldpc", ht.ldpc, flag("ldpccoding"));
    rows.same("45", "ht.width_40_mhz", ht.width_40_mhz, flag("width"));
    rows.same("45", "ht.short_gi_20_mhz", ht.short_gi_20_mhz, flag("short20"));
    rows.same("45", "ht.short_gi_40_mhz", ht.short_gi_40_mhz, flag("short40"));
    rows.same("45", "ht.tx_stbc", ht.tx_stbc, flag("txstbc"));
    let rx_stbc = ht.rx_stbc.map(i64::from);
    rows.same(
        "45",
        "ht.rx_stbc",
        rx_stbc,
        theirs.number("wlan.ht.capabilities.rxstbc"),
    );
    let mask = |range: &str| theirs.number(&format!("wlan.ht.mcsset.rxbitmask.{range}")).unwrap_or(0);
    let set = HT_SET.into_iter().flat_map(|(first, range)| {
        let mask = mask(range);
        (0..24)
            .filter(move |bit| mask >> bit & 1 == 1)
            .map(move |bit| first + bit)
    });
    rows.same(
        "45",
        "ht.mcs",
        ht.mcs.iter().copied().map(i64::from).collect(),
        set.collect::<Vec<_>>(),
    );
    let streams = HT_SET[..4].iter().filter(|(_, range)| mask(range) != 0).count();
    rows.same(
        "45",
        "dot11n_nss",
        usize::from(ours.profile.features.dot11n_nss),
        streams,
    );
}

fn vht(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let (features, vht) = (
        &ours.profile.features,
        ours.profile.radio.vht.clone().unwrap_or_default(),
    );
    let number = |field: &str| theirs.number(&format!("wlan.vht.capabilities.{field}"));
    let flag = |field: &str| number(field).map(|value| value == 1);
    rows.same(
        "191",
        "vht.width_set",
        vht.width_set.map(i64::from),
        number("supportedchanwidthset"),
    );
    rows.same(
        "191",
        "vht.extended_nss_bw",
        vht.extended_nss_bw.map(i64::from),
        number("ext_nss_bw_support"),
    );
    rows.same("191", "vht.ldpc", vht.ldpc, flag("rxldpc"));
    rows.same("191", "vht.short_gi_80_mhz", vht.short_gi_80_mhz, flag("short80"));
    rows.same("191", "vht.short_gi_160_mhz", vht.short_gi_160_mhz, flag("short160"));
    rows.same("191", "vht.tx_stbc", vht.tx_stbc, flag("txstbc"));
    rows.same("191", "vht.rx_stbc", vht.rx_stbc.map(i64::from), number("rxstbc"));
    let map = |field: &str| theirs.number(&format!("wlan.vht.mcsset.{field}"));
    rows.same("191", "vht.rx", vht.rx, highest(map("rxmcsmap"), [7, 8, 9]));
    rows.same("191", "vht.tx", vht.tx, highest(map("txmcsmap"), [7, 8, 9]));
    let ours = (features.dot11ac_nss, features.dot11ac_mcs.clone());
    rows.same(
        "191",
        "dot11ac_nss, dot11ac_mcs",
        ours,
        streams(map("rxmcsmap"), ["0-7", "0-8", "0-9"]),
    );
}

fn he(ours: &Request, theirs: &Dissection, rows: &mut Rows) {
    let map = |field: &str| theirs.number(&format!("wlan.ext_tag.he_mcs_map.{field}"));
    for (width, field, rx, tx) in [
        ("80", "he.80", "rx_he_mcs_map_lte_80", "tx_he_mcs_map_lte_80"),
        ("160", "he.160", "rx_he_mcs_map_160", "tx_he_mcs_map_160"),
        ("80+80", "he.80+80", "rx_he_mcs_map_80_80", "tx_he_mcs_map_80_80"),
    ] {
        let set = ours.profile.radio.he.iter().find(|set| set.width == width);
        let both = set.map(|set| (set.rx.clone(), set.tx.clone()));
        let theirs = map(rx).map(|rx| (highest(Some(rx), [7, 9, 11]), highest(map(tx), [7, 9, 11])));
        rows.same("255/35", field, both, theirs);
    }
    let features = &ours.profile.features;
    let ours = (features.dot11ax_nss, features.dot11ax_mcs.clone());
    let theirs = streams(map("rx_he_mcs_map_lte_80"), ["0-7", "0-9", "0-11"]);
    rows.same("255/35", "dot11ax_nss, dot11ax_mcs", ours, theirs);
}
