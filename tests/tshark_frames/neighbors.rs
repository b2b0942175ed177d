//! Elements about other networks, and those that tshark 4.0 doesn't know.

use airlens::dot11::{
    Address,
    element::*,
    emit::{BasicMultiLink, Body, ElementWriter, LinkProfile, Network},
};

use super::{AP, Case, case, elements::of};

pub(super) fn cases(network: Network) -> Vec<Case> {
    let mut cases = neighbors(network);
    cases.push(newest(network));
    cases
}

fn neighbors(network: Network) -> Vec<Case> {
    let mld = MldParameters {
        mld: 0,
        link: 2,
        change_count: 9,
        all_updates: false,
        disabled: false,
    };
    let neighbor = |mld| Neighbor {
        tbtt_offset: Some(254),
        bssid: Some(AP),
        short_ssid: Some(0x1234_5678),
        parameters: Some(0x42),
        psd: Some(-2),
        mld,
    };
    let report = |class, channel, neighbor| NeighborChannel {
        kind: 0,
        filtered: false,
        class,
        channel,
        aps: vec![TbttInformation::of(neighbor)],
    };
    let reduced = ReducedNeighborReport {
        channels: vec![report(131, 37, neighbor(Some(mld))), report(115, 36, neighbor(None))],
    };
    let mut nontransmitted = ElementWriter::new();
    nontransmitted
        .raw(ElementId::new(83), &[0x11, 0x04])
        .raw(ElementId::SSID, b"guest")
        .raw(ElementId::new(85), &[1]);
    let multiple = MultipleBssid {
        indicator: 3,
        profiles: vec![nontransmitted.octets().to_vec()],
    };
    let candidate = NeighborReport {
        bssid: Address([2, 0, 0, 0, 0, 7]),
        information: 0x8f,
        class: 115,
        channel: 36,
        phy: 9,
        subelements: vec![3, 1, 200],
    };
    let mut candidates = ElementWriter::new();
    candidates.put(&candidate);
    let transition = Body::Action {
        category: 10,
        fields: &[7, 1, 5, 100, 0, 255],
    };
    vec![
        of(
            "AP Channel Report",
            network,
            &ApChannelReport {
                class: 115,
                channels: vec![36, 40],
            },
            &[
                ("wlan.ap_channel_report.operating_class", "115"),
                ("wlan.ap_channel_report.channel_list", "36|40"),
            ],
        ),
        of(
            "Reduced Neighbor Report",
            network,
            &reduced,
            &[
                ("wlan.rnr.tbtt_info.info_len", "16|13"),
                ("wlan.rnr.tbtt_info.operating_class", "131|115"),
                ("wlan.rnr.tbtt_info.channel_num", "37|36"),
                ("wlan.rnr.tbtt_info.tbtt_offset", "254|254"),
                ("wlan.rnr.tbtt_info.bssid", "020000000001|020000000001"),
                ("wlan.rnr.tbtt_info.bss_parameters", "0x42|0x42"),
                ("wlan.rnr.tbtt_info.mld_parameters.link_id", "0x000002"),
                ("wlan.rnr.tbtt_info.mld_parameters.bss_params_change_count", "0x000009"),
            ],
        ),
        Case {
            within: &["83", "0", "85"],
            ..of(
                "Multiple BSSID",
                network,
                &multiple,
                &[("wlan.multiple_bssid", "3"), ("wlan.ssid", "6775657374")],
            )
        },
        case(
            "BSS Transition",
            &transition,
            &candidates,
            &[
                ("wlan.fixed.disassoc_timer", "100"),
                ("wlan.fixed.validity_interval", "255"),
                ("wlan.nreport.bssid", "02:00:00:00:00:07"),
                ("wlan.nreport.opeclass", "115"),
                ("wlan.nreport.channumber", "36"),
                ("wlan.nreport.subelem.bss_trn_can_pref", "200"),
            ],
        ),
    ]
}

fn newest(network: Network) -> Case {
    let mut elements = ElementWriter::new();
    let eht = EhtOperation {
        parameters: 0,
        basic_mcs: [0x44; 4],
        channel: Some(EhtChannel {
            control: 4,
            segments: [39, 31],
            disabled: Some(0x30),
        }),
    };
    let mut link = ElementWriter::new();
    link.raw(ElementId::VHT_CAPABILITIES, &[0; 12])
        .raw(ElementId::VENDOR, &[0x5a; 250]);
    let multi_link = BasicMultiLink {
        address: AP,
        link: Some(1),
        eml: Some(1),
        links: vec![LinkProfile {
            link: 2,
            complete: true,
            address: Some(AP),
            elements: link.octets(),
            ..LinkProfile::default()
        }],
        ..BasicMultiLink::default()
    };
    elements.put(&eht).put(&multi_link).raw(ElementId::RSNX, &[0x20]);
    let fields = [("wlan.rsnx.sae_hash_to_element", "1")];
    let mut case = case("EHT", &Body::Beacon(network), &elements, &fields);
    case.unknown = Some("Dissector for 802.11 ");
    case.within = &["242"];
    case
}
