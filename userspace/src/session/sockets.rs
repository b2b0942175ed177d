//! Where a run answers: its own Unix socket, and TCP.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
};

use tokio::{sync::watch, task::JoinHandle};

use super::SessionError;
use crate::{
    events::Events,
    publish::http::{
        Access, AccessOptions, Api, ApiListener, Limits, RateLimit, Tls, TokenFile, bind_tcp, bind_unix, router, serve,
    },
};

/// Where the API is served beside the run's own socket.
#[derive(Debug, Default)]
pub enum Listen {
    /// Nowhere.
    #[default]
    Off,
    /// There.
    Address(SocketAddr),
    /// On a socket that the caller made, perhaps in another network namespace; it does not block.
    Bound(TcpListener),
}

/// Tokens and certificate, read: what is wrong with them shows before anything is changed.
pub(super) struct Guards {
    tokens: Option<Arc<TokenFile>>,
    tls: Option<Arc<Tls>>,
}

impl Guards {
    pub(super) fn open(options: &AccessOptions, events: &Arc<Events>) -> Result<Self, SessionError> {
        let tls = options.tls.as_ref();
        Ok(Self {
            tokens: options
                .token_file
                .as_deref()
                .map(|path| TokenFile::telling(path, Arc::clone(events)))
                .transpose()?,
            tls: tls.map(|(certificate, key)| Tls::open(certificate, key)).transpose()?,
        })
    }
}

/// The run's sockets, bound.
pub(super) struct Sockets {
    tcp: Option<TcpListener>,
    unix: std::os::unix::net::UnixListener,
}

impl Sockets {
    /// Binds the run's own socket at `unix`, and TCP where it is wanted.
    pub(super) fn bind(unix: &Path, listen: Listen) -> Result<Self, SessionError> {
        let tcp = match listen {
            Listen::Off => None,
            Listen::Address(address) => Some(bind_tcp(address)?),
            Listen::Bound(listener) => Some(listener),
        };
        let unix = bind_unix(unix)?;
        Ok(Self { tcp, unix })
    }

    /// Where the API is served over TCP.
    pub(super) fn listeners(&self, guards: &Guards) -> Vec<ApiListener> {
        let listener = |address: SocketAddr| ApiListener {
            address: address.to_string(),
            tls: guards.tls.is_some(),
            token: guards.tokens.is_some(),
        };
        self.address().map(listener).into_iter().collect()
    }

    /// The TCP address.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref()?.local_addr().ok()
    }

    /// Serves `api` on each; gives the servers.
    pub(super) fn serve(
        self,
        api: Api,
        options: AccessOptions,
        guards: Guards,
        stopping: &watch::Receiver<bool>,
    ) -> Result<Vec<JoinHandle<()>>, SessionError> {
        let address = self.address();
        let limits = Limits::default();
        let mut servers = Vec::new();
        let unix = tokio::net::UnixListener::from_std(self.unix).map_err(SessionError::thread)?;
        let routes = router(api.clone(), &Access::local());
        servers.push(tokio::spawn(serve(unix, routes, limits, None, stopping.clone())));
        if let (Some(tcp), Some(address)) = (self.tcp, address) {
            let trusted = address.ip().is_loopback();
            warn(address, &guards);
            let access = Access {
                // What others reach has names that only they know, unless told.
                hosts: (trusted || !options.hosts.is_empty()).then(|| options.hosts.into()),
                tokens: guards.tokens,
                rate: (options.rate_limit > 0).then(|| Arc::new(RateLimit::new(options.rate_limit))),
                trusted,
                own: false,
            };
            let tcp = tokio::net::TcpListener::from_std(tcp).map_err(SessionError::thread)?;
            let routes = router(api, &access);
            servers.push(tokio::spawn(serve(tcp, routes, limits, guards.tls, stopping.clone())));
        }
        Ok(servers)
    }
}

/// Tells what others can do where they reach the listener.
fn warn(address: SocketAddr, guards: &Guards) {
    if address.ip().is_loopback() {
        return;
    }
    if guards.tokens.is_none() {
        tracing::warn!(%address, "whoever reaches this address is answered: set monitoring.token_file");
    } else if guards.tls.is_none() {
        tracing::warn!(%address, "tokens can be read on the way to this address: set monitoring.tls_certificate and tls_key");
    }
}
