use std::time::Duration;

use super::*;

const SECOND: u64 = 1_000_000_000;

const FIN: u8 = tcp_flags::FIN;
const SYN: u8 = tcp_flags::SYN;
const RST: u8 = tcp_flags::RST;
const ACK: u8 = tcp_flags::ACK;

fn key(port: u16, protocol: u8) -> FlowKey {
    FlowKey {
        port_a: port,
        protocol,
        ip_version: 4,
        ..FlowKey::default()
    }
}

fn packet(way: usize, flags: u8, now: u64) -> FlowValue {
    let size = Count { packets: 1, bytes: 60 };
    FlowValue::of_packet(way, size, flags, 0, 60, now)
}

/// A table, and what it gave out.
struct Bench {
    table: FlowTable,
    given: Vec<EndedFlow>,
}

impl Bench {
    fn new(capacity: usize, timeouts: Timeouts) -> Self {
        Self {
            table: FlowTable::new(capacity, timeouts),
            given: Vec::new(),
        }
    }

    fn merge(&mut self, key: &FlowKey, share: &FlowValue) {
        self.table.merge(key, share, &mut |flow| self.given.push(flow));
    }

    fn expire(&mut self, now: u64) {
        self.table.expire(now, &mut |flow| self.given.push(flow));
    }

    fn finish(&mut self) {
        self.table.finish(&mut |flow| self.given.push(flow));
    }

    /// Reason and packets of each flow that was given out since the last call.
    fn given(&mut self) -> Vec<(EndReason, u64)> {
        let given = self.given.drain(..);
        given
            .map(|ended| (ended.reason, ended.flow.value.packets.iter().sum()))
            .collect()
    }

    /// A handshake, and FIN both ways in the second after it; the last packet is to come.
    fn connection(&mut self, start: u64) {
        let tcp = key(1, 6);
        self.merge(&tcp, &packet(0, SYN, start));
        self.merge(&tcp, &packet(1, SYN | ACK, start + 1));
        self.merge(&tcp, &packet(0, FIN | ACK, start + SECOND));
        self.merge(&tcp, &packet(1, FIN | ACK, start + SECOND + 1));
    }
}

#[test]
fn the_closing_acknowledgement_opens_no_second_flow() {
    let mut bench = Bench::new(8, Timeouts::default());
    bench.connection(SECOND);
    bench.merge(&key(1, 6), &packet(0, ACK, 2 * SECOND + 2));
    bench.expire(7 * SECOND);
    assert_eq!(bench.given(), []);
    bench.expire(7 * SECOND + 2);
    assert_eq!(bench.given(), [(EndReason::Fin, 5)]);
    assert!(bench.table.is_empty());
    assert_eq!(bench.table.total(), Count { packets: 5, bytes: 300 });
}

#[test]
fn a_new_connection_of_the_same_ports_is_a_new_flow() {
    let mut bench = Bench::new(8, Timeouts::default());
    bench.connection(SECOND);
    bench.merge(&key(1, 6), &packet(1, SYN, 3 * SECOND));
    assert_eq!(bench.given(), [(EndReason::Fin, 4)]);
    assert_eq!(bench.table.iter().next().unwrap().value.opener(), 1);
    bench.merge(&key(1, 6), &packet(0, RST | ACK, 3 * SECOND + 1));
    bench.merge(&key(1, 6), &packet(1, SYN, 4 * SECOND));
    assert_eq!(bench.given(), [(EndReason::Rst, 2)]);
    bench.finish();
    assert_eq!(bench.given(), [(EndReason::Completed, 1)]);
    // SYN again before anything closed it: sent again.
    bench.merge(&key(1, 6), &packet(1, SYN, 5 * SECOND));
    bench.merge(&key(1, 6), &packet(1, SYN, 6 * SECOND));
    bench.finish();
    assert_eq!(bench.given(), [(EndReason::Completed, 2)]);
}

