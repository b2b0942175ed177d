//! Where a run answers: its own Unix socket, and TCP.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
};

use axum::Extension;
use tokio::{sync::watch, task::JoinHandle};

use super::SessionError;
use crate::publish::http::{Api, Limits, Trusted, bind_tcp, bind_unix, guard, router, serve};

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

    /// Serves `api` on each; gives the servers and the TCP address. `hosts` are names of a loopback address, beside `localhost`.
    pub(super) fn serve(
        self,
        api: Api,
        hosts: Vec<String>,
        stopping: &watch::Receiver<bool>,
    ) -> Result<(Vec<JoinHandle<()>>, Option<SocketAddr>), SessionError> {
        let routes = router(api);
        let mut servers = Vec::new();
        let mut address = None;
        let unix = tokio::net::UnixListener::from_std(self.unix).map_err(SessionError::thread)?;
        servers.push(tokio::spawn(serve(
            unix,
            // It is of the user that runs airlens alone.
            routes.clone().layer(Extension(Trusted)),
            Limits::default(),
            stopping.clone(),
        )));
        if let Some(tcp) = self.tcp {
            address = tcp.local_addr().ok();
            // What others reach has names that only they know.
            let routes = match address {
                Some(address) if address.ip().is_loopback() => guard(routes, hosts),
                _ => routes,
            };
            let tcp = tokio::net::TcpListener::from_std(tcp).map_err(SessionError::thread)?;
            servers.push(tokio::spawn(serve(tcp, routes, Limits::default(), stopping.clone())));
        }
        Ok((servers, address))
    }
}
