//! How often one address may ask: a token bucket (RFC 2697 has the idea) for each, in bounded memory.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Addresses of a generation: two are kept, 48 octets an address.
const GENERATION: usize = 2048;

/// Requests a second of each address, and twice as many at once.
#[derive(Debug)]
pub struct RateLimit {
    per_second: f64,
    buckets: Mutex<Generations>,
}

/// An address's bucket stays at least until so many others have asked as [`GENERATION`] says.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<IpAddr, Bucket>,
    old: HashMap<IpAddr, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl RateLimit {
    /// So many a second.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self {
            per_second: f64::from(per_second.max(1)),
            buckets: Mutex::default(),
        }
    }

    /// Takes a request of `address` at `now`.
    ///
    /// # Errors
    ///
    /// It is one too many: how long to wait for the next.
    pub fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let (address, most) = (peer(address), 2.0 * self.per_second);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = buckets.young.get(&address).or_else(|| buckets.old.get(&address));
        let mut bucket = known.copied().unwrap_or(Bucket { tokens: most, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * self.per_second).min(most);
        bucket.at = now;
        let taken = if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - bucket.tokens) / self.per_second))
        };
        if buckets.young.len() >= GENERATION && !buckets.young.contains_key(&address) {
            buckets.old = std::mem::take(&mut buckets.young);
        }
        buckets.young.insert(address, bucket);
        taken
    }
}

/// What counts as one peer: an IPv4 address, or an IPv6 network of 64 bits, of which a host has all addresses (RFC 4291 2.5.4).
pub(super) fn peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn a_burst_then_so_many_a_second() {
        let (limit, start) = (RateLimit::new(10), Instant::now());
        let took = |at: Duration| (0..100).filter(|_| limit.take(ONE, start + at).is_ok()).count();
        assert_eq!(took(Duration::ZERO), 20);
        let wait = limit.take(ONE, start).unwrap_err();
        assert!(
            wait > Duration::from_millis(99) && wait < Duration::from_millis(101),
            "{wait:?}"
        );
        assert_eq!(took(Duration::from_secs(1)), 10);
        assert_eq!(took(Duration::from_secs(9)), 20);
        assert!(limit.take("192.0.2.2".parse().unwrap(), start).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_who_asks_is_remembered() {
        let (limit, now) = (RateLimit::new(1), Instant::now());
        for n in 0..3 * GENERATION as u32 {
            let _ = limit.take(ONE, now);
            let _ = limit.take(IpAddr::V4(n.into()), now);
        }
        assert!(limit.take(ONE, now).is_err());
        let buckets = limit.buckets.lock().unwrap();
        assert!(buckets.young.len() <= GENERATION && buckets.old.len() <= GENERATION);
    }

    #[test]
    fn a_network_of_ipv6_is_one() {
        let of = |text: &str| peer(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), ONE);
    }
}
