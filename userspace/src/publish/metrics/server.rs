//! A server of metrics alone, for programs that have no run.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::watch;

use super::PrometheusSink;
use crate::publish::http::{Access, BindError, Limits, MetricsPath, bind_tcp, metrics_router, serve};

/// A server that can't be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address can't be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system gives no thread or no timer.
    #[error("the metrics server has no thread: {0}; end other programs, or raise `ulimit -u`")]
    Thread(#[from] io::Error),
}

/// Metrics at `http://ADDRESS/metrics`, on a thread of its own, until it is dropped.
///
/// ```
/// use std::{io::{Read as _, Write as _}, net::TcpStream};
/// use airlens::publish::metrics::{MetricsSink as _, MetricsServer, PrometheusSink};
///
/// let metrics = PrometheusSink::new("airlens", None)?;
/// // Port 0 takes a free one; 0.0.0.0 lets everybody in.
/// let server = MetricsServer::start(metrics.clone(), "127.0.0.1:0".parse()?)?;
/// metrics.set_active_flows(42);
///
/// let mut stream = TcpStream::connect(server.address())?;
/// stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n")?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer)?;
/// assert!(answer.contains("airlens_active_flows 42"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl MetricsServer {
    /// Serves `metrics` at `address`. Who can reach it can read it.
    ///
    /// # Errors
    ///
    /// The address can't be listened on, or there is no thread.
    pub fn start(metrics: PrometheusSink, address: SocketAddr) -> Result<Self, ServerError> {
        let listener = bind_tcp(address)?;
        let address = listener.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopping) = watch::channel(false);
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let access = Access {
            // A page of the web must not read what a loopback address serves.
            hosts: address.ip().is_loopback().then(|| Arc::from([])),
            ..Access::default()
        };
        let routes = metrics_router(metrics, &MetricsPath::default(), access);
        let thread = thread::Builder::new()
            .name("airlens-metrics".to_owned())
            .spawn(move || runtime.block_on(serve(listener, routes, Limits::default(), None, stopping)))?;
        Ok(Self {
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsServer {
    /// Ends it, after the answers in progress.
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
