//! The API of a made-up run, served, and curl.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use airlens::publish::{
    http::{Access, Api, Events, Limits, MetricsPath, RequestCounts, Tls, bind_tcp, bind_unix, router, serve},
    metrics::{DEFAULT_NAMESPACE, PrometheusSink},
};
use airlens_tests::support::view::{View, snapshot};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, UnixListener},
    runtime::Runtime,
    sync::watch,
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server, until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) socket: PathBuf,
    pub(crate) view: Arc<View>,
    pub(crate) events: Arc<Events>,
    pub(crate) requests: Arc<RequestCounts>,
    _stop: watch::Sender<bool>,
    _runtime: Runtime,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(access: &Access, tls: Option<Arc<Tls>>, limits: Limits) -> Result<Self> {
        let folder = TempDir::new()?;
        let socket = folder.path().join("x.sock");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (stop, stopped) = watch::channel(false);
        let view = Arc::<View>::default();
        let (events, requests) = (Arc::<Events>::default(), Arc::<RequestCounts>::default());
        let api = Api {
            view: view.clone(),
            metrics: PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(snapshot)))?,
            metrics_path: MetricsPath::default(),
            events: events.clone(),
            requests: requests.clone(),
        };
        let guarded = runtime.enter();
        let tcp = TcpListener::from_std(bind_tcp("127.0.0.1:0".parse()?)?)?;
        let unix = UnixListener::from_std(bind_unix(&socket)?)?;
        let address = tcp.local_addr()?;
        tokio::spawn(serve(
            unix,
            router(api.clone(), &Access::local()),
            limits,
            None,
            stopped.clone(),
        ));
        tokio::spawn(serve(tcp, router(api, access), limits, tls, stopped));
        drop(guarded);
        Ok(Self {
            address,
            socket,
            view,
            events,
            requests,
            _stop: stop,
            _runtime: runtime,
            _folder: folder,
        })
    }

    pub(crate) fn open() -> Result<Self> {
        Self::start(&Access::local(), None, Limits::default())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// curl's answer to GET over TCP.
    pub(crate) fn get(&self, path: &str, arguments: &[&str]) -> Result<Answer> {
        curl(&[&[self.url(path).as_str()][..], arguments].concat())
    }
}

/// An answer: the last one of several.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value.trim())
            .next()
    }

    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("{self:?}"))
    }

    /// The detail of a problem of this status.
    pub(crate) fn problem(&self, status: u16) -> Result<String> {
        let kind = self.header("content-type");
        ensure!(
            self.status == status && kind == Some("application/problem+json"),
            "{self:?}"
        );
        let problem = self.json()?;
        ensure!(
            problem["status"] == status && problem["type"] == "about:blank",
            "{self:?}"
        );
        Ok(problem["detail"].as_str().context("no detail")?.to_owned())
    }
}

/// Runs curl, which is to get an answer.
pub(crate) fn curl(arguments: &[&str]) -> Result<Answer> {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--include",
            "--max-time",
            "20",
            "--path-as-is",
        ])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .context("curl is not there: apt-get install curl")?;
    let text = String::from_utf8(output.stdout)?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "curl {arguments:?}: {error}{text}");
    // Of several answers, the last.
    let start = text.rfind("HTTP/1.1 ").context("no head")?;
    let (head, body) = text[start..].split_once("\r\n\r\n").context("no end of the head")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok(Answer {
        status,
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    })
}

/// Waits until `reached`.
pub(crate) fn until(what: &str, mut reached: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !reached()? {
        ensure!(start.elapsed() < PATIENCE, "not in time: {what}");
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
