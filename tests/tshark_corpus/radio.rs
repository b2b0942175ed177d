//! The radio's numbers and the vendor elements, against tshark's.

use airlens::profile::{Highest, Profile};
use anyhow::{Result, ensure};

use super::Dissection;

/// Every field that is compared here.
pub(crate) const FIELDS: [&str; 34] = [
    "wlan.supported_rates",
    "wlan.extended_supported_rates",
    "wlan.tag.oui",
    "wlan.tag.vendor.oui.type",
    "wlan.wfa.ie.type",
    "wlan.ht.capabilities.ldpccoding",
    "wlan.ht.capabilities.width",
    "wlan.ht.capabilities.short20",
    "wlan.ht.capabilities.short40",
    "wlan.ht.capabilities.txstbc",
    "wlan.ht.capabilities.rxstbc",
    "wlan.ht.mcsset.rxbitmask.0to7",
    "wlan.ht.mcsset.rxbitmask.8to15",
    "wlan.ht.mcsset.rxbitmask.16to23",
    "wlan.ht.mcsset.rxbitmask.24to31",
    "wlan.ht.mcsset.rxbitmask.32",
    "wlan.ht.mcsset.rxbitmask.33to38",
    "wlan.ht.mcsset.rxbitmask.39to52",
    "wlan.ht.mcsset.rxbitmask.53to76",
    "wlan.vht.capabilities.supportedchanwidthset",
    "wlan.vht.capabilities.ext_nss_bw_support",
    "wlan.vht.capabilities.rxldpc",
    "wlan.vht.capabilities.short80",
    "wlan.vht.capabilities.short160",
    "wlan.vht.capabilities.txstbc",
    "wlan.vht.capabilities.rxstbc",
    "wlan.vht.mcsset.rxmcsmap",
    "wlan.vht.mcsset.txmcsmap",
    "wlan.ext_tag.he_mcs_map.rx_he_mcs_map_lte_80",
    "wlan.ext_tag.he_mcs_map.tx_he_mcs_map_lte_80",
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

/// Every number that tshark shows too.
pub(crate) fn compare(ours: &Profile, theirs: &Dissection) -> Result<()> {
    let frame = theirs.number("frame.number");
    macro_rules! same {
        ($ours:expr, $theirs:expr) => {{
            let (ours, theirs) = ($ours, $theirs);
            ensure!(
                ours == theirs,
                "frame {frame:?}: {}: {ours:?}, tshark {theirs:?}",
                stringify!($ours)
            );
        }};
    }
    let flag = |field: &str| theirs.number(field).map(|value| value == 1);
    let radio = &ours.radio;
    let rates = ["wlan.supported_rates", "wlan.extended_supported_rates"].map(|field| theirs.numbers(field));
    let rates = rates.concat().into_iter().map(|rate| rate & 0x7f);
    same!(
        [&radio.rates[..], &radio.membership_selectors].concat(),
        rates.map(|rate| rate as u8).collect::<Vec<_>>()
    );
    let ouis = ours.vendors.iter().map(|vendor| {
        let [a, b, c] = vendor.oui.map(i64::from);
        a << 16 | b << 8 | c
    });
    same!(ouis.collect::<Vec<_>>(), theirs.numbers("wlan.tag.oui"));
    let kinds = ours.vendors.iter().filter_map(|vendor| vendor.kind).map(i64::from);
    same!(kinds.collect::<Vec<_>>(), theirs.numbers("wlan.tag.vendor.oui.type"));
    same!(radio.wmm, theirs.numbers("wlan.wfa.ie.type").contains(&2));

    if let Some(ht) = &radio.ht {
        same!(ht.ldpc, flag("wlan.ht.capabilities.ldpccoding"));
        same!(ht.width_40_mhz, flag("wlan.ht.capabilities.width"));
        same!(ht.short_gi_20_mhz, flag("wlan.ht.capabilities.short20"));
        same!(ht.short_gi_40_mhz, flag("wlan.ht.capabilities.short40"));
        same!(ht.tx_stbc, flag("wlan.ht.capabilities.txstbc"));
        same!(ht.rx_stbc.map(i64::from), theirs.number("wlan.ht.capabilities.rxstbc"));
        let set = HT_SET.into_iter().flat_map(|(first, range)| {
            let mask = theirs.number(&format!("wlan.ht.mcsset.rxbitmask.{range}")).unwrap_or(0);
            (0..24)
                .filter(move |bit| mask >> bit & 1 == 1)
                .map(move |bit| first + bit)
        });
        let ours: Vec<_> = ht.mcs.iter().copied().map(i64::from).collect();
        same!(ours, set.collect::<Vec<_>>());
    }
    same!(
        radio.ht.is_some(),
        theirs.number("wlan.ht.capabilities.width").is_some()
    );

    if let Some(vht) = &radio.vht {
        let number = |field: &str| theirs.number(&format!("wlan.vht.capabilities.{field}"));
        same!(vht.width_set.map(i64::from), number("supportedchanwidthset"));
        same!(vht.extended_nss_bw.map(i64::from), number("ext_nss_bw_support"));
        same!(vht.ldpc, flag("wlan.vht.capabilities.rxldpc"));
        same!(vht.short_gi_80_mhz, flag("wlan.vht.capabilities.short80"));
        same!(vht.short_gi_160_mhz, flag("wlan.vht.capabilities.short160"));
        same!(vht.tx_stbc, flag("wlan.vht.capabilities.txstbc"));
        same!(vht.rx_stbc.map(i64::from), number("rxstbc"));
        let map = |field: &str| highest(theirs.number(&format!("wlan.vht.mcsset.{field}")), [7, 8, 9]);
        same!(vht.rx.clone(), map("rxmcsmap"));
        same!(vht.tx.clone(), map("txmcsmap"));
    }
    same!(
        radio.vht.is_some(),
        theirs.number("wlan.vht.capabilities.short80").is_some()
    );

    for (width, name) in [("80", "lte_80"), ("160", "160"), ("80+80", "80_80")] {
        let map = |way: &str| theirs.number(&format!("wlan.ext_tag.he_mcs_map.{way}_he_mcs_map_{name}"));
        let ours = radio.he.iter().find(|set| set.width == width);
        let both = ours.map(|set| (set.rx.clone(), set.tx.clone()));
        let theirs = map("rx").map(|rx| (highest(Some(rx), [7, 9, 11]), highest(map("tx"), [7, 9, 11])));
        same!((width, both), (width, theirs));
    }
    Ok(())
}
