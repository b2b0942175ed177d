use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::dot11::{
    Address,
    element::*,
    frame::{AuthenticationDetails, Frame, RequestKind},
};

/// Of any payload: what is read is written so that it is read again.
macro_rules! round_trips {
    ($($name:ident: $type:ty),* $(,)?) => {
        proptest! {
            $(#[test]
            fn $name(payload in vec(any::<u8>(), 0..200)) {
                if let Some(value) = <$type>::read(&payload) {
                    let mut writer = ElementWriter::new();
                    writer.put(&value);
                    let elements = Elements::parse(writer.octets());
                    prop_assert_eq!(elements.notes(), []);
                    let written = elements.first(<$type>::ID).unwrap();
                    prop_assert_eq!(<$type>::read(written), Some(value));
                }
            })*
        }
    };
}

round_trips! {
    dsss: DsssParameterSet,
    tim: Tim,
    country: Country,
    bss_load: BssLoad,
    power_constraint: PowerConstraint,
    channel_switch: ChannelSwitch,
    extended_channel_switch: ExtendedChannelSwitch,
    ht_operation: HtOperation,
    vht_operation: VhtOperation,
    he_operation: HeOperation,
    eht_operation: EhtOperation,
    power_envelope: TransmitPowerEnvelope,
    reduced_neighbor_report: ReducedNeighborReport,
    neighbor_report: NeighborReport,
    ap_channel_report: ApChannelReport,
    multiple_bssid: MultipleBssid,
    mobility_domain: MobilityDomain,
    fast_transition: FastBssTransition,
    mu_edca: MuEdca,
    spatial_reuse: SpatialReuse,
    qos_capability: QosCapability,
    timeout_interval: TimeoutInterval,
}

fn address() -> impl Strategy<Value = Address> {
    any::<[u8; 6]>().prop_map(Address)
}

prop_compose! {
    fn header()(flags in 0u8..0x40, duration: u16, destination in address(), source in address(), bssid in address(),
        sequence in 0u16..4096, ht_control: Option<[u8; 4]>) -> Header {
        Header { flags, duration, destination, source, bssid, sequence, ht_control }
    }
}

prop_compose! {
    fn network()(timestamp: u64, interval: u16, capability: u16) -> Network {
        Network { timestamp, interval, capability }
    }
}

fn kind() -> impl Strategy<Value = RequestKind> {
    prop_oneof![Just(RequestKind::Association), Just(RequestKind::Reassociation)]
}

fn body() -> impl Strategy<Value = Body<'static>> {
    prop_oneof![
        (any::<u16>(), any::<u16>(), option::of(address())).prop_map(|(capability, listen_interval, current_ap)| {
            Body::AssociationRequest {
                capability,
                listen_interval,
                current_ap,
            }
        }),
        (kind(), any::<u16>(), any::<u16>(), 0u16..2008).prop_map(|(kind, capability, status, aid)| {
            Body::AssociationResponse {
                kind,
                capability,
                status,
                aid,
            }
        }),
        Just(Body::ProbeRequest),
        network().prop_map(Body::ProbeResponse),
        network().prop_map(Body::Beacon),
        any::<u16>().prop_map(|reason| Body::Disassociation { reason }),
        (0u16..3, any::<u16>(), any::<u16>()).prop_map(|(algorithm, transaction, status)| Body::Authentication {
            algorithm,
            transaction,
            status,
            fields: &[],
        }),
        any::<u16>().prop_map(|reason| Body::Deauthentication { reason }),
        Just(Body::Action {
            category: 5,
            fields: &[4, 1],
        }),
    ]
}

