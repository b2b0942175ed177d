//! The values of IEEE Std 802.11-2020 Annex J.10, as hostap's `sae_tests` (src/common/common_module_tests.c) has them.

use p256::{
    AffinePoint, FieldBytes, Scalar,
    elliptic_curve::{PrimeField, point::AffineCoordinates},
};

use super::{super::*, array, hex};
use crate::dot11::Address;

const RAND: &str = "992465fd3daa3c60aa6565b7f62a2a7f2e12dd12f198faf4fbed89d7ff1ace94";
const MASK: &str = "9507a90f777a044d6a0830b91ea3d5dd70bece44e1acffb86983b5e1bf9fb322";
const OWN: &str = "2e2c0f0db52440ad146d967114ce005ce1eab0aa2c2e5c2871b774f6c2575c65
    d5ad9e00829707aa36ba8b859738fc961d08243505f47c035376d7ac4bc8d7b9
    5083bf43827d0fc31ed778dd3671fd21a46d1091d64b6f9a1e1272621325dbe1";
const PEER: &str = "591b96f3397fb9451008 48e7b550543b6720d88337ee93fc49fd6df7e08b5223
    e71b9bb048d3873f2055695 3a96c91536fd8ee6ca9b4a68a148b056a909b
    e03e83ae208f60f8ef55378580 74db06687032399862999b511e0a1552a5fea317c2";
const KCK: &str = "1e733f6d9bd532562873043388 31b09a39406d121017073a5c30db36f36cb81a";
const PMK: &str = "4e4dfab1a2dd8ac1a91790f953faaa452ae5c6873ab75b63605ba663f8a7fe59";
const PMKID: &str = "8747a600eea3f9f22475df58ca1e5498";

fn scalar(text: &str) -> Scalar {
    Scalar::from_repr(FieldBytes::from(array::<32>(text))).unwrap()
}

#[test]
fn hunting_and_pecking_then_keys() {
    let [a, b] = ["4d3f2fffe387", "a5d8aa958e3c"].map(|text| Address(array(text)));
    let password_element = PasswordElement::by_looping(b"mekmitasdigoat", a, b).unwrap();
    assert_eq!(
        PasswordElement::by_looping(b"mekmitasdigoat", b, a),
        Some(password_element)
    );
    let secrets = Secrets::new(scalar(RAND), scalar(MASK)).unwrap();
    let own = Exchange::new(password_element, secrets);
    assert_eq!(own.octets()[..], hex(OWN));
    let peer = hex(PEER);
    let peer = PeerCommit::new(&peer[..32], &peer[32..]).unwrap();
    let keys = own.keys(&peer, &[0; 32]).unwrap();
    let expected = Keys {
        kck: array(KCK),
        pmk: array(PMK),
        pmkid: array(PMKID),
    };
    assert_eq!(keys, expected);
}

#[test]
fn hash_to_element() {
    // A password identifier, psk4internet, follows the password.
    let token = PasswordToken::new(b"byteme", b"mekmitasdigoatpsk4internet");
    let [a, b] = ["00095b66ec1e", "000b6bd90246"].map(|text| Address(array(text)));
    let element = token.element(a, b);
    assert_eq!(element, token.element(b, a));
    let point = AffinePoint::from(element.0);
    assert_eq!(
        (point.x()[..].to_vec(), point.y()[..].to_vec()),
        (
            hex("c93049b9e64000f848201649e999f2b5c22dea69b5632c9df4d633b8aa1f6c1e"),
            hex("73634e94b53d82e7383a8d258199d9dc1a5ee8269d060382ccbf33e614ff59a0")
        )
    );
}
