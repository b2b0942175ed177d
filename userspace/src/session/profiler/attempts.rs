//! Clients on their way to an association: from their first authentication to their request, or to its absence.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use crate::{
    dot11::{
        Address,
        frame::{Authentication, Frame, Leaving, Management, SaeCommit},
    },
    profile::{Authenticated, Leave, Side},
};

/// Attempts that are followed at a time, 100 octets each; with other APs, half of them.
pub(super) const MAX_ATTEMPTS: usize = 4096;

/// Challenge failure (Table 9-50): with SAE, the peer's confirm was wrong (12.4.8.6.1).
const CHALLENGE_FAILED: u16 = 15;

/// Why a client that began to authenticate never asked to associate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureCause {
    /// No answer of the AP was heard.
    NoAnswer,
    /// The AP refused the authentication by a status code.
    Rejected,
    /// The AP refused SAE's commit by a status code.
    SaeRejected,
    /// SAE's confirm was found wrong: the passphrases differ.
    WrongPassword,
    /// SAE began and was not finished.
    SaeUnfinished,
    /// The AP sent the client away.
    Dismissed,
    /// The client left.
    Left,
    /// Authenticated, and silent from then on.
    NotRequested,
}

impl FailureCause {
    /// All of them: the labels that a metric may have.
    pub const ALL: [Self; 8] = [
        Self::NoAnswer,
        Self::Rejected,
        Self::SaeRejected,
        Self::WrongPassword,
        Self::SaeUnfinished,
        Self::Dismissed,
        Self::Left,
        Self::NotRequested,
    ];

    /// As a label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NoAnswer => "no-answer",
            Self::Rejected => "rejected",
            Self::SaeRejected => "sae-rejected",
            Self::WrongPassword => "wrong-password",
            Self::SaeUnfinished => "sae-unfinished",
            Self::Dismissed => "dismissed",
            Self::Left => "left",
            Self::NotRequested => "not-requested",
        }
    }
}

/// An attempt that came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedAttempt {
    /// The client.
    pub client: Address,
    /// The AP's BSSID.
    pub bssid: Address,
    /// It was this run's own AP.
    pub own: bool,
    /// When it began, `CLOCK_MONOTONIC` in ns.
    pub since: u64,
    /// Channel frequency in MHz, 0 where unknown.
    pub frequency: u16,
    /// How it authenticated, and the AP's last status.
    pub authentication: Authenticated,
    /// Reason code of the frame that ended it, where there was one and it could be read.
    pub reason: Option<u16>,
    /// Why.
    pub cause: FailureCause,
}

/// A client's address and a BSSID.
pub(super) type Pair = (Address, Address);

/// Where and when a frame was heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    /// `CLOCK_MONOTONIC` in ns.
    pub(super) time: u64,
    /// MHz, 0 where unknown.
    pub(super) frequency: u16,
    /// By this run's own AP.
    pub(super) own: bool,
}

#[derive(Debug)]
struct Attempt {
    since: u64,
    frequency: u16,
    algorithm: u16,
    /// Transaction and status of the AP's last frame.
    answer: Option<(u16, u16)>,
    /// The client's last transaction.
    transaction: u16,
    ended: Option<(Side, Option<u16>)>,
}

/// The attempts that are followed.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    open: HashMap<Pair, Attempt>,
    /// By when they began.
    order: VecDeque<(u64, Pair)>,
}

impl Attempts {
    /// An authentication frame; false where it begins an attempt for which there is no room.
    pub(super) fn authentication(&mut self, pair: Pair, by: Side, frame: Authentication<'_>, at: Heard) -> bool {
        if by == Side::Ap {
            if let Some(attempt) = self.open.get_mut(&pair) {
                attempt.answer = Some((frame.transaction, frame.status));
            }
            return true;
        }
        // The order holds those that were answered by a request too, until their time is over.
        let full = self.order.len() >= if at.own { MAX_ATTEMPTS } else { MAX_ATTEMPTS / 2 };
        match self.open.get_mut(&pair) {
            Some(attempt) => {
                if frame.transaction == 1 && frame.algorithm != attempt.algorithm {
                    attempt.answer = None;
                }
                attempt.ended = None;
                (attempt.algorithm, attempt.transaction) = (frame.algorithm, frame.transaction);
            }
            None if full => return false,
            None => {
                let attempt = Attempt {
                    since: at.time,
                    frequency: at.frequency,
                    algorithm: frame.algorithm,
                    answer: None,
                    transaction: frame.transaction,
                    ended: None,
                };
                self.open.insert(pair, attempt);
                self.order.push_back((at.time, pair));
            }
        }
        true
    }