/// The body that was read.
fn body_of(frame: Frame<'_>) -> Body<'_> {
    match frame {
        Frame::Action(action) => Body::Action {
            category: action.category,
            fields: &action.content[..2],
        },
        other => Body::of(other).unwrap_or_else(|| panic!("{other:?}")),
    }
}

/// An id that starts an element.
fn id() -> impl Strategy<Value = ElementId> {
    prop_oneof![
        (0u8..242).prop_map(ElementId::new),
        any::<u8>().prop_map(ElementId::extension)
    ]
}

fn suite() -> impl Strategy<Value = Suite> {
    any::<[u8; 4]>().prop_map(Suite)
}

prop_compose! {
    fn link_network()(beacon_interval: Option<u16>, tsf_offset: Option<i64>, dtim: Option<[u8; 2]>,
        change_count: Option<u8>) -> LinkNetwork {
        LinkNetwork { beacon_interval, tsf_offset, dtim, change_count }
    }
}

prop_compose! {
    fn link(elements: Vec<u8>)(complete: bool, address in option::of(address()), network in link_network(),
        capability: u16, status: Option<u16>) -> (LinkProfile<'static>, Vec<u8>) {
        (LinkProfile { link: 0, complete, address, network, capability, status, elements: &[] }, elements.clone())
    }
}

proptest! {
    #[test]
    fn every_frame(header in header(), body in body(), payload in vec(any::<u8>(), 0..600)) {
        let mut elements = ElementWriter::new();
        elements.raw(ElementId::SSID, b"network").raw(ElementId::MULTI_LINK, &payload);
        let octets = header.frame(&body, elements.octets());
        let frame = Frame::new(&octets).unwrap();
        let read = frame.header();
        prop_assert_eq!(body_of(frame), body);
        prop_assert_eq!(frame.elements(), elements.octets());
        prop_assert_eq!((read.destination(), read.source(), read.bssid()), (header.destination, header.source, header.bssid));
        prop_assert_eq!((read.sequence(), read.duration()), (header.sequence, header.duration));
        prop_assert_eq!(read.control().0 >> 8 & 0x7f, u16::from(header.flags));
        let elements = Elements::parse(frame.elements());
        prop_assert_eq!(elements.first(ElementId::MULTI_LINK), Some(&payload[..]));
    }

    #[test]
    fn any_element_of_any_length(id in id(), payload in vec(any::<u8>(), 0..2000)) {
        let mut writer = ElementWriter::new();
        writer.raw(id, &payload).raw(ElementId::new(70), &[1]);
        let elements = Elements::parse(writer.octets());
        prop_assert_eq!(elements.iter().next().map(|element| (element.id, &*element.payload)), Some((id, &payload[..])));
        prop_assert_eq!(elements.iter().count(), 2);
    }

    #[test]
    fn rsn(group in suite(), pairwise in vec(suite(), 0..4), akms in vec(suite(), 0..4), capabilities: u16,
        pmkids in vec(any::<[u8; 16]>(), 0..3), group_management in option::of(suite())) {
        let rsn = Rsn { group, pairwise: &pairwise, akms: &akms, capabilities, pmkids: &pmkids, group_management };
        let mut writer = ElementWriter::new();
        writer.put(&rsn);
        let elements = Elements::parse(writer.octets());
        let read = RsnElement::new(elements.first(ElementId::RSN).unwrap());
        prop_assert_eq!(read.group(), Some(group));
        prop_assert_eq!(read.pairwise().collect::<Vec<_>>(), pairwise);
        prop_assert_eq!(read.akms().collect::<Vec<_>>(), akms);
        prop_assert_eq!(read.capabilities(), Some(capabilities));
        prop_assert_eq!(read.pmkids(), pmkids);
        prop_assert_eq!(read.group_management(), group_management);
    }

    #[test]
    fn multi_link(address in address(), link_id in option::of(0u8..16), change_count: Option<u8>,
        medium_synchronization: Option<u16>, eml: Option<u16>, mld: Option<u16>,
        links in vec(vec(any::<u8>(), 0..700).prop_flat_map(link), 0..4)) {
        let links = links.iter().zip(1..).map(|((profile, elements), link)| LinkProfile { link, elements, ..profile.clone() });
        let element = BasicMultiLink {
            address, link: link_id, change_count, medium_synchronization, eml, mld, links: links.collect(),
        };
        let mut writer = ElementWriter::new();
        writer.put(&element);
        let elements = Elements::parse(writer.octets());
        let read = elements.multi_link().unwrap();
        prop_assert_eq!((read.kind(), read.address()), (Some(MultiLink::BASIC), Some(address)));
        prop_assert_eq!((read.link(), read.change_count()), (link_id, change_count));
        prop_assert_eq!((read.medium_synchronization(), read.eml(), read.mld()), (medium_synchronization, eml, mld));
        let (profiles, notes) = read.links();
        prop_assert_eq!(notes, []);
        prop_assert_eq!(profiles.len(), element.links.len());
        for (read, link) in profiles.iter().zip(&element.links) {
            prop_assert_eq!((read.link, read.complete, read.address), (link.link, link.complete, link.address));
            prop_assert_eq!((read.network, read.capability()), (link.network, Some(link.capability)));
            let elements = match link.status {
                None => read.elements(),
                Some(status) => {
                    let (read, elements) = read.answer().unwrap();
                    prop_assert_eq!(read, status);
                    elements
                }
            };
            prop_assert_eq!(elements, link.elements);
        }
    }

    #[test]
    fn capabilities_of_ht_and_vht(information: u16, more: u32, max_ampdu in 0u8..4, streams in 1u8..5, rx: u16, tx: u16) {
        let ht = Ht { information: Fields(information.to_le_bytes()), max_ampdu, streams };
        let vht = Vht { information: Fields(more.to_le_bytes()), rx_mcs: McsMap(rx), tx_mcs: McsMap(tx) };
        let mut writer = ElementWriter::new();
        writer.put(&ht).put(&vht);
        let elements = Elements::parse(writer.octets());
        let payload = elements.first(ElementId::HT_CAPABILITIES).unwrap();
        let read = HtCapabilities::new(payload);
        prop_assert_eq!((read.information().0, read.streams(), payload.len()), (&ht.information.0[..], streams, 26));
        prop_assert_eq!(read.mcs().count(), 8 * usize::from(streams));
        let payload = elements.first(ElementId::VHT_CAPABILITIES).unwrap();
        let read = VhtCapabilities::new(payload);
        prop_assert_eq!((read.information().0, payload.len()), (&vht.information.0[..], 12));
        prop_assert_eq!((read.rx_mcs(), read.tx_mcs()), (Some(McsMap(rx)), Some(McsMap(tx))));
    }

    #[test]
    fn capabilities_of_he_and_eht(mac: [u8; 6], mut phy: [u8; 11], maps: [u16; 4], wide: bool, eht_phy: [u8; 9],
        sets: [[u8; 3]; 3], widest: bool) {
        let [rx, tx, rx_160, tx_160] = maps.map(McsMap);
        // 40 and 80 MHz, without 80+80 MHz, whose maps are not written.
        phy[0] = phy[0] & !0x10 | 0x04;
        let he = He { mac: Fields(mac), phy: Fields(phy), mcs_80: [rx, tx], mcs_160: wide.then_some([rx_160, tx_160]) };
        let eht = Eht {
            mac: Fields([mac[0], mac[1]]), phy: Fields(eht_phy), mcs_80: sets[0],
            mcs_160: wide.then_some(sets[1]), mcs_320: widest.then_some(sets[2]),
        };
        let mut writer = ElementWriter::new();
        writer.put(&he).put(&eht);
        let elements = Elements::parse(writer.octets());
        let read = HeCapabilities::new(elements.first(ElementId::HE_CAPABILITIES).unwrap());
        let expected = [Some(("80", rx, tx)), wide.then_some(("160", rx_160, tx_160))];
        prop_assert_eq!(read.maps().collect::<Vec<_>>(), expected.into_iter().flatten().collect::<Vec<_>>());
        prop_assert_eq!((read.phy().get(55), read.width_160_mhz()), (Some(false), Some(wide)));
        let payload = elements.first(ElementId::EHT_CAPABILITIES).unwrap();
        let eht = EhtCapabilities::new(payload);
        let widths = [Some("80"), wide.then_some("160"), widest.then_some("320")];
        let read: Vec<_> = eht.maps(Some(read)).map(|(width, ..)| width).collect();
        prop_assert_eq!(&read, &widths.into_iter().flatten().collect::<Vec<_>>());
        prop_assert_eq!((payload.len(), eht.phy().get(43)), (11 + 3 * read.len(), Some(false)));
    }

    #[test]
    fn rates(octets in vec(any::<u8>(), 1..20)) {
        let rates: Vec<_> = Rate::all(&octets).collect();
        let mut writer = ElementWriter::new();
        writer.rates(&rates);
        let elements = Elements::parse(writer.octets());
        let lists = [ElementId::SUPPORTED_RATES, ElementId::EXTENDED_RATES].map(|id| elements.first(id).unwrap_or_default());
        prop_assert!(lists[0].len() <= 8);
        prop_assert_eq!(lists.concat(), octets);
    }
}

#[test]
fn lengths_that_just_fit() {
    for (payload, parts) in [(254, 1), (255, 2), (254 + 255, 2), (254 + 256, 3)] {
        let mut writer = ElementWriter::new();
        writer.raw(ElementId::MULTI_LINK, &vec![7; payload]);
        assert_eq!(writer.octets().len(), 1 + payload + 2 * parts, "{payload}");
    }
}

#[test]
fn a_written_sae_commit_is_read() {
    let fields = [&[19, 0][..], &[1; 32], &[2; 64]].concat();
    let mut elements = ElementWriter::new();
    elements
        .raw(ElementId::REJECTED_GROUPS, &[20, 0])
        .raw(ElementId::ANTI_CLOGGING_TOKEN, &[9; 32]);
    let body = Body::Authentication {
        algorithm: 3,
        transaction: 1,
        status: 126,
        fields: &fields,
    };
    let octets = Header::default().frame(&body, elements.octets());
    let Frame::Authentication(frame) = Frame::new(&octets).unwrap() else {
        panic!();
    };
    let AuthenticationDetails::SaeCommit(commit) = frame.details() else {
        panic!();
    };
    assert_eq!(commit.scalar_and_element, Some((&[1; 32][..], &[2; 64][..])));
    assert_eq!(commit.rejected_groups(), [20]);
    assert_eq!(commit.anti_clogging_token(), Some(vec![9; 32]));
}
