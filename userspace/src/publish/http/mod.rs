//! The HTTP API, the same over TCP and over the run's Unix socket.
//!
//! | path | answer |
//! | --- | --- |
//! | `/` and its files | a page for people: [`page`] |
//! | `/metrics` (settable) | Prometheus text format 0.0.4, or OpenMetrics where `Accept` asks for it |
//! | `/healthz` | 200 while the process lives |
//! | `/readyz` | 200 while frames are captured, else 503 and why |
//! | `/api/health` | status, uptime, clients, sessions; 503 when unhealthy |
//! | `/api/status` | what the run works with and how far it is, a [`Status`] |
//! | `/api/clients?limit=` | stations seen, and sensors and viewers attached |
//! | `/api/clients/{id}` | all that is known of one station |
//! | `/api/clients/{id}/history` | its profiles over time |
//! | `/api/clients/{id}/page` | what `airlens clients show` prints, not laid out, and what changed |
//! | `/api/events?as=&name=` | what happens, as server-sent events: [`Events`] |
//! | `/api/stats` | the [`Snapshot`](super::snapshot::Snapshot) |
//! | `/api/air` | the [`Report`](crate::air::Report) |
//! | `/api/capture?last=&filter=` | the packets of the last seconds, pcapng; over the run's own socket, or to who has a token |
//! | `/api/flows?limit=&sort=&filter=` | the foremost active flows, a [`FlowList`](crate::export::top::FlowList) |
//! | `/api/openapi.json` | this, for programs |
//! | `/qr.svg` | the code by which a phone joins the run's own network |
//!
//! Each listener has its [`Access`]: on a loopback address, or where names are set, only requests that name the server by
//! address, as `localhost` or by a name that is set are answered; over TCP each address may ask so often; where there are tokens,
//! only `/healthz`, `/readyz` and the page's files are answered without.
//!
//! Errors are `application/problem+json` (RFC 9457), but for heads that are no HTTP or too long. Requests have no bodies.

mod answers;
mod capture;
mod counts;
mod events;
mod flows;
mod gate;
mod host;
mod listen;
mod listen_to_events;
mod openapi;
mod options;
pub mod page;
mod pairs;
mod path;
mod patient;
mod peers;
mod problem;
mod qr;
mod rate;
mod routes;
mod serve;
mod stations;
mod tls;
mod token;
mod view;
mod watched;

pub use capture::{NoPackets, PacketQuestion, Packets};
pub use counts::RequestCounts;
pub use events::{Attached, DEFAULT_VIEWERS, Event, Events, Full, ProfileEvent, Viewer};
pub use gate::Access;
pub use listen::{BindError, bind_tcp, bind_unix};
pub use options::{AccessOptions, DEFAULT_RATE};
pub(crate) use pairs::encode;
pub use path::{MetricsPath, MetricsPathError};
pub use peers::PeerAddress;
pub use problem::{PROBLEM_JSON, Problem};
pub use rate::RateLimit;
pub use routes::{Api, metrics_router, router};
pub use serve::{Limits, serve};
pub use tls::{Tls, TlsError};
pub use token::{TokenError, TokenFile};
pub use view::{
    ApiListener, ClientEntry, ClientKind, Clients, Health, HealthStatus, Network, Readiness, RunView, Status,
    StatusInterfaces,
};
