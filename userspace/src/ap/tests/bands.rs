//! What is announced, as the readers of `dot11::element` have it.

use super::*;
use crate::dot11::{
    Bits,
    element::{vendor::QosInfo, *},
};

use ChannelWidth::{Mhz20, Mhz40, Mhz80, Mhz160, Mhz320};

#[test]
fn ghz_2() {
    beacon(&options("6", Mhz40), |elements| {
        let first = |id| elements.first(id).unwrap();
        let rates = [ElementId::SUPPORTED_RATES, ElementId::EXTENDED_RATES]
            .map(first)
            .concat();
        assert_eq!(rates, [0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36, 48, 72, 96, 108]);
        assert_eq!(first(ElementId::DSSS_PARAMETER_SET), [6]);
        let country = Country::read(first(ElementId::COUNTRY)).unwrap();
        let subband = CountryTriplet::Subband {
            first: 1,
            channels: 11,
            max_power: 20,
        };
        assert_eq!((country.string, &*country.triplets), (*b"DE ", &[subband][..]));
        assert_eq!(first(ElementId::POWER_CONSTRAINT), [0]);
        assert_eq!(first(ElementId::ERP), [0]);

        let ht = HtCapabilities::new(first(ElementId::HT_CAPABILITIES));
        assert_eq!((ht.streams(), ht.mcs().count()), (4, 32));
        assert_eq!(ht.information().0, [0xef, 0x19]);
        let operation = HtOperation::read(first(ElementId::HT_OPERATION)).unwrap();
        assert_eq!(
            (operation.primary, operation.secondary(), operation.any_width()),
            (6, 1, true)
        );

        let he = HeCapabilities::new(first(ElementId::HE_CAPABILITIES));
        let maps: Vec<_> = he.maps().map(|(width, rx, tx)| (width, rx.0, tx.0)).collect();
        assert_eq!(maps, [("80", 0xffaa, 0xffaa)]);
        assert_eq!((he.wider_than_20_mhz(), he.width_160_mhz()), (true, Some(false)));
        let eht = EhtCapabilities::new(first(ElementId::EHT_CAPABILITIES));
        assert_eq!(
            (eht.width_320_mhz(), eht.mcs_14(), eht.mcs_15()),
            (Some(false), Some(false), Some(3))
        );
        assert_eq!(eht.rx_mcs(Some(he)).streams(), 4);

        for id in [
            ElementId::VHT_CAPABILITIES,
            ElementId::TRANSMIT_POWER_ENVELOPE,
            ElementId::HE_6_GHZ,
            ElementId::MULTI_LINK,
        ] {
            assert_eq!(elements.first(id), None, "{id}");
        }
    });
}

#[test]
fn ghz_5() {
    let options = ApOptions {
        max_power: 23,
        ..options("52", Mhz160)
    };
    beacon(&options, |elements| {
        let first = |id| elements.first(id).unwrap();
        assert_eq!(
            first(ElementId::SUPPORTED_RATES),
            [0x8c, 18, 0x98, 36, 0xb0, 72, 96, 108]
        );
        let country = Country::read(first(ElementId::COUNTRY)).unwrap();
        let subband = CountryTriplet::Subband {
            first: 36,
            channels: 8,
            max_power: 23,
        };
        assert_eq!(country.triplets, [subband]);
        assert_eq!(first(ElementId::POWER_CONSTRAINT), [3], "radars are there");
        let envelope = TransmitPowerEnvelope::read(first(ElementId::TRANSMIT_POWER_ENVELOPE)).unwrap();
        assert_eq!((envelope.interpretation, envelope.powers), (0, vec![40; 4]));

        let vht = VhtCapabilities::new(first(ElementId::VHT_CAPABILITIES));
        assert_eq!(vht.rx_mcs().unwrap().highest(VhtCapabilities::HIGHEST), [Some(9); 4]);
        assert_eq!((vht.width_160_mhz(), vht.beamformee_sts()), (Some(true), Some(3)));
        let operation = VhtOperation::read(first(ElementId::VHT_OPERATION)).unwrap();
        assert_eq!(
            (operation.channel.0, operation.channel.width()),
            ([1, 58, 50], Some("160"))
        );

        let he = HeCapabilities::new(first(ElementId::HE_CAPABILITIES));
        assert_eq!(he.maps().count(), 2);
        assert!(
            he.maps()
                .all(|(_, rx, tx)| rx == tx && rx.highest(HeCapabilities::HIGHEST) == [Some(11); 4])
        );
        assert_eq!(
            (he.bsr(), he.su_beamformee(), he.er_su_ppdu_4x_ltf()),
            (Some(true), Some(true), Some(true))
        );
        assert_eq!((he.punctured_preamble(), he.uora()), (Some(true), Some(false)));
        let operation = HeOperation::read(first(ElementId::HE_OPERATION)).unwrap();
        assert_eq!((operation.bss_color(), operation.twt_required()), (Some(53), false));
        assert_eq!((operation.vht, operation.six_ghz), (None, None));
        assert!(MuEdca::read(first(ElementId::MU_EDCA)).is_some());
        assert_eq!(SpatialReuse::read(first(ElementId::SPATIAL_REUSE)).unwrap().control, 3);

        let eht = EhtCapabilities::new(first(ElementId::EHT_CAPABILITIES));
        assert_eq!(
            eht.maps(Some(he)).map(|(width, ..)| width).collect::<Vec<_>>(),
            ["80", "160"]
        );
        assert_eq!(eht.rx_mcs(Some(he)).highest(), [Some(13); 4]);
        let operation = EhtOperation::read(first(ElementId::EHT_OPERATION)).unwrap();
        assert_eq!(operation.channel, None, "as VHT Operation says");
    });
}