    /// A deauthentication or disassociation between the two.
    pub(super) fn left(&mut self, pair: Pair, by: Side, reason: Option<u16>) {
        if let Some(attempt) = self.open.get_mut(&pair) {
            attempt.ended.get_or_insert((by, reason));
        }
    }

    /// The client asked to associate: the attempt has reached its end. Gives when it began, `CLOCK_MONOTONIC` in ns.
    pub(super) fn requested(&mut self, pair: Pair) -> Option<u64> {
        self.open.remove(&pair).map(|attempt| attempt.since)
    }

    /// Attempts that have come neither to a request nor to their time's end.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Takes out those that began `timeout` before `now` and have not come to a request.
    pub(super) fn expire(&mut self, now: u64, timeout: Duration, own: Option<Address>) -> Vec<FailedAttempt> {
        let timeout = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        let mut failed = Vec::new();
        while let Some(&(since, pair)) = self.order.front()
            && now.saturating_sub(since) >= timeout
        {
            self.order.pop_front();
            // Another attempt may have begun after the end of this one.
            if self.open.get(&pair).is_some_and(|attempt| attempt.since == since)
                && let Some(attempt) = self.open.remove(&pair)
            {
                failed.push(attempt.failed(pair, own));
            }
        }
        failed
    }
}

impl Attempt {
    fn failed(&self, (client, bssid): Pair, own: Option<Address>) -> FailedAttempt {
        FailedAttempt {
            client,
            bssid,
            own: own == Some(bssid),
            since: self.since,
            frequency: self.frequency,
            authentication: Authenticated {
                algorithm: self.algorithm,
                status: self.answer.map(|(_, status)| status),
            },
            reason: self.ended.and_then(|(_, reason)| reason),
            cause: self.cause(),
        }
    }

    /// What the frames tell, the AP's status before the frames that only followed from it.
    fn cause(&self) -> FailureCause {
        let sae = self.algorithm == Authentication::SAE;
        match (self.answer, self.ended) {
            // hostapd answers a wrong confirm by status 1.
            (Some((transaction, status)), _)
                if sae && (status == CHALLENGE_FAILED || transaction == 2 && status != 0) =>
            {
                FailureCause::WrongPassword
            }
            (Some((_, status)), _) if refuses(self.algorithm, status) && sae => FailureCause::SaeRejected,
            (Some((_, status)), _) if refuses(self.algorithm, status) => FailureCause::Rejected,
            (_, Some((Side::Ap, _))) => FailureCause::Dismissed,
            (_, Some((Side::Client, _))) => FailureCause::Left,
            (None, None) => FailureCause::NoAnswer,
            // A client that finds the AP's confirm wrong says nothing: its own must have come before.
            (Some((transaction, _)), None) if sae && (transaction < 2 || self.transaction < 2) => {
                FailureCause::SaeUnfinished
            }
            (Some(_), None) => FailureCause::NotRequested,
        }
    }
}

/// Whether the status ends the exchange: SAE goes on after some that are not 0 (12.4.7.3).
fn refuses(algorithm: u16, status: u16) -> bool {
    let goes_on = [SaeCommit::TOKEN_REQUIRED, SaeCommit::HASH_TO_ELEMENT, SaeCommit::SAE_PK];
    status != 0 && !(algorithm == Authentication::SAE && goes_on.contains(&status))
}

/// Who sent a frame between a client and an AP, and the client's address; `None` where it is neither.
pub(super) fn side(header: Management<'_>) -> Option<(Side, Address)> {
    let bssid = header.bssid();
    if header.source() == bssid {
        Some((Side::Ap, header.destination()))
    } else if header.destination() == bssid {
        Some((Side::Client, header.source()))
    } else {
        None
    }
}

/// Which a deauthentication or disassociation is, and its reason, `None` where it is encrypted; `None` for other frames.
pub(super) fn leaving(frame: Frame<'_>) -> Option<(Leave, Option<u16>)> {
    let (subtype, reason) = match frame {
        Frame::Disassociation(frame) | Frame::Deauthentication(frame) => (frame.header.subtype(), Some(frame.reason)),
        Frame::Protected(header) => (header.subtype(), None),
        _ => return None,
    };
    match subtype {
        Leaving::DISASSOCIATION => Some((Leave::Disassociation, reason)),
        Leaving::DEAUTHENTICATION => Some((Leave::Deauthentication, reason)),
        _ => None,
    }
}
