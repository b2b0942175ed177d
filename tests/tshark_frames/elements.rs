//! The elements of an access point, one or a few in each beacon.

use airlens::dot11::{
    element::*,
    emit::{Body, ElementWriter, Network, Payload},
};

use super::{AP, Case, case};

/// A beacon with this element alone.
pub(super) fn of<P: Payload>(
    name: &'static str,
    network: Network,
    element: &P,
    fields: &[(&'static str, &str)],
) -> Case {
    let mut elements = ElementWriter::new();
    elements.put(element);
    case(name, &Body::Beacon(network), &elements, fields)
}

pub(super) fn cases(network: Network) -> Vec<Case> {
    let mut cases = basic(network);
    cases.extend(channels(network));
    cases
}

fn basic(network: Network) -> Vec<Case> {
    let tim = Tim {
        dtim_count: 1,
        dtim_period: 2,
        control: 3,
        bitmap: vec![0x04, 0x01],
    };
    let country = Country {
        string: *b"DE ",
        triplets: [[201, 131, 0], [1, 24, 23], [97, 24, 20]]
            .map(CountryTriplet::read)
            .into(),
    };
    let ft = FastBssTransition {
        control: 3 << 8,
        mic: vec![7; 16],
        anonce: [8; 32],
        snonce: [9; 32],
        subelements: vec![
            (FastBssTransition::R0KH_ID, b"ap".to_vec()),
            (FastBssTransition::R1KH_ID, AP.0.to_vec()),
        ],
    };
    vec![
        of(
            "DSSS",
            network,
            &DsssParameterSet { channel: 6 },
            &[("wlan.ds.current_channel", "6")],
        ),
        of(
            "TIM",
            network,
            &tim,
            &[
                ("wlan.tim.dtim_count", "1"),
                ("wlan.tim.dtim_period", "2"),
                ("wlan.tim.bmapctl", "0x03"),
                ("wlan.tim.partial_virtual_bitmap", "0401"),
            ],
        ),
        of(
            "Country",
            network,
            &country,
            &[
                ("wlan.country_info.code", "DE"),
                ("wlan.country_info.rrc.oei", "201"),
                ("wlan.country_info.rrc.oc", "131"),
                ("wlan.country_info.fnm.fcn", "1|97"),
                ("wlan.country_info.fnm.nc", "24|24"),
                ("wlan.country_info.fnm.mtpl", "23|20"),
            ],
        ),
        of(
            "BSS Load",
            network,
            &BssLoad {
                stations: 3,
                utilization: 128,
                admission_capacity: 0,
            },
            &[
                ("wlan.qbss.scount", "3"),
                ("wlan.qbss.cu", "128"),
                ("wlan.qbss.adc", "0"),
            ],
        ),
        of(
            "Power Constraint",
            network,
            &PowerConstraint { decibels: 3 },
            &[("wlan.powercon.local", "3")],
        ),
        of(
            "Mobility Domain",
            network,
            &MobilityDomain {
                id: 0xb2a1,
                capability: 1,
            },
            &[
                ("wlan.mobility_domain.mdid", "0xb2a1"),
                ("wlan.mobility_domain.ft_capab", "0x01"),
            ],
        ),
        of(
            "Fast BSS Transition",
            network,
            &ft,
            &[
                ("wlan.ft.mic_control.element_count", "3"),
                ("wlan.ft.mic", &"07".repeat(16)),
                ("wlan.ft.anonce", &"08".repeat(32)),
                ("wlan.ft.snonce", &"09".repeat(32)),
                ("wlan.ft.subelem.id", "3|1"),
                ("wlan.ft.subelem.r0kh_id", "6170"),
                ("wlan.ft.subelem.r1kh_id", "020000000001"),
            ],
        ),
        of(
            "QoS Capability",
            network,
            &QosCapability { info: 0x14 },
            &[("wlan.fixed.qosinfo.ap", "0x14")],
        ),
    ]
}

fn channels(network: Network) -> Vec<Case> {
    let ht = HtOperation {
        primary: 36,
        information: [5, 0x40 | 3, 6, 0, 0],
        basic_mcs: [0; 16],
    };
    let vht = VhtOperation {
        channel: VhtChannel([1, 42, 50]),
        basic_mcs: 0xfffc,
    };
    let eirp = TransmitPowerEnvelope {
        interpretation: 0,
        category: 0,
        count: 3,
        powers: vec![46, 46, 40, -2],
        extension: vec![],
    };
    vec![
        of(
            "Channel Switch",
            network,
            &ChannelSwitch {
                mode: 1,
                channel: 40,
                count: 5,
            },
            &[
                ("wlan.csa.channel_switch_mode", "1"),
                ("wlan.csa.new_channel_number", "40"),
                ("wlan.csa.channel_switch.count", "5"),
            ],
        ),
        of(
            "Extended Channel Switch",
            network,
            &ExtendedChannelSwitch {
                mode: 0,
                class: 115,
                channel: 40,
                count: 5,
            },
            &[("wlan.extchansw.switchcount", "0x00000005")],
        ),
        of(
            "HT Operation",
            network,
            &ht,
            &[
                ("wlan.ht.info.primarychannel", "36"),
                ("wlan.ht.info.secchanoffset", "0x01"),
                ("wlan.ht.info.chanwidth", "1"),
                ("wlan.ht.info.ht_protection", "0x0003"),
                ("wlan.ht.info.chan_center_freq_seg_2", "50"),
            ],
        ),
        of(
            "VHT Operation",
            network,
            &vht,
            &[
                ("wlan.vht.op.channelwidth", "1"),
                ("wlan.vht.op.channelcenter0", "42"),
                ("wlan.vht.op.channelcenter1", "50"),
                ("wlan.vht.op.basicmcsmap", "0xfffc"),
            ],
        ),
        of(
            "Transmit Power Envelope",
            network,
            &eirp,
            &[
                ("wlan.vht.tpe.pwr_info.count", "3"),
                ("wlan.vht.tpe.pwr_constr_20", "46"),
                ("wlan.vht.tpe.pwr_constr_80", "40"),
                ("wlan.vht.tpe.pwr_constr_160", "-2"),
            ],
        ),
        of(
            "HE Operation",
            network,
            &HeOperation {
                parameters: 4 | 8 | 1023 << 4,
                color: 0x05,
                basic_mcs: 0xfffc,
                vht: Some(VhtChannel([1, 42, 0])),
                co_hosted: Some(2),
                six_ghz: Some(SixGhzOperation {
                    primary: 37,
                    control: 3 | 1 << 3,
                    segments: [39, 47],
                    minimum_rate: 6,
                }),
            },
            &[
                ("wlan.ext_tag.he_operation.default_pe_duration", "4"),
                ("wlan.ext_tag.he_operation.twt_required", "1"),
                ("wlan.ext_tag.he_operation.txop_duration_rts_thresh", "1023"),
                ("wlan.ext_tag.bss_color_information.bss_color", "0x05"),
                ("wlan.ext_tag.he_operation.basic_he_mcs_and_nss", "0xfffc"),
                ("wlan.ext_tag.he_operation.vht_op_info.chan_center_freq_seg_0", "42"),
                ("wlan.ext_tag.he_operation.max_co_hosted_bssid_indicator", "2"),
                ("wlan.ext_tag.he_operation.6ghz.primary_channel", "37"),
                ("wlan.ext_tag.he_operation.6ghz.control.channel_width", "3"),
                ("wlan.ext_tag.he_operation.6ghz.control.regulatory_info", "1"),
                ("wlan.ext_tag.he_operation.6ghz.chan_center_freq_seg_0", "39"),
                ("wlan.ext_tag.he_operation.6ghz.minimum_rate", "6"),
            ],
        ),
        of(
            "MU EDCA",
            network,
            &MuEdca {
                qos_info: 1,
                records: [[3, 0xa4, 8], [0x27, 0xa4, 8], [0x42, 0x43, 8], [0x62, 0x32, 8]],
            },
            &[
                ("wlan.ext_tag.mu_edca_parameter_set.aic_aifsn", "0x03|0x27|0x42|0x62"),
                (
                    "wlan.ext_tag.mu_edca_parameter_set.ecwmin_ecwmax",
                    "0xa4|0xa4|0x43|0x32",
                ),
                (
                    "wlan.ext_tag.mu_edca_parameter_set.mu_edca_timer",
                    "0x08|0x08|0x08|0x08",
                ),
            ],
        ),
        of(
            "Spatial Reuse",
            network,
            &SpatialReuse {
                control: 0,
                non_srg_max_offset: Some(20),
                group: Some(SpatialReuseGroup {
                    offsets: [3, 9],
                    colors: 2,
                    bssids: 4,
                }),
            },
            &[
                ("wlan.ext_tag.spatial_reuse.non_srg_obss_pd_max_offset", "20"),
                ("wlan.ext_tag.spatial_reuse.srg_obss_pd_min_offset", "3"),
                ("wlan.ext_tag.spatial_reuse.srg_obss_pd_max_offset", "9"),
                ("wlan.ext_tag.spatial_reuse.srg_bss_color_bitmap", "0200000000000000"),
                (
                    "wlan.ext_tag.spatial_reuse.srg_partial_bssid_bitmap",
                    "0400000000000000",
                ),
            ],
        ),
    ]
}
