//! Values of the options.

use std::time::Duration;

/// Octets: a number, with K, M or G for 2^10, 2^20 or 2^30.
pub(super) fn octets(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1 << 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1 << 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1u64),
    };
    let octets = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    octets
        .filter(|octets| *octets > 0)
        .ok_or_else(|| "use a number of octets above 0, such as 65536, 64K, 100M or 2G".to_owned())
}

/// A time above 0, in seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds
        .filter(|time| !time.is_zero() && *time <= Duration::from_secs(366 * 86_400))
        .ok_or_else(|| "use a number of seconds above 0, such as 10 or 0.5, up to a year".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(octets("10"), Ok(10));
        assert_eq!(
            [octets("64K"), octets("2m"), octets("1G")],
            [Ok(65_536), Ok(2 << 20), Ok(1 << 30)]
        );
        for wrong in ["", "0", "K", "-1", "1.5M", "99999999999G", "10 M", "é"] {
            assert!(octets(wrong).is_err(), "{wrong}");
        }
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["", "0", "-1", "inf", "nan", "1e30"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
