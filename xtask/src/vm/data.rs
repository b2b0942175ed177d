//! What the `data` scenario must have left on the share: a run at XDP, one at tc, and a capture.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    listen::{json_file, not_any, text},
    verdict::Verdict,
};
use crate::summary::Counts;

/// Echo requests, and as many replies.
const ECHOES: u64 = 5;

/// Prints the checks and returns their counts.
pub(super) fn judge(share: &Path, kernel: &str) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    for line in log.lines().filter(|line| line.starts_with("information: ")) {
        println!("{line}");
    }
    let mut verdict = Verdict::default();
    let late: Vec<_> = log.lines().filter(|line| line.starts_with("TIMEOUT")).collect();
    verdict.check("data: the scenario ran through", {
        not_any(&late).and_then(|()| {
            ensure!(
                log.lines().any(|line| line.ends_with("] done")),
                "it did not come to its end"
            );
            Ok(())
        })
    });
    // TCX is there since Linux 6.6.
    let tc = if kernel == "6.1" { "clsact" } else { "tcx" };
    for (part, receive) in [("native", "xdp-native"), ("tc", tc)] {
        run(&mut verdict, part, &share.join(part), receive, tc);
    }
    let folder = share.join("capture");
    verdict.equal("capture: exit status", number(&folder.join("exit")), &0);
    verdict.equal("capture: echoes", number(&folder.join("echoes")), &(2 * ECHOES));
    verdict.equal("capture: others", number(&folder.join("others")), &0);
    verdict.equal(
        "capture: echoes of another process beside it",
        number(&folder.join("echoes-beside")),
        &(2 * ECHOES),
    );
    // Both ways of each process, as bpftool tells: that of Debian 12 knows no TCX. A link goes with its process, a filter with the next
    // start.
    let moments = [("ghost", 2), ("killed", 2), ("beside", 2), ("both", 4), ("left", 2)];
    for (moment, filters) in moments.iter().filter(|_| tc == "clsact") {
        verdict.equal(
            &format!("capture: filters, {moment}"),
            number(&folder.join(format!("filters-{moment}"))),
            filters,
        );
    }
    verdict.check("capture: the balance is told", told(&folder));
    Ok(verdict.counts())
}

/// Prints what a reader of a failure wants first.
pub(super) fn show(share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    for part in ["native", "tc"] {
        let said = text(&share.join(part).join("airlens.err")).unwrap_or_default();
        println!("airlens, part {part}:\n{said}");
    }
    println!("{}", text(&share.join("capture/told.txt")).unwrap_or_default());
    Ok(())
}

fn run(verdict: &mut Verdict, part: &str, folder: &Path, receive: &str, tc: &str) {
    verdict.equal(&format!("{part}: exit status"), number(&folder.join("exit")), &0);
    verdict.equal(
        &format!("{part}: programs that are left"),
        number(&folder.join("left")),
        &0,
    );
    let stats = match json_file(&folder.join("stats.json")) {
        Ok(stats) => stats,
        Err(error) => return verdict.check(&format!("{part}: counts"), Err(error)),
    };
    let rx = if part == "tc" { "data_rx_tc" } else { "data_rx" };
    for (program, hook, times) in [
        (rx, receive, 1),
        ("data_tx", tc, 1),
        ("capture_tc", tc, 2),
        ("capture_tx", tc, 2),
    ] {
        let attached = list(&stats, "attachments").map(|all| {
            let found = |entry: &&Value| entry["program"] == program && entry["hook"] == hook;
            all.iter().filter(found).count()
        });
        verdict.equal(&format!("{part}: {program} at {hook}"), attached, &times);
    }
    for (direction, way) in [("rx", "dst"), ("tx", "src")] {
        let dumped = number(&folder.join(format!("icmp-{way}")));
        let counted = packets(&stats, direction, "icmp");
        verdict.check(
            &format!("{part}: echoes {direction} are tcpdump's"),
            same(counted, dumped),
        );
    }
    let dumped = number(&folder.join("datagrams"));
    verdict.check(
        &format!("{part}: datagrams are tcpdump's"),
        same(packets(&stats, "tx", "udp"), dumped),
    );
    verdict.check(&format!("{part}: seen = in table + exported + lost"), balance(&stats));
    verdict.check(&format!("{part}: flows of the run"), flows(folder, &stats));
    verdict.equal(
        &format!("{part}: packets of /api/capture with a filter"),
        answer(&folder.join("icmp.http")),
        &(2 * ECHOES),
    );
    verdict.check(
        &format!("{part}: all packets of /api/capture"),
        answer(&folder.join("all.http")).and_then(|all| {
            ensure!(all > 2 * ECHOES + 10, "{all} packets");
            Ok(())
        }),
    );
}

