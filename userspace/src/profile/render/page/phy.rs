//! What each generation of the PHY can do, radio beside radio.

use super::{
    columns::Column,
    links::told,
    sheet::{Cell, Sheet, Tone},
};
use crate::profile::{EhtPhy, HePhy, Highest, Ht, Vht, Width};

/// A row: its label, how a radio fills it, what it means.
type Row<'c> = (&'c str, &'c dyn Fn(&Column<'_>) -> Entry, &'c str);

/// What stands where a row and a radio meet.
enum Entry {
    Report(Option<bool>),
    Text(Option<String>),
    /// A row of nothing else is left out.
    Nothing,
}

pub(super) fn draw(columns: &[Column<'_>], sheet: &mut Sheet) {
    sheet.columns("PHY", columns.iter().map(|column| column.name));
    eht(columns, sheet);
    he(columns, sheet);
    vht(columns, sheet);
    ht(columns, sheet);
}

/// A generation's line, then its rows where a radio has it.
fn generation(name: &str, columns: &[Column<'_>], has: fn(&Column<'_>) -> i8, rows: &[Row<'_>], sheet: &mut Sheet) {
    let marks: Vec<_> = columns
        .iter()
        .map(|column| Cell::mark(Some(has(column) == 1)))
        .collect();
    sheet.row(Cell::new(format!("  {name}"), Tone::Strong), marks, "");
    if columns.iter().all(|column| has(column) != 1) {
        return;
    }
    for (label, entry, meaning) in rows {
        let entries: Vec<_> = columns
            .iter()
            .map(|column| {
                if has(column) == 1 {
                    entry(column)
                } else {
                    Entry::Nothing
                }
            })
            .collect();
        if entries.iter().all(|entry| matches!(entry, Entry::Nothing)) {
            continue;
        }
        let cells: Vec<_> = entries
            .into_iter()
            .map(|entry| match entry {
                Entry::Report(report) => Cell::mark(report),
                Entry::Text(Some(text)) => Cell::plain(text),
                Entry::Text(None) => Cell::mark(None),
                Entry::Nothing => Cell::default(),
            })
            .collect();
        sheet.row(Cell::plain(format!("    {label}")), cells, *meaning);
    }
}

fn ht(columns: &[Column<'_>], sheet: &mut Sheet) {
    let bit = |get: fn(&Ht) -> Option<bool>| move |c: &Column<'_>| Entry::Report(c.radio.ht.as_ref().and_then(get));
    let mcs = |c: &Column<'_>| {
        let ht = c.radio.ht.as_ref();
        Entry::Text(
            ht.and_then(|ht| ht.mcs.iter().filter(|mcs| **mcs < 32).max())
                .map(|mcs| format!("0–{mcs}")),
        )
    };
    let streams = |c: &Column<'_>| Entry::Text(Some(c.features.dot11n_nss.to_string()));
    let rx_stbc = |c: &Column<'_>| {
        let streams = c.radio.ht.as_ref().and_then(|ht| ht.rx_stbc);
        Entry::Text(streams.map(|streams| streams.to_string()))
    };
    let rows: [Row<'_>; 8] = [
        ("streams", &streams, "it receives"),
        ("MCS", &mcs, "eight a stream"),
        ("40 MHz", &bit(|ht| ht.width_40_mhz), ""),
        (
            "short GI at 20 MHz",
            &bit(|ht| ht.short_gi_20_mhz),
            "0.4 µs, 11 % faster",
        ),
        ("short GI at 40 MHz", &bit(|ht| ht.short_gi_40_mhz), ""),
        ("LDPC", &bit(|ht| ht.ldpc), "corrects more errors"),
        ("STBC sent", &bit(|ht| ht.tx_stbc), "redundant streams"),
        ("STBC streams received", &rx_stbc, ""),
    ];
    generation("802.11n  HT, Wi-Fi 4", columns, |c| c.features.dot11n, &rows, sheet);
}

fn vht(columns: &[Column<'_>], sheet: &mut Sheet) {
    let bit = |get: fn(&Vht) -> Option<bool>| move |c: &Column<'_>| Entry::Report(c.radio.vht.as_ref().and_then(get));
    let rx = |c: &Column<'_>| Entry::Text(c.radio.vht.as_ref().and_then(|vht| highest(&vht.rx)));
    let tx = |c: &Column<'_>| match &c.radio.vht {
        Some(vht) if vht.tx != vht.rx => Entry::Text(highest(&vht.tx)),
        _ => Entry::Nothing,
    };
    let wide = |c: &Column<'_>| Entry::Report(told(c.features.dot11ac_160_mhz));
    let su = |c: &Column<'_>| Entry::Report(told(c.features.dot11ac_su_bf));
    let mu = |c: &Column<'_>| Entry::Report(told(c.features.dot11ac_mu_bf));
    let sts = |c: &Column<'_>| {
        Entry::Text((c.features.dot11ac_su_bf == 1).then(|| (c.features.dot11ac_bf_sts + 1).to_string()))
    };
    let rows: [Row<'_>; 9] = [
        ("streams × MCS", &rx, "MCS 8, 9: 256-QAM"),
        ("  sent", &tx, "otherwise"),
        ("160 MHz", &wide, ""),
        ("short GI at 80 MHz", &bit(|vht| vht.short_gi_80_mhz), ""),
        ("short GI at 160 MHz", &bit(|vht| vht.short_gi_160_mhz), ""),
        ("LDPC", &bit(|vht| vht.ldpc), ""),
        ("SU beamformee", &su, "the AP can aim at it"),
        ("  streams sounded", &sts, ""),
        ("MU beamformee", &mu, "MU-MIMO"),
    ];
    generation("802.11ac  VHT, Wi-Fi 5", columns, |c| c.features.dot11ac, &rows, sheet);
}

