//! The secret element that a passphrase and two addresses make: by hash to element, or by hunting and pecking.

use p256::{
    AffinePoint, FieldBytes, NistP256, ProjectivePoint, Scalar,
    elliptic_curve::{
        array::Array,
        ops::{Reduce, ReduceNonZero},
        point::DecompressPoint,
        subtle::{Choice, ConditionallySelectable},
    },
    hash2curve::MapToCurve,
};

use super::kdf::{hkdf, hmac, kdf};
use crate::dot11::Address;

/// Rounds of hunting and pecking, whatever they find (12.4.4.2.2: k is at least 40).
const ROUNDS: u8 = 40;

/// The prime of P-256, big endian (RFC 5903 3.1).
const PRIME: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff,
];

/// PT: the part of hash to element that knows no address, made once for an SSID and a passphrase.
#[derive(Clone, Copy, Debug)]
pub struct PasswordToken(ProjectivePoint);

/// PWE: the generator that both sides use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordElement(pub(super) ProjectivePoint);

impl PasswordToken {
    /// Of a passphrase (12.4.4.2.3); a password identifier would follow it directly.
    #[must_use]
    pub fn new(ssid: &[u8], passphrase: &[u8]) -> Self {
        let labels = ["SAE Hash to Element u1 P1", "SAE Hash to Element u2 P2"];
        let [first, second] = hkdf::<48, 2>(ssid, passphrase, labels).map(|value| {
            let value = Reduce::reduce(&Array::from(value));
            NistP256::map_to_curve(value)
        });
        Self(first + second)
    }

    /// PWE of two stations (12.4.5.2).
    #[must_use]
    pub fn element(&self, a: Address, b: Address) -> PasswordElement {
        let hash = hmac(&[0; 32], &[&a.max(b).0, &a.min(b).0]);
        let value: Scalar = ReduceNonZero::reduce_nonzero(&FieldBytes::from(hash));
        PasswordElement(self.0 * value)
    }
}

impl PasswordElement {
    /// PWE by hunting and pecking (12.4.4.2.2). `None` where 255 rounds find none, which doesn't happen.
    #[must_use]
    pub fn by_looping(passphrase: &[u8], a: Address, b: Address) -> Option<Self> {
        let mut found = Choice::from(0);
        let mut element = AffinePoint::IDENTITY;
        for counter in 1..=u8::MAX {
            let seed = hmac(&[a.max(b).0, a.min(b).0].concat(), &[passphrase, &[counter]]);
            let x: [u8; 32] = kdf(&seed, "SAE Hunting and Pecking", &PRIME);
            // The value must be less than the prime, and a point have it as its x; the seed's parity chooses which of both.
            let point = AffinePoint::decompress(&FieldBytes::from(x), Choice::from(seed[31] & 1));
            element.conditional_assign(&point.unwrap_or(AffinePoint::IDENTITY), point.is_some() & !found);
            found |= point.is_some();
            if counter >= ROUNDS && found.into() {
                return Some(Self(element.into()));
            }
        }
        None
    }
}
