//! JA4, the fingerprint of a ClientHello that does not depend on the order of its extensions (FoxIO,
//! `technical_details/JA4.md`).

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::hello::{Client, is_grease};

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;

/// Of a ClientHello over TCP.
pub(super) fn fingerprint(client: &Client) -> String {
    let known = |values: &[u16]| -> Vec<u16> { values.iter().copied().filter(|value| !is_grease(*value)).collect() };
    let mut ciphers = known(&client.ciphers);
    let mut extensions = known(&client.extensions);
    let signature_algorithms = known(&client.signature_algorithms);
    let name = if extensions.contains(&SERVER_NAME) { 'd' } else { 'i' };
    let mut text = format!(
        "t{}{name}{:02}{:02}{}",
        version(client.version()),
        ciphers.len().min(99),
        extensions.len().min(99),
        ends(client.alpn().next().unwrap_or_default()),
    );
    ciphers.sort_unstable();
    extensions.sort_unstable();
    extensions.retain(|kind| ![SERVER_NAME, ALPN].contains(kind));
    let mut rest = list(&extensions);
    if !rest.is_empty() && !signature_algorithms.is_empty() {
        rest.push('_');
        rest.push_str(&list(&signature_algorithms));
    }
    for part in [list(&ciphers), rest] {
        text.push('_');
        text.push_str(&hash(&part));
    }
    text
}

fn version(number: u16) -> &'static str {
    match number {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// First and last character of the first application protocol, those of its hexadecimal digits where one is no letter or digit.
fn ends(alpn: &[u8]) -> String {
    let (Some(&first), Some(&last)) = (alpn.first(), alpn.last()) else {
        return "00".to_owned();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(first), char::from(last)].iter().collect();
    }
    format!("{:x}{:x}", first >> 4, last & 15)
}

fn list(values: &[u16]) -> String {
    let texts: Vec<_> = values.iter().map(|value| format!("{value:04x}")).collect();
    texts.join(",")
}

/// The first 12 digits, zeros of nothing.
fn hash(text: &str) -> String {
    let mut digits = String::with_capacity(12);
    if text.is_empty() {
        return "0".repeat(12);
    }
    for octet in &Sha256::digest(text.as_bytes())[..6] {
        // A String takes everything.
        let _ = write!(digits, "{octet:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_the_specification() {
        let ciphers = "002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9";
        assert_eq!(hash(ciphers), "8daaf6152771");
        let extensions = "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01";
        let algorithms = "0403,0804,0401,0503,0805,0501,0806,0601";
        assert_eq!(hash(&format!("{extensions}_{algorithms}")), "e5627efa2ab1");
        assert_eq!(hash(""), "000000000000");
    }

    #[test]
    fn ends_of_a_protocol() {
        // The last four are the specification's.
        for (alpn, expected) in [
            (&b"h2"[..], "h2"),
            (b"http/1.1", "h1"),
            (b"", "00"),
            (b"x", "xx"),
            (&[0xab], "ab"),
            (&[0xab, 0xcd], "ad"),
            (&[0x30, 0xab], "3b"),
            (&[0x30, 0x31, 0xab, 0xcd], "3d"),
        ] {
            assert_eq!(ends(alpn), expected, "{alpn:x?}");
        }
    }
}
