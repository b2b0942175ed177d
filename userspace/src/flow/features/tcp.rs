//! What TCP's headers tell: handshake time, retransmissions, order, windows, flags.

use airlens_common::flow::tcp_flags::{ACK, FIN, RST, SYN};
use serde::Serialize;

use super::{Ways, packet::Segment};

/// A segment that comes so soon behind one from further on was overtaken, not sent again: 3 ms, or the handshake's time
/// (as Wireshark's `packet-tcp.c` has it).
const OVERTAKEN: u64 = 3_000_000;
/// A segment that was asked for by duplicate acknowledgements so short a time ago was sent again.
const FAST: u64 = 20_000_000;

/// A connection. Index 0: from A to B, index 1: from B to A.
#[derive(Clone, Debug, Default)]
pub(super) struct Tcp {
    ways: [Way; 2],
    /// Way and time of the SYN.
    syn: Option<(usize, u64)>,
    syn_ack: Option<u64>,
    ack: Option<u64>,
}

/// What one end sent.
#[derive(Clone, Debug, Default)]
struct Way {
    /// How many segments had each flag, FIN first.
    flags: [u32; 8],
    payload: u64,
    retransmissions: u32,
    out_of_order: u32,
    zero_windows: u32,
    /// What is expected next, and since when.
    next: Option<(u32, u64)>,
    /// The last acknowledgement, when it came, its window, and how often it came again.
    acknowledged: Option<(u32, u64)>,
    window: u16,
    duplicates: u32,
}

/// Whether a sequence number is before another (RFC 9293 3.4).
fn is_before(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) < 0
}

impl Tcp {
    pub(super) fn segment(&mut self, way: usize, time: u64, segment: &Segment<'_>) {
        self.handshake(way, time, segment);
        let rtt = self.handshake_time().unwrap_or(0);
        let [one, other] = &mut self.ways;
        let (ours, theirs) = if way == 0 { (one, other) } else { (other, one) };
        for (bit, count) in ours.flags.iter_mut().enumerate() {
            *count = count.saturating_add(u32::from(segment.flags >> bit & 1));
        }
        ours.payload += u64::from(segment.length);
        let opens_or_closes = segment.flags & (SYN | FIN | RST) != 0;
        ours.zero_windows += u32::from(segment.window == 0 && !opens_or_closes);
        let length = segment.length + u32::from(segment.flags & SYN != 0) + u32::from(segment.flags & FIN != 0);
        let end = segment.sequence.wrapping_add(length);
        match ours.next {
            Some((next, since)) if length > 0 && is_before(segment.sequence, next) => {
                let keep_alive = length <= 1 && segment.sequence == next.wrapping_sub(1) && !opens_or_closes;
                let asked_for = theirs.duplicates >= 2
                    && theirs
                        .acknowledged
                        .is_some_and(|(ack, then)| ack == segment.sequence && time.saturating_sub(then) < FAST);
                let acknowledged = theirs.acknowledged.is_some_and(|(ack, _)| !is_before(ack, end));
                let overtaken = time.saturating_sub(since) < rtt.max(OVERTAKEN) && end != next;
                if keep_alive {
                } else if !asked_for && overtaken && !acknowledged {
                    ours.out_of_order += 1;
                } else {
                    ours.retransmissions += 1;
                }
            }
            _ => {}
        }
        if length > 0 && ours.next.is_none_or(|(next, _)| is_before(next, end)) {
            ours.next = Some((end, time));
        }
        if segment.flags & ACK != 0 {
            ours.acknowledge(time, segment, opens_or_closes);
        }
    }

    fn handshake(&mut self, way: usize, time: u64, segment: &Segment<'_>) {
        match (segment.flags & (SYN | ACK), self.syn) {
            (SYN, None) => self.syn = Some((way, time)),
            (flags, Some((opener, _))) if flags == SYN | ACK && way != opener => {
                self.syn_ack.get_or_insert(time);
            }
            (ACK, Some((opener, _))) if way == opener && self.syn_ack.is_some() => {
                self.ack.get_or_insert(time);
            }
            _ => {}
        }
    }

    /// From SYN to the acknowledgement of the answer, in ns.
    fn handshake_time(&self) -> Option<u64> {
        Some(self.ack?.saturating_sub(self.syn?.1))
    }

    /// What goes on in the flow's next piece.
    pub(super) fn next_piece(&self) -> Self {
        let way = |way: &Way| Way {
            next: way.next,
            acknowledged: way.acknowledged,
            window: way.window,
            duplicates: way.duplicates,
            ..Way::default()
        };
        Self {
            ways: [way(&self.ways[0]), way(&self.ways[1])],
            ..*self
        }
    }

