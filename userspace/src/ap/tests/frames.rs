//! The frames around the elements.

use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::dot11::{
    Band, Channel,
    element::{ElementId, FastBssTransition, MobilityDomain, RsnElement, Tim, TimeoutInterval},
    frame::{AssociationResponse, RequestKind},
};

use ChannelWidth::{Mhz20, Mhz80, Mhz160, Mhz320};

#[test]
fn a_beacon_of_its_time() {
    let announcement = Announcement::new(&options("36", Mhz80)).unwrap();
    let octets = announcement.beacon(0x0102_0304_0506_0708, 4095, 2);
    let frame = Frame::new(&octets).unwrap();
    let header = frame.header();
    assert_eq!(
        (header.source(), header.bssid(), header.destination()),
        (BSSID, BSSID, Address([0xff; 6]))
    );
    assert_eq!(header.sequence(), 4095);
    let Frame::Beacon(beacon) = frame else { panic!() };
    assert_eq!((beacon.timestamp, beacon.interval), (0x0102_0304_0506_0708, 100));
    assert_eq!(beacon.capability, 0x1111);
    let elements = Elements::parse(beacon.elements);
    let tim = Tim::read(elements.first(ElementId::TIM).unwrap()).unwrap();
    assert_eq!((tim.dtim_count, tim.dtim_period, tim.aids().count()), (2, 3, 0));

    // What the kernel puts together.
    let (head, tail) = (announcement.beacon_head(), announcement.beacon_tail());
    assert_eq!(octets[36..head.len()], head[36..]);
    assert_eq!(octets[head.len()..head.len() + 2], [5, 4]);
    assert_eq!(octets[head.len() + 6..], *tail);

    // Behind what a buffer has.
    let mut buffer = vec![7; 9];
    announcement.append_beacon(&mut buffer, 0x0102_0304_0506_0708, 4095, 2);
    assert_eq!((&buffer[..9], &buffer[9..]), (&[7; 9][..], &*octets));
}

#[test]
fn a_probe_response_is_a_beacon_without_tim() {
    for channel in ["1", "36", "6g5"] {
        let announcement = Announcement::new(&options(channel, Mhz20)).unwrap();
        let octets = announcement.probe_response(STATION, 77, 3);
        let Ok(Frame::ProbeResponse(response)) = Frame::new(&octets) else {
            panic!();
        };
        assert_eq!(
            (response.header.destination(), response.header.sequence()),
            (STATION, 3)
        );
        assert_eq!((response.timestamp, response.interval), (77, 100));
        let head = &announcement.beacon_head()[36..];
        assert_eq!(response.elements, [head, announcement.beacon_tail()].concat());
        assert_eq!(announcement.rate(), if channel == "1" { 2 } else { 12 });
    }
}

fn answer<T>(
    options: &ApOptions,
    reply: AssociationReply,
    check: impl FnOnce(AssociationResponse<'_>, Elements<'_>) -> T,
) -> T {
    let octets = Announcement::new(options)
        .unwrap()
        .association_response(STATION, 9, &reply);
    let Ok(Frame::AssociationResponse(response)) = Frame::new(&octets) else {
        panic!();
    };
    let elements = Elements::parse(response.elements);
    assert_eq!(elements.notes(), []);
    check(response, elements)
}

const ACCEPTS: AssociationReply = AssociationReply {
    kind: RequestKind::Association,
    status: 0,
    aid: 5,
    fast_transition: false,
    multi_link: false,
    comeback: None,
};

