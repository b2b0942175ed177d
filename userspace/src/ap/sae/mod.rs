//! Simultaneous Authentication of Equals (IEEE Std 802.11-2020 12.4) as the AP's side, from a known passphrase, group 19.
//!
//! A WPA3-only client asks for association only after this handshake, so airlens must know the passphrase's proof. Hash to
//! element (12.4.4.2.3) and hunting and pecking (12.4.4.2.2) are answered, as the client chooses.
//!
//! The passphrase of a profiler is public: it is printed on the wall beside it, and protects nothing. All the same nothing
//! here takes a time that tells of it: HMAC, the map onto the curve, square roots and multiplications by scalars are
//! those of `p256` and `hmac`, which take the same time for every value; hunting and pecking does its 40 rounds whatever
//! they find; proofs and tokens are compared in constant time. What the time does tell is which checks a message fails,
//! and these are public values.

mod entropy;
mod exchange;
mod kdf;
mod message;
mod password_element;
mod server;
#[cfg(test)]
pub(in crate::ap) mod tests;
mod token;

pub use entropy::Entropy;
pub use exchange::{Exchange, Keys, PeerCommit, Secrets};
pub use message::{SaeCause, SaeMethod};
pub use password_element::{PasswordElement, PasswordToken};
pub use server::{Admission, Parties, SaeAnswer, SaeOutcome, SaeServer, Session};

/// The one group: 19, the curve P-256 with SHA-256 (RFC 5903).
pub const GROUP: u16 = 19;
