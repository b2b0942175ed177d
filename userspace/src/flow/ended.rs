//! A flow, why it ended, and when it does.

use std::time::Duration;

use airlens_common::{
    ethernet::protocol::{ICMP, ICMPV6, TCP, UDP},
    flow::{FlowKey, FlowValue, marks},
};

use super::features::Features;

/// A flow and what it carried since its last piece was given out.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Its two ends.
    pub key: FlowKey,
    /// Packets, octets, times; without packets where nothing came since the last piece.
    pub value: FlowValue,
    /// What was asked for of its packets; none where nothing was.
    pub features: Option<Box<Features>>,
    /// How many pieces of it were given out before ([`EndReason::Active`]).
    pub pieces: u16,
    /// How far TCP's end is: FIN of either end and RST, since the flow began.
    pub(super) closing: u8,
}

/// Bits of [`Flow::closing`].
mod closing {
    pub(super) const FIN: [u8; 2] = [1, 2];
    pub(super) const RST: u8 = 4;
}

impl Flow {
    pub(super) fn new(key: FlowKey) -> Self {
        Self {
            key,
            value: FlowValue::default(),
            features: None,
            pieces: 0,
            closing: 0,
        }
    }

    /// Adds what came since.
    #[inline]
    pub(super) fn add(&mut self, share: &FlowValue) {
        if self.is_silent() {
            let opener = (self.pieces > 0).then(|| self.value.opener());
            self.value = *share;
            if let Some(opener) = opener {
                self.value.marks[opener ^ 1] &= !marks::OPENER;
                self.value.marks[opener] |= marks::OPENER;
            }
        } else {
            self.value.merge(share);
        }
        if self.key.protocol == TCP {
            self.note_closing(share);
        }
    }

    #[inline]
    fn note_closing(&mut self, share: &FlowValue) {
        use airlens_common::flow::tcp_flags::{FIN, RST};
        for (way, bit) in closing::FIN.into_iter().enumerate() {
            let flags = share.tcp_flags(way);
            if flags & FIN != 0 {
                self.closing |= bit;
            }
            if flags & RST != 0 {
                self.closing |= closing::RST;
            }
        }
    }

    /// Nothing came since the last piece.
    #[inline]
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.value.packets == [0, 0]
    }

    /// How TCP closed it, if it did.
    #[inline]
    #[must_use]
    pub fn closed(&self) -> Option<EndReason> {
        const BOTH: u8 = closing::FIN[0] | closing::FIN[1];
        if self.closing & closing::RST != 0 {
            Some(EndReason::Rst)
        } else if self.closing & BOTH == BOTH {
            Some(EndReason::Fin)
        } else {
            None
        }
    }

    /// Gives out what it carried so far; it goes on.
    pub(super) fn take_piece(&mut self) -> Self {
        let next = self
            .features
            .as_deref_mut()
            .map(|features| Box::new(features.next_piece()));
        let piece = Self {
            features: std::mem::replace(&mut self.features, next),
            ..*self
        };
        let opener = self.value.opener();
        self.value = FlowValue {
            first: self.value.last,
            last: self.value.last,
            ..FlowValue::default()
        };
        self.value.marks[opener] = marks::OPENER;
        self.pieces = self.pieces.saturating_add(1);
        piece
    }
}

/// A flow, or a piece of one, that is over.
#[derive(Clone, Debug)]
pub struct EndedFlow {
    /// The flow, never without packets.
    pub flow: Flow,
    /// Why it is over.
    pub reason: EndReason,
}

/// Why a flow ended; the `reason` label of the flow counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// The run, or the capture, ended while the flow was active.
    Completed,
    /// No packet for the idle time-out.
    Timeout,
    /// It goes on: a piece given out at the active time-out.
    Active,
    /// TCP RST.
    Rst,
    /// TCP FIN from both ends.
    Fin,
    /// The table was full.
    Evicted,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Completed,
        Self::Timeout,
        Self::Active,
        Self::Rst,
        Self::Fin,
        Self::Evicted,
    ];

    /// The label's value.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Timeout => "timeout",
            Self::Active => "active",
            Self::Rst => "rst",
            Self::Fin => "fin",
            Self::Evicted => "evicted",
        }
    }

    /// The value of IPFIX information element 136, `flowEndReason` (RFC 5102 5.11.3).
    #[must_use]
    pub fn ipfix(self) -> u8 {
        match self {
            Self::Timeout => 1,
            Self::Active => 2,
            Self::Rst | Self::Fin => 3,
            Self::Completed => 4,
            Self::Evicted => 5,
        }
    }
}

/// When a flow ends, or a piece of it is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A TCP connection without a packet.
    pub tcp: Duration,
    /// UDP without a packet.
    pub udp: Duration,
    /// ICMP and ICMPv6 without a packet.
    pub icmp: Duration,
    /// Another protocol without a packet.
    pub other: Duration,
    /// Since its first packet: what came so far is given out as a piece.
    pub active: Duration,
    /// Without a packet after FIN from both ends or RST: the closing acknowledgements must not open a second flow.
    pub linger: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            tcp: Duration::from_secs(300),
            udp: Duration::from_secs(60),
            icmp: Duration::from_secs(30),
            other: Duration::from_secs(60),
            active: Duration::from_secs(1800),
            linger: Duration::from_secs(5),
        }
    }
}

impl Timeouts {
    /// Flows that end with TCP or the input, however long they are silent.
    pub const NEVER: Self = Self {
        tcp: Duration::MAX,
        udp: Duration::MAX,
        icmp: Duration::MAX,
        other: Duration::MAX,
        active: Duration::MAX,
        linger: Duration::from_secs(5),
    };

    /// In ns, as the table compares them.
    pub(super) fn limits(&self) -> Limits {
        let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).max(1);
        Limits {
            idle: [self.other, self.tcp, self.udp, self.icmp].map(ns),
            active: ns(self.active),
            linger: ns(self.linger),
        }
    }
}

/// [`Timeouts`] in ns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Other protocols, TCP, UDP, ICMP.
    idle: [u64; 4],
    active: u64,
    linger: u64,
}

impl Limits {
    /// How long the flow may be silent.
    #[inline]
    pub(super) fn silence(&self, flow: &Flow) -> u64 {
        if flow.closed().is_some() {
            return self.linger;
        }
        self.idle[match flow.key.protocol {
            TCP => 1,
            UDP => 2,
            ICMP | ICMPV6 => 3,
            _ => 0,
        }]
    }

    /// Why it is over at `now`, if it is.
    #[inline]
    pub(super) fn over(&self, flow: &Flow, now: u64) -> Option<EndReason> {
        (now.saturating_sub(flow.value.last) >= self.silence(flow)).then(|| flow.closed().unwrap_or(EndReason::Timeout))
    }

    /// Whether a piece of it is due at `now`.
    #[inline]
    pub(super) fn is_piece_due(&self, flow: &Flow, now: u64) -> bool {
        now.saturating_sub(flow.value.first) >= self.active && !flow.is_silent()
    }

    /// The earliest time at which it may be over, or a piece of it due.
    pub(super) fn deadline(&self, flow: &Flow) -> u64 {
        let end = flow.value.last.saturating_add(self.silence(flow));
        if flow.is_silent() {
            return end;
        }
        end.min(flow.value.first.saturating_add(self.active))
    }
}
