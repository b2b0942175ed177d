//! The fastest rate at which a radio receives, from its MCS, streams, width and guard interval.
//!
//! Data rate = data subcarriers × bits a subcarrier × code rate × streams ÷ symbol time, as the rate tables have it:
//! HT 19.5, VHT 21.5 (IEEE Std 802.11-2020), HE 27.5 (802.11ax-2021), EHT 36.5 (802.11be-2024).

use std::collections::BTreeSet;

use super::{Band, Highest, Radio, Width};

/// A radio at its fastest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    /// Mb/s.
    pub mbps: f64,
    /// Generation of Wi-Fi, 4 to 7; `None` for those before.
    pub generation: Option<u8>,
    /// MHz.
    pub width: u16,
    /// Spatial streams.
    pub streams: u8,
    /// MCS with one stream's number: 0 to 7 of HT, 0 to 13 of EHT. `None` before HT.
    pub mcs: Option<u8>,
}

/// Bits a subcarrier and code rate in twelfths of MCS 0 to 13: BPSK ½ to 4096-QAM ⅚ (Table 36-74).
const MCS: [(u32, u32); 14] = [
    (1, 6),
    (2, 6),
    (2, 9),
    (4, 6),
    (4, 9),
    (6, 8),
    (6, 9),
    (6, 10),
    (8, 9),
    (8, 10),
    (10, 9),
    (10, 10),
    (12, 9),
    (12, 10),
];

/// The fastest that a radio of this band receives with the newest generation that it announces: the one that it uses with an
/// access point that has it too.
#[must_use]
pub fn fastest(radio: &Radio, band: Band) -> Option<Best> {
    // Of two that are equally fast, the wider one.
    let faster = |best: Best, next: Best| if next.mbps >= best.mbps { next } else { best };
    let of = |generation| rates_of(generation, radio, band).into_iter().reduce(faster);
    (3..=7).rev().find_map(of)
}

/// The channel widths at which a radio of this band receives with any generation, in MHz, ascending; none where no rates are
/// told.
#[must_use]
pub fn channel_widths(radio: &Radio, band: Band) -> Vec<u16> {
    let all = (3..=7).flat_map(|generation| rates_of(generation, radio, band));
    let widths: BTreeSet<_> = all.map(|rate| rate.width).collect();
    widths.into_iter().collect()
}

/// Every rate with a generation; 3 stands for those before HT.
fn rates_of(generation: u8, radio: &Radio, band: Band) -> Vec<Best> {
    let mut all = Vec::new();
    match generation {
        7 => widths(radio, band, 7, &radio.eht, &mut all),
        6 => widths(radio, band, 6, &radio.he, &mut all),
        5 => vht(radio, band, &mut all),
        4 => ht(radio, &mut all),
        _ => legacy(radio, &mut all),
    }
    all
}

/// Rate in Mb/s; `tones` are data subcarriers, the symbol's time is in ns.
fn rate(tones: u32, mcs: u8, streams: u8, symbol: u32) -> Option<f64> {
    let &(bits, twelfths) = MCS.get(usize::from(mcs))?;
    let bits = f64::from(tones * bits * twelfths * u32::from(streams)) / 12.0;
    Some(bits * 1000.0 / f64::from(symbol))
}

fn legacy(radio: &Radio, all: &mut Vec<Best>) {
    if let Some(&rate) = radio.rates.iter().max() {
        all.push(Best {
            mbps: f64::from(rate) / 2.0,
            generation: None,
            width: 20,
            streams: 1,
            mcs: None,
        });
    }
}

/// Symbols take 4 µs, 3.6 with short guard interval (Table 19-6).
fn symbol(short: Option<bool>) -> u32 {
    if short == Some(true) { 3600 } else { 4000 }
}

fn ht(radio: &Radio, all: &mut Vec<Best>) {
    let Some(ht) = &radio.ht else { return };
    // MCS 0 to 31 are eight a stream; 32 and those beyond, of unequal modulation, are never the fastest.
    for index in ht.mcs.iter().copied().filter(|mcs| *mcs < 32) {
        let (streams, mcs) = (index / 8 + 1, index % 8);
        let mut at = |width, tones, short| {
            let mbps = rate(tones, mcs, streams, symbol(short));
            all.extend(mbps.map(|mbps| best(mbps, 4, width, streams, mcs)));
        };
        at(20, 52, ht.short_gi_20_mhz);
        if ht.width_40_mhz == Some(true) {
            at(40, 108, ht.short_gi_40_mhz);
        }
    }
}

