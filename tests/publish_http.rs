//! The HTTP API over TCP and over the run's Unix socket, with clients that behave and clients that do not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use airlens::publish::http::{
    Access, Api, Events, Limits, MetricsPath, RequestCounts, bind_tcp, bind_unix, metrics_router, router, serve,
};
use airlens::publish::metrics::{DEFAULT_NAMESPACE, MetricsSink as _, Packet, PrometheusSink};
use airlens::publish::query::{self, QueryError};
use airlens::publish::snapshot::Direction;
use airlens_tests::support::view::{View, snapshot};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(10);

struct Running {
    address: SocketAddr,
    socket: PathBuf,
    view: Arc<View>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

fn start(limits: Limits) -> Running {
    let view = Arc::new(View::default());
    let metrics = PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(snapshot))).unwrap();
    let api = Api {
        view: view.clone(),
        metrics,
        metrics_path: MetricsPath::default(),
        events: Arc::<Events>::default(),
        requests: Arc::<RequestCounts>::default(),
    };
    listen(router(api, &Access::local()), view, limits)
}

fn listen(router: axum::Router, view: Arc<View>, limits: Limits) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("x.sock");
    let (stop, stopped) = watch::channel(false);
    let tcp = tokio::net::TcpListener::from_std(bind_tcp("127.0.0.1:0".parse().unwrap()).unwrap()).unwrap();
    let unix = tokio::net::UnixListener::from_std(bind_unix(&socket).unwrap()).unwrap();
    let address = tcp.local_addr().unwrap();
    let tasks = vec![
        tokio::spawn(serve(tcp, router.clone(), limits, None, stopped.clone())),
        tokio::spawn(serve(unix, router, limits, None, stopped)),
    ];
    Running {
        address,
        socket,
        view,
        stop,
        tasks,
        _folder: folder,
    }
}

impl Running {
    /// Head (lower case) and body of the answer to `request`.
    async fn ask(&self, request: &str) -> (String, String) {
        let (address, request) = (self.address, request.to_owned());
        tokio::task::spawn_blocking(move || {
            let mut stream = connect(address);
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            (head.to_ascii_lowercase(), body.to_owned())
        })
        .await
        .unwrap()
    }

    async fn get(&self, path: &str) -> (String, String) {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        ))
        .await
    }

    async fn json(&self, path: &'static str) -> Result<Value, QueryError> {
        let socket = self.socket.clone();
        tokio::task::spawn_blocking(move || query::Asked::Socket(socket).get_json(path, PATIENCE))
            .await
            .unwrap()
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        for task in self.tasks {
            tokio::time::timeout(PATIENCE, task)
                .await
                .expect("the server stops")
                .unwrap();
        }
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[tokio::test]
async fn every_route_answers() {
    let running = start(Limits::default());
    let (head, body) = running.get("/metrics").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    let sample = "airlens_frames_total{interface=\"mon0\",type=\"management\",subtype=\"beacon\"} 5";
    assert!(body.lines().any(|line| line == sample), "{body}");

    assert_eq!(running.get("/healthz").await.1, "ok\n");
    let (head, body) = running.get("/readyz").await;
    assert!(
        head.starts_with("http/1.1 503") && head.contains("application/problem+json"),
        "{head}"
    );
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap()["detail"],
        "no program is attached yet"
    );
    assert!(running.get("/api/health").await.0.starts_with("http/1.1 503"));

    running.view.capturing.store(true, Ordering::Relaxed);
    assert_eq!(running.get("/readyz").await.1, "ready\n");
    let health = json!({"status": "healthy", "uptime_seconds": 86400, "connected_clients": 1, "active_sessions": 1});
    assert_eq!(running.json("/api/health").await.unwrap(), health);
    let client = json!({"client_id": "aa:bb:cc:dd:ee:ff", "type": "device", "platform": "Example",
                        "connected_at": 1_730_736_000.0, "uptime_seconds": 3600, "last_seen": null,
                        "manuf": "Example", "generation": 6, "bands": null, "widths": null, "security": null,
                        "streams": null, "ssid": null, "signal_dbm": null});
    assert_eq!(
        running.json("/api/clients?limit=1").await.unwrap(),
        json!({"clients": [client], "total": 2})
    );
    assert_eq!(
        running.json("/api/clients/AA-BB-CC-DD-EE-FF").await.unwrap()["address"],
        "aa:bb:cc:dd:ee:ff"
    );
    let history = running.json("/api/clients/aa:bb:cc:dd:ee:ff/history").await.unwrap();
    assert_eq!(
        (&history["mac"], &history["history"][0]["ssid"]),
        (&json!("aa:bb:cc:dd:ee:ff"), &json!("net"))
    );
    assert_eq!(running.json("/api/status").await.unwrap()["channel"], 36);
    assert_eq!(
        running.json("/api/stats").await.unwrap(),
        serde_json::to_value(snapshot()).unwrap()
    );
    running.stop().await;
}