#[test]
fn shares_of_one_connection_come_in_any_order() {
    let mut bench = Bench::new(8, Timeouts::default());
    let mut end = packet(0, FIN | ACK, 5 * SECOND);
    end.merge(&packet(1, FIN | ACK, 5 * SECOND + 1));
    // From another CPU: the handshake.
    let mut begin = packet(0, SYN, 4 * SECOND);
    begin.merge(&packet(1, SYN | ACK, 4 * SECOND + 1));
    bench.merge(&key(1, 6), &end);
    bench.merge(&key(1, 6), &begin);
    bench.finish();
    assert_eq!(bench.given(), [(EndReason::Fin, 4)]);
}

#[test]
fn one_end_may_close_long_before_the_other() {
    let mut bench = Bench::new(8, Timeouts::default());
    let tcp = key(1, 6);
    bench.merge(&tcp, &packet(0, FIN | ACK, 0));
    for second in (100..1000).step_by(100) {
        bench.merge(&tcp, &packet(1, ACK, second * SECOND));
        bench.expire(second * SECOND);
    }
    assert_eq!(bench.given(), []);
    bench.merge(&tcp, &packet(1, FIN | ACK, 1000 * SECOND));
    bench.expire(1005 * SECOND);
    assert_eq!(bench.given(), [(EndReason::Fin, 11)]);
    // FIN of another protocol's first octets is none.
    bench.merge(&key(1, 17), &packet(0, FIN | RST, 0));
    assert_eq!(bench.table.iter().next().unwrap().closed(), None);
}

#[test]
fn idle_by_protocol() {
    let timeouts = Timeouts::default();
    for (protocol, limit) in [
        (6, timeouts.tcp),
        (17, timeouts.udp),
        (1, timeouts.icmp),
        (58, timeouts.icmp),
        (47, timeouts.other),
    ] {
        let limit = limit.as_nanos() as u64;
        let mut bench = Bench::new(8, timeouts);
        let key = key(7, protocol);
        bench.merge(&key, &packet(0, 0, SECOND));
        bench.expire(SECOND + limit - 1);
        assert_eq!(bench.given(), [], "{protocol}");
        bench.expire(SECOND + limit);
        assert_eq!(bench.given(), [(EndReason::Timeout, 1)], "{protocol}");
        // A packet tells by itself that the flow before it was over.
        bench.merge(&key, &packet(0, 0, 1000 * SECOND));
        bench.merge(&key, &packet(0, 0, 1000 * SECOND + limit - 1));
        bench.merge(&key, &packet(0, 0, 1000 * SECOND + 2 * limit - 1));
        assert_eq!(bench.given(), [(EndReason::Timeout, 2)], "{protocol}");
    }
}

#[test]
fn a_long_flow_is_given_out_in_pieces() {
    let timeouts = Timeouts {
        active: Duration::from_secs(60),
        ..Timeouts::default()
    };
    let mut bench = Bench::new(8, timeouts);
    let tcp = key(1, 6);
    bench.merge(&tcp, &packet(1, SYN, 0));
    for second in 1..130 {
        bench.merge(&tcp, &packet((second % 2) as usize, ACK, second * SECOND));
        if second % 10 == 0 {
            bench.expire(second * SECOND);
        }
    }
    bench.merge(&tcp, &packet(0, FIN, 130 * SECOND));
    // What closes it may be in different pieces.
    bench.expire(185 * SECOND);
    bench.merge(&tcp, &packet(1, FIN, 186 * SECOND));
    bench.expire(191 * SECOND);
    let pieces: Vec<_> = bench
        .given
        .iter()
        .map(|ended| {
            (
                ended.reason,
                ended.flow.pieces,
                ended.flow.value.opener(),
                ended.flow.value.first / SECOND,
            )
        })
        .collect();
    let all: u64 = bench.given().iter().map(|(_, packets)| packets).sum();
    assert_eq!(
        pieces,
        [
            (EndReason::Active, 0, 1, 0),
            (EndReason::Active, 1, 1, 60),
            (EndReason::Active, 2, 1, 120),
            (EndReason::Fin, 3, 1, 186),
        ]
    );
    assert_eq!(all, 132);
    assert!(bench.table.is_empty());
}

