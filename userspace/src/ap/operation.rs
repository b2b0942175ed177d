//! Where the network is and how: the operation elements, Country, and the powers that are allowed.

use super::ApOptions;
use crate::dot11::{
    Band, ChannelWidth, Tuning,
    element::{
        Country, CountryTriplet, EhtChannel, EhtOperation, HeOperation, HtOperation, SixGhzOperation,
        TransmitPowerEnvelope, VhtChannel, VhtOperation,
    },
};

/// MCS 0 to 7 with one stream: what each station has to have.
const BASIC_MCS: u16 = 0xfffc;

/// Channel Center Frequency Segments 0 and 1: the second is the centre where the width is `wide`, then the first is that of
/// the half with the primary channel (9.4.2.158, IEEE Std 802.11ax-2021 9.4.2.249, IEEE Std 802.11be-2024 9.4.2.321).
fn segments(tuning: Tuning, wide: ChannelWidth, half: ChannelWidth) -> [u8; 2] {
    if tuning.width() == wide {
        [tuning.within(half).center_number(), tuning.center_number()]
    } else {
        [tuning.center_number(), 0]
    }
}

/// 2.4 and 5 GHz.
pub(super) fn ht(tuning: Tuning) -> HtOperation {
    let offset = match tuning.secondary() {
        0 => 0,
        // Above or below, and STA Channel Width 40 MHz.
        1.. => 1 | 4,
        _ => 3 | 4,
    };
    HtOperation {
        primary: tuning.channel().number(),
        information: [offset, 0, 0, 0, 0],
        basic_mcs: [0; 16],
    }
}

/// 5 GHz.
pub(super) fn vht(tuning: Tuning) -> VhtOperation {
    let [segment_0, segment_1] = segments(tuning, ChannelWidth::Mhz160, ChannelWidth::Mhz80);
    VhtOperation {
        channel: VhtChannel(if tuning.width() < ChannelWidth::Mhz80 {
            [0; 3]
        } else {
            [1, segment_0, segment_1]
        }),
        basic_mcs: BASIC_MCS,
    }
}

pub(super) fn he(options: &ApOptions) -> HeOperation {
    let [.., last] = options.bssid.0;
    HeOperation {
        // Default PE Duration 16 µs; TXOP Duration RTS Threshold: none.
        parameters: 4 | 1023 << 4,
        // One of 1 to 63, so that networks beside each other have different ones.
        color: 1 + last % 63,
        basic_mcs: BASIC_MCS,
        // VHT Operation says it.
        vht: None,
        co_hosted: None,
        six_ghz: (options.band() == Band::Ghz6).then(|| six_ghz(options.tuning)),
    }
}

/// What HE stations read: 160 MHz at the most.
fn six_ghz(tuning: Tuning) -> SixGhzOperation {
    let tuning = tuning.within(ChannelWidth::Mhz160);
    SixGhzOperation {
        primary: tuning.channel().number(),
        // The width; Regulatory Info 0, an indoor access point.
        control: width_code(tuning),
        segments: segments(tuning, ChannelWidth::Mhz160, ChannelWidth::Mhz80),
        minimum_rate: 6,
    }
}

/// 0 for 20 MHz, one more for each twice as wide.
fn width_code(tuning: Tuning) -> u8 {
    (tuning.width().mhz() / 20).ilog2() as u8
}

/// The channel only where the other elements don't say it: of 320 MHz.
pub(super) fn eht(tuning: Tuning) -> EhtOperation {
    EhtOperation {
        parameters: 0,
        // One stream with MCS 0 to 7.
        basic_mcs: [0x11, 0, 0, 0],
        channel: (tuning.width() == ChannelWidth::Mhz320).then(|| EhtChannel {
            control: width_code(tuning),
            segments: segments(tuning, ChannelWidth::Mhz320, ChannelWidth::Mhz160),
            disabled: None,
        }),
    }
}

