//! Anti-clogging tokens (12.4.6): who returns one receives at the address that it sends from.

use std::time::Duration;

use p256::elliptic_curve::subtle::ConstantTimeEq;

use super::{Entropy, kdf::hmac};
use crate::dot11::Address;

/// Octets of a token.
pub(super) const TOKEN: usize = 32;

/// A token holds for this long at the least, and for twice as long at the most.
const EPOCH: Duration = Duration::from_secs(60);

/// Makes and checks tokens without remembering any.
#[derive(Clone)]
pub(super) struct Tokens {
    key: [u8; 32],
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    pub(super) fn new(entropy: &mut Entropy) -> Self {
        Self { key: entropy.draw() }
    }

    /// The token of a station at this time.
    pub(super) fn issue(&self, peer: Address, now: Duration) -> [u8; TOKEN] {
        self.of_epoch(peer, now.as_secs() / EPOCH.as_secs())
    }

    /// Whether `token` was issued to this station lately.
    pub(super) fn holds(&self, token: &[u8], peer: Address, now: Duration) -> bool {
        let epoch = now.as_secs() / EPOCH.as_secs();
        let is_of = |epoch| bool::from(self.of_epoch(peer, epoch).ct_eq(token));
        is_of(epoch) || epoch > 0 && is_of(epoch - 1)
    }

    fn of_epoch(&self, peer: Address, epoch: u64) -> [u8; TOKEN] {
        let mut token = hmac(&self.key, &[&peer.0, &epoch.to_le_bytes()]);
        // Without a container a token stands where elements may stand: it looks like none of those, 221 and 255.
        token[0] &= 0x7f;
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_of_one_station_and_expire() {
        let tokens = Tokens::new(&mut Entropy::new([7; 32]));
        let [peer, other] = [Address([2, 0, 0, 0, 0, 1]), Address([2, 0, 0, 0, 0, 2])];
        let at = Duration::from_secs;
        let token = tokens.issue(peer, at(119));
        assert!(tokens.holds(&token, peer, at(119)) && tokens.holds(&token, peer, at(179)));
        assert!(!tokens.holds(&token, peer, at(180)) && !tokens.holds(&token, peer, at(59)));
        assert!(!tokens.holds(&token, other, at(119)));
        assert!(!tokens.holds(&token[..31], peer, at(119)) && !tokens.holds(&[], peer, at(119)));
        assert!(!Tokens::new(&mut Entropy::new([8; 32])).holds(&token, peer, at(119)));
    }
}