fn vht(radio: &Radio, band: Band, all: &mut Vec<Best>) {
    let (Some(vht), ht) = (&radio.vht, radio.ht.clone().unwrap_or_default()) else {
        return;
    };
    // Some use VHT rates in 2.4 GHz, at the widths of HT.
    let wide = band != Band::Ghz2;
    // Table 9-271: with width set 0, Extended NSS BW Support 1 and 2 give half of the streams at 160 MHz, 3 three quarters.
    let at_160 = |streams: u8| match (vht.width_set, vht.extended_nss_bw) {
        (Some(1 | 2), _) => streams,
        (Some(0), Some(1 | 2)) => streams / 2,
        (Some(0), Some(3)) => streams * 3 / 4,
        _ => 0,
    };
    let (sgi_80, sgi_160) = (vht.short_gi_80_mhz, vht.short_gi_160_mhz);
    for (mut streams, highest) in by_streams(&vht.rx) {
        let mut at = |width, tones, short, streams| {
            let valid = (0..=highest).rev().find(|mcs| is_vht_mcs(width, streams, *mcs));
            let mbps = valid.and_then(|mcs| Some((mcs, rate(tones, mcs, streams, symbol(short))?)));
            all.extend(mbps.map(|(mcs, mbps)| best(mbps, 5, width, streams, mcs)));
        };
        at(20, 52, ht.short_gi_20_mhz, streams);
        if wide || ht.width_40_mhz == Some(true) {
            at(40, 108, ht.short_gi_40_mhz, streams);
        }
        if wide {
            at(80, 234, sgi_80, streams);
            streams = at_160(streams);
        }
        if wide && streams > 0 {
            at(160, 468, sgi_160, streams);
        }
    }
}

/// Combinations that do not exist (21.5): their bits would not divide among the encoders.
fn is_vht_mcs(width: u16, streams: u8, mcs: u8) -> bool {
    !matches!(
        (width, streams, mcs),
        (20, 1 | 2 | 4 | 5 | 7 | 8, 9) | (80, 3 | 7, 6) | (80, 6, 9) | (160, 3, 9)
    )
}

fn widths(radio: &Radio, band: Band, generation: u8, widths: &[Width], all: &mut Vec<Best>) {
    for width in widths {
        he_or_eht(radio, band, (generation, width.width), &width.rx, all);
    }
}

/// Symbols of 12.8 µs with the shortest guard interval, 0.8 µs, which all can receive.
fn he_or_eht(radio: &Radio, band: Band, (generation, width): (u8, &str), rx: &Highest, all: &mut Vec<Best>) {
    let told = |bit: fn(&super::HePhy) -> Option<bool>| radio.he_phy.as_ref().and_then(bit) == Some(true);
    let (width, tones) = match (width, band) {
        ("320", _) => (320, 3920),
        ("160" | "80+80", _) => (160, 1960),
        ("80", Band::Ghz2) if told(|phy| phy.width_40_mhz_in_2_4_ghz) => (40, 468),
        ("80", Band::Ghz5 | Band::Ghz6 | Band::Unknown) if told(|phy| phy.width_80_mhz) => (80, 980),
        _ => (20, 234),
    };
    for (streams, mcs) in by_streams(rx) {
        let mbps = rate(tones, mcs, streams, 13_600);
        all.extend(mbps.map(|mbps| best(mbps, generation, width, streams, mcs)));
    }
}

fn best(mbps: f64, generation: u8, width: u16, streams: u8, mcs: u8) -> Best {
    Best {
        mbps,
        generation: Some(generation),
        width,
        streams,
        mcs: Some(mcs),
    }
}

