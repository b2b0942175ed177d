//! Per-link profiles and radio numbers of real multi-link clients, against values that were read by hand from the frames' octets. The
//! captures lie in `../shared/corpus` beside the checkout.

use airlens::{
    dot11::link::LinkType,
    profile::{Capture, Profile, client_json, record},
};
use airlens_tests::support::{
    corpus::{self, LinkType as Expected},
    schema::valid,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The only link of the only request in a capture, and the request's own record.
fn link(file: &str) -> Result<Option<(Value, Value)>> {
    let Some(corpus) = corpus::folder() else {
        eprintln!("skipped, ../shared/corpus is not there: the other link of {file} is as it was read by hand");
        return Ok(None);
    };
    let packets = corpus::packets(&corpus.join("wlanpi").join(file), Expected::Radiotap)?;
    let packet = packets.first().context("no packet")?;
    let profile = Profile::from_packet(LinkType::Radiotap, packet, Capture::default())?.context("no request")?;
    ensure!(profile.notes.is_empty(), "{:?}", profile.notes);
    valid("client", [&client_json(&profile)])?;
    let mut record = serde_json::to_value(record(file, 1, &profile))?;
    let links = record["airlens"]["links"].as_array_mut().context("no links")?;
    ensure!(links.len() == 1);
    Ok(Some((links.remove(0), record)))
}

/// Each key of `expected` has its value.
fn assert_keys(found: &Value, expected: &Value) -> Result<()> {
    for (key, expected) in expected.as_object().context("no object")? {
        assert_eq!(found[key], *expected, "{key}");
    }
    Ok(())
}

#[test]
fn one_plus_11() -> Result<()> {
    let Some((link, own)) = link("OnePlus11_Android15.pcapng")? else {
        return Ok(());
    };
    assert_eq!(
        (&link["id"], &link["mac"], &link["band"]),
        (&json!(0), &json!("30:bb:7d:4d:c1:2b"), &json!("6"))
    );
    assert_keys(
        &own["features"],
        &json!({"dot11n": 1, "dot11ac": 1, "dot11ax_six_ghz": 0, "dot11be_320_mhz": 0, "dot11be_mle": 1}),
    )?;
    // Non-Inheritance names 45 and 191.
    assert_keys(
        &link["features"],
        &json!({"dot11n": 0, "dot11n_nss": 0, "dot11ac": 0, "dot11ac_160_mhz": -1}),
    )?;
    // Its own 127, 255/35, 255/59 and 255/108.
    assert_keys(
        &link["features"],
        &json!({
            "dot11v": 0, "dot11aa_scs_support": 0, "qos_r1_mscs_support": -1,
            "dot11ax": 1, "dot11ax_nss": 2, "dot11ax_mcs": "0-11", "dot11ax_twt": 1, "dot11ax_uora": 0, "dot11ax_bsr": 0,
            "dot11ax_punctured_preamble": 0, "dot11ax_he_su_beamformee": 1, "dot11ax_he_beamformee_sts": 7,
            "dot11ax_he_er_su_ppdu": 0, "dot11ax_six_ghz": 1, "dot11ax_160_mhz": 1,
            "dot11be": 1, "dot11be_nss": 2, "dot11be_mcs": "0-9, 10-11, 12-13", "dot11be_320_mhz": 1,
            "dot11be_su_beamformee": 1, "dot11be_epcs_support": 1, "dot11be_om_support": 1, "dot11be_rtwt_support": 0,
            "dot11be_scs_traffic_description_support": 0, "dot11be_mcs15_support": 1, "dot11be_mcs14_support": 1,
        }),
    )?;
    // Inherited: 70, 54, 48, 244, 33, 36 and 59. Multi-Link is the device's.
    assert_keys(
        &link["features"],
        &json!({
            "dot11k": 1, "dot11r": 1, "group_cipher": 4, "pairwise_cipher": 9, "akm": 25, "dot11w": 1, "rsnx_sae_h2e": 1,
            "max_power": 20, "min_power": 8, "six_ghz_operating_class_supported": 1,
            "supported_channels": own["features"]["supported_channels"], "dot11be_mle": -1, "dot11be_mle_emlsr_support": -1,
        }),
    )
}

#[test]
fn the_radio_of_a_one_plus_11() -> Result<()> {
    let Some((link, own)) = link("OnePlus11_Android15.pcapng")? else {
        return Ok(());
    };
    let rates = [6, 9, 12, 18, 24, 36, 48, 54];
    let he = json!([{"width": "80", "rx": [11, 11], "tx": [11, 11]}, {"width": "160", "rx": [11, 11], "tx": [11, 11]}]);
    let eht = |width| json!({"width": width, "rx": [13, 13], "tx": [13, 13]});
    // As tshark reads them.
    let he_phy = |su_beamformer: bool| {
        json!({
            "width_40_mhz_in_2_4_ghz": false, "width_80_mhz": true, "width_160_mhz": true, "width_80_80_mhz": false,
            "ldpc": true, "tx_stbc": false, "rx_stbc": false, "ul_mu_mimo": true, "su_beamformer": su_beamformer,
            "mu_beamformer": false, "psr_spatial_reuse": false, "rx_1024_qam_small_ru": true,
        })
    };
    let eht_phy = json!({
        "su_beamformer": true, "partial_bandwidth_ul_mu_mimo": false, "partial_bandwidth_dl_mu_mimo": false,
        "psr_spatial_reuse": false, "rx_4096_qam_small_ru": true,
    });
    let others = [81, 83, 84].into_iter().chain(115..=129).chain([131, 132, 130]);
    let classes: Vec<_> = std::iter::once(129).chain(others).collect();
    // 45: ef 09 17 ff ff; 191: f6 f1 90 33 fa ff 0c 03 fa ff 0c 23.
    let expected = json!({
        "rates": rates, "membership_selectors": [], "wmm": true,
        "ht": {
            "width_40_mhz": true, "short_gi_20_mhz": true, "short_gi_40_mhz": true, "ldpc": true, "tx_stbc": true,
            "rx_stbc": 1, "mcs": (0..16).collect::<Vec<_>>(),
        },
        "vht": {
            "width_set": 1, "extended_nss_bw": 0, "short_gi_80_mhz": true, "short_gi_160_mhz": true, "ldpc": true,
            "tx_stbc": true, "rx_stbc": 1, "rx": [9, 9], "tx": [9, 9],
        },
        "he": he, "eht": [eht("80"), eht("160")],
        "he_phy": he_phy(false), "eht_phy": eht_phy, "operating_classes": classes,
    });
    assert_eq!(own["airlens"]["radio"], expected);
    let expected = json!({
        "rates": rates, "membership_selectors": [], "wmm": true, "ht": null, "vht": null,
        "he": he, "eht": [eht("80"), eht("160"), eht("320")],
        "he_phy": he_phy(true), "eht_phy": eht_phy, "operating_classes": classes,
    });
    assert_eq!(link["radio"], expected);
    assert_eq!(
        own["airlens"]["vendor_elements"],
        json!([
            {"oui": "00:50:f2", "type": 2, "owner": "MICROSOFT CORP.", "name": "WMM"},
            {"oui": "8c:fd:f0", "type": 1, "owner": "Qualcomm Inc.", "name": "QCN"},
            {"oui": "50:6f:9a", "type": 35, "owner": "Wi-Fi Alliance", "name": "Wi-Fi Alliance Capabilities"},
        ])
    );
    Ok(())
}

#[test]
fn two_computers_of_one_chipset() -> Result<()> {
    for (file, mac) in [
        ("Surface_Laptop_7_ARM64_QCA_FC_7800.pcapng", "96:b1:e2:5e:5b:e7"),
        ("Win11_AMD64_QCA_FC_7800.pcapng", "96:9e:56:fa:63:43"),
    ] {
        let Some((link, own)) = link(file)? else {
            return Ok(());
        };
        assert_eq!(
            (&link["id"], &link["mac"], &link["band"]),
            (&json!(1), &json!(mac), &json!("5"))
        );
        assert_keys(
            &own["features"],
            &json!({"dot11n": 0, "dot11ac": 0, "dot11ax_six_ghz": 1, "dot11be_320_mhz": 1}),
        )?;
        // Its own 45, 127, 191, 255/35 and 255/108; Non-Inheritance names 50 and 255/59.
        assert_keys(
            &link["features"],
            &json!({
                "dot11n": 1, "dot11n_nss": 2, "dot11v": 1, "dot11aa_scs_support": 0, "qos_r1_mscs_support": 1,
                "dot11ac": 1, "dot11ac_nss": 2, "dot11ac_160_mhz": 1, "dot11ac_mcs": "0-9", "dot11ac_su_bf": 1,
                "dot11ac_mu_bf": 1, "dot11ac_bf_sts": 7,
                "dot11ax": 1, "dot11ax_nss": 2, "dot11ax_mcs": "0-11", "dot11ax_twt": 1, "dot11ax_uora": 0,
                "dot11ax_bsr": 0, "dot11ax_punctured_preamble": 1, "dot11ax_he_su_beamformee": 1,
                "dot11ax_he_beamformee_sts": 7, "dot11ax_six_ghz": 0, "dot11ax_160_mhz": 1,
                "dot11be": 1, "dot11be_nss": 2, "dot11be_mcs": "0-9, 10-11, 12-13", "dot11be_320_mhz": 0,
                "dot11be_su_beamformee": 1, "dot11be_epcs_support": 1, "dot11be_om_support": 1, "dot11be_rtwt_support": 1,
                "dot11be_scs_traffic_description_support": 0, "dot11be_mcs15_support": 0, "dot11be_mcs14_support": 1,
            }),
        )?;
        // Inherited: 48 and 244.
        assert_keys(
            &link["features"],
            &json!({"akm": 24, "rsnx_sae_h2e": 1, "dot11be_mle": -1}),
        )?;
    }
    Ok(())
}
