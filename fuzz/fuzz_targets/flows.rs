//! Packets to flows with every feature. A packet is its link type, an octet of time in units of 4 s, its length on the wire
//! beyond what is captured, two octets of length, its octets.

#![no_main]

use airlens::{
    capture::Packet,
    flow::{
        EndedFlow, Layers, Row, Timeouts,
        features::Sets,
        offline::Assembler,
    },
};
use airlens_fuzz::bounded;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Few flows at a time, so that some are evicted.
const CAPACITY: usize = 4;
/// Link types by number: Ethernet, the others that carry IP, one that is not read.
const LINK_TYPES: [u32; 8] = [1, 1, 101, 113, 276, 0, 105, 147];
/// What a flow's features may hold: two streams of 16 KiB twice over, statistics, names; and the table's first block.
const CONSTANT: usize = (CAPACITY + 2) * 160 * 1024 + 1024 * 1024;

fn rows(data: &[u8]) -> (Vec<Value>, Assembler) {
    let mut sets = Sets::default();
    for name in Sets::NAMES {
        assert!(sets.add(name));
    }
    let layers = Layers {
        inner: data.len() % 2 == 1,
    };
    let mut assembler = Assembler::new(CAPACITY, Timeouts::default(), sets, layers);
    let mut rows = Vec::new();
    let mut ended = |ended: EndedFlow| {
        let row = Row::new(&ended.flow, Some(ended.reason), &|time| time);
        let value = serde_json::to_value(&row).expect("a row is an object");
        let text = value.to_string();
        assert_eq!(serde_json::from_str::<Value>(&text).expect("it is JSON"), value);
        let csv = row.csv().expect("a row is a line");
        assert!(csv.ends_with("\r\n"));
        rows.push(value);
    };
    let mut rest = data;
    let mut number = 0;
    while let Some((&[link_type, time, beyond, high, low], behind)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(behind.len());
        let (octets, next) = behind.split_at(if length == 0 { behind.len() } else { length });
        rest = next;
        number += 1;
        let packet = Packet {
            number,
            link_type: LINK_TYPES[usize::from(link_type) % LINK_TYPES.len()],
            time: (time < 255).then(|| u64::from(time) << 32),
            original_length: octets.len() + usize::from(beyond),
            octets,
        };
        assembler.packet(&packet, &mut ended);
        assert!(assembler.table().len() <= CAPACITY);
    }
    assembler.finish(&mut ended);
    assert_eq!(assembler.packets(), number);
    (rows, assembler)
}

fuzz_target!(|data: &[u8]| {
    let (rows, assembler) = bounded(data.len(), 1024, CONSTANT, || rows(data));
    let sum = |key: &str| rows.iter().filter_map(|row| row[key].as_u64()).sum::<u64>();
    let (total, outside) = (assembler.table().total(), assembler.outside());
    assert_eq!((sum("packets"), sum("bytes")), (total.packets, total.bytes));
    let outside = outside.arp + outside.other + outside.malformed + outside.snapped + outside.link_type;
    assert_eq!(total.packets + outside, assembler.packets());
    assert_eq!(assembler.table().ended().values().sum::<u64>(), rows.len() as u64);
    for row in &rows {
        assert!(row["start"].as_str() <= row["end"].as_str());
        assert_ne!(row["packets"], 0);
        assert!(row["length_min_forward"].as_u64() <= row["length_max_forward"].as_u64());
    }
});