#[tokio::test]
async fn errors_are_problems() {
    let running = start(Limits::default());
    let cases = [
        ("GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 404),
        (
            "POST /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            405,
        ),
        ("GET /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n", 413),
        (
            "GET /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n",
            413,
        ),
        ("POST /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 405),
        (
            "GET /api/clients/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            404,
        ),
        (
            "GET /api/clients/%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            404,
        ),
        (
            "GET /api/clients/aa:bb:cc:dd:ee:01 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            404,
        ),
        (
            "GET /api/clients/aa:bb:cc:dd:ee:01/history HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            404,
        ),
        (
            "GET /api/clients/aa:bb:cc:dd:ee:bb HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            500,
        ),
        (
            "GET /api/clients?limit=-1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            400,
        ),
        (
            "GET /api/flows?top=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            400,
        ),
        (
            "GET /api/events?as=x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            400,
        ),
        (
            "GET /api/stats HTTP/1.1\r\nhost: x\r\nconnection: close\r\nsec-fetch-site: cross-site\r\n\r\n",
            403,
        ),
    ];
    for (request, status) in cases {
        let (head, body) = running.ask(request).await;
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{request}: {head}");
        assert!(head.contains("content-type: application/problem+json"), "{head}");
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&problem["status"], &problem["type"]),
            (&json!(status), &json!("about:blank"))
        );
        assert_eq!(head.contains("allow: get, head"), status == 405, "{head}");
    }
    match running.json("/nothing").await {
        Err(QueryError::Refused { status: 404, detail }) => assert_eq!(detail, "there is nothing at /nothing"),
        other => panic!("{other:?}"),
    }
    running.stop().await;
}

#[tokio::test]
async fn slow_and_many_clients_are_bounded() {
    let limits = Limits {
        connections: 2,
        header: Duration::from_millis(300),
        ..Limits::default()
    };
    let running = start(limits);
    let address = running.address;
    // Two connections that send half a head take both places; the time limit frees them for the third.
    let idle = tokio::task::spawn_blocking(move || {
        let mut streams = [connect(address), connect(address)];
        for stream in &mut streams {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost").unwrap();
        }
        let started = Instant::now();
        for stream in &mut streams {
            // Closed by the server: an end, or a reset where it had not read everything.
            let _ = stream.read_to_end(&mut Vec::new());
        }
        started.elapsed()
    });
    assert_eq!(running.get("/healthz").await.1, "ok\n");
    let waited = idle.await.unwrap();
    assert!(waited < PATIENCE, "{waited:?}");

    // A head without an end.
    let (head, _) = running
        .ask(&format!("GET / HTTP/1.1\r\nx: {}", "a".repeat(20 << 10)))
        .await;
    assert!(head.starts_with("http/1.1 431"), "{head}");
    running.stop().await;
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let running = start(Limits::default());
    let mut stream = connect(running.address);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = [0; 12];
    let stream = tokio::task::spawn_blocking(move || {
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        stream
    })
    .await
    .unwrap();
    let socket = running.socket.clone();
    let started = Instant::now();
    running.stop().await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    drop(stream);
    let error = query::get(&socket, "/healthz", PATIENCE).unwrap_err();
    assert!(matches!(error, QueryError::NotRunning(_)), "{error}");
}

#[tokio::test]
async fn metrics_alone() {
    let metrics = PrometheusSink::new("joyfuljay", None).unwrap();
    let packet = Packet {
        interface: "file",
        direction: Direction::Rx,
        bytes: 140,
    };
    metrics.observe_packet(packet);
    let router = metrics_router(metrics, &"/m".parse().unwrap(), Access::default());
    let running = listen(router, Arc::default(), Limits::default());
    let (_, body) = running.get("/m").await;
    assert!(
        body.contains("joyfuljay_bytes_total{interface=\"file\",direction=\"rx\"} 140\n"),
        "{body}"
    );
    assert!(running.get("/api/stats").await.0.starts_with("http/1.1 404"));
    running.stop().await;
}
