use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
    time::Instant,
};

use super::*;
use crate::{events::Kind, profile::tests::packet};

fn frame(subtype: u8) -> Frame {
    let packet = packet(&[0, 0]);
    let mut packet = packet.clone();
    packet[15] = subtype << 4;
    Frame {
        header: airlens_common::monitor::FrameHeader {
            time: Clock::monotonic(),
            length: packet.len() as u32,
            radiotap_length: 15,
            ..Default::default()
        },
        packet: packet.into(),
    }
}

fn traces(address: &str, ratio: f64) -> (Traces, Arc<Events>) {
    let events = Arc::new(Events::default());
    let options = SpanOptions {
        endpoint: format!("http://{address}").parse().unwrap(),
        headers_file: None,
        sample_ratio: ratio,
    };
    let traces = Traces::start(&options, &SpanSource::default(), Arc::clone(&events)).unwrap();
    (traces, events)
}

fn publish(traces: &Traces) {
    let frame = frame(0);
    let trace = traces.begin(&frame).unwrap();
    let link = crate::dot11::link::LinkType::Radiotap;
    let profile = Profile::from_packet(link, &frame.packet, crate::profile::Capture::default());
    let profile = profile.unwrap().unwrap();
    traces.published(*trace, Clock::now(), &profile, Published::default());
}

#[test]
fn requests_alone_are_traced_and_as_many_as_asked_for() {
    let (all, _) = traces("127.0.0.1:9", 1.0);
    let traced: Vec<_> = (0..16)
        .filter(|subtype| all.begin(&frame(*subtype)).is_some())
        .collect();
    assert_eq!(traced, [0, 2]);
    let (none, _) = traces("127.0.0.1:9", 0.0);
    let (some, _) = traces("127.0.0.1:9", 0.25);
    let count = |traces: &Traces| (0..4000).filter(|_| traces.begin(&frame(0)).is_some()).count();
    assert_eq!((count(&all), count(&none)), (4000, 0));
    assert!((800..1200).contains(&count(&some)));
}

#[test]
fn a_collector_that_is_away_costs_spans_and_no_time() {
    // A port that nobody has: it was ours a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (traces, events) = traces(&address.to_string(), 1.0);
    let start = Instant::now();
    for _ in 0..2000 {
        publish(&traces);
    }
    traces.finish(Duration::from_millis(500));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let counts = traces.counts();
    let lost: u64 = SpanLoss::ALL.iter().map(|cause| counts.lost(*cause)).sum();
    assert_eq!((counts.sent(), lost), (0, 8000));
    assert!(counts.lost(SpanLoss::QueueFull) > 0 && counts.lost(SpanLoss::Unsent) > 0);
    assert_eq!(events.count(Kind::ExporterLost), 1);
}

#[test]
fn what_a_collector_refuses_is_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let collector = thread::spawn(move || {
        let mut requests = Vec::new();
        // The first is refused for good, of the second one span is.
        for answer in [
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\n\u{2}\u{8}\u{1}",
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut octets = Vec::new();
            let mut part = [0; 4096];
            let whole = |octets: &[u8]| {
                let text = String::from_utf8_lossy(octets);
                let (head, _) = text.split_once("\r\n\r\n")?;
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))?
                    .parse::<usize>()
                    .ok()?;
                let at = octets.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
                (octets.len() >= at + length).then_some(head.to_owned())
            };
            let head = loop {
                let read = stream.read(&mut part).unwrap();
                octets.extend(&part[..read]);
                if let Some(head) = whole(&octets) {
                    break head;
                }
                assert_ne!(read, 0);
            };
            requests.push(head);
            stream.write_all(answer.as_bytes()).unwrap();
        }
        requests
    });
    let (traces, _) = traces(&address.to_string(), 1.0);
    publish(&traces);
    while traces.counts().lost(SpanLoss::Rejected) < 4 {
        thread::sleep(Duration::from_millis(10));
    }
    publish(&traces);
    traces.finish(Duration::from_secs(5));
    assert_eq!(
        (traces.counts().sent(), traces.counts().lost(SpanLoss::Rejected)),
        (3, 5)
    );
    let requests = collector.join().unwrap();
    assert!(
        requests
            .iter()
            .all(|head| head.starts_with("POST /v1/traces HTTP/1.1\r\n")),
        "{requests:?}"
    );
    assert!(
        requests[0].contains("content-type: application/x-protobuf"),
        "{requests:?}"
    );
    assert!(requests[0].contains(&format!("host: {address}")), "{requests:?}");
}
