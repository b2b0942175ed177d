//! The routes, and how they come together.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};

use super::counts::RequestCounts;
use super::events::Events;
use super::gate::{Access, Gate, pass};
use super::path::MetricsPath;
use super::problem::Problem;
use super::view::RunView;
use super::{answers, capture, flows, listen_to_events, openapi, page, qr, stations};
use crate::publish::metrics::{Exposition, PrometheusSink};

/// What the routes answer from.
#[derive(Clone)]
pub struct Api {
    /// The run.
    pub view: Arc<dyn RunView>,
    /// Its metrics.
    pub metrics: PrometheusSink,
    /// Where they are served.
    pub metrics_path: MetricsPath,
    /// What happens in it.
    pub events: Arc<Events>,
    /// What is asked.
    pub requests: Arc<RequestCounts>,
}

/// A route, and whether it takes no token.
pub(super) struct Route {
    pub(super) path: &'static str,
    open: bool,
    methods: MethodRouter<Api>,
}

/// What those whom a listener answers may know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trust {
    /// The network's passphrase.
    pub(super) passphrase: bool,
    /// What is in packets.
    pub(super) packets: bool,
}

/// Every route of a run but the metrics', whose path is settable, and the page's files.
pub(super) fn routes(trust: Trust) -> Vec<Route> {
    let route = |path, methods| Route {
        path,
        open: false,
        methods,
    };
    vec![
        Route {
            open: true,
            ..route("/healthz", get(answers::healthz))
        },
        Route {
            open: true,
            ..route("/readyz", get(answers::readyz))
        },
        route("/api/health", get(answers::health)),
        route("/api/status", get(answers::status)),
        route("/api/stats", get(answers::stats)),
        route("/api/air", get(answers::air)),
        route("/api/flows", get(flows::flows)),
        route(
            "/api/capture",
            if trust.packets {
                get(capture::capture)
            } else {
                get(capture::refused)
            },
        ),
        route("/api/clients", get(stations::clients)),
        route("/api/clients/{id}", get(stations::client)),
        route("/api/clients/{id}/history", get(stations::history)),
        route("/api/clients/{id}/page", get(stations::page)),
        route("/api/events", get(listen_to_events::events)),
        route("/api/openapi.json", get(openapi::openapi)),
        route(
            "/qr.svg",
            if trust.passphrase {
                get(qr::code)
            } else {
                get(qr::refused)
            },
        ),
    ]
}

/// The routes of `api`, for those whom `access` lets in.
pub fn router(api: Api, access: &Access) -> Router {
    let gate = |route: &str, open| Gate {
        access: access.clone(),
        counts: Arc::clone(&api.requests),
        route: route.into(),
        open,
    };
    let mut router = Router::new();
    let trust = Trust {
        passphrase: access.trusted || access.tokens.is_some(),
        packets: access.own || access.tokens.is_some(),
    };
    for Route { path, open, methods } in routes(trust) {
        let methods = methods.fallback(method_not_allowed);
        router = router.route(path, methods.layer(from_fn_with_state(gate(path, open), pass)));
    }
    let path = api.metrics_path.as_str();
    let scraped = get(metrics)
        .with_state(api.metrics.clone())
        .fallback(method_not_allowed);
    let scraped = scraped.layer(from_fn_with_state(gate(path, false), pass));
    let unknown = get(not_found).fallback(method_not_allowed);
    let unknown = unknown.layer(from_fn_with_state(gate("unknown", true), pass));
    let page = page::routes().method_not_allowed_fallback(method_not_allowed);
    let page = page.layer(from_fn_with_state(gate("page", true), pass));
    let router = router.route(path, scraped).merge(page);
    router.fallback_service(unknown).with_state(api)
}

/// A server of metrics alone, for programs that use a [`PrometheusSink`] without a run, for those whom `access` lets in.
pub fn metrics_router(metrics: PrometheusSink, path: &MetricsPath, access: Access) -> Router {
    let gate = Gate {
        access,
        counts: Arc::default(),
        route: path.as_str().into(),
        open: true,
    };
    let routes = Router::new()
        .route(path.as_str(), get(self::metrics))
        .route("/healthz", get(answers::healthz))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found);
    routes.layer(from_fn_with_state(gate, pass)).with_state(metrics)
}

async fn metrics(State(metrics): State<PrometheusSink>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let format = Exposition::accepted(accept);
    match metrics.render_as(format) {
        Ok(text) => ([(header::CONTENT_TYPE, format.content_type())], text).into_response(),
        Err(error) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn not_found(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
}

async fn method_not_allowed(_request: Request) -> Response {
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "use GET or HEAD: this API only shows things",
    );
    ([(header::ALLOW, "GET, HEAD")], problem).into_response()
}
