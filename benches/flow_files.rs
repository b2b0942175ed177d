//! Flows of a capture file as whole processes, beside softflowd and nfstream; and the table by itself, over an hour of ten
//! million flows.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use airlens::flow::{FlowTable, Timeouts};
use airlens_benches::{Table, Usage, median, root, wanted};
use airlens_common::{
    Count,
    flow::{FlowKey, FlowValue},
};
use anyhow::{Result, ensure};

const RUNS: usize = 5;
const PACKETS: u32 = 2_000_000;
const SECOND: u64 = 1_000_000_000;

fn main() -> Result<()> {
    if !wanted("flow-files") {
        return Ok(());
    }
    programs()?;
    an_hour();
    a_million();
    Ok(())
}

/// A capture of UDP packets of 128 octets over 100 seconds, in turn of so many flows, both ways.
fn write(file: &Path, flows: u32) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    for word in [0xa1b2_3c4du32, 4 << 16 | 2, 0, 0, 65_536, 1] {
        out.write_all(&word.to_le_bytes())?;
    }
    let mut frame = vec![0; 128];
    frame[12] = 8;
    frame[14] = 0x45;
    frame[16..18].copy_from_slice(&114u16.to_be_bytes());
    (frame[22], frame[23]) = (64, 17);
    frame[38..40].copy_from_slice(&94u16.to_be_bytes());
    for packet in 0..PACKETS {
        let flow = packet % flows;
        let [a, b, c, d] = (0x0a00_0000 | flow).to_be_bytes();
        let ends = [[a, b, c, d], [192, 0, 2, 1]];
        let ports = [[0x9c, 0x40], [0, 53]];
        let way = (packet / flows % 2) as usize;
        frame[26..30].copy_from_slice(&ends[way]);
        frame[30..34].copy_from_slice(&ends[1 - way]);
        frame[34..36].copy_from_slice(&ports[way]);
        frame[36..38].copy_from_slice(&ports[1 - way]);
        let time = u64::from(packet) * 50_000;
        let words = [
            1_600_000_000 + (time / SECOND) as u32,
            (time % SECOND) as u32,
            frame.len() as u32,
            frame.len() as u32,
        ];
        for word in words {
            out.write_all(&word.to_le_bytes())?;
        }
        out.write_all(&frame)?;
    }
    Ok(out.flush()?)
}

fn programs() -> Result<()> {
    let airlens = root().join("target/release/airlens");
    ensure!(airlens.is_file(), "no {}: run `cargo xtask bench`", airlens.display());
    let folder = tempfile::tempdir()?;
    let mut table = Table::new(["flows", "program", "million packets/s", "ratio", "peak MiB"]);
    for flows in [100, 10_000, 500_000] {
        let file = folder.path().join("flows.pcap");
        write(&file, flows)?;
        let mut ours: Option<f64> = None;
        let of = |program: &Path, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        };
        let python =
            "import sys, nfstream\nfor flow in nfstream.NFStreamer(sys.argv[1], n_dissections=0, n_meters=1): pass";
        let all = "lengths,times,tcp,tls,dns";
        let most = flows.to_string();
        let programs = [
            ("airlens analyze --flows", of(&airlens, &["analyze", "--flows"])),
            (
                "airlens analyze --flows --jsonl",
                of(&airlens, &["analyze", "--flows", "--jsonl"]),
            ),
            (
                "airlens analyze --flows --features (all)",
                of(&airlens, &["analyze", "--flows", "--features", all]),
            ),
            // It may wait for ever at a control socket.
            (
                "softflowd",
                of(
                    "softflowd".as_ref(),
                    &["-d", "-v", "9", "-m", &most, "-p", "none", "-c", "none", "-r"],
                ),
            ),
            ("nfstream", of("python3".as_ref(), &["-c", python])),
        ];
        for (name, mut command) in programs {
            let Ok(usage) = Usage::of(command.arg(&file), RUNS) else {
                println!("{name} is not installed, or failed: left out");
                continue;
            };
            let speed = f64::from(PACKETS) / usage.time.as_secs_f64() / 1e6;
            let first = *ours.get_or_insert(speed);
            table.row([
                flows.to_string(),
                name.to_owned(),
                format!("{speed:.3}"),
                format!("{:.2}", first / speed),
                format!("{:.1}", usage.peak as f64 / 1024.0),
            ]);
        }
    }
    table.print(&format!(
        "Flows of {PACKETS} packets in a file, as whole processes: packets per second of processor time, user and system"
    ));
    Ok(())
}

fn key(number: u64) -> FlowKey {
    let mut key = FlowKey {
        port_b: number as u16,
        protocol: if number.is_multiple_of(2) { 6 } else { 17 },
        ip_version: 4,
        ..FlowKey::default()
    };
    key.address_b[0] = (number >> 16) as u32 + 1;
    key
}

fn packet(now: u64) -> FlowValue {
    let size = Count { packets: 1, bytes: 100 };
    FlowValue::of_packet(0, size, 16, 0, 100, now)
}

/// An hour of virtual time with 2,778 new flows a second, the table looked after each second.
fn an_hour() {
    const A_SECOND: u64 = 2778;
    let mut table = FlowTable::new(1 << 20, Timeouts::default());
    let (mut ended, mut expiring, mut longest) = (0u64, Duration::ZERO, Duration::ZERO);
    let (mut after_ten_minutes, mut peak) = (0, 0);
    let start = Instant::now();
    for second in 0..3600 {
        for number in second * A_SECOND..(second + 1) * A_SECOND {
            table.merge(&key(number), &packet(second * SECOND), &mut |_| ended += 1);
        }
        let before = Instant::now();
        table.expire(second * SECOND, &mut |_| ended += 1);
        let took = before.elapsed();
        expiring += took;
        longest = longest.max(took);
        peak = peak.max(table.memory());
        if second == 600 {
            after_ten_minutes = peak;
        }
    }
    println!(
        "an hour of {} flows: {:.2} s of processor, of it {:.2} s for expiry, {:.1} ms at the most; {ended} ended, {} active; {:.1} MB at the most, {:.1} after ten minutes\n",
        3600 * A_SECOND,
        start.elapsed().as_secs_f64(),
        expiring.as_secs_f64(),
        longest.as_secs_f64() * 1e3,
        table.len(),
        peak as f64 / 1e6,
        after_ten_minutes as f64 / 1e6,
    );
}

/// A million flows that are all busy: what a second's shares and the look after it cost.
fn a_million() {
    const FLOWS: u64 = 1 << 20;
    let mut table = FlowTable::new(FLOWS as usize, Timeouts::default());
    let (mut merges, mut expiries) = (Vec::new(), Vec::new());
    for second in 0..120 {
        let start = Instant::now();
        for number in 0..FLOWS {
            table.merge(&key(number), &packet(second * SECOND), &mut |_| {});
        }
        let middle = Instant::now();
        table.expire(second * SECOND, &mut |_| {});
        merges.push(middle - start);
        expiries.push(middle.elapsed());
    }
    let longest = expiries.iter().max().copied().unwrap_or_default();
    println!(
        "{FLOWS} busy flows: {:.0} ns a share, {:.1} octets a flow; a look each second {:.3} ms on average, {:.1} ms at the most",
        median(merges).as_nanos() as f64 / FLOWS as f64,
        table.memory() as f64 / table.len() as f64,
        expiries.iter().sum::<Duration>().as_secs_f64() * 1e3 / expiries.len() as f64,
        longest.as_secs_f64() * 1e3,
    );
}
