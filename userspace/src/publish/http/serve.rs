//! Connections: how many, how long, and their end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::gate::Connection;
use super::patient::Patient;
use super::peers::{PeerAddress, Peers};
use super::tls::Tls;

/// What one listener's clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; further ones wait in the kernel's backlog.
    pub connections: usize,
    /// Of these, connections of one address (IPv6: of one network of 64 bits); further ones are closed.
    pub of_one_peer: usize,
    /// From the accept, or from the last answer, to a whole request head.
    pub header: Duration,
    /// The age at which a connection is closed after its current answer.
    pub age: Duration,
    /// How long a client may take nothing of what is sent to it.
    pub stall: Duration,
    /// How long an answer may still take once its connection is to close.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            of_one_peer: 32,
            header: Duration::from_secs(10),
            age: Duration::from_secs(300),
            stall: Duration::from_secs(20),
            drain: Duration::from_secs(2),
        }
    }
}

/// Request heads are a few hundred octets.
const MAX_HEAD: usize = 16 << 10;

/// Serves `router` on a bound listener (TCP or Unix) until `stop` becomes true or its sender is gone; then closes the
/// listener, lets the answers in progress end within [`Limits::drain`], and returns. With `tls` only who speaks it is answered.
pub async fn serve<L: Listener<Addr: PeerAddress>>(
    mut listener: L,
    router: Router,
    limits: Limits,
    tls: Option<Arc<Tls>>,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let peers = Peers::default();
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
            (slot, (io, address)) = accepted => {
                let Some(counted) = peers.enter(address.ip(), limits.of_one_peer) else {
                    tracing::debug!(peer = ?address.ip(), "a connection more than one address may have is closed");
                    continue;
                };
                let (router, mut stop, tls) = (router.clone(), connection_stop.clone(), tls.clone());
                let from = Connection::new(address.ip());
                connections.spawn(async move {
                    let io = Patient::new(io, limits.stall);
                    match tls {
                        None => connection(io, from, router, limits, stop).await,
                        Some(tls) => tokio::select! {
                            () = stopped(&mut stop) => {}
                            shaken = timeout(limits.header, tls.acceptor().accept(io)) => match shaken {
                                Ok(Ok(io)) => connection(io, from, router, limits, stop).await,
                                Ok(Err(error)) => tracing::debug!(%error, "no TLS connection"),
                                Err(_) => tracing::debug!("no TLS connection in time"),
                            },
                        },
                    }
                    drop((slot, counted));
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

async fn connection<I>(io: I, from: Connection, router: Router, limits: Limits, mut stop: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (routes, known) = (TowerToHyperService::new(router), from.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(known.clone());
        routes.call(request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(io), service)
    );
    tokio::select! {
        ended = &mut connection => return log(ended),
        () = stopped(&mut stop) => {}
        () = sleep(limits.age) => if from.is_endless() {
            tokio::select! {
                ended = &mut connection => return log(ended),
                () = stopped(&mut stop) => {}
            }
        },
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
