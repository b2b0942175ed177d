//! Spans, received by OtelTap, an OTLP receiver that is not ours.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens_tests::support::{
    cli::airlens,
    python,
    run::{Network, Place, Running},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::requests::{client, profiled};

const PATIENCE: Duration = Duration::from_secs(30);
const PORT: u16 = 4318;

/// The Python of the environment that `cargo xtask setup` makes.
fn python() -> Result<PathBuf> {
    Ok(python::bin()?.join("python"))
}

/// A receiver; it is ended by its process id.
struct Receiver {
    child: Child,
    output: PathBuf,
}

impl Receiver {
    fn start(network: &Network, place: &Place) -> Result<Self> {
        let output = place.folder().join("spans");
        let mut command = Command::new(python()?);
        command.args(["-u", "-m", "oteltap", "--port", &PORT.to_string()]);
        command.stdin(Stdio::null()).stdout(File::create(&output)?);
        let receiver = Self {
            child: network.here.run(|| command.spawn())??,
            output,
        };
        let start = Instant::now();
        while network
            .here
            .run(|| TcpStream::connect((Ipv4Addr::LOCALHOST, PORT)))?
            .is_err()
        {
            ensure!(start.elapsed() < PATIENCE, "OtelTap does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        Ok(receiver)
    }

    /// What it has printed, the objects alone.
    fn objects(&self) -> Result<Vec<Value>> {
        let text = fs::read_to_string(&self.output)?;
        let lines = text.lines().filter(|line| line.starts_with('{'));
        Ok(lines.filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn attribute<'a>(span: &'a Value, name: &str) -> Option<&'a Value> {
    let attributes = span["attributes"].as_array()?;
    let found = attributes.iter().find(|attribute| attribute["key"] == name)?;
    found["value"].as_object()?.values().next()
}

/// From begin to end in ns since 1970.
fn times(span: &Value) -> Result<(u64, u64)> {
    let time = |name: &str| {
        span[name]
            .as_str()
            .and_then(|time| time.parse().ok())
            .context("no time")
    };
    Ok((time("startTimeUnixNano")?, time("endTimeUnixNano")?))
}

#[test]
fn a_request_is_a_trace_from_its_frame_to_its_files() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let receiver = Receiver::start(&network, &place)?;
    let mut command = airlens(["run", "-i", "mon0", "--data", "data0", "--otlp-endpoint"])?;
    command.arg(format!("http://127.0.0.1:{PORT}"));
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    profiled(&network, &mut run, 1, 1)?;
    profiled(&network, &mut run, 2, 2)?;
    run.until("the spans are sent", || {
        Ok(network.get_json("/api/stats")?["spans"]["sent"] == 8)
    })?;
    run.stop()?;

    let start = Instant::now();
    let mut spans = receiver.objects()?;
    while spans.len() < 8 {
        ensure!(start.elapsed() < PATIENCE, "{spans:?}");
        thread::sleep(Duration::from_millis(20));
        spans = receiver.objects()?;
    }
    ensure!(spans.len() == 8, "{spans:?}");
    let frames: Vec<_> = spans.iter().filter(|span| span["name"] == "frame").collect();
    ensure!(
        frames.len() == 2 && frames[0]["traceId"] != frames[1]["traceId"],
        "{frames:?}"
    );
    for number in 1..=2 {
        let address = client(number).to_string();
        let of_client = |span: &&&Value| attribute(span, "airlens.client") == Some(&Value::from(&*address));
        let frame = frames.iter().find(of_client).context("no frame of the client")?;
        ensure!(frame["parentSpanId"] == "", "{frame}");
        for (name, value) in [
            ("airlens.ssid", "net"),
            ("airlens.bssid", "02:00:00:00:00:01"),
            ("airlens.band", "5GHz"),
            ("airlens.channel", "36"),
            ("airlens.frame.octets", "33"),
        ] {
            ensure!(attribute(frame, name) == Some(&Value::from(value)), "{name}: {frame}");
        }
        let ours = spans.iter().filter(|span| span["traceId"] == frame["traceId"]);
        let mut before = times(frame)?.0;
        let mut children: Vec<_> = ours.filter(|span| span["name"] != "frame").collect();
        children.sort_by_key(|span| times(span).ok());
        let names: Vec<_> = children.iter().filter_map(|span| span["name"].as_str()).collect();
        ensure!(names == ["decode", "profile", "publish"], "{names:?}");
        for child in children {
            ensure!(child["parentSpanId"] == frame["spanId"], "{child}");
            let (from, to) = times(child)?;
            // One after the other, within the frame's.
            ensure!(before <= from && from <= to && to <= times(frame)?.1, "{child} {frame}");
            before = to;
            if child["name"] == "publish" {
                ensure!(
                    attribute(child, "airlens.written") == Some(&Value::from(true)),
                    "{child}"
                );
            }
        }
    }
    Ok(())
}