fn he(columns: &[Column<'_>], sheet: &mut Sheet) {
    let bit =
        |get: fn(&HePhy) -> Option<bool>| move |c: &Column<'_>| Entry::Report(c.radio.he_phy.as_ref().and_then(get));
    let key = |get: fn(&Column<'_>) -> i8| move |c: &Column<'_>| Entry::Report(told(get(c)));
    let at = |width: &'static str| move |c: &Column<'_>| at_width(&c.radio.he, width);
    let sts = |c: &Column<'_>| {
        let features = c.features;
        Entry::Text(
            (features.dot11ax_he_su_beamformee == 1).then(|| (features.dot11ax_he_beamformee_sts + 1).to_string()),
        )
    };
    let rows: [Row<'_>; 16] = [
        ("streams × MCS to 80 MHz", &at("80"), "MCS 10, 11: 1024-QAM"),
        ("streams × MCS at 160 MHz", &at("160"), ""),
        ("  sent", &|c| sent(&c.radio.he), "otherwise"),
        ("LDPC", &bit(|phy| phy.ldpc), ""),
        ("SU beamformee", &key(|c| c.features.dot11ax_he_su_beamformee), ""),
        ("  streams sounded", &sts, ""),
        ("SU beamformer", &bit(|phy| phy.su_beamformer), "aims at the AP"),
        ("UL MU-MIMO", &bit(|phy| phy.ul_mu_mimo), "over all of the band"),
        ("TWT", &key(|c| c.features.dot11ax_twt), "scheduled sleep"),
        ("UORA", &key(|c| c.features.dot11ax_uora), "contends for RUs"),
        ("BSR", &key(|c| c.features.dot11ax_bsr), "reports its queue"),
        (
            "punctured preamble",
            &key(|c| c.features.dot11ax_punctured_preamble),
            "around interference",
        ),
        (
            "spatial reuse (PSR)",
            &bit(|phy| phy.psr_spatial_reuse),
            "over other networks",
        ),
        ("1024-QAM on small RUs", &bit(|phy| phy.rx_1024_qam_small_ru), ""),
        (
            "ER SU, 4x LTF 0.8 µs",
            &key(|c| c.features.dot11ax_he_er_su_ppdu),
            "for long range",
        ),
        ("6 GHz capabilities", &key(|c| c.features.dot11ax_six_ghz), ""),
    ];
    generation("802.11ax  HE, Wi-Fi 6", columns, |c| c.features.dot11ax, &rows, sheet);
}

fn eht(columns: &[Column<'_>], sheet: &mut Sheet) {
    let bit =
        |get: fn(&EhtPhy) -> Option<bool>| move |c: &Column<'_>| Entry::Report(c.radio.eht_phy.as_ref().and_then(get));
    let key = |get: fn(&Column<'_>) -> i8| move |c: &Column<'_>| Entry::Report(told(get(c)));
    let at = |width: &'static str| move |c: &Column<'_>| at_width(&c.radio.eht, width);
    let narrow = |c: &Column<'_>| match c.radio.eht.iter().any(|width| width.width == "20") {
        true => at_width(&c.radio.eht, "20"),
        false => at_width(&c.radio.eht, "80"),
    };
    let rows: [Row<'_>; 16] = [
        ("streams × MCS to 80 MHz", &narrow, "MCS 12, 13: 4096-QAM"),
        ("streams × MCS at 160 MHz", &at("160"), ""),
        ("streams × MCS at 320 MHz", &at("320"), ""),
        ("  sent", &|c| sent(&c.radio.eht), "otherwise"),
        ("320 MHz in 6 GHz", &key(|c| c.features.dot11be_320_mhz), ""),
        ("SU beamformee", &key(|c| c.features.dot11be_su_beamformee), ""),
        ("SU beamformer", &bit(|phy| phy.su_beamformer), ""),
        (
            "UL MU-MIMO on part of it",
            &bit(|phy| phy.partial_bandwidth_ul_mu_mimo),
            "",
        ),
        (
            "DL MU-MIMO on part of it",
            &bit(|phy| phy.partial_bandwidth_dl_mu_mimo),
            "",
        ),
        ("MCS 15", &key(|c| c.features.dot11be_mcs15_support), "robust, in MRUs"),
        (
            "MCS 14 (EHT DUP)",
            &key(|c| c.features.dot11be_mcs14_support),
            "for range in 6 GHz",
        ),
        ("4096-QAM on small RUs", &bit(|phy| phy.rx_4096_qam_small_ru), ""),
        (
            "restricted TWT",
            &key(|c| c.features.dot11be_rtwt_support),
            "low latency slots",
        ),
        ("EPCS", &key(|c| c.features.dot11be_epcs_support), "emergency priority"),
        (
            "OM control",
            &key(|c| c.features.dot11be_om_support),
            "changes its width",
        ),
        (
            "SCS traffic description",
            &key(|c| c.features.dot11be_scs_traffic_description_support),
            "needs of a stream",
        ),
    ];
    generation("802.11be  EHT, Wi-Fi 7", columns, |c| c.features.dot11be, &rows, sheet);
}

fn at_width(widths: &[Width], wanted: &str) -> Entry {
    let width = widths.iter().find(|width| width.width == wanted);
    Entry::Text(width.and_then(|width| highest(&width.rx)))
}

/// What it sends, where it differs from what it receives.
fn sent(widths: &[Width]) -> Entry {
    let different: Vec<_> = widths.iter().filter(|width| width.rx != width.tx).collect();
    match different.split_first() {
        None => Entry::Nothing,
        Some((width, _)) => Entry::Text(highest(&width.tx)),
    }
}

/// `2 × 11`; `2 × 9–11` where the streams differ.
fn highest(highest: &Highest) -> Option<String> {
    let known = || highest.iter().flatten();
    let (least, most) = (known().min()?, known().max()?);
    let streams = known().count();
    Some(if least == most {
        format!("{streams} × {most}")
    } else {
        format!("{streams} × {least}–{most}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_and_mcs() {
        assert_eq!(highest(&vec![Some(11), Some(11)]).as_deref(), Some("2 × 11"));
        assert_eq!(highest(&vec![Some(11), Some(9)]).as_deref(), Some("2 × 9–11"));
        assert_eq!(highest(&Vec::new()), None);
    }
}
