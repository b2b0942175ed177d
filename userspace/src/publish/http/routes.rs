//! The routes and their answers.

use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::path::MetricsPath;
use super::problem::Problem;
use super::view::{Clients, HealthStatus, Readiness, RunView};
use super::{capture, flows};
use crate::publish::metrics::{PrometheusSink, TEXT_FORMAT};

/// What the routes answer from.
#[derive(Clone)]
pub struct Api {
    /// The run.
    pub view: Arc<dyn RunView>,
    /// Its metrics.
    pub metrics: PrometheusSink,
    /// Where they are served.
    pub metrics_path: MetricsPath,
}

/// The routes of `api`.
pub fn router(api: Api) -> Router {
    let run = Router::new()
        .route("/readyz", get(readyz))
        .route("/api/health", get(health))
        .route("/api/clients", get(clients))
        .route("/api/stats", get(stats))
        .route("/api/air", get(air))
        .route("/api/capture", get(capture::capture))
        .route("/api/flows", get(flows::flows));
    let metrics = metrics_routes(&api.metrics_path).with_state(api.metrics.clone());
    finish(metrics.merge(run.with_state(api)))
}

/// A server of metrics alone, for programs that use a [`PrometheusSink`] without a run.
pub fn metrics_router(metrics: PrometheusSink, path: &MetricsPath) -> Router {
    finish(metrics_routes(path).with_state(metrics))
}

fn metrics_routes(path: &MetricsPath) -> Router<PrometheusSink> {
    Router::new()
        .route(path.as_str(), get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
}

/// Adds what holds for every path.
fn finish(routes: Router) -> Router {
    routes
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(middleware::from_fn(without_body))
}

async fn metrics(State(metrics): State<PrometheusSink>) -> Response {
    match metrics.render() {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn readyz(State(api): State<Api>) -> Response {
    match api.view.readiness() {
        Readiness::Ready => "ready\n".into_response(),
        Readiness::NotReady(why) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

async fn health(State(api): State<Api>) -> Response {
    let health = api.view.health();
    let status = match health.status {
        HealthStatus::Healthy | HealthStatus::Degraded => StatusCode::OK,
        HealthStatus::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health)).into_response()
}

async fn clients(State(api): State<Api>) -> Response {
    let clients = api.view.clients();
    Json(Clients {
        total: clients.len(),
        clients,
    })
    .into_response()
}

async fn stats(State(api): State<Api>) -> Response {
    Json(api.view.snapshot()).into_response()
}

async fn air(State(api): State<Api>) -> Response {
    Json(api.view.air()).into_response()
}

async fn not_found(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
}

async fn method_not_allowed() -> Response {
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "use GET or HEAD: this API only shows things",
    );
    ([(header::ALLOW, "GET, HEAD")], problem).into_response()
}

/// Refuses bodies, and keeps answers, which are of a moment, out of caches.
async fn without_body(request: Request, next: Next) -> Response {
    let mut response = if request.body().is_end_stream() {
        next.run(request).await
    } else {
        let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "send the request without a body");
        ([(header::CONNECTION, "close")], problem).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