#[test]
fn ghz_6() {
    let six = options("6g37", Mhz320);
    beacon(&six, |elements| {
        let first = |id| elements.first(id).unwrap();
        let country = Country::read(first(ElementId::COUNTRY)).unwrap();
        let octets: Vec<_> = country.triplets.iter().map(|triplet| triplet.octets()).collect();
        assert_eq!(&country.string, b"DE\x04");
        assert_eq!(octets, [[201, 131, 0], [1, 16, 20], [201, 137, 0]]);
        let envelopes: Vec<_> = elements
            .all(ElementId::TRANSMIT_POWER_ENVELOPE)
            .map(|payload| TransmitPowerEnvelope::read(payload).unwrap())
            .map(|envelope| (envelope.interpretation, envelope.category, envelope.powers))
            .collect();
        let envelope = |interpretation, category, powers| (interpretation, category, powers);
        assert_eq!(
            envelopes,
            [
                envelope(0, 0, vec![40; 4]),
                envelope(3, 0, vec![-2]),
                envelope(3, 1, vec![-2])
            ]
        );

        assert_eq!(first(ElementId::EXTENDED_RATES), [0xfb]);
        assert_eq!(first(ElementId::OPERATING_CLASSES), [137, 131, 132, 133, 134, 137]);
        let capabilities = SixGhzCapabilities::new(first(ElementId::HE_6_GHZ));
        assert_eq!(capabilities.max_ampdu_octets(), Some(1_048_575));
        assert_eq!(
            (capabilities.max_mpdu_octets(), capabilities.sm_power_save()),
            (Some(11_454), Some(3))
        );
        let operation = HeOperation::read(first(ElementId::HE_OPERATION))
            .unwrap()
            .six_ghz
            .unwrap();
        assert_eq!(
            (operation.primary, operation.width_mhz(), operation.segments),
            (37, 160, [39, 47])
        );
        assert_eq!(operation.regulatory_name(), Some("indoor (LPI)"));
        let operation = EhtOperation::read(first(ElementId::EHT_OPERATION))
            .unwrap()
            .channel
            .unwrap();
        assert_eq!((operation.width_mhz(), operation.segments), (Some(320), [47, 31]));
        let he = HeCapabilities::new(first(ElementId::HE_CAPABILITIES));
        let eht = EhtCapabilities::new(first(ElementId::EHT_CAPABILITIES));
        let widths: Vec<_> = eht.maps(Some(he)).map(|(width, ..)| width).collect();
        assert_eq!(
            (widths, eht.mcs_14(), eht.mcs_15()),
            (vec!["80", "160", "320"], Some(true), Some(15))
        );
        for id in [
            ElementId::HT_CAPABILITIES,
            ElementId::HT_OPERATION,
            ElementId::VHT_CAPABILITIES,
            ElementId::VHT_OPERATION,
        ] {
            assert_eq!(elements.first(id), None, "{id}");
        }
    });
}

#[test]
fn widths_by_their_elements() {
    for (channel, width, ht, vht) in [
        ("36", Mhz20, 0, [0, 0, 0]),
        ("40", Mhz40, -1, [0, 0, 0]),
        ("149", Mhz80, 1, [1, 155, 0]),
        ("104", Mhz160, -1, [1, 106, 114]),
    ] {
        beacon(&options(channel, width), |elements| {
            let operation = HtOperation::read(elements.first(ElementId::HT_OPERATION).unwrap()).unwrap();
            assert_eq!(operation.secondary(), ht, "{channel}");
            let operation = VhtOperation::read(elements.first(ElementId::VHT_OPERATION).unwrap()).unwrap();
            assert_eq!(operation.channel.0, vht, "{channel}");
        });
    }
    for (channel, width, mhz, segments) in [
        ("6g2", Mhz20, 20, [2, 0]),
        ("6g5", Mhz40, 40, [3, 0]),
        ("6g5", Mhz80, 80, [7, 0]),
        ("6g5", Mhz160, 160, [7, 15]),
        ("6g29", Mhz320, 160, [23, 15]),
    ] {
        beacon(&options(channel, width), |elements| {
            let operation = HeOperation::read(elements.first(ElementId::HE_OPERATION).unwrap()).unwrap();
            let six_ghz = operation.six_ghz.unwrap();
            assert_eq!((six_ghz.width_mhz(), six_ghz.segments), (mhz, segments), "{channel}");
        });
    }
}