    pub(super) fn report(&self, opener: usize) -> TcpReport {
        let ms = |from: Option<u64>, to: Option<u64>| Some(to?.saturating_sub(from?) as f64 / 1e6);
        let syn = self.syn.map(|(_, time)| time);
        TcpReport {
            handshake_rtt_ms: ms(syn, self.ack),
            server_rtt_ms: ms(syn, self.syn_ack),
            client_rtt_ms: ms(self.syn_ack, self.ack),
            ways: Ways::of(&self.ways, opener, Way::report),
        }
    }
}

impl Way {
    fn acknowledge(&mut self, time: u64, segment: &Segment<'_>, opens_or_closes: bool) {
        let same = self.acknowledged.is_some_and(|(ack, _)| ack == segment.acknowledgement);
        if same {
            let duplicate = segment.length == 0 && !opens_or_closes && segment.window == self.window;
            self.duplicates = self.duplicates.saturating_add(u32::from(duplicate));
        } else {
            self.duplicates = 0;
        }
        self.acknowledged = Some((segment.acknowledgement, time));
        self.window = segment.window;
    }

    fn report(&self) -> WayReport {
        let [fin, syn, rst, psh, ack, urg, ece, cwr] = self.flags;
        WayReport {
            payload_bytes: self.payload,
            retransmissions: self.retransmissions,
            out_of_order: self.out_of_order,
            zero_windows: self.zero_windows,
            fin,
            syn,
            rst,
            psh,
            ack,
            urg,
            ece,
            cwr,
        }
    }
}

/// What is shown of a connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TcpReport {
    /// From SYN to the acknowledgement of its answer.
    pub handshake_rtt_ms: Option<f64>,
    /// From SYN to its answer: the way to the server and back.
    pub server_rtt_ms: Option<f64>,
    /// From the answer to its acknowledgement: the way to the client and back.
    pub client_rtt_ms: Option<f64>,
    /// What each end sent.
    #[serde(flatten)]
    pub ways: Ways<WayReport>,
}

/// What is shown of one end's segments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WayReport {
    /// Octets of payload, those sent again included.
    pub payload_bytes: u64,
    /// Segments that were sent again.
    pub retransmissions: u32,
    /// Segments that were overtaken.
    pub out_of_order: u32,
    /// Segments with a window of 0.
    pub zero_windows: u32,
    /// Segments with FIN.
    pub fin: u32,
    /// With SYN.
    pub syn: u32,
    /// With RST.
    pub rst: u32,
    /// With PSH.
    pub psh: u32,
    /// With ACK.
    pub ack: u32,
    /// With URG.
    pub urg: u32,
    /// With ECE.
    pub ece: u32,
    /// With CWR.
    pub cwr: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn segment(sequence: u32, acknowledgement: u32, flags: u8, length: u32) -> Segment<'static> {
        Segment {
            sequence,
            acknowledgement,
            flags,
            window: 100,
            payload: &[],
            length,
        }
    }

    #[test]
    fn handshake_loss_and_order() {
        let mut tcp = Tcp::default();
        // The sequence number wraps within the connection.
        let isn = u32::MAX - 100;
        let at = |offset: u32| isn.wrapping_add(1 + offset);
        tcp.segment(1, 0, &segment(isn, 0, SYN, 0));
        tcp.segment(0, 10 * MS, &segment(500, at(0), SYN | ACK, 0));
        tcp.segment(1, 11 * MS, &segment(at(0), 501, ACK, 0));
        tcp.segment(1, 12 * MS, &segment(at(0), 501, ACK, 100));
        // 100 to 200 is lost, 200 to 300 comes, 100 to 200 comes a moment later: overtaken.
        tcp.segment(1, 13 * MS, &segment(at(200), 501, ACK, 100));
        tcp.segment(1, 14 * MS, &segment(at(100), 501, ACK, 100));
        // Sent again after a while, and what was acknowledged already.
        tcp.segment(1, 300 * MS, &segment(at(200), 501, ACK, 100));
        tcp.segment(0, 301 * MS, &segment(501, at(300), ACK, 0));
        tcp.segment(1, 302 * MS, &segment(at(200), 501, ACK, 50));
        // A keep-alive, a closed window.
        tcp.segment(1, 400 * MS, &segment(at(299), 501, ACK, 1));
        let closed = Segment {
            window: 0,
            ..segment(501, at(300), ACK, 0)
        };
        tcp.segment(0, 401 * MS, &closed);
        let report = tcp.report(1);
        assert_eq!(
            (report.handshake_rtt_ms, report.server_rtt_ms, report.client_rtt_ms),
            (Some(11.0), Some(10.0), Some(1.0))
        );
        let (forward, reverse) = (report.ways.forward, report.ways.reverse);
        assert_eq!((forward.retransmissions, forward.out_of_order, forward.syn), (2, 1, 1));
        assert_eq!((forward.payload_bytes, reverse.zero_windows, reverse.ack), (451, 1, 3));
        let next = tcp.next_piece().report(1);
        assert_eq!((next.ways.forward.ack, next.handshake_rtt_ms), (0, Some(11.0)));
    }
}
