//! Connections: how many, how long, and their end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// What one listener's clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; further ones wait in the kernel's backlog.
    pub connections: usize,
    /// From the accept, or from the last answer, to a whole request head.
    pub header: Duration,
    /// The age at which a connection is closed after its current answer.
    pub age: Duration,
    /// How long an answer may still take once its connection is to close.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            header: Duration::from_secs(10),
            age: Duration::from_secs(300),
            drain: Duration::from_secs(2),
        }
    }
}

/// Request heads are a few hundred octets.
const MAX_HEAD: usize = 16 << 10;

/// Serves `router` on a bound listener (TCP or Unix) until `stop` becomes true or its sender is gone; then closes the
/// listener, lets the answers in progress end within [`Limits::drain`], and returns.
pub async fn serve<L: Listener>(mut listener: L, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    let connection_stop = stop.clone();
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        tokio::select! {
            () = stopped(&mut stop) => break,
            (slot, (io, _)) = accepted => {
                let (router, stop) = (router.clone(), connection_stop.clone());
                connections.spawn(async move {
                    connection(io, router, limits, stop).await;
                    drop(slot);
                });
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// `stop` is true, or nobody can set it any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn connection<I>(io: I, router: Router, limits: Limits, mut stop: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(io), TowerToHyperService::new(router))
    );
    tokio::select! {
        ended = &mut connection => return log(ended),
        () = sleep(limits.age) => {}
        () = stopped(&mut stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    if let Ok(ended) = timeout(limits.drain, connection).await {
        log(ended);
    }
}

fn log(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "HTTP connection ended early");
    }
}