#[test]
fn a_piece_is_the_last_where_nothing_follows() {
    let timeouts = Timeouts {
        active: Duration::from_secs(10),
        udp: Duration::from_secs(30),
        ..Timeouts::default()
    };
    let mut bench = Bench::new(8, timeouts);
    bench.merge(&key(1, 17), &packet(0, 0, SECOND));
    bench.expire(11 * SECOND);
    assert_eq!(bench.given(), [(EndReason::Active, 1)]);
    assert!(bench.table.iter().all(Flow::is_silent));
    bench.expire(31 * SECOND);
    assert_eq!((bench.given(), bench.table.len()), (vec![], 0));
    assert_eq!(bench.table.ended()[&EndReason::Timeout], 0);
}

#[test]
fn a_full_table_gives_up_what_would_be_over_first() {
    let mut bench = Bench::new(16, Timeouts::default());
    for port in 0..15 {
        bench.merge(&key(port, 17), &packet(0, 0, u64::from(port) * SECOND));
    }
    bench.merge(&key(100, 6), &packet(0, RST, 16 * SECOND));
    // The oldest one is heard again.
    bench.merge(&key(0, 17), &packet(0, 0, 17 * SECOND));
    for port in 200..203 {
        bench.merge(&key(port, 17), &packet(0, 0, 18 * SECOND));
    }
    assert_eq!(bench.table.len(), 16);
    let ports: Vec<_> = bench
        .given
        .iter()
        .map(|ended| (ended.flow.key.port_a, ended.reason))
        .collect();
    assert_eq!(
        ports,
        [(100, EndReason::Rst), (1, EndReason::Evicted), (2, EndReason::Evicted)]
    );
    bench.finish();
    let counts: Vec<_> = bench.table.ended().values().copied().collect();
    assert_eq!(counts, [16, 0, 0, 1, 0, 2]);
}

#[test]
fn times_that_jump_or_go_back_end_nothing_wrongly() {
    let mut bench = Bench::new(8, Timeouts::default());
    let year = 365 * 24 * 3600 * SECOND;
    bench.expire(50 * year);
    bench.merge(&key(1, 17), &packet(0, 0, 50 * year));
    bench.merge(&key(1, 17), &packet(0, 0, 20 * year));
    bench.merge(&key(2, 17), &packet(0, 0, 3));
    bench.expire(4);
    assert_eq!(bench.given(), []);
    bench.expire(u64::MAX);
    bench.merge(&key(3, 17), &packet(0, 0, u64::MAX));
    bench.expire(u64::MAX);
    let mut given = bench.given();
    given.sort_unstable();
    assert_eq!(given, [(EndReason::Timeout, 1), (EndReason::Timeout, 2)]);
    assert_eq!(bench.table.len(), 1);
}

/// An hour of virtual time at a tenth of ten million flows an hour (`benches/flows.rs` has all): the table is as large as what
/// is active at a time, and no larger.
#[test]
fn an_hour_of_flows() {
    const A_SECOND: u64 = 278;
    let mut table = FlowTable::new(1 << 20, Timeouts::default());
    let (mut sent, mut given, mut before, mut memory) = (0u64, 0u64, 0, 0);
    for second in 0..3600 {
        let now = second * SECOND;
        for number in second * A_SECOND..(second + 1) * A_SECOND {
            let mut key = key(number as u16, if number % 2 == 0 { 6 } else { 17 });
            key.address_a[0] = (number >> 16) as u32 | 1 << 31;
            // Half of the connections close.
            let flags = if number % 4 == 0 { RST } else { ACK };
            table.merge(&key, &packet(0, flags, now), &mut |_| given += 1);
            sent += 1;
        }
        table.expire(now, &mut |_| given += 1);
        memory = memory.max(table.memory());
        let counted = table.ended().values().sum();
        assert!(counted >= before, "a counter went back");
        before = counted;
    }
    let active = table.len() as u64;
    assert_eq!((given + active, table.total().packets, before), (sent, sent, given));
    // A quarter is silent for 300 s, half for 60 s, a quarter lingers for 5 s.
    assert_eq!(active, A_SECOND * 300 / 4 + A_SECOND * 60 / 2 + A_SECOND * 5 / 4);
    // 128 octets a place, in blocks of 4096, an index of twice the size at the most, and the wheel's lists.
    let bound = 128 * (active + 2 * 4096) + 9 * 4 * active + 8192;
    assert!(
        (memory as u64) < bound,
        "{memory} octets for {active} flows, not {bound}"
    );
}
