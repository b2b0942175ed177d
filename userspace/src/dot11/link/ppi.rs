//! Per-Packet Information (CACE Technologies, PPI Packet Header Format 1.0.10).

use airlens_common::Octets;

use super::{Fcs, Link, LinkError, LinkType};

/// Field type 802.11-Common, and its length.
const COMMON: (u16, usize) = (2, 20);

mod flags {
    pub(super) const FCS: u16 = 1 << 0;
    pub(super) const BAD_FCS: u16 = 1 << 2;
}

/// Version, flags, length, link type; then fields of type, length and data, little-endian.
pub(super) fn parse(packet: &[u8]) -> Result<Link, LinkError> {
    let truncated = LinkError::Truncated(LinkType::Ppi);
    let (Some(alignment), Some(length), Some(inner)) = (packet.u8(1), packet.u16_le(2), packet.u32_le(4)) else {
        return Err(truncated);
    };
    let length = usize::from(length);
    let header = packet.get(..length).ok_or(truncated)?;
    let mut fields = header.get(8..).ok_or(truncated)?;
    if inner != u32::from(LinkType::Ieee80211.number()) {
        return Err(LinkError::NotIeee80211(inner));
    }
    let mut link = Link {
        frame_at: length,
        fcs: Fcs::Unknown,
        bad_fcs: false,
        frequency: None,
        signal: None,
    };
    while let (Some(kind), Some(size)) = (fields.u16_le(0), fields.u16_le(2)) {
        let size = usize::from(size);
        let data = fields.get(4..4 + size).ok_or(truncated)?;
        if (kind, size) == COMMON {
            common(data, &mut link);
        }
        // Flag bit 0: fields start at multiples of four.
        let step = if alignment & 1 != 0 {
            size.next_multiple_of(4)
        } else {
            size
        };
        fields = fields.get(4 + step..).unwrap_or_default();
    }
    Ok(link)
}

/// TSF 8, flags 2, rate 2, frequency 2, channel flags 2, FHSS 2, signal 1, noise 1.
fn common(data: &[u8], link: &mut Link) {
    if let Some(bits) = data.u16_le(8) {
        link.fcs = if bits & flags::FCS != 0 {
            Fcs::Present
        } else {
            Fcs::Absent
        };
        link.bad_fcs = bits & flags::BAD_FCS != 0;
    }
    link.frequency = data.u16_le(12).filter(|&frequency| frequency != 0);
    // 0 and -128 stand for "unknown".
    link.signal = data
        .u8(18)
        .map(u8::cast_signed)
        .filter(|&signal| signal != 0 && signal != i8::MIN);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet() -> Vec<u8> {
        let mut packet = vec![0, 0, 32, 0, 105, 0, 0, 0, 2, 0, 20, 0];
        packet.extend([0; 8]);
        packet.extend([1, 0, 12, 0, 0x3c, 0x14, 0, 0, 0, 0, 0xc4, 0xa0]);
        packet
    }

    #[test]
    fn common_field_tells_fcs_frequency_and_signal() {
        let link = parse(&packet()).unwrap();
        assert_eq!((link.frame_at, link.fcs, link.bad_fcs), (32, Fcs::Present, false));
        assert_eq!((link.frequency, link.signal), (Some(5180), Some(-60)));
        assert_eq!(parse(&packet()[..31]), Err(LinkError::Truncated(LinkType::Ppi)));
    }

    #[test]
    fn steps_over_other_fields_with_alignment() {
        let mut octets = packet();
        let common = octets.split_off(8);
        octets[1] = 1;
        octets[2] = 40;
        octets.extend([99, 0, 1, 0, 7, 0, 0, 0]);
        octets.extend(common);
        assert_eq!(parse(&octets).unwrap().frequency, Some(5180));
        octets[4] = 1;
        assert_eq!(parse(&octets), Err(LinkError::NotIeee80211(1)));
        assert_eq!(parse(&[0, 0, 8, 0, 105, 0, 0, 0]).unwrap().fcs, Fcs::Unknown);
    }
}
