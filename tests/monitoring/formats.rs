//! Both formats of the metrics, from a demonstration.

use std::process::Command;

use airlens_tests::support::{
    cli::{STATIONS, Said, airlens},
    peer::run,
    python,
};
use anyhow::{Context as _, Result, ensure};

use super::servers::{Demo, get, wait};

/// A strict parser of OpenMetrics counts what it reads.
const PARSE: &str = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
samples = [sample.name for family in parse(sys.stdin.read()) for sample in family.samples]
print(len(samples), *sorted({name for name in samples if not name.startswith('process_')}))
";

#[test]
fn text_and_open_metrics_say_the_same() -> Result<()> {
    let demo = Demo::start(&["--program-stats"])?;
    // Everything that comes with the first profile.
    wait("a profile", || {
        Ok(get(&demo.address, "/metrics", "")?
            .1
            .contains("processing_duration_seconds_count{mode=\"live\"}"))
    })?;
    let (head, text) = get(&demo.address, "/metrics", "Accept: text/plain\r\n")?;
    ensure!(
        head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"),
        "{head}"
    );
    assert_eq!(run(Command::new("promtool").args(["check", "metrics"]), &text)?, "");

    let accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n";
    let (head, open) = get(&demo.address, "/metrics", accept)?;
    let kind = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    ensure!(head.contains(kind) && open.ends_with("\n# EOF\n"), "{head}");
    let parsed = run(Command::new(python::bin()?.join("python")).args(["-c", PARSE]), &open)?;
    let (count, names) = parsed.trim().split_once(' ').context("nothing")?;
    // Requests have been counted in between: series come, none goes.
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    ensure!(
        count.parse::<usize>()? == series(&open) && series(&open) >= series(&text),
        "{count}"
    );
    for name in [
        "airlens_packets_total",
        "airlens_program_runs_total",
        "airlens_processing_duration_seconds_bucket",
        "airlens_http_request_duration_seconds_sum",
        "airlens_ring_bytes",
    ] {
        ensure!(names.split(' ').any(|found| found == name), "{name}: {names}");
    }
    Ok(())
}

#[test]
fn work_on_captures_has_metrics_too() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("airlens.prom");
    for (mode, words) in [
        ("--jsonl", "airlens_flows_total{reason=\"timeout\"} 0"),
        ("--flows", "airlens_processing_duration_seconds_count{mode=\"pcap\"} 1"),
    ] {
        let said = Said::by(airlens(["analyze", STATIONS, mode, "--metrics"])?.arg(&file))?;
        ensure!(said.code == Some(0) || mode == "--flows", "{said:?}");
        let text = std::fs::read_to_string(&file)?;
        assert_eq!(run(Command::new("promtool").args(["check", "metrics"]), &text)?, "");
        let packets = text
            .lines()
            .find_map(|line| line.strip_prefix("airlens_packets_total{interface=\"capture\",direction=\"rx\"} "));
        ensure!(text.contains(words) && packets.is_some(), "{text}");
        if mode == "--jsonl" {
            ensure!(packets.context("none")?.parse::<u64>()? > 100, "{packets:?}");
        }
        ensure!(
            text.contains("airlens_processing_duration_seconds_count{mode=\"pcap\"} 1"),
            "{text}"
        );
    }
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
    Ok(())
}
