//! IPFIX (RFC 7011): flows as data records of biflows (RFC 5103) for a collector, over UDP or TCP.

mod collector;
mod element;
mod message;
mod record;
mod sender;

use std::time::{Duration, Instant};

use airlens_common::Count;
use jiff::Timestamp;

use self::{
    element::{SAMPLING, STATISTICS, TEMPLATES},
    message::Message,
    sender::{Sender, Sent},
};
pub use collector::{Collector, CollectorError, Transport};

use super::line::{Item as _, Line, Output};
use crate::{flow::EndedFlow, kernel::Clock};

/// Octets of a message at most: a datagram that goes through tunnels whole (RFC 7011 10.3.3).
const DATAGRAM: usize = 1400;
/// Likewise for a stream, below what the length field holds.
const SEGMENT: usize = 16_384;
/// How long records may wait for a message to be full.
const LINGER: Duration = Duration::from_millis(500);

/// How flows are exported by IPFIX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpfixOptions {
    /// Where to.
    pub collector: Collector,
    /// Observation domain (RFC 7011 3.1), by which a collector tells exporters on one host apart.
    pub domain: u32,
    /// How often templates are repeated over UDP, and the exporter's statistics are sent.
    pub template_interval: Duration,
}

/// The exporter.
#[derive(Debug)]
pub(super) struct Ipfix {
    options: IpfixOptions,
    message: Message,
    /// What the records of `message` carried.
    carried: Count,
    since: Option<Instant>,
    sender: Sender,
    /// Data records sent in this session, modulo 2^32.
    sequence: u32,
    announced: Option<Instant>,
    started: Timestamp,
    totals: Totals,
}

#[derive(Debug, Default)]
struct Totals {
    octets: u64,
    messages: u64,
    flows: u64,
}

impl Ipfix {
    pub(super) fn new(options: &IpfixOptions) -> Self {
        let limit = match options.collector.transport {
            Transport::Udp => DATAGRAM,
            Transport::Tcp => SEGMENT,
        };
        Self {
            options: options.clone(),
            message: Message::new(limit),
            carried: Count::default(),
            since: None,
            sender: Sender::new(&options.collector),
            sequence: 0,
            announced: None,
            started: Timestamp::now(),
            totals: Totals::default(),
        }
    }

    /// Sends the message that is being filled.
    fn flush(&mut self, line: &Line) {
        self.since = None;
        if self.message.is_empty() {
            return;
        }
        if self.sender.connect(line) {
            self.begin();
        }
        let interval = self.options.template_interval;
        if self.announced.is_none_or(|at| at.elapsed() >= interval) {
            self.announce(line);
        }
        let flows = u64::from(self.message.records());
        let (time, domain) = (now(), self.options.domain);
        loop {
            let octets = self.message.finish(time, self.sequence, domain);
            let length = octets.len() as u64;
            match self.sender.send(octets, flows, self.carried, line) {
                Sent::Out => {
                    self.totals.octets += length;
                    self.totals.messages += 1;
                    self.totals.flows += flows;
                }
                Sent::Lost => {}
                // The connection broke, and there is another.
                Sent::Again => {
                    self.begin();
                    self.announce(line);
                    continue;
                }
            }
            break;
        }
        // Those that are lost too: a gap in the numbers is how a collector sees it.
        self.sequence = self.sequence.wrapping_add(self.message.records());
        self.message.clear();
        self.carried = Count::default();
    }

    /// A new session: templates before records, and a count of its own.
    fn begin(&mut self) {
        self.announced = None;
        self.sequence = 0;
    }

    /// Sends templates, where they are to be repeated, and options.
    fn announce(&mut self, line: &Line) {
        loop {
            let mut message = Message::new(DATAGRAM);
            if self.announced.is_none() || self.options.collector.transport == Transport::Udp {
                for template in TEMPLATES {
                    message.template(template);
                }
            }
            message.record(&SAMPLING, &sampling());
            message.record(&STATISTICS, &self.statistics(line));
            let records = message.records();
            let octets = message.finish(now(), self.sequence, self.options.domain);
            match self.sender.send(octets, 0, Count::default(), line) {
                Sent::Out => {
                    self.totals.octets += octets.len() as u64;
                    self.totals.messages += 1;
                    self.announced = Some(Instant::now());
                    self.sequence = self.sequence.wrapping_add(records);
                }
                Sent::Lost => {}
                Sent::Again => {
                    self.begin();
                    continue;
                }
            }
            break;
        }
    }

    fn statistics(&self, line: &Line) -> Vec<u8> {
        let outcome = line.tally.outcome();
        let ignored = line.ignored();
        let mut octets = self.options.domain.to_be_bytes().to_vec();
        let counts = [
            self.totals.octets,
            self.totals.messages,
            self.totals.flows,
            outcome.given,
            outcome.lost_total(),
            outcome.lost_count.packets,
            outcome.lost_count.bytes,
            ignored.packets,
            ignored.bytes,
        ];
        octets.extend(counts.into_iter().flat_map(u64::to_be_bytes));
        octets.extend(self.started.as_millisecond().to_be_bytes());
        octets
    }
}

/// Selector 1: every packet.
fn sampling() -> Vec<u8> {
    let mut octets = 1u64.to_be_bytes().to_vec();
    octets.extend(1u16.to_be_bytes());
    octets.extend(1u32.to_be_bytes());
    octets.extend(0u32.to_be_bytes());
    octets
}

/// Unix seconds as the header has them.
fn now() -> u32 {
    u32::try_from(Timestamp::now().as_second()).unwrap_or(u32::MAX)
}

impl Output<EndedFlow> for Ipfix {
    fn export(&mut self, flows: &[EndedFlow], line: &Line) {
        let clock = Clock::now();
        for ended in flows {
            let (template, record) = record::record(ended, clock);
            if !self.message.record(template, &record) {
                self.flush(line);
                self.message.record(template, &record);
            }
            self.carried += ended.carried();
            self.since.get_or_insert_with(Instant::now);
        }
    }

    fn work(&mut self, line: &Line) {
        if self.since.is_some_and(|since| since.elapsed() >= LINGER) {
            self.flush(line);
        }
        let interval = self.options.template_interval;
        if self.announced.is_some_and(|at| at.elapsed() >= interval) {
            self.announce(line);
        }
        self.sender.confirm(line, false);
    }

    fn finish(&mut self, line: &Line) {
        self.flush(line);
        if self.announced.is_some() {
            // The last counts.
            self.announce(line);
        }
        self.sender.confirm(line, true);
    }
}
