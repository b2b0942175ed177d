//! From frame to profile, in process.

use std::time::Instant;

use airlens::{
    dot11::link::LinkType,
    profile::{Capture, Profile},
};
use airlens_benches::{each_frame, median, wanted};
use anyhow::{Result, ensure};

const RUNS: usize = 9;

fn main() -> Result<()> {
    if !wanted("decode") {
        return Ok(());
    }
    let mut frames = Vec::new();
    each_frame(|frame| {
        frames.push(frame.to_vec());
        Ok(())
    })?;
    let requests: Vec<_> = frames.iter().filter(|frame| profile(frame).is_some()).collect();
    ensure!(!requests.is_empty(), "no request in the captures");
    println!("{} frames, {} of them requests", frames.len(), requests.len());
    in_process(&requests)
}

fn profile(frame: &[u8]) -> Option<Profile> {
    Profile::from_packet(LinkType::Radiotap, frame, Capture::default())
        .ok()
        .flatten()
}

fn in_process(requests: &[&Vec<u8>]) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        for request in requests {
            std::hint::black_box(profile(std::hint::black_box(request)));
        }
        times.push(start.elapsed() / u32::try_from(requests.len())?);
    }
    println!(
        "frame to profile, in process: {} ns (median of {RUNS} runs)",
        median(times).as_nanos()
    );
    Ok(())
}
