//! The HTTP API, the same over TCP and over the run's Unix socket.
//!
//! | path | answer |
//! | --- | --- |
//! | `/metrics` (settable) | Prometheus text format 0.0.4 |
//! | `/healthz` | 200 while the process lives |
//! | `/readyz` | 200 while frames are captured, else 503 and why |
//! | `/api/health` | status, uptime, clients, sessions; 503 when unhealthy |
//! | `/api/clients` | stations seen, and sensors and viewers attached |
//! | `/api/stats` | the [`Snapshot`](super::snapshot::Snapshot) |
//! | `/api/air` | the [`Report`](crate::air::Report) |
//! | `/api/capture?last=&filter=` | the packets of the last seconds, pcapng, to [`Trusted`] requests |
//! | `/api/flows?limit=&sort=&filter=` | the foremost active flows, a [`FlowList`](crate::export::top::FlowList) |
//!
//! On a loopback address, only requests that name the server by address, as `localhost` or by a name that is set are answered.
//!
//! Errors are `application/problem+json` (RFC 9457). Requests have no bodies.

mod capture;
pub(crate) mod flows;
mod host;
mod listen;
mod path;
mod problem;
mod routes;
mod serve;
mod view;

pub use capture::{NoPackets, PacketQuestion, Packets, Trusted};
pub use host::guard;
pub use listen::{BindError, bind_tcp, bind_unix};
pub use path::{MetricsPath, MetricsPathError};
pub use problem::{PROBLEM_JSON, Problem};
pub use routes::{Api, metrics_router, router};
pub use serve::{Limits, serve};
pub use view::{ClientEntry, ClientKind, Clients, Health, HealthStatus, Readiness, RunView};