#[test]
fn an_association_that_is_accepted() {
    let options = ApOptions {
        multi_link: true,
        version_element: Some("airlens".to_owned()),
        ..options("36", Mhz160)
    };
    let own = [
        ElementId::HT_CAPABILITIES,
        ElementId::VHT_OPERATION,
        ElementId::HE_CAPABILITIES,
        ElementId::EHT_OPERATION,
    ];
    answer(&options, ACCEPTS, |response, elements| {
        assert_eq!(
            (response.kind, response.status, response.aid()),
            (RequestKind::Association, 0, 5)
        );
        assert!(own.into_iter().all(|id| elements.first(id).is_some()));
        let others = [
            ElementId::RSN,
            ElementId::COUNTRY,
            ElementId::MULTI_LINK,
            ElementId::MOBILITY_DOMAIN,
        ];
        assert!(others.into_iter().all(|id| elements.first(id).is_none()));
        assert_eq!(elements.vendors().count(), 1, "WMM alone");
    });
    let reply = AssociationReply {
        kind: RequestKind::Reassociation,
        fast_transition: true,
        multi_link: true,
        ..ACCEPTS
    };
    answer(&options, reply, |response, elements| {
        assert_eq!(response.kind, RequestKind::Reassociation);
        assert_eq!(elements.multi_link().unwrap().address(), Some(BSSID));
        let domain = MobilityDomain::read(elements.first(ElementId::MOBILITY_DOMAIN).unwrap()).unwrap();
        assert_eq!((domain.id, domain.capability), (0x1234, 0));
        let keys = FastBssTransition::read(elements.first(ElementId::FAST_BSS_TRANSITION).unwrap()).unwrap();
        assert_eq!((keys.r1kh_id(), keys.r0kh_id()), (Some(BSSID), Some(&BSSID.0[..])));
    });
}

#[test]
fn an_association_that_is_refused() {
    let reply = AssociationReply {
        status: 17,
        aid: 0,
        ..ACCEPTS
    };
    answer(&options("1", Mhz20), reply, |response, elements| {
        assert_eq!((response.status, response.aid()), (17, 0));
        assert_eq!(elements.iter().count(), 2, "rates alone");
    });
    let later = AssociationReply {
        status: 30,
        comeback: Some(1000),
        ..reply
    };
    answer(&options("36", Mhz20), later, |_, elements| {
        let interval = TimeoutInterval::read(elements.first(ElementId::TIMEOUT_INTERVAL).unwrap()).unwrap();
        assert_eq!((interval.kind, interval.value), (TimeoutInterval::COMEBACK, 1000));
    });
}

#[test]
fn authentication_and_its_end() {
    let options = ApOptions {
        multi_link: true,
        ..options("36", Mhz20)
    };
    let announcement = Announcement::new(&options).unwrap();
    let reply = AuthenticationReply {
        transaction: 2,
        multi_link: true,
        ..AuthenticationReply::default()
    };
    let octets = announcement.authentication(STATION, 4, &reply);
    let Ok(Frame::Authentication(frame)) = Frame::new(&octets) else {
        panic!();
    };
    assert_eq!((frame.algorithm, frame.transaction, frame.status), (0, 2, 0));
    let elements = Elements::parse(&octets[30..]);
    assert_eq!(elements.multi_link().unwrap().address(), Some(BSSID));
    let octets = announcement.deauthentication(STATION, 5, 3);
    assert!(matches!(Frame::new(&octets), Ok(Frame::Deauthentication(leaving)) if leaving.reason == 3));
}

