use super::*;
use crate::{
    ap::sae::{Parties, SaeMethod, tests::station::Station},
    dot11::{
        element::{Elements, MultiLink},
        emit::BasicMultiLink,
    },
};

const MLD: Address = Address([2, 0, 0, 0, 0, 0x77]);

fn multi_link(address: Address) -> Vec<u8> {
    let mut writer = ElementWriter::new();
    writer.put(&BasicMultiLink {
        address,
        ..BasicMultiLink::default()
    });
    writer.octets().to_vec()
}

fn ap_mld(elements: &[u8]) -> Option<Address> {
    let elements = Elements::parse(elements);
    elements.multi_link().and_then(MultiLink::address)
}

fn multi_link_options(multi_link: bool) -> ApOptions {
    ApOptions {
        multi_link,
        ..options("36")
    }
}

#[test]
fn open_authentication_names_both_devices() {
    for (offered, named, expected) in [
        (true, MLD, Some(MLD)),
        (true, Address([3, 0, 0, 0, 0, 7]), None),
        (false, MLD, None),
    ] {
        let mut responder = responder(&multi_link_options(offered));
        let frame = Client::new(STATION).authentication(0, 1, 0, &multi_link(named));
        let answer = only(responder.frame(&frame, NOW));
        assert_eq!(ap_mld(authentication(&answer).rest), expected.map(|_| AP));
        let event = responder.events().next();
        assert!(matches!(event, Some(ResponderEvent::Authenticated { mld, .. }) if mld == expected));
    }
}

#[test]
fn sae_is_between_the_devices() {
    use SaeMethod::{HashToElement, Looping};
    for (method, clogged) in [
        (HashToElement, false),
        (Looping, false),
        (HashToElement, true),
        (Looping, true),
    ] {
        let mut responder = responder(&multi_link_options(true));
        let mut client = Client::new(STATION);
        let parties = Parties { own: AP, peer: MLD };
        let mut station = Station::of(parties, method, b"profiler", 9);
        let mut fields = [station.commit(None), multi_link(MLD)].concat();
        if clogged {
            clog(&mut responder);
            let frame = client.authentication(3, 1, method.status(), &fields);
            let demand = sae_answer(&only(responder.frame(&frame, NOW)));
            let at = if method == HashToElement { 5 } else { 2 };
            let (token, elements) = demand.fields[at..].split_at(32);
            assert_eq!((demand.status, ap_mld(elements)), (76, Some(AP)));
            fields = [station.commit(Some(token)), multi_link(MLD)].concat();
        }
        let frame = client.authentication(3, 1, method.status(), &fields);
        let mut answer = sae_answer(&only(responder.frame(&frame, NOW)));
        assert_eq!(ap_mld(&answer.fields[98..]), Some(AP), "{method:?}");
        answer.fields.truncate(98);
        let fields = [station.confirm(&answer, 1), multi_link(MLD)].concat();
        let frame = client.authentication(3, 2, 0, &fields);
        let answer = sae_answer(&only(responder.frame(&frame, NOW)));
        assert_eq!((answer.status, ap_mld(&answer.fields[34..])), (0, Some(AP)));
        let event = responder.events().last();
        assert!(matches!(
            event,
            Some(ResponderEvent::Authenticated { mld: Some(MLD), .. })
        ));
    }
}

/// Handshakes of five others, so that tokens are asked for.
fn clog(responder: &mut Responder) {
    for last in 0x10..0x15 {
        let peer = Address([2, 0, 0, 0, 0, last]);
        let station = Station::of(Parties { own: AP, peer }, SaeMethod::HashToElement, b"profiler", last);
        let commit = Client::new(peer).authentication(3, 1, 126, &station.commit(None));
        assert_eq!(sae_answer(&only(responder.frame(&commit, NOW))).status, 126);
    }
}