/// Each packet of a flow is in a row; the connection ended by FIN; the echoes have features of every packet.
fn flows(folder: &Path, stats: &Value) -> Result<()> {
    let rows: Vec<Value> = text(&folder.join("flows.jsonl"))?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let of = |row: &Value, key: &str| row[key].as_u64().unwrap_or(0);
    let seen = of(&stats["flows"]["packets"], "seen");
    let all: u64 = rows.iter().map(|row| of(row, "packets")).sum();
    // Neighbours may look for each other at the end.
    ensure!((seen..seen + 10).contains(&all), "{all} packets in rows, {seen} seen");
    let connection = rows.iter().find(|row| row["destination_port"] == 7000);
    let connection = connection.context("no connection")?;
    ensure!(connection["reason"] == "fin", "{connection}");
    ensure!(
        connection["features"]["tcp"]["handshake_rtt_ms"].is_number(),
        "{connection}"
    );
    let echoes = rows.iter().find(|row| row["protocol"] == 1).context("no echoes")?;
    let (packets, read) = (of(echoes, "packets"), of(&echoes["features"], "packets"));
    ensure!((packets, read) == (2 * ECHOES, 2 * ECHOES), "{echoes}");
    Ok(())
}

fn balance(stats: &Value) -> Result<()> {
    let packets = &stats["flows"]["packets"];
    let of = |key: &str| packets[key].as_u64().with_context(|| format!("no {key}"));
    let lost: u64 = list(packets, "lost")?
        .iter()
        .filter_map(|cause| cause["count"].as_u64())
        .sum();
    let (seen, in_table, exported) = (of("seen")?, of("in_table")?, of("exported")?);
    ensure!(
        seen == in_table + exported + lost && seen > 20 && lost == 0,
        "{packets}"
    );
    Ok(())
}

fn packets(stats: &Value, direction: &str, protocol: &str) -> Result<u64> {
    let found = |entry: &&Value| entry["direction"] == direction && entry["protocol"] == protocol;
    let packets = list(stats, "data")?
        .iter()
        .filter(found)
        .filter_map(|entry| entry["packets"].as_u64());
    Ok(packets.sum())
}

fn same(found: Result<u64>, expected: Result<u64>) -> Result<()> {
    let (found, expected) = (found?, expected?);
    ensure!(found == expected && found > 0, "found {found}, expected {expected}");
    Ok(())
}

/// `airlens: data0: seen 33 = captured 10 + filtered 23 + lost 0 (…); written 10`
fn told(folder: &Path) -> Result<()> {
    let text = text(&folder.join("told.txt"))?;
    let line = text
        .lines()
        .find(|line| line.contains(": seen "))
        .context("no balance")?;
    let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [seen, captured, filtered, lost, ..] = numbers[..] else {
        anyhow::bail!("{line}");
    };
    let sum = captured + filtered + lost;
    ensure!((seen, captured, lost) == (sum, 2 * ECHOES, 0) && filtered > 0, "{line}");
    Ok(())
}

/// Packets of an answer, which is pcapng behind a head.
fn answer(file: &Path) -> Result<u64> {
    const PACKET: u32 = 6;
    let octets = std::fs::read(file).with_context(|| format!("no {}", file.display()))?;
    let head = octets
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .context("no head")?;
    let said = String::from_utf8_lossy(&octets[..head]).into_owned();
    ensure!(
        said.starts_with("HTTP/1.0 200") && said.contains("application/x-pcapng"),
        "{said}"
    );
    let (mut rest, mut packets) = (&octets[head + 4..], 0);
    while let Some((front, _)) = rest.split_first_chunk::<8>() {
        let [kind, length] =
            [&front[..4], &front[4..]].map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        rest = rest
            .get(length as usize..)
            .filter(|_| length >= 12)
            .context("a block that is not whole")?;
        packets += u64::from(kind == PACKET);
    }
    ensure!(rest.is_empty(), "{} octets too many", rest.len());
    Ok(packets)
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("no {key}"))
}

fn number(file: &Path) -> Result<u64> {
    Ok(text(file)?.trim().parse()?)
}
