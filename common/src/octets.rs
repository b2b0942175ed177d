//! Octets at an offset: the one way in which the shared parsers read a packet.

/// Checked reads at an offset, counted in octets from the packet's start.
///
/// Each accessor gives `None` where the packet ends before the value does.
pub trait Octets {
    /// One octet.
    fn u8(&self, at: usize) -> Option<u8>;
    /// Two octets in this machine's order.
    fn u16_ne(&self, at: usize) -> Option<u16>;
    /// Four octets in this machine's order.
    fn u32_ne(&self, at: usize) -> Option<u32>;
    /// Eight octets in this machine's order.
    fn u64_ne(&self, at: usize) -> Option<u64>;

    /// The same offset. In the kernel: one of which the verifier knows nothing any more, so that it follows what comes after once,
    /// not for each way that led there. To be used off the common path, it costs some cycles.
    #[inline(always)]
    fn forget(&self, at: usize) -> usize {
        at
    }

    /// Two octets, big-endian (the network's order).
    #[inline(always)]
    fn u16_be(&self, at: usize) -> Option<u16> {
        self.u16_ne(at).map(u16::from_be)
    }

    /// Two octets, little-endian (802.11's and radiotap's order).
    #[inline(always)]
    fn u16_le(&self, at: usize) -> Option<u16> {
        self.u16_ne(at).map(u16::from_le)
    }

    /// Four octets, little-endian.
    #[inline(always)]
    fn u32_le(&self, at: usize) -> Option<u32> {
        self.u32_ne(at).map(u32::from_le)
    }

    /// Eight octets, little-endian.
    #[inline(always)]
    fn u64_le(&self, at: usize) -> Option<u64> {
        self.u64_ne(at).map(u64::from_le)
    }
}

fn array<const N: usize>(octets: &[u8], at: usize) -> Option<[u8; N]> {
    octets.get(at..at.checked_add(N)?)?.try_into().ok()
}

impl Octets for [u8] {
    fn u8(&self, at: usize) -> Option<u8> {
        self.get(at).copied()
    }

    fn u16_ne(&self, at: usize) -> Option<u16> {
        array(self, at).map(u16::from_ne_bytes)
    }

    fn u32_ne(&self, at: usize) -> Option<u32> {
        array(self, at).map(u32::from_ne_bytes)
    }

    fn u64_ne(&self, at: usize) -> Option<u64> {
        array(self, at).map(u64::from_ne_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_end_where_the_packet_ends() {
        let packet: &[u8] = &[1, 2, 3, 4];
        assert_eq!(packet.u16_be(2), Some(0x0304));
        assert_eq!(packet.u16_le(2), Some(0x0403));
        assert_eq!(packet.u16_be(3), None);
        assert_eq!(packet.u32_le(0), Some(0x0403_0201));
        assert_eq!(packet.u64_le(0), None);
        assert_eq!(packet.u8(usize::MAX), None);
        assert_eq!(packet.u16_be(usize::MAX), None);
    }
}
