//! What an access point says that it can do: as much as there is, in every width of the band, with four spatial streams and
//! the highest MCS, whatever the radio can. Stations leave out what the network could not use.

use super::ApOptions;
use crate::dot11::{
    Band,
    element::McsMap,
    emit::{Eht, ExtendedCapabilities, Fields, He, HeSixGhz, Ht, RadioMeasurement, RsnExtension, Vht},
};

const STREAMS: u8 = 4;
/// Streams, antennas or columns, less one, as most fields count them.
const LESS_ONE: u32 = STREAMS as u32 - 1;

/// Requests for measurements that stations answer or refuse in one frame.
pub(super) fn radio_measurement() -> RadioMeasurement {
    RadioMeasurement(Fields::bits(&[
        RadioMeasurement::LINK,
        RadioMeasurement::NEIGHBOR_REPORT,
        RadioMeasurement::BEACON_PASSIVE,
        RadioMeasurement::BEACON_ACTIVE,
        RadioMeasurement::BEACON_TABLE,
    ]))
}

/// SAE by both ways of finding the password element.
pub(super) fn rsn_extension() -> RsnExtension {
    RsnExtension(Fields::bits(&[RsnExtension::SAE_HASH_TO_ELEMENT]))
}

/// Extended Capabilities. Not interworking: who sees it asks for information (GAS) before it joins, and nobody answers. No
/// FILS, no SAE password identifiers: with them stations would join in ways that don't end in an association request.
pub(super) fn extended(options: &ApOptions) -> ExtendedCapabilities {
    type Bit = ExtendedCapabilities;
    let is = u32::from;
    ExtendedCapabilities(Fields::of(&[
        (Bit::COEXISTENCE, is(options.band() == Band::Ghz2)),
        (Bit::CHANNEL_SWITCHING, 1),
        (Bit::BSS_TRANSITION, 1),
        (Bit::UTF_8_SSID, is(str::from_utf8(&options.ssid).is_ok())),
        (Bit::OPERATING_MODE_NOTIFICATION, 1),
        (Bit::TWT_RESPONDER, is(options.ax)),
    ]))
}

pub(super) fn ht(band: Band) -> Ht {
    Ht {
        information: Fields::of(&[
            (Ht::LDPC, 1),
            (Ht::WIDTH_40, 1),
            (Ht::SM_POWER_SAVE, 3),
            (Ht::SHORT_GI_20, 1),
            (Ht::SHORT_GI_40, 1),
            (Ht::TX_STBC, 1),
            (Ht::RX_STBC, 1),
            (Ht::LONG_A_MSDU, 1),
            (Ht::DSSS_CCK_40, (band == Band::Ghz2).into()),
        ]),
        max_ampdu: 3,
        streams: STREAMS,
    }
}

/// Of 5 GHz.
pub(super) fn vht() -> Vht {
    let mcs_9 = McsMap::up_to(STREAMS, 2);
    Vht {
        information: Fields::of(&[
            (Vht::MAX_MPDU, 2),
            (Vht::WIDTHS, 1),
            (Vht::RX_LDPC, 1),
            (Vht::SHORT_GI_80, 1),
            (Vht::SHORT_GI_160, 1),
            (Vht::TX_STBC, 1),
            (Vht::RX_STBC, 1),
            (Vht::SU_BEAMFORMER, 1),
            (Vht::SU_BEAMFORMEE, 1),
            (Vht::BEAMFORMEE_STS, LESS_ONE),
            (Vht::SOUNDING_DIMENSIONS, LESS_ONE),
            (Vht::MU_BEAMFORMER, 1),
            (Vht::HTC, 1),
            (Vht::MAX_AMPDU, 7),
            (Vht::RX_PATTERN, 1),
            (Vht::TX_PATTERN, 1),
        ]),
        rx_mcs: mcs_9,
        tx_mcs: mcs_9,
    }
}

