//! tshark's names for what is announced.

use airlens::{ap::Announcement, dot11::ChannelWidth};
use anyhow::{Context as _, Result};

use super::{dissect, options, tuning};

/// Fields and their values in 2.4, 5 and 6 GHz alike; those of an element that tells several are in its order.
const EVERYWHERE: [(&str, &str); 72] = [
    ("wlan.fc.type_subtype", "0x0008"),
    ("wlan.seq", "7"),
    ("wlan.duration", "0"),
    ("wlan.fixed.timestamp", "72623859790382856"),
    ("wlan.fixed.beacon", "100"),
    ("wlan.ssid", "6169726c656e73"),
    ("wlan.tim.dtim_count", "2"),
    ("wlan.tim.dtim_period", "3"),
    ("wlan.country_info.code", "DE"),
    ("wlan.country_info.fnm.mtpl", "20"),
    ("wlan.rsn.gcs.type", "4"),
    ("wlan.rsn.pcs.type", "4|9"),
    ("wlan.rsn.gmcs.type", "6"),
    ("wlan.rmcap.b0", "1"),
    ("wlan.rmcap.b1", "1"),
    ("wlan.rmcap.b4", "1"),
    ("wlan.rmcap.b5", "1"),
    ("wlan.rmcap.b6", "1"),
    ("wlan.mobility_domain.mdid", "0x1234"),
    ("wlan.extcap.b2", "1"),
    ("wlan.extcap.b19", "1"),
    ("wlan.extcap.b48", "1"),
    ("wlan.extcap.b62", "1"),
    ("wlan.extcap.b78", "1"),
    ("wlan.rsnx.sae_hash_to_element", "1"),
    ("wlan.ext_tag.he_mac_cap.htc_he_support", "1"),
    ("wlan.ext_tag.he_mac_cap.twt_rsp_support", "1"),
    ("wlan.ext_tag.he_mac_cap.bsr_support", "1"),
    ("wlan.ext_tag.he_mac_cap.broadcast_twt_support", "1"),
    ("wlan.ext_tag.he_mac_cap.om_control_support", "1"),
    ("wlan.ext_tag.he_mac_cap.max_a_mpdu_len_exp_ext", "3"),
    ("wlan.ext_tag.he_mac_cap.ofdma_ra_support", "0"),
    ("wlan.ext_tag.he_phy_cap.ldpc_coding_in_payload", "1"),
    ("wlan.ext_tag.he_phy_cap.he_su_ppdu_with_1x_he_ltf_08us", "1"),
    ("wlan.ext_tag.he_phy_cap.ndp_with_4x_he_ltf_4x_3.2us", "1"),
    ("wlan.ext_tag.he_phy_cap.stbc_tx_lt_80mhz", "1"),
    ("wlan.ext_tag.he_phy_cap.stbc_rx_lt_80mhz", "1"),
    ("wlan.ext_tag.he_phy_cap.full_bw_ul_mu_mimo", "1"),
    ("wlan.ext_tag.he_phy_cap.su_beamformer", "1"),
    ("wlan.ext_tag.he_phy_cap.su_beamformee", "1"),
    ("wlan.ext_tag.he_phy_cap.mu_beamformer", "1"),
    ("wlan.ext_tag.he_phy_cap.beamformee_sts_lte_80mhz", "0x0003"),
    ("wlan.ext_tag.he_phy_cap.no_sounding_dims_lte_80", "3"),
    ("wlan.ext_tag.he_phy_cap.ng_eq_16_su_fb", "1"),
    ("wlan.ext_tag.he_phy_cap.ng_eq_16_mu_fb", "1"),
    ("wlan.ext_tag.he_phy_cap.trig_su_bf_fb", "1"),
    ("wlan.ext_tag.he_phy_cap.trig_cqi_fb", "1"),
    ("wlan.ext_tag.he_phy_cap.partial_bw_er", "1"),
    ("wlan.ext_tag.he_phy_cap.ppe_thres_present", "0"),
    ("wlan.ext_tag.he_phy_cap.he_su_ppdu_etc_gi", "1"),
    ("wlan.ext_tag.he_phy_cap.he_er_su_ppdu_4xxx_gi", "1"),
    ("wlan.ext_tag.he_phy_cap.tx_1024_qam_support_lt_242_tone_ru", "1"),
    ("wlan.ext_tag.he_phy_cap.rx_1024_qam_support_lt_242_tone_ru", "1"),
    ("wlan.ext_tag.he_phy_cap.nominal_packet_padding", "2"),
    ("wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_4_ss", "0x0002"),
    ("wlan.ext_tag.he_mcs_map.max_he_mcs_80_rx_5_ss", "0x0003"),
    ("wlan.ext_tag.bss_color_information", "0x35"),
    ("wlan.ext_tag.he_operation.basic_he_mcs_and_nss", "0xfffc"),
    ("wlan.ext_tag.he_operation.default_pe_duration", "4"),
    ("wlan.ext_tag.he_operation.er_su_disable", "0"),
    ("wlan.ext_tag.he_operation.twt_required", "0"),
    ("wlan.ext_tag.he_operation.txop_duration_rts_thresh", "1023"),
    ("wlan.ext_tag.mu_edca_parameter_set.aifsn", "3|7|2|2"),
    (
        "wlan.ext_tag.mu_edca_parameter_set.ecwmin_ecwmax",
        "0xa4|0xa4|0x73|0x72",
    ),
    (
        "wlan.ext_tag.mu_edca_parameter_set.mu_edca_timer",
        "0x28|0x28|0x28|0x28",
    ),
    ("wlan.ext_tag.spatial_reuse.sr_control", "0x03"),
    ("wlan.wfa.ie.wme.acp.aci", "0|1|2|3"),
    ("wlan.wfa.ie.wme.acp.aifsn", "3|7|2|2"),
    ("wlan.wfa.ie.wme.acp.txop_limit", "0|0|94|47"),
    ("wlan.wfa.ie.wme.qos_info.ap.parameter_set_count", "0x01"),
    ("wlan.wfa.ie.wme.qos_info.ap.u_apsd", "1"),
    ("wlan.tag.oui", "20722|3227993"),
];

