//! One capture through the kernel program and through `airlens analyze --flows`: the same flows. Needs root.

use airlens::{
    flow::{EndedFlow, FlowTable, Row, Timeouts},
    kernel::KernelPrograms,
};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::crafted,
    flows::{flows, pcap},
    program::Program,
};
use anyhow::Result;
use serde_json::{Value, json};

/// Without what a test run and a file say differently: times, the interface, and why the flow ended.
fn comparable(mut row: Value) -> String {
    for key in ["start", "end", "duration_ms", "interface_index", "reason"] {
        row[key] = json!(null);
    }
    row.to_string()
}

#[test]
fn the_kernel_and_a_file_give_the_same_flows() -> Result<()> {
    let mut programs = KernelPrograms::load(&EVERYTHING)?;
    programs.announce(1)?;
    let (mut drain, _) = programs.flow_drain()?;
    let program = Program::of(&mut programs, "data_rx")?;
    let mut frames = Vec::new();
    for (time, (_, frame)) in (0..).step_by(1_000_000).zip(crafted()) {
        program.run(&frame, 1)?;
        frames.push((time, frame));
    }
    let mut table = FlowTable::new(8192, Timeouts::NEVER);
    let mut ended = Vec::new();
    let mut end = |flow: EndedFlow| ended.push(flow);
    drain.drain(|key, value| {
        table.merge(key, value, &mut end);
    })?;
    table.finish(&mut end);
    let mut of_the_kernel = Vec::new();
    for EndedFlow { flow, reason } in &ended {
        let row = serde_json::to_value(Row::new(flow, Some(*reason), &|time| time))?;
        of_the_kernel.push(comparable(row));
    }
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(&file, pcap(&frames))?;
    let rows = flows(file.path(), &["--idle-timeout", "0", "--active-timeout", "0"])?;
    let packets: u64 = rows.iter().filter_map(|row| row["packets"].as_u64()).sum();
    assert_eq!(packets, programs.counters()?.flows.seen.packets);
    let mut of_the_file: Vec<_> = rows.into_iter().map(comparable).collect();
    of_the_kernel.sort();
    of_the_file.sort();
    assert!(of_the_file.len() > 50, "{} flows", of_the_file.len());
    assert_eq!(of_the_kernel.len(), of_the_file.len());
    for (kernel, file) in of_the_kernel.iter().zip(&of_the_file) {
        assert_eq!(kernel, file);
    }
    Ok(())
}
