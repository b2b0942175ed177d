//! Answers that are at hand.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use serde::Serialize;

use super::{
    problem::Problem,
    routes::Api,
    view::{HealthStatus, Readiness},
};

/// A document, as a terminal may show it too: `curl` is a viewer.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        match crate::json::to_string(&self.0) {
            Ok(text) => ([(header::CONTENT_TYPE, json)], text).into_response(),
            Err(error) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(api): State<Api>) -> Response {
    match api.view.readiness() {
        Readiness::Ready => "ready\n".into_response(),
        Readiness::NotReady(why) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

pub(super) async fn health(State(api): State<Api>) -> Response {
    let health = api.view.health();
    let status = match health.status {
        HealthStatus::Healthy | HealthStatus::Degraded => StatusCode::OK,
        HealthStatus::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health)).into_response()
}

pub(super) async fn status(State(api): State<Api>) -> Response {
    Json(api.view.status()).into_response()
}

pub(super) async fn stats(State(api): State<Api>) -> Response {
    Json(api.view.snapshot()).into_response()
}

pub(super) async fn air(State(api): State<Api>) -> Response {
    Json(api.view.air()).into_response()
}

/// What `work` says, from a thread on which it may wait for a disk.
pub(super) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}
