//! The partition of a key, as Kafka's own producer chooses it, so that other producers of the topic agree.

/// A key's partition, or that whose `turn` it is.
pub(super) fn partition(key: Option<&str>, turn: usize, partitions: usize) -> usize {
    let partitions = partitions.max(1);
    match key {
        Some(key) => (murmur2(key.as_bytes()) & 0x7fff_ffff) as usize % partitions,
        None => turn % partitions,
    }
}

/// `Utils.murmur2` of Kafka's `clients/src/main/java/org/apache/kafka/common/utils/Utils.java`.
fn murmur2(octets: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    let mut hash = SEED ^ octets.len() as u32;
    let mut words = octets.chunks_exact(4);
    for word in &mut words {
        let mut k = word.iter().rev().fold(0, |k, octet| k << 8 | u32::from(*octet));
        k = k.wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        hash ^= rest.iter().rev().fold(0, |k, octet| k << 8 | u32::from(*octet));
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 15
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `UtilsTest.testMurmur2` of Kafka.
    #[test]
    fn hashes_as_kafka_does() {
        for (text, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(text.as_bytes()).cast_signed(), hash, "{text}");
        }
    }

    #[test]
    fn every_partition_exists() {
        for index in 0..100 {
            assert!(partition(Some(&index.to_string()), 0, 7) < 7);
            assert_eq!(partition(None, index, 3), index % 3);
        }
    }
}
