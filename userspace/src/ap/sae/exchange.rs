//! What both sides of the handshake compute (12.4.5): the same for an AP and a station.

use p256::{
    AffinePoint, FieldBytes, ProjectivePoint, Scalar,
    elliptic_curve::{
        PrimeField, array::Array, consts::U48, group::Group, ops::Reduce, point::AffineCoordinates,
        subtle::ConstantTimeEq,
    },
};

use super::{
    Entropy, PasswordElement, SaeCause,
    kdf::{hmac, kdf},
};

/// Octets of scalar and element.
const COMMIT: usize = 96;

/// rand and mask (12.4.5.3), each above 1, as is their sum.
#[derive(Clone, Copy)]
pub struct Secrets {
    rand: Scalar,
    mask: Scalar,
}

impl Secrets {
    /// Draws them anew.
    pub fn draw(entropy: &mut Entropy) -> Self {
        loop {
            // 128 bits more than the order has: no value is likelier than another by more than 2^-128.
            let [rand, mask] = [(); 2].map(|()| Scalar::reduce(&Array::<u8, U48>::from(entropy.draw())));
            if let Some(secrets) = Self::new(rand, mask) {
                return secrets;
            }
        }
    }

    pub(super) fn new(rand: Scalar, mask: Scalar) -> Option<Self> {
        let fit = [rand, mask, rand + mask].iter().all(|scalar| above_one(*scalar));
        fit.then_some(Self { rand, mask })
    }
}

fn above_one(scalar: Scalar) -> bool {
    scalar != Scalar::ZERO && scalar != Scalar::ONE
}

/// The other side's scalar and element, checked (12.4.5.4).
#[derive(Clone, Copy, Debug)]
pub struct PeerCommit {
    scalar: Scalar,
    element: ProjectivePoint,
    octets: [u8; COMMIT],
}

impl PeerCommit {
    /// Reads the scalar and the element's two coordinates.
    ///
    /// # Errors
    ///
    /// The scalar is not within 2 and the order, or the element is no point of the curve.
    pub fn new(scalar: &[u8], element: &[u8]) -> Result<Self, SaeCause> {
        let mut octets = [0; COMMIT];
        match octets.split_at_mut(32) {
            (s, e) if scalar.len() == s.len() && element.len() == e.len() => {
                s.copy_from_slice(scalar);
                e.copy_from_slice(element);
            }
            _ => return Err(SaeCause::Malformed),
        }
        let [scalar, x, y] = [0, 32, 64].map(|at| {
            let mut field = FieldBytes::default();
            field.copy_from_slice(&octets[at..at + 32]);
            field
        });
        let scalar = Option::from(Scalar::from_repr(scalar))
            .filter(|scalar| above_one(*scalar))
            .ok_or(SaeCause::InvalidScalar)?;
        // The point at infinity has no coordinates, and every other one of this curve is of the group.
        let element: AffinePoint =
            Option::from(AffinePoint::from_coordinates(&x, &y)).ok_or(SaeCause::InvalidElement)?;
        Ok(Self {
            scalar,
            element: element.into(),
            octets,
        })
    }

    /// Scalar and element as transmitted.
    #[must_use]
    pub fn octets(&self) -> &[u8; COMMIT] {
        &self.octets
    }
}

/// What the handshake agrees on (12.4.5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Key confirmation key.
    pub kck: [u8; 32],
    /// Pairwise master key.
    pub pmk: [u8; 32],
    /// The name of the pairwise master key.
    pub pmkid: [u8; 16],
}

/// One side's commit.
#[derive(Clone)]
pub struct Exchange {
    secrets: Secrets,
    password_element: PasswordElement,
    scalar: Scalar,
    octets: [u8; COMMIT],
}

impl Exchange {
    /// Commits to these secrets (12.4.5.3).
    #[must_use]
    pub fn new(password_element: PasswordElement, secrets: Secrets) -> Self {
        let scalar = secrets.rand + secrets.mask;
        let element = -(password_element.0 * secrets.mask);
        let element = AffinePoint::from(element);
        let mut octets = [0; COMMIT];
        octets[..32].copy_from_slice(&scalar.to_repr());
        octets[32..64].copy_from_slice(&element.x());
        octets[64..].copy_from_slice(&element.y());
        Self {
            secrets,
            password_element,
            scalar,
            octets,
        }
    }

    /// Scalar and element as transmitted.
    #[must_use]
    pub fn octets(&self) -> &[u8; COMMIT] {
        &self.octets
    }

    /// The keys shared with the peer (12.4.5.4). `salt`: the groups that either side rejected, of hash to element; 32
    /// zeros where there are none.
    ///
    /// # Errors
    ///
    /// The peer sent our own commit back, or an element that cancels out.
    pub fn keys(&self, peer: &PeerCommit, salt: &[u8]) -> Result<Keys, SaeCause> {
        if peer.octets == self.octets {
            return Err(SaeCause::Reflected);
        }
        let shared = (self.password_element.0 * peer.scalar + peer.element) * self.secrets.rand;
        if shared.is_identity().into() {
            return Err(SaeCause::InvalidElement);
        }
        let key_seed = hmac(salt, &[&AffinePoint::from(shared).x()]);
        let sum = (self.scalar + peer.scalar).to_repr();
        let material: [u8; 64] = kdf(&key_seed, "SAE KCK and PMK", &sum);
        let mut keys = Keys {
            kck: [0; 32],
            pmk: [0; 32],
            pmkid: [0; 16],
        };
        keys.kck.copy_from_slice(&material[..32]);
        keys.pmk.copy_from_slice(&material[32..]);
        keys.pmkid.copy_from_slice(&sum[..16]);
        Ok(keys)
    }
}

impl Keys {
    /// The proof of who sent `own` and received `peer` (12.4.5.5).
    #[must_use]
    pub fn confirm(&self, send_confirm: u16, own: &[u8; COMMIT], peer: &[u8; COMMIT]) -> [u8; 32] {
        hmac(&self.kck, &[&send_confirm.to_le_bytes(), own, peer])
    }

    /// Whether `confirm` is the peer's proof (12.4.5.6), in constant time.
    #[must_use]
    pub fn confirmed(&self, confirm: &[u8], send_confirm: u16, own: &[u8; COMMIT], peer: &[u8; COMMIT]) -> bool {
        self.confirm(send_confirm, peer, own).ct_eq(confirm).into()
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange")
            .field("octets", &self.octets)
            .finish_non_exhaustive()
    }
}