/// Fields with other values in each of channel 11 of 2.4 GHz, 40 MHz wide; channel 52 of 5 GHz, where radars are, 160 MHz
/// wide; channel 37 of 6 GHz, 320 MHz wide.
const BY_BAND: [(&str, [&str; 3]); 45] = [
    ("wlan.fixed.capabilities", ["0x1531", "0x1111", "0x1111"]),
    (
        "wlan.supported_rates",
        [
            "0x82|0x84|0x8b|0x96|0x0c|0x12|0x18|0x24",
            "0x8c|0x12|0x98|0x24|0xb0|0x48|0x60|0x6c",
            "0x8c|0x12|0x98|0x24|0xb0|0x48|0x60|0x6c",
        ],
    ),
    ("wlan.extended_supported_rates", ["0x30|0x48|0x60|0x6c", "", "0xfb"]),
    ("wlan.ds.current_channel", ["11", "", ""]),
    ("wlan.country_info.environment", ["32", "32", "4"]),
    ("wlan.country_info.fnm.fcn", ["1", "36", "1"]),
    ("wlan.country_info.fnm.nc", ["11", "8", "16"]),
    ("wlan.country_info.rrc.oc", ["", "", "131|137"]),
    ("wlan.powercon.local", ["0", "3", "0"]),
    ("wlan.erp_info", ["0x00", "", ""]),
    ("wlan.rsn.akms.type", ["2|4|8|9", "2|4|8|9", "8|9"]),
    ("wlan.rsn.capabilities", ["0x008c", "0x008c", "0x00cc"]),
    ("wlan.supopeclass.current", ["84", "129", "137"]),
    ("wlan.ht.capabilities", ["0x19ef", "0x09ef", ""]),
    ("wlan.ht.ampduparam.maxlength", ["0x03", "0x03", ""]),
    (
        "wlan.ht.mcsset.rxbitmask.24to31",
        ["0x000000ff|0x00000000", "0x000000ff|0x00000000", ""],
    ),
    ("wlan.ht.mcsset.txsetdefined", ["1|0", "1|0", ""]),
    ("wlan.ht.info.primarychannel", ["11", "52", ""]),
    ("wlan.ht.info.secchanoffset", ["0x03", "0x01", ""]),
    ("wlan.ht.info.chanwidth", ["1", "1", ""]),
    ("wlan.extcap.b0", ["1", "0", "0"]),
    ("wlan.vht.capabilities", ["", "0x33cb79f6", ""]),
    ("wlan.vht.mcsset.rxmcsmap", ["", "0xffaa", ""]),
    ("wlan.vht.mcsset.txmcsmap", ["", "0xffaa", ""]),
    ("wlan.vht.op.channelwidth", ["", "1", ""]),
    ("wlan.vht.op.channelcenter0", ["", "58", ""]),
    ("wlan.vht.op.channelcenter1", ["", "50", ""]),
    ("wlan.vht.op.basicmcsmap", ["", "0xfffc", ""]),
    ("wlan.vht.tpe.pwr_info.count", ["", "3", "3|0|0"]),
    ("wlan.vht.tpe.pwr_info.unit", ["", "0", "0|3|3"]),
    ("wlan.vht.tpe.pwr_constr_20", ["", "34", "40|-2|-2"]),
    ("wlan.vht.tpe.pwr_constr_160", ["", "34", "40"]),
    (
        "wlan.ext_tag.he_phy_cap.chan_width_set.40mhz_in_2_4ghz",
        ["1", "0", "0"],
    ),
    ("wlan.ext_tag.he_phy_cap.chan_width_set.40_80_in_5ghz", ["0", "1", "1"]),
    ("wlan.ext_tag.he_phy_cap.chan_width_set.160_in_5ghz", ["0", "1", "1"]),
    (
        "wlan.ext_tag.he_phy_cap.punc_preamble_rx",
        ["0x0000", "0x000f", "0x000f"],
    ),
    (
        "wlan.ext_tag.he_phy_cap.beamformee_sts_gt_80mhz",
        ["0x0000", "0x0003", "0x0003"],
    ),
    ("wlan.ext_tag.he_phy_cap.no_sounding_dims_gt_80", ["0", "3", "3"]),
    (
        "wlan.ext_tag.he_mcs_map.max_he_mcs_160_rx_4_ss",
        ["", "0x0002", "0x0002"],
    ),
    ("wlan.ext_tag.he_operation.6ghz.chan_center_freq_seg_0", ["", "", "39"]),
    ("wlan.ext_tag.he_operation.6ghz.chan_center_freq_seg_1", ["", "", "47"]),
    ("wlan.ext_tag.he_operation.6ghz.control", ["", "", "0x03"]),
    ("wlan.ext_tag.he_operation.6ghz.minimum_rate", ["", "", "6"]),
    ("wlan.ext_tag.he_operation.6ghz.primary_channel", ["", "", "37"]),
    ("wlan.tag.he_6ghz.cap_inf", ["", "", "0x36b8"]),
];

#[test]
fn tshark_reads_what_is_announced() -> Result<()> {
    let mut beacons = Vec::new();
    for (channel, width) in [
        ("11", ChannelWidth::Mhz40),
        ("52", ChannelWidth::Mhz160),
        ("6g37", ChannelWidth::Mhz320),
    ] {
        let tuning = tuning(channel, width)?.context("no such channel")?;
        beacons.push(Announcement::new(&options(tuning))?.beacon(0x0102_0304_0506_0708, 7, 2));
    }
    let everywhere = EVERYWHERE.map(|(field, value)| (field, [value; 3]));
    let rows: Vec<_> = everywhere.into_iter().chain(BY_BAND).collect();
    let fields: Vec<_> = rows.iter().map(|(field, _)| *field).collect();
    let mut differing = Vec::new();
    for (band, theirs) in dissect(&beacons, &fields)?.into_iter().enumerate() {
        for ((field, values), theirs) in rows.iter().zip(theirs) {
            if theirs != values[band] {
                differing.push(format!("beacon {band}: {field}: {}, tshark {theirs}", values[band]));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    Ok(())
}