#[test]
fn what_can_not_be() {
    let good = options("36", Mhz80);
    let with = |change: fn(&mut ApOptions)| {
        let mut options = good.clone();
        change(&mut options);
        options.check().err()
    };
    assert_eq!(good.check(), Ok(()));
    assert_eq!(with(|o| o.ssid.clear()), Some(ApError::Ssid(0)));
    assert_eq!(with(|o| o.ssid = vec![b'x'; 33]), Some(ApError::Ssid(33)));
    assert_eq!(with(|o| o.passphrase = "short".to_owned()), Some(ApError::Passphrase));
    assert_eq!(
        with(|o| o.passphrase = "pässword".to_owned()),
        Some(ApError::Passphrase)
    );
    assert_eq!(with(|o| o.country = *b"de"), Some(ApError::Country));
    assert_eq!(with(|o| o.dtim_period = 0), Some(ApError::BeaconInterval));
    assert_eq!(
        with(|o| o.version_element = Some("x".repeat(65))),
        Some(ApError::Version)
    );
    assert_eq!(
        with(|o| o.bssid = Address([0xff; 6])),
        Some(ApError::Bssid(Address([0xff; 6])))
    );
    assert_eq!(with(|o| o.tuning = tuning("14", Mhz20)), Some(ApError::Channel14));
    let six = |o: &mut ApOptions| o.tuning = tuning("6g5", Mhz320);
    assert_eq!(with(six), None);
    assert_eq!(
        with(|o| (o.tuning, o.ax) = (tuning("6g5", Mhz20), false)),
        Some(ApError::SixGhzNeedsHe)
    );
    assert_eq!(
        with(|o| (o.tuning, o.be) = (tuning("6g5", Mhz320), false)),
        Some(ApError::WidthNeedsEht)
    );
    assert_eq!(
        with(|o| (o.multi_link, o.ax) = (true, false)),
        Some(ApError::MultiLinkNeedsEht)
    );
}

fn any_tuning() -> impl Strategy<Value = Tuning> {
    let channels: Vec<_> = [Band::Ghz2, Band::Ghz5, Band::Ghz6]
        .into_iter()
        .flat_map(Channel::all)
        .collect();
    (prop::sample::select(channels), 0..5usize).prop_map(|(channel, width)| {
        let tuning = Tuning::new(channel, ChannelWidth::DOWN[width]);
        tuning.unwrap_or_else(|| Tuning::narrow(channel))
    })
}

prop_compose! {
    fn any_options()(bssid: [u8; 6], ssid in vec(any::<u8>(), 0..40), tuning in any_tuning(), country in "[A-Z]{2}|00|[a-z]1",
        subbands in vec(any::<[u8; 3]>(), 0..100), max_power: u8, psd: i8, mode in 0..4usize, passphrase in "[ -~]{6,65}",
        flags: [bool; 3], version_element in option::of("[a-z0-9 .]{0,70}"), beacon_interval: u16, dtim_period: u8,
    ) -> ApOptions {
        let [ax, be, multi_link] = flags;
        ApOptions {
            bssid: Address(bssid), ssid, tuning, country: country.as_bytes().try_into().unwrap(),
            subbands: subbands.into_iter().map(crate::dot11::element::CountryTriplet::read).collect(),
            max_power, psd, security: SecurityMode::ALL[mode], passphrase, ax, be, version_element, beacon_interval,
            dtim_period, multi_link,
        }
    }
}

proptest! {
    #[test]
    fn any_access_point(options in any_options(), timestamp: u64, sequence in 0u16..4096, dtim_count: u8) {
        let Ok(announcement) = Announcement::new(&options) else {
            prop_assert!(options.check().is_err());
            return Ok(());
        };
        let octets = announcement.beacon(timestamp, sequence, dtim_count);
        let Ok(Frame::Beacon(beacon)) = Frame::new(&octets) else {
            panic!();
        };
        prop_assert_eq!((beacon.timestamp, beacon.interval), (timestamp, options.beacon_interval));
        prop_assert_eq!(beacon.header.sequence(), sequence);
        let elements = Elements::parse(beacon.elements);
        prop_assert_eq!(elements.notes(), []);
        prop_assert_eq!(elements.first(ElementId::SSID), Some(&*options.ssid));
        let tim = Tim::read(elements.first(ElementId::TIM).unwrap()).unwrap();
        prop_assert_eq!((tim.dtim_count, tim.dtim_period), (dtim_count, options.dtim_period));
        let rsn = RsnElement::new(elements.first(ElementId::RSN).unwrap());
        prop_assert_eq!(rsn.akms().collect::<Vec<_>>(), options.security.akms(options.band()));
    }
}