fn by_streams(highest: &Highest) -> impl Iterator<Item = (u8, u8)> + '_ {
    (1..=8)
        .zip(highest)
        .filter_map(|(streams, mcs)| Some((streams, (*mcs)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{HePhy, Ht, Vht};

    fn mbps(radio: &Radio, band: Band) -> Option<(f64, u16, u8, Option<u8>)> {
        fastest(radio, band).map(|best| ((best.mbps * 10.0).round() / 10.0, best.width, best.streams, best.mcs))
    }

    #[test]
    fn before_ht() {
        assert_eq!(mbps(&Radio::default(), Band::Ghz5), None);
        let radio = Radio {
            rates: vec![2, 108, 22],
            ..Radio::default()
        };
        assert_eq!(mbps(&radio, Band::Ghz2), Some((54.0, 20, 1, None)));
    }

    /// Tables 19-27 to 19-34.
    #[test]
    fn ht_rates() {
        let ht = |mcs: &[u8], wide, short| Radio {
            ht: Some(Ht {
                width_40_mhz: Some(wide),
                short_gi_20_mhz: Some(short),
                short_gi_40_mhz: Some(short),
                mcs: mcs.to_vec(),
                ..Ht::default()
            }),
            ..Radio::default()
        };
        for (radio, rate) in [
            (ht(&[0, 7], false, false), (65.0, 20, 1, Some(7))),
            (ht(&[0, 7], false, true), (72.2, 20, 1, Some(7))),
            (ht(&[15, 32, 76], true, true), (300.0, 40, 2, Some(7))),
            (ht(&[31], true, true), (600.0, 40, 4, Some(7))),
        ] {
            assert_eq!(mbps(&radio, Band::Ghz2), Some(rate));
            let widths = if rate.1 == 40 { &[20, 40][..] } else { &[20] };
            assert_eq!(channel_widths(&radio, Band::Ghz2), widths);
        }
        assert!(channel_widths(&Radio::default(), Band::Ghz2).is_empty());
    }

    /// Tables 21-30 to 21-61.
    #[test]
    fn vht_rates() {
        let vht = |streams, width_set, extended| Radio {
            vht: Some(Vht {
                width_set: Some(width_set),
                extended_nss_bw: Some(extended),
                short_gi_80_mhz: Some(true),
                short_gi_160_mhz: Some(true),
                rx: vec![Some(9); streams],
                ..Vht::default()
            }),
            ..Radio::default()
        };
        for (radio, rate) in [
            (vht(1, 0, 0), (433.3, 80, 1, Some(9))),
            (vht(2, 0, 0), (866.7, 80, 2, Some(9))),
            (vht(3, 0, 0), (1300.0, 80, 3, Some(9))),
            (vht(2, 1, 0), (1733.3, 160, 2, Some(9))),
            // Half of the streams at 160 MHz are as fast as all at 80.
            (vht(4, 0, 1), (1733.3, 160, 2, Some(9))),
            // MCS 9 with three streams at 160 MHz does not exist.
            (vht(3, 1, 0), (2340.0, 160, 3, Some(8))),
        ] {
            assert_eq!(mbps(&radio, Band::Ghz5), Some(rate));
        }
        // 256-QAM at 20 MHz with one stream ends with MCS 8 (Table 21-30), 78 Mb/s.
        assert_eq!(mbps(&vht(1, 0, 0), Band::Ghz2), Some((78.0, 20, 1, Some(8))));
    }

    #[test]
    fn the_newest_generation_counts() {
        let radio = Radio {
            rates: vec![108],
            vht: Some(Vht {
                rx: vec![Some(9); 8],
                ..Vht::default()
            }),
            he: vec![Width {
                width: "80",
                rx: vec![Some(7)],
                tx: Vec::new(),
            }],
            ..Radio::default()
        };
        assert_eq!(fastest(&radio, Band::Ghz5).and_then(|best| best.generation), Some(6));
    }

    /// Tables 27-113 and on, 36-71 and on.
    #[test]
    fn he_and_eht_rates() {
        let wide = HePhy {
            width_40_mhz_in_2_4_ghz: Some(true),
            width_80_mhz: Some(true),
            ..HePhy::default()
        };
        let width = |width, mcs| Width {
            width,
            rx: vec![Some(mcs); 2],
            tx: Vec::new(),
        };
        let he = |name, phy: &HePhy| Radio {
            he: vec![width(name, 11)],
            he_phy: Some(phy.clone()),
            ..Radio::default()
        };
        let eht = |name| Radio {
            eht: vec![width(name, 13)],
            he_phy: Some(wide.clone()),
            ..Radio::default()
        };
        for (radio, band, rate) in [
            (he("80", &wide), Band::Ghz5, (1201.0, 80, 2, Some(11))),
            (he("160", &wide), Band::Ghz5, (2402.0, 160, 2, Some(11))),
            (he("80", &wide), Band::Ghz2, (573.5, 40, 2, Some(11))),
            (he("80", &HePhy::default()), Band::Ghz5, (286.8, 20, 2, Some(11))),
            (eht("80"), Band::Ghz6, (1441.2, 80, 2, Some(13))),
            (eht("160"), Band::Ghz6, (2882.4, 160, 2, Some(13))),
            (eht("320"), Band::Ghz6, (5764.7, 320, 2, Some(13))),
            (eht("20"), Band::Ghz2, (344.1, 20, 2, Some(13))),
        ] {
            assert_eq!(mbps(&radio, band), Some(rate));
        }
    }
}
