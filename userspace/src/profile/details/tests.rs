use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::profile::tests::profile;

/// A vendor element.
fn vendor(oui: [u8; 3], content: &[u8]) -> Vec<u8> {
    let mut octets = vec![221, content.len() as u8 + 3];
    octets.extend(oui);
    octets.extend(content);
    octets
}

fn read(elements: &[u8]) -> Value {
    serde_json::to_value(Details::of(&profile(elements))).unwrap()
}

#[test]
fn a_request_without_them_says_so() {
    let details = read(&[0, 1, b'a']);
    for (key, value) in details.as_object().unwrap() {
        let expected = if key == "akm_names" { json!([]) } else { Value::Null };
        assert_eq!(*value, expected, "{key}");
    }
    assert_eq!(details.as_object().unwrap().len(), 19);
}

#[test]
fn programs_of_the_alliance() {
    let mut elements = vendor([0x00, 0x50, 0xf2], &[2, 0, 1, 0x2f]);
    elements.extend(vendor(
        [0x00, 0x50, 0xf2],
        &[1, 1, 0, 0, 0x50, 0xf2, 2, 1, 0, 0, 0x50, 0xf2, 2],
    ));
    elements.extend(vendor(
        [0x50, 0x6f, 0x9a],
        &[22, 3, 1, 3, 2, 4, 115, 36, 0, 9, 101, 1, 1],
    ));
    elements.extend(vendor([0x50, 0x6f, 0x9a], &[16, 0x22, 5, 0]));
    elements.extend(vendor([0x50, 0x6f, 0x9a], &[29, 0x50, 0x6f, 0x9a]));
    elements.extend(vendor([0x50, 0x6f, 0x9a], &[27, 6, 1, 0x80]));
    elements.extend(vendor([0x50, 0x6f, 0x9a], &[35, 1, 0x81]));
    elements.extend(vendor([0x00, 0x40, 0x96], &[3, 5]));
    let details = read(&elements);
    let expected = json!({
        "wmm": { "u_apsd": ["VO", "VI", "BK", "BE"], "max_service_period_frames": 2 },
        "wpa": { "group_cipher": "TKIP", "pairwise_ciphers": ["TKIP"], "akms": [] },
        "mbo": {
            "cellular_data": "not capable",
            "non_preferred_channels": [
                { "operating_class": 115, "channels": [36], "preference": "not operable", "reason": "9" }
            ],
        },
        "oce": { "release": 1, "sta_cfon": false },
        "hotspot2": { "release": 3, "pps_mo_id": 5, "roaming_consortium": "506f9a" },
        "multi_ap": { "backhaul_station": true, "profile": null },
        "wfa_capabilities": ["DSCP policy", "bit 7"],
        "ccx_version": 5,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(details[key], *value, "{key}");
    }
}

#[test]
fn a_device_names_itself() {
    let mut attributes = vec![4, 0x10, 0x4a, 0, 1, 0x10, 0x10, 0x11, 0, 3, b'T', b'V', 0xff];
    attributes.extend([0x10, 0x54, 0, 8, 0, 7, 0, 0x50, 0xf2, 4, 0, 1, 0x10, 0x3c, 0, 1, 3]);
    attributes.extend([0x10, 0x47, 0, 16]);
    attributes.extend(0..16);
    let details = read(&vendor([0x00, 0x50, 0xf2], &attributes));
    let wps = &details["wps"];
    assert_eq!(
        (&wps["version"], &wps["device_name"]),
        (&json!("1.0"), &json!("TV\u{fffd}"))
    );
    assert_eq!(wps["not_utf8"], json!({ "device_name": "5456ff" }));
    let kind = json!({
        "category": 7, "category_name": "Display", "subcategory": 1, "subcategory_name": "Television"
    });
    assert_eq!(
        (&wps["primary_device_type"], &wps["rf_bands"]),
        (&kind, &json!(["2.4 GHz", "5 GHz"]))
    );
    assert_eq!(wps["uuid"], "00010203-0405-0607-0809-0a0b0c0d0e0f");
    assert_eq!(wps["model_name"], Value::Null);
}

#[test]
fn six_ghz_and_lists() {
    let mut elements = vec![
        59, 4, 134, 81, 131, 137, 244, 1, 0x20, 70, 1, 0x02, 127, 3, 0, 0, 8, 46, 1, 0x60,
    ];
    elements.extend([
        255, 3, 59, 0xbc, 0x36, 255, 2, 137, 0x07, 255, 9, 35, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ]);
    elements.extend([48, 18, 1, 0, 0, 15, 172, 4, 1, 0, 0, 15, 172, 4, 1, 0, 0, 15, 172, 9]);
    let details = read(&elements);
    let six = &details["six_ghz"];
    assert_eq!(six["operating_classes"], json!([134, 131, 137]));
    assert_eq!(
        (&six["indoor_ap"], &six["standard_power_ap"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(six["capabilities"]["sm_power_save"], "disabled");
    assert_eq!(details["akm_names"], json!(["FT-SAE"]));
    assert_eq!(details["rsnx_capabilities"], json!(["SAE Hash-to-element"]));
    assert_eq!(details["rm_capabilities"], json!(["Neighbor Report"]));
    assert_eq!(details["extended_capabilities"], json!(["BSS Transition"]));
    assert_eq!(details["qos_capability"]["max_service_period_frames"], 6);
    assert_eq!(details["he_device_class"], "A");
}

proptest! {
    #[test]
    fn any_elements(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        let profile = profile(&octets);
        let details = Details::of(&profile);
        prop_assert_eq!(details.vendors.len(), profile.vendors.len());
        prop_assert_eq!(details.links.len(), profile.links.len());
    }
}