pub(super) fn he(band: Band) -> He {
    let (wide, mcs_11) = (band != Band::Ghz2, [McsMap::up_to(STREAMS, 2); 2]);
    let above_80 = if wide { LESS_ONE } else { 0 };
    He {
        mac: Fields::of(&[
            (He::HTC, 1),
            (He::TWT_RESPONDER, 1),
            (He::BSR, 1),
            (He::BROADCAST_TWT, 1),
            (He::OM_CONTROL, 1),
            (He::MAX_AMPDU, 3),
        ]),
        phy: Fields::of(&[
            (He::WIDTH_40_GHZ_2, (!wide).into()),
            (He::WIDTH_80, wide.into()),
            (He::PUNCTURED_PREAMBLE, if wide { 0b1111 } else { 0 }),
            (He::LDPC, 1),
            (He::SU_1X_LTF, 1),
            (He::NDP_4X_LTF, 1),
            (He::TX_STBC, 1),
            (He::RX_STBC, 1),
            (He::UL_MU_MIMO, 1),
            (He::SU_BEAMFORMER, 1),
            (He::SU_BEAMFORMEE, 1),
            (He::MU_BEAMFORMER, 1),
            (He::BEAMFORMEE_STS_80, LESS_ONE),
            (He::BEAMFORMEE_STS_160, above_80),
            (He::SOUNDING_DIMENSIONS_80, LESS_ONE),
            (He::SOUNDING_DIMENSIONS_160, above_80),
            (He::NG_16_SU, 1),
            (He::NG_16_MU, 1),
            (He::TRIGGERED_SU_FEEDBACK, 1),
            (He::TRIGGERED_CQI, 1),
            (He::PARTIAL_EXTENDED_RANGE, 1),
            (He::SU_MU_4X_LTF, 1),
            (He::MAX_NC, LESS_ONE),
            (He::ER_SU_4X_LTF, 1),
            (He::TX_1024_QAM, 1),
            (He::RX_1024_QAM, 1),
            (He::PACKET_PADDING, 2),
        ]),
        mcs_80: mcs_11,
        mcs_160: wide.then_some(mcs_11),
    }
}

pub(super) fn six_ghz() -> HeSixGhz {
    HeSixGhz(Fields::of(&[
        (HeSixGhz::MAX_AMPDU, 7),
        (HeSixGhz::MAX_MPDU, 2),
        (HeSixGhz::SM_POWER_SAVE, 3),
        (HeSixGhz::RX_PATTERN, 1),
        (HeSixGhz::TX_PATTERN, 1),
    ]))
}

pub(super) fn eht(band: Band) -> Eht {
    let (wide, widest) = (band != Band::Ghz2, band == Band::Ghz6);
    let (at_160, at_320) = (if wide { LESS_ONE } else { 0 }, if widest { LESS_ONE } else { 0 });
    // Each of these fields has a bit for 80 MHz and less, then one for 160 and one for 320 MHz.
    let by_width = 1 | u32::from(wide) << 1 | u32::from(widest) << 2;
    let mcs_13 = [STREAMS << 4 | STREAMS; 3];
    Eht {
        mac: Fields::of(&[
            (Eht::EPCS, 1),
            (Eht::OM_CONTROL, 1),
            (Eht::RESTRICTED_TWT, 1),
            (Eht::SCS_TRAFFIC, 1),
            (Eht::MAX_MPDU, if wide { 0 } else { 2 }),
            (Eht::MAX_AMPDU, 1),
        ]),
        phy: Fields::of(&[
            (Eht::NDP_4X_LTF, 1),
            (Eht::SU_BEAMFORMER, 1),
            (Eht::SU_BEAMFORMEE, 1),
            (Eht::BEAMFORMEE_SS_80, LESS_ONE),
            (Eht::BEAMFORMEE_SS_160, at_160),
            (Eht::BEAMFORMEE_SS_320, at_320),
            (Eht::SOUNDING_DIMENSIONS_80, LESS_ONE),
            (Eht::SOUNDING_DIMENSIONS_160, at_160),
            (Eht::SOUNDING_DIMENSIONS_320, at_320),
            (Eht::NG_16_SU, 1),
            (Eht::NG_16_MU, 1),
            (Eht::TRIGGERED_SU_FEEDBACK, 1),
            (Eht::TRIGGERED_CQI, 1),
            (Eht::MU_4X_LTF, 1),
            (Eht::MAX_NC, LESS_ONE),
            (Eht::TX_4096_QAM, 1),
            (Eht::RX_4096_QAM, 1),
            (Eht::PACKET_PADDING, 2),
            (Eht::MCS_15, by_width << 1 | 1),
            (Eht::MCS_14, widest.into()),
            (Eht::MU_BEAMFORMER, by_width),
        ]),
        mcs_80: mcs_13,
        mcs_160: wide.then_some(mcs_13),
        mcs_320: widest.then_some(mcs_13),
    }
}
