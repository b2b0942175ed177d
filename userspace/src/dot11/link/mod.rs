//! What stands in front of the 802.11 frame in a captured packet, by link type.

mod fcs;
mod older;
mod ppi;
pub mod radiotap;

use std::fmt;

use airlens_common::radiotap::{Malformed, Radiotap as Short, flags};

pub(crate) use fcs::crc32;
use radiotap::Radiotap;

/// Link types that carry 802.11 frames (<https://www.tcpdump.org/linktypes.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// 127, a radiotap header.
    Radiotap,
    /// 105, nothing in front.
    Ieee80211,
    /// 119, a Prism header, or an AVS one where its first octets say so.
    Prism,
    /// 163, an AVS header.
    Avs,
    /// 192, Per-Packet Information.
    Ppi,
}

/// A link type that carries no 802.11 frames, or none that airlens can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "link type {0} is no 802.11 capture; accepted are 105 (802.11), 119 (Prism), 127 (radiotap), 163 (AVS) and 192 (PPI): \
     capture on an interface in monitor mode"
)]
pub struct UnknownLinkType(pub u32);

/// Why the frame of a packet can't be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The radiotap header is malformed.
    #[error("the radiotap header is malformed ({0:?})")]
    Radiotap(Malformed),
    /// The packet ends within the header, or the header's own length is wrong.
    #[error("the {0} header runs over the packet's end")]
    Truncated(LinkType),
    /// A PPI packet of another link type inside.
    #[error("the PPI packet holds link type {0}, no 802.11 frame")]
    NotIeee80211(u32),
}

/// Whether the frame ends with its FCS (9.2.4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fcs {
    /// The header says so.
    Present,
    /// The header says that it doesn't.
    Absent,
    /// The header can't say: the frame's last four octets decide.
    Unknown,
}

/// What the header of a packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Offset of the 802.11 frame.
    pub frame_at: usize,
    /// Whether its FCS is there.
    pub fcs: Fcs,
    /// Its FCS was found wrong when it was received.
    pub bad_fcs: bool,
    /// Channel frequency in MHz.
    pub frequency: Option<u16>,
    /// Signal in dBm.
    pub signal: Option<i8>,
}

impl LinkType {
    /// The type of a number as it stands in a capture file.
    ///
    /// # Errors
    ///
    /// Other link types carry no 802.11 frames.
    pub fn from_number(number: u32) -> Result<Self, UnknownLinkType> {
        [Self::Radiotap, Self::Ieee80211, Self::Prism, Self::Avs, Self::Ppi]
            .into_iter()
            .find(|link| u32::from(link.number()) == number)
            .ok_or(UnknownLinkType(number))
    }

    /// Its number in capture files.
    pub fn number(self) -> u16 {
        match self {
            Self::Ieee80211 => 105,
            Self::Prism => 119,
            Self::Radiotap => 127,
            Self::Avs => 163,
            Self::Ppi => 192,
        }
    }

    /// Reads a packet's header.
    ///
    /// # Errors
    ///
    /// [`LinkError`]: nothing of the packet can be located.
    pub fn parse(self, packet: &[u8]) -> Result<Link, LinkError> {
        match self {
            Self::Radiotap => radiotap(packet),
            Self::Ieee80211 => Ok(Link {
                frame_at: 0,
                fcs: Fcs::Unknown,
                bad_fcs: false,
                frequency: None,
                signal: None,
            }),
            Self::Prism => older::prism(packet).ok_or(LinkError::Truncated(self)),
            Self::Avs => older::avs(packet).ok_or(LinkError::Truncated(self)),
            Self::Ppi => ppi::parse(packet),
        }
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Radiotap => "radiotap",
            Self::Ieee80211 => "802.11",
            Self::Prism => "Prism",
            Self::Avs => "AVS",
            Self::Ppi => "PPI",
        })
    }
}

impl Link {
    /// The 802.11 frame without its FCS. `original` is the packet's length on the wire: what the capture cut off is cut
    /// from the FCS first.
    pub fn frame<'a>(&self, packet: &'a [u8], original: usize) -> &'a [u8] {
        let frame = packet.get(self.frame_at..).unwrap_or_default();
        let missing = original.saturating_sub(packet.len());
        let fcs = match self.fcs {
            Fcs::Absent => 0,
            Fcs::Present => 4usize.saturating_sub(missing),
            Fcs::Unknown => 4 * usize::from(missing == 0 && fcs::is_at_end(frame)),
        };
        &frame[..frame.len().saturating_sub(fcs)]
    }
}

/// The short form says it all for most packets; the rest of a header is read where a frequency or a signal is still missing.
fn radiotap(packet: &[u8]) -> Result<Link, LinkError> {
    let header = Short::parse(packet).map_err(LinkError::Radiotap)?;
    let mut link = Link {
        frame_at: usize::from(header.length),
        fcs: if header.flags & flags::FCS_AT_END != 0 {
            Fcs::Present
        } else {
            Fcs::Absent
        },
        bad_fcs: header.flags & flags::BAD_FCS != 0,
        frequency: (header.frequency != 0).then_some(header.frequency),
        signal: header.has_signal.then_some(header.signal),
    };
    if link.frequency.is_none() || link.signal.is_none() {
        let full = Radiotap::parse(packet).map_err(LinkError::Radiotap)?;
        link.frequency = full.frequency();
        link.signal = link.signal.or(full.best_signal());
    }
    Ok(link)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn radiotap_tells_all() {
        let packet = [
            0, 0, 15, 0, 0x2a, 0, 0, 0, 0x10, 0, 0x3c, 0x14, 0, 0, 0xce, 0xb0, 0, 1, 2, 3, 4,
        ];
        let link = LinkType::Radiotap.parse(&packet).unwrap();
        assert_eq!((link.frame_at, link.fcs, link.bad_fcs), (15, Fcs::Present, false));
        assert_eq!((link.frequency, link.signal), (Some(5180), Some(-50)));
        assert_eq!(link.frame(&packet, packet.len()), [0xb0, 0]);
        assert_eq!(
            link.frame(&packet[..19], 21),
            [0xb0, 0],
            "two octets of the FCS were not captured"
        );
        assert_eq!(link.frame(&packet[..17], 99), [0xb0, 0], "none of it was");
        assert!(matches!(
            LinkType::Radiotap.parse(&packet[..9]),
            Err(LinkError::Radiotap(_))
        ));
    }

    #[test]
    fn a_bare_frames_fcs_is_recognised() {
        // CRC-32 of "123456789", the check value of every catalogue.
        let packet = *b"123456789\x26\x39\xf4\xcb";
        let link = LinkType::Ieee80211.parse(&packet).unwrap();
        assert_eq!(link.frame(&packet, 13), b"123456789");
        assert_eq!(link.frame(&packet[..12], 12), &packet[..12]);
        assert!(link.frame(&[], 0).is_empty());
    }

    #[test]
    fn numbers() {
        assert_eq!(LinkType::from_number(192), Ok(LinkType::Ppi));
        let error = LinkType::from_number(1).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("link type 1 is no 802.11 capture; accepted are 105")
        );
    }

    proptest! {
        #[test]
        fn any_octets(octets: Vec<u8>, original: u16) {
            for link in [LinkType::Radiotap, LinkType::Ieee80211, LinkType::Prism, LinkType::Avs, LinkType::Ppi] {
                if let Ok(header) = link.parse(&octets) {
                    prop_assert!(header.frame(&octets, original.into()).len() <= octets.len());
                }
            }
        }
    }
}
