//! What became of the frames.

use std::collections::BTreeMap;

/// What a frame came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameOutcome {
    /// It ends too early for what it is.
    Malformed,
    /// A kind of frame that needs no answer.
    Ignored,
    /// To another access point or station.
    Foreign,
    /// Our own.
    Own,
    /// Its source is a group, or none.
    BadSource,
    /// A retransmission, answered as before.
    Repeated,
    /// Not answered: the station, or all of them, sent too many.
    Limited,
    /// A probe request, answered.
    ProbeAnswered,
    /// A probe request for another network or channel.
    ProbeOther,
    /// A probe request, and answers are switched off.
    ProbeOff,
    /// Open system authentication, accepted.
    OpenAccepted,
    /// An authentication algorithm that is not offered, refused.
    AlgorithmRefused,
    /// An authentication frame that is not the next, refused or left out.
    OutOfSequence,
    /// SAE commit, answered with ours.
    SaeCommitted,
    /// SAE message that was known.
    SaeRepeated,
    /// SAE commit, answered with a token.
    SaeTokenRequired,
    /// SAE confirm, right: accepted.
    SaeAccepted,
    /// SAE message that ended in a failure.
    SaeFailed,
    /// (Re)association request, refused as the settings say.
    AssociationRefused,
    /// (Re)association request of a station that is not authenticated.
    NotAuthenticated,
    /// Data of a station, and none is associated.
    NotAssociated,
    /// Deauthentication or disassociation by the station.
    Left,
}

impl FrameOutcome {
    /// Every one, in the order of their declaration.
    pub const ALL: [Self; 22] = [
        Self::Malformed,
        Self::Ignored,
        Self::Foreign,
        Self::Own,
        Self::BadSource,
        Self::Repeated,
        Self::Limited,
        Self::ProbeAnswered,
        Self::ProbeOther,
        Self::ProbeOff,
        Self::OpenAccepted,
        Self::AlgorithmRefused,
        Self::OutOfSequence,
        Self::SaeCommitted,
        Self::SaeRepeated,
        Self::SaeTokenRequired,
        Self::SaeAccepted,
        Self::SaeFailed,
        Self::AssociationRefused,
        Self::NotAuthenticated,
        Self::NotAssociated,
        Self::Left,
    ];

    /// Its name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Ignored => "ignored",
            Self::Foreign => "foreign",
            Self::Own => "own",
            Self::BadSource => "bad-source",
            Self::Repeated => "repeated",
            Self::Limited => "limited",
            Self::ProbeAnswered => "probe-answered",
            Self::ProbeOther => "probe-other",
            Self::ProbeOff => "probe-off",
            Self::OpenAccepted => "open-accepted",
            Self::AlgorithmRefused => "algorithm-refused",
            Self::OutOfSequence => "out-of-sequence",
            Self::SaeCommitted => "sae-committed",
            Self::SaeRepeated => "sae-repeated",
            Self::SaeTokenRequired => "sae-token-required",
            Self::SaeAccepted => "sae-accepted",
            Self::SaeFailed => "sae-failed",
            Self::AssociationRefused => "association-refused",
            Self::NotAuthenticated => "not-authenticated",
            Self::NotAssociated => "not-associated",
            Self::Left => "left",
        }
    }
}

/// Counters since the start. Every frame has one outcome: their sum is the number of frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponderCounts {
    /// By [`FrameOutcome`], in its order.
    outcomes: [u64; FrameOutcome::ALL.len()],
    /// Handshakes that failed, by [`super::super::sae::SaeCause::name`]; those that stations left unfinished too.
    pub sae_failures: BTreeMap<&'static str, u64>,
    /// Reassociation requests among the association requests.
    pub reassociations: u64,
    /// Stations that are remembered now.
    pub stations: u64,
    /// Stations that were forgotten to make room for others.
    pub stations_evicted: u64,
    /// Stations that were forgotten because they were quiet.
    pub stations_expired: u64,
    /// Events that nobody took in time.
    pub events_lost: u64,
}

impl ResponderCounts {
    pub(super) fn count(&mut self, outcome: FrameOutcome) {
        self.outcomes[outcome as usize] += 1;
    }

    /// Frames with this outcome.
    #[must_use]
    pub fn of(&self, outcome: FrameOutcome) -> u64 {
        self.outcomes[outcome as usize]
    }

    /// All frames.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.outcomes.iter().sum()
    }
}
