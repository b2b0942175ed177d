//! What tshark is asked for.

use airlens::dot11::element::{CapabilityField, ElementId};

/// Fields without those of single bits.
const FIELDS: [&str; 58] = [
    "frame.number",
    "_ws.malformed",
    "wlan.wfa.ie.wme.subtype",
    "wlan.wfa.ie.wme.version",
    "wlan.wfa.ie.wme.qos_info",
    "wlan.wfa.ie.wme.qos_info.sta.max_sp_length",
    "wlan.wfa.ie.wme.qos_info.sta.ac_vo",
    "wlan.wfa.ie.wme.qos_info.sta.ac_vi",
    "wlan.wfa.ie.wme.qos_info.sta.ac_bk",
    "wlan.wfa.ie.wme.qos_info.sta.ac_be",
    "wlan.wfa.ie.wpa.mcs.type",
    "wlan.wfa.ie.wpa.ucs.type",
    "wlan.wfa.ie.wpa.type",
    "wlan.wfa.ie.mbo_oce.attr_id",
    "wlan.wfa.ie.mbo.cellular_cap",
    "wlan.wfa.ie.mbo.non_pref_chan.op_class",
    "wlan.wfa.ie.mbo.non_pref_chan.chan",
    "wlan.wfa.ie.mbo.non_pref_chan.pref",
    "wlan.wfa.ie.mbo.non_pref_chan.reason",
    "wlan.wfa.ie.oce.cap.release",
    "wlan.wfa.ie.oce.cap.sta_cfon",
    "wlan.hs20.indication.version_number",
    "wlan.hs20.indication.pps_mo_id",
    "wlan.hs20.indication.domain_id",
    "wlan.hs20.indication.dgaf_disabled",
    "wlan.aironet.version",
    "wps.version",
    "wps.ext.version2",
    "wps.device_name",
    "wps.manufacturer",
    "wps.model_name",
    "wps.model_number",
    "wps.serial_number",
    "wps.uuid_e",
    "wps.config_methods",
    "wps.rf_bands",
    "wps.request_type",
    "wps.device_password_id",
    "wps.primary_device_type",
    "wifi_p2p.p2p_capability.device_capability",
    "wifi_p2p.p2p_capability.group_capability",
    "wifi_p2p.listen_channel.operating_class",
    "wifi_p2p.listen_channel.channel_number",
    "wifi_p2p.dev_info.p2p_dev_addr",
    "wifi_p2p.dev_info.dev_name",
    "wifi_p2p.dev_info.config_methods",
    "wifi_p2p.dev_info.pri_dev_type",
    "wifi_display.subelem.dev_info.type",
    "wifi_display.subelem.dev_info.available",
    "wifi_display.subelem.dev_info.content_protection",
    "wifi_display.subelem.dev_info.control_port",
    "wifi_display.subelem.dev_info.max_throughput",
    "wlan.tag.he_6ghz.cap_inf.b0_b2",
    "wlan.tag.he_6ghz.cap_inf.b3_b5",
    "wlan.tag.he_6ghz.cap_inf.b6_b7",
    "wlan.tag.he_6ghz.cap_inf.b9b_b10",
    "wlan.ext_tag.he_phy_cap.device_class",
    "wlan.supopeclass.current",
];

/// Fields of RSN Extension and of single bits, by the bit's number.
const RSNX: [(usize, &str); 2] = [
    (4, "wlan.rsnx.protected_twt_operations_support"),
    (5, "wlan.rsnx.sae_hash_to_element"),
];

pub(crate) fn bit_fields(field: CapabilityField) -> Vec<(usize, String)> {
    match field {
        CapabilityField::RadioMeasurement => (0..36)
            .filter_map(|bit| {
                Some(match bit {
                    18 => (bit, "wlan.rmcap.b18to20".to_owned()),
                    21 => (bit, "wlan.rmcap.b21to23".to_owned()),
                    24 => (bit, "wlan.rmcap.b24to26".to_owned()),
                    19 | 20 | 22 | 23 | 25 | 26 => return None,
                    _ => (bit, format!("wlan.rmcap.b{bit}")),
                })
            })
            .collect(),
        CapabilityField::Extended => (0..96)
            .filter_map(|bit| {
                Some(match bit {
                    41 => (bit, "wlan.extcap.serv_int_granularity".to_owned()),
                    42 | 43 | 64 => return None,
                    _ => (bit, format!("wlan.extcap.b{bit}")),
                })
            })
            .collect(),
        CapabilityField::RsnExtension => RSNX.map(|(bit, field)| (bit, field.to_owned())).to_vec(),
    }
}

pub(crate) const BIT_FIELDS: [(CapabilityField, ElementId); 3] = [
    (CapabilityField::RadioMeasurement, ElementId::RM_CAPABILITIES),
    (CapabilityField::Extended, ElementId::EXTENDED_CAPABILITIES),
    (CapabilityField::RsnExtension, ElementId::RSNX),
];

/// Every field that tshark is asked for.
pub(crate) fn fields() -> Vec<String> {
    let bits = BIT_FIELDS.into_iter().flat_map(|(field, _)| bit_fields(field));
    let six_ghz = (11..14).map(|bit| format!("wlan.tag.he_6ghz.cap_inf.b{bit}"));
    let fields = FIELDS.iter().map(|&field| field.to_owned());
    fields.chain(bits.map(|(_, field)| field)).chain(six_ghz).collect()
}