/// Supported Operating Classes (9.4.2.53): the current one, then all around the channel, wider ones last.
pub(super) fn classes(tuning: Tuning) -> Vec<u8> {
    let widths = ChannelWidth::DOWN
        .into_iter()
        .rev()
        .filter(|&width| width <= tuning.width());
    let all = widths.map(|width| tuning.within(width).operating_class());
    [tuning.operating_class()].into_iter().chain(all).collect()
}

/// Country (9.4.2.8). In 6 GHz each run of channels stands behind its operating class, in the global table of Annex E, and a
/// class that is wider than 20 MHz has none.
pub(super) fn country(options: &ApOptions) -> Country {
    let [first, second] = options.country;
    let six_ghz = options.band() == Band::Ghz6;
    let mut triplets = if options.subbands.is_empty() {
        vec![own_channels(options)]
    } else {
        options.subbands.clone()
    };
    let class = |class| CountryTriplet::Operating {
        extension: 201,
        class,
        coverage: 0,
    };
    let classes = |triplet: &CountryTriplet| matches!(triplet, CountryTriplet::Operating { .. });
    if six_ghz && !triplets.iter().any(classes) {
        let narrow = Tuning::narrow(options.tuning.channel());
        triplets.insert(0, class(narrow.operating_class()));
        if options.tuning != narrow {
            triplets.push(class(options.tuning.operating_class()));
        }
    }
    triplets.truncate(ApOptions::TRIPLETS);
    Country {
        string: [first, second, if six_ghz { 4 } else { b' ' }],
        triplets,
    }
}

/// The channels of the tuning; in 2.4 GHz, where they overlap, 1 to 11, or 13 where the channel is one of these.
fn own_channels(options: &ApOptions) -> CountryTriplet {
    let (tuning, channel) = (options.tuning, options.tuning.channel().number());
    let (first, channels) = if options.band() == Band::Ghz2 {
        (1, if channel > 11 { 13 } else { 11 })
    } else {
        // The centre of the lowest 20 MHz.
        let count = (tuning.width().mhz() / 20) as u8;
        (tuning.center_number() - 2 * (count - 1), count)
    };
    CountryTriplet::Subband {
        first,
        channels,
        max_power: options.max_power,
    }
}

/// Local Power Constraint (9.4.2.13): stations keep 3 dB below the limit where radars are (as hostapd asks them to), as they
/// have no other transmit power control.
pub(super) fn power_constraint(options: &ApOptions) -> u8 {
    let (low, high) = options.tuning.edges();
    // U-NII-2A and U-NII-2C.
    let radar = low < 5350 && high > 5250 || low < 5730 && high > 5470;
    if radar { 3 } else { 0 }
}

/// Transmit Power Envelopes (9.4.2.161): of each width in 5 GHz; in 6 GHz that, and the density for clients of an indoor
/// access point, for default and for subordinate devices (IEEE Std 802.11ax-2021 E.2.7), which holds for 320 MHz too: readers
/// that are older than EHT take an envelope that goes on behind 160 MHz for a broken one.
pub(super) fn power_envelopes(options: &ApOptions) -> Vec<TransmitPowerEnvelope> {
    let count = width_code(options.tuning).min(3);
    // In half dBm; 63.5 dBm stand for more too.
    let power = options.max_power.saturating_sub(power_constraint(options)).min(63) * 2;
    let power = power.cast_signed();
    let eirp = TransmitPowerEnvelope {
        interpretation: 0,
        category: 0,
        count,
        powers: vec![power; usize::from(count) + 1],
        extension: Vec::new(),
    };
    let density = |category| TransmitPowerEnvelope {
        interpretation: 3,
        category,
        count: 0,
        powers: vec![options.psd.saturating_mul(2)],
        extension: Vec::new(),
    };
    match options.band() {
        Band::Ghz5 => vec![eirp],
        Band::Ghz6 => vec![eirp, density(0), density(1)],
        Band::Ghz2 | Band::Unknown => Vec::new(),
    }
}
