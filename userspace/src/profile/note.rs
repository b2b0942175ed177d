//! What is odd about a request.

use std::fmt;

use crate::dot11::element::ElementNote;

/// What was odd about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// About the frame's elements.
    Element(ElementNote),
    /// About the subelements of the Multi-Link element.
    MultiLink(ElementNote),
    /// About the elements of the link with this id.
    Link(u8, ElementNote),
    /// The capture holds fewer octets of the packet than were sent.
    Cut {
        /// Octets captured.
        captured: usize,
        /// Octets sent.
        original: usize,
    },
    /// The capture names no frequency: the band is what the elements tell.
    BandFromElements,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(note) => note.fmt(f),
            Self::MultiLink(note) => write!(f, "in Multi-Link: {note}"),
            Self::Link(link, note) => write!(f, "in link {link}: {note}"),
            Self::Cut { captured, original } => {
                write!(f, "the capture cut the packet to {captured} of {original} octets")
            }
            Self::BandFromElements => f.write_str("the capture names no frequency, the band is told by the elements"),
        }
    }
}
