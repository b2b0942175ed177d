//! What a log line, an event and the spans of a request cost the thread that they happen on.

use std::{
    hint::black_box,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use airlens::{
    dot11::Address,
    events::{ClientRegistered, Events, Kind},
    kernel::{Clock, Frame},
    logging::{FileOptions, LineFormat, LogOptions, LogOutput, Logging},
    profile::{Capture, Identity, Profile},
    session::{Outcome, Profiler, ProfilerOptions},
    spans::{Published, SpanLoss, SpanOptions, SpanSource, Traces},
};
use airlens_benches::{Table, each_frame, median, wanted};
use airlens_common::monitor::FrameHeader;
use anyhow::{Context as _, Result, ensure};

const RUNS: usize = 9;
const LINES: u32 = 20_000;

fn main() -> Result<()> {
    if !wanted("logs") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let log = Logging::start(&LogOptions {
        format: LineFormat::Json,
        output: LogOutput::File(folder.path().join("airlens.log")),
        rotation: FileOptions::new(PathBuf::new()),
        ..LogOptions::default()
    })?;
    let mut table = Table::new(["what", "ns"]);
    let events = Events::default();
    let event = ClientRegistered {
        client: Address([2, 0, 0, 0, 0, 1]),
        observed: true,
    };
    let mut row = |what: &str, times: Vec<Duration>| {
        table.row([what.to_owned(), median(times).as_nanos().to_string()]);
    };
    row(
        "a line, JSON, to a file: on the thread that logs",
        lines(&log, |number| {
            tracing::info!(client = "02:00:00:00:00:01", number, channel = 36, "profiled");
        })?,
    );
    row(
        "a line below the level",
        lines(&log, |number| tracing::debug!(number, "detail"))?,
    );
    row(
        "an event of a flood: counted, no line",
        lines(&log, |_| events.emit(&event))?,
    );
    ensure!(events.count(Kind::ClientRegistered) == u64::from(LINES) * RUNS as u64);
    let (off, on) = (frames(None)?, frames(Some(&traces()?))?);
    row("a request to its profile, no spans", off);
    row("the same with spans, queued", on);
    table.print("Logs and spans");
    Ok(())
}

/// A call's time, by the run.
fn lines(log: &Logging, mut call: impl FnMut(u32)) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        (0..LINES).for_each(|number| call(black_box(number)));
        times.push(start.elapsed() / LINES);
        ensure!(log.control().flush(Duration::from_secs(30)), "the log is not written");
    }
    Ok(times)
}

/// To a collector that is away: spans are made, queued and, when there is no room, counted.
fn traces() -> Result<Traces> {
    let options = SpanOptions {
        endpoint: "http://127.0.0.1:9".parse()?,
        headers_file: None,
        sample_ratio: 1.0,
    };
    Ok(Traces::start(&options, &SpanSource::default(), Arc::default())?)
}

fn frames(traces: Option<&Traces>) -> Result<Vec<Duration>> {
    let mut requests = Vec::new();
    each_frame(|frame| {
        let link = airlens::dot11::link::LinkType::Radiotap;
        if let Ok(Some(_)) = Profile::from_packet(link, frame, Capture::default()) {
            requests.push(frame.to_vec());
        }
        Ok(())
    })?;
    let clock = Clock::now();
    let frame = |(number, packet): (usize, &Vec<u8>)| {
        let radiotap = packet.get(2..4).context("no radiotap")?;
        Ok::<_, anyhow::Error>(Frame {
            header: FrameHeader {
                // Later than what the same station asked before: a repetition gives no profile.
                time: number as u64 * 2_000_000_000,
                length: u32::try_from(packet.len())?,
                radiotap_length: u16::from_le_bytes([radiotap[0], radiotap[1]]),
                ..FrameHeader::default()
            },
            packet: packet.clone().into(),
        })
    };
    let frames: Vec<_> = requests.iter().enumerate().map(frame).collect::<Result<_>>()?;
    let known = Arc::new(Identity::shipped()?);
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let mut profiler = Profiler::new(ProfilerOptions::listening(Arc::clone(&known)));
        let start = Instant::now();
        for frame in &frames {
            let mut trace = traces.and_then(|traces| traces.begin(frame));
            let outcome = profiler.traced_frame(frame, clock, trace.as_deref_mut());
            if let (Some(traces), Some(trace), Outcome::Profile(profile)) = (traces, trace, &outcome) {
                traces.published(*trace, clock, profile, Published::default());
            }
            black_box(outcome);
        }
        times.push(start.elapsed() / u32::try_from(frames.len())?);
    }
    if let Some(traces) = traces {
        ensure!(traces.counts().lost(SpanLoss::QueueFull) > 0, "no span was made");
        traces.finish(Duration::from_millis(100));
    }
    Ok(times)
}
