//! The HTTP API as others use it: curl, openssl, Python's validator of OpenAPI, a browser's kind of listener.

#[path = "api/answers.rs"]
mod answers;
#[path = "api/events.rs"]
mod events;
#[path = "api/guards.rs"]
mod guards;
#[path = "api/run.rs"]
mod run;
#[path = "api/server.rs"]
mod server;
#[path = "api/tls.rs"]
mod tls;
