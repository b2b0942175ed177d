//! Spans, received by OtelTap, an OTLP receiver that is not ours.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
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
    /// Python with these arguments, which listens at the port and prints what comes.
    fn start(network: &Network, place: &Place, arguments: &[&str]) -> Result<Self> {
        let output = place.folder().join("spans");
        let mut command = Command::new(python()?);
        command.arg("-u").args(arguments).arg(PORT.to_string());
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
            ensure!(start.elapsed() < PATIENCE, "the receiver does not listen");
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
    let receiver = Receiver::start(&network, &place, &["-m", "oteltap", "--port"])?;
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

/// OtelTap does not tell of the resource: OpenTelemetry's own messages do.
#[test]
fn who_sends_is_told_in_the_words_of_the_semantic_conventions() -> Result<()> {
    let mut instances = Vec::new();
    for _ in 0..2 {
        let (network, place) = (Network::new()?, Place::new()?);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("logs/otlp.py");
        let receiver = Receiver::start(&network, &place, &[&script.display().to_string()])?;
        let mut command = airlens(["run", "-i", "mon0", "--otlp-endpoint"])?;
        command.arg(format!("http://127.0.0.1:{PORT}"));
        let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
        run.until_running(&place)?;
        let pid = run.pid().to_string();
        profiled(&network, &mut run, 1, 1)?;
        run.until("the spans are sent", || Ok(!receiver.objects()?.is_empty()))?;
        run.stop()?;
        let sent = &receiver.objects()?[0]["resourceSpans"][0];
        let resource = &sent["resource"];
        let text = |name: &str| attribute(resource, name).and_then(Value::as_str).map(str::to_owned);
        let host = fs::read_to_string("/proc/sys/kernel/hostname")?;
        for (name, value) in [
            ("service.name", "airlens"),
            ("service.version", env!("CARGO_PKG_VERSION")),
            ("host.name", host.trim()),
            ("os.type", "linux"),
            ("process.pid", &pid),
            ("process.executable.name", "airlens"),
            ("telemetry.sdk.name", "opentelemetry"),
            ("telemetry.sdk.language", "rust"),
        ] {
            ensure!(text(name).as_deref() == Some(value), "{name}: {resource:#}");
        }
        for name in ["host.arch", "telemetry.sdk.version"] {
            ensure!(
                text(name).is_some_and(|value| !value.is_empty()),
                "{name}: {resource:#}"
            );
        }
        let schema = sent["schemaUrl"].as_str().unwrap_or_default();
        ensure!(schema.starts_with("https://opentelemetry.io/schemas/1."), "{sent:#}");
        instances.push(text("service.instance.id").context("no instance")?);
    }
    // A run is an instance.
    ensure!(instances[0] != instances[1], "{instances:?}");
    Ok(())
}
