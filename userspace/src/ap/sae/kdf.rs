//! The functions over SHA-256 that group 19 uses (12.4.2).

use hkdf::{Hkdf, HmacImpl};
use hmac::Hmac;
use sha2::Sha256;

/// H and CN: HMAC-SHA-256 of the parts one after the other.
pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut hmac: Hmac<Sha256> = HmacImpl::new_from_slice(key);
    for part in parts {
        HmacImpl::update(&mut hmac, part);
    }
    HmacImpl::finalize(hmac).into()
}

/// KDF-SHA-256-Length (12.7.1.6.2), the length being that of the array.
pub(super) fn kdf<const N: usize>(key: &[u8], label: &str, context: &[u8]) -> [u8; N] {
    let length = (N as u16 * 8).to_le_bytes();
    let mut out = [0; N];
    for (i, part) in (1_u16..).zip(out.chunks_mut(32)) {
        let hash = hmac(key, &[&i.to_le_bytes(), label.as_bytes(), context, &length]);
        part.copy_from_slice(&hash[..part.len()]);
    }
    out
}

/// HKDF-Extract, then HKDF-Expand for each label (RFC 5869).
pub(super) fn hkdf<const N: usize, const LABELS: usize>(
    salt: &[u8],
    key: &[u8],
    labels: [&str; LABELS],
) -> [[u8; N]; LABELS] {
    let hkdf = Hkdf::<Sha256>::new(Some(salt), key);
    labels.map(|label| {
        let mut out = [0; N];
        hkdf.expand(label.as_bytes(), &mut out)
            .expect("no more than 255 hashes are asked for");
        out
    })
}