#[test]
fn keys_by_mode_and_band() {
    let all: [(SecurityMode, &[u8], &[u8]); 4] = [
        (SecurityMode::Wpa2, &[2], &[8]),
        (SecurityMode::FtWpa2, &[2, 4], &[8, 9]),
        (SecurityMode::Wpa3Mixed, &[2, 8], &[8]),
        (SecurityMode::FtWpa3Mixed, &[2, 4, 8, 9], &[8, 9]),
    ];
    for (security, akms, akms_6) in all {
        for (channel, akms) in [("1", akms), ("36", akms), ("6g5", akms_6)] {
            let options = ApOptions {
                security,
                ..options(channel, Mhz20)
            };
            beacon(&options, |elements| {
                let rsn = RsnElement::new(elements.first(ElementId::RSN).unwrap());
                let found: Vec<_> = rsn.akms().filter_map(Suite::ieee).collect();
                assert_eq!(found, akms, "{security} {channel}");
                let sae = akms.contains(&8);
                let ciphers: Vec<_> = rsn.pairwise().filter_map(Suite::ieee).collect();
                assert_eq!(ciphers, if sae { vec![4, 9] } else { vec![4] });
                assert_eq!(rsn.protection_capable(), Some(true));
                assert_eq!(rsn.protection_required(), Some(channel == "6g5"));
                assert_eq!(rsn.group_management().and_then(Suite::ieee), Some(6));
                let domain = elements.first(ElementId::MOBILITY_DOMAIN);
                assert_eq!(domain.is_some(), security.fast_transition());
                let extension = CapabilityField::RsnExtension.set(elements.first(ElementId::RSNX).unwrap_or_default());
                assert_eq!(extension, if sae { vec!["SAE Hash-to-element"] } else { vec![] });
            });
        }
        assert_eq!(security.to_string().parse(), Ok(security));
    }
    assert!("wpa3".parse::<SecurityMode>().is_err());
}

#[test]
fn capabilities_by_name() {
    beacon(&options("36", Mhz80), |elements| {
        let set = |field: CapabilityField, id| field.set(elements.first(id).unwrap());
        assert_eq!(
            set(CapabilityField::Extended, ElementId::EXTENDED_CAPABILITIES),
            [
                "Extended Channel Switching",
                "BSS Transition",
                "UTF-8 SSID",
                "Operating Mode Notification",
                "TWT Responder Support"
            ]
        );
        assert_eq!(
            set(CapabilityField::RadioMeasurement, ElementId::RM_CAPABILITIES),
            [
                "Link Measurement",
                "Neighbor Report",
                "Beacon Passive Measurement",
                "Beacon Active Measurement",
                "Beacon Table Measurement"
            ]
        );
        let wmm = elements.vendor(VendorElement::wmm).unwrap();
        assert_eq!((wmm.qos_info, wmm.qos_info.ap_u_apsd()), (QosInfo(0x81), true));
        let categories: Vec<_> = wmm
            .categories()
            .map(|category| (category.index, category.aifsn))
            .collect();
        assert_eq!(categories, [(0, 3), (1, 7), (2, 2), (3, 2)]);
        let he = elements.first(ElementId::HE_CAPABILITIES).unwrap();
        let twt = Bits(he).get(2);
        assert_eq!((twt, he.len()), (Some(true), 6 + 11 + 8));
    });
}

#[test]
fn what_is_switched_off_is_not_there() {
    let every = options("36", Mhz80);
    let ids = [
        ElementId::HE_CAPABILITIES,
        ElementId::EHT_CAPABILITIES,
        ElementId::MULTI_LINK,
        ElementId::COUNTRY,
    ];
    let there = |options: &ApOptions| beacon(options, |elements| ids.map(|id| elements.first(id).is_some()));
    assert_eq!(there(&every), [true, true, false, true]);
    let mld = ApOptions {
        multi_link: true,
        ..every.clone()
    };
    assert_eq!(there(&mld), [true, true, true, true]);
    let no_be = ApOptions {
        be: false,
        ..every.clone()
    };
    assert_eq!(there(&no_be), [true, false, false, true]);
    let no_ax = ApOptions {
        ax: false,
        country: *b"00",
        ..every
    };
    assert_eq!(there(&no_ax), [false; 4]);
    beacon(&mld, |elements| {
        let multi_link = elements.multi_link().unwrap();
        assert_eq!((multi_link.address(), multi_link.link()), (Some(BSSID), Some(0)));
        assert_eq!(
            (multi_link.emlsr(), multi_link.simultaneous_links()),
            (Some(true), Some(0))
        );
        assert!(multi_link.links().0.is_empty());
    });
}

#[test]
fn the_version_is_an_attribute() {
    let version = |text: Option<&str>| {
        let options = ApOptions {
            version_element: text.map(str::to_owned),
            ..options("36", Mhz20)
        };
        beacon(&options, |elements| {
            elements.vendor(|vendor| vendor.body([0x31, 0x41, 0x59], 0).map(<[u8]>::to_vec))
        })
    };
    assert_eq!(version(Some("airlens 0.1")), Some(b"\0\x0bairlens 0.1".to_vec()));
    assert_eq!(version(None), None);
}
