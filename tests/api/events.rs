//! Server-sent events by curl, and by a listener that does not read.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use airlens::publish::http::{ClientEntry, ClientKind, Event, Limits, ProfileEvent};
use airlens_tests::support::{schema::valid, view::snapshot};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::server::{PATIENCE, Server, until};

/// Messages of a stream.
pub(crate) struct Messages<R>(pub(crate) R);

impl<R: std::io::BufRead> Messages<R> {
    /// The next one, held to its schema.
    pub(crate) fn next(&mut self) -> Result<Value> {
        let message = self.read()?;
        hold(&message)?;
        Ok(message)
    }

    /// The next one, comments left out: name, number and data.
    fn read(&mut self) -> Result<Value> {
        let (mut name, mut id, mut data) = (Value::Null, Value::Null, Value::Null);
        loop {
            let mut line = String::new();
            ensure!(self.0.read_line(&mut line)? > 0, "the stream has ended");
            match line.trim_end().split_once(": ") {
                Some(("event", text)) => name = json!(text),
                Some(("id", text)) => id = json!(text.parse::<u64>()?),
                Some(("data", text)) => data = serde_json::from_str(text)?,
                None if line == "\n" && !name.is_null() => break,
                // `retry`, comments, the head of an answer and chunk sizes.
                _ => {}
            }
        }
        let mut message = json!({ "event": name, "data": data });
        if !id.is_null() {
            message["id"] = id;
        }
        Ok(message)
    }

    /// The next one of this name.
    pub(crate) fn next_of(&mut self, name: &str) -> Result<Value> {
        loop {
            let message = self.read()?;
            if message["event"] == name {
                hold(&message)?;
                return Ok(message["data"].clone());
            }
        }
    }
}

/// Holds a message to its schema, and its data to theirs.
fn hold(message: &Value) -> Result<()> {
    valid("event", [message])?;
    match message["event"].as_str() {
        Some("status") => valid("run-status", [&message["data"]]),
        Some("stats") => valid("stats", [&message["data"]]),
        Some("client") => valid("client-list", [&json!({ "clients": [message["data"]], "total": 1 })]),
        _ => Ok(()),
    }
}

/// curl, listening.
struct Listener {
    child: Child,
    messages: Messages<BufReader<ChildStdout>>,
}

impl Listener {
    fn start(server: &Server, query: &str) -> Result<Self> {
        let mut child = Command::new("curl")
            .args([
                "--silent",
                "--no-buffer",
                "--max-time",
                "60",
                &server.url(&format!("/api/events{query}")),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("no stdout")?;
        let messages = Messages(BufReader::new(out));
        Ok(Self { child, messages })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client(number: usize) -> Event {
    let client = ClientEntry::new(number.to_string(), ClientKind::Device, 0.0, 0);
    Event::Client(Box::new(client))
}

#[test]
fn curl_is_told_what_happens() -> Result<()> {
    let server = Server::open()?;
    let mut listener = Listener::start(&server, "?as=sensor&name=roof")?;
    let first = listener.messages.next()?;
    assert_eq!(
        (&first["event"], &first["data"]["channel"]),
        (&json!("status"), &json!(36))
    );
    let shown = server.events.viewers();
    let shown: Vec<_> = shown
        .iter()
        .map(|viewer| (&*viewer.client_id, viewer.kind, &*viewer.platform))
        .collect();
    assert_eq!(shown, [("sensor-1-roof", ClientKind::Sensor, "curl")]);
    server.events.tell(|| client(7));
    server.events.tell(|| Event::Stats(Box::new(snapshot())));
    server.events.tell(|| {
        Event::Profile(ProfileEvent {
            client_id: "02:00:00:00:00:02".to_owned(),
            band: "5",
            time: jiff::Timestamp::UNIX_EPOCH.into(),
            changed: true,
        })
    });
    let mut last = first["id"].as_u64().context("no id")?;
    for name in ["client", "stats", "profile"] {
        let message = listener.messages.next()?;
        assert_eq!(message["event"], name);
        let id = message["id"].as_u64().context("no id")?;
        ensure!(id > last, "{id} after {last}");
        last = id;
    }
    drop(listener);
    until("the place is free again", || {
        // Who is gone is noticed when something is to be sent.
        server.events.tell(|| client(8));
        Ok(server.events.viewers().is_empty())
    })
}

#[test]
fn a_listener_that_does_not_read_holds_up_nobody() -> Result<()> {
    let server = Server::open()?;
    let mut slow = TcpStream::connect(server.address)?;
    slow.set_read_timeout(Some(PATIENCE))?;
    write!(slow, "GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    until("it is there", || Ok(!server.events.viewers().is_empty()))?;
    // More than the sockets' buffers hold, at a pace at which who reads keeps up.
    let mut reader = Listener::start(&server, "")?;
    reader.messages.next()?;
    let mut longest = Duration::ZERO;
    for number in 0..12_000 {
        let start = Instant::now();
        server.events.tell(|| {
            let mut stats = snapshot();
            stats.version = "x".repeat(500);
            Event::Stats(Box::new(stats))
        });
        longest = longest.max(start.elapsed());
        if number % 100 == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    server.events.tell(|| client(1));
    reader.messages.next_of("client")?;
    println!("the longest that telling took: {longest:?}");
    let mut slow = BufReader::new(slow);
    let mut slow = Messages(slow.by_ref());
    let missed = slow.next_of("lagged")?["missed"].as_u64().context("no count")?;
    ensure!(missed > 0, "{missed}");
    Ok(())
}

#[test]
fn who_takes_nothing_for_long_loses_its_place() -> Result<()> {
    let limits = Limits {
        stall: Duration::from_millis(300),
        ..Limits::default()
    };
    let server = Server::start(&airlens::publish::http::Access::local(), None, limits)?;
    let mut slow = TcpStream::connect(server.address)?;
    write!(slow, "GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    until("it is there", || Ok(!server.events.viewers().is_empty()))?;
    until("it is gone", || {
        for number in 0..200 {
            server.events.tell(|| client(number));
        }
        Ok(server.events.viewers().is_empty())
    })
}

#[test]
fn listeners_are_bounded() -> Result<()> {
    let server = Server::open()?;
    let mut streams = Vec::new();
    for _ in 0..airlens::publish::http::DEFAULT_VIEWERS {
        let mut stream = TcpStream::connect(server.address)?;
        write!(stream, "GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        streams.push(stream);
    }
    until("all are there", || Ok(server.events.viewers().len() == streams.len()))?;
    let refused = server.get("/api/events", &[])?;
    ensure!(
        refused.problem(503)?.contains("monitoring.event_listeners"),
        "{refused:?}"
    );
    assert_eq!(refused.header("retry-after"), Some("10"));
    streams.clear();
    until("the places are free", || {
        server.events.tell(|| client(1));
        Ok(server.events.viewers().is_empty())
    })
}
