//! Where a collector takes spans.

use std::{fmt, str::FromStr};

use axum::http::Uri;

/// Where OTLP over HTTP has its traces (the specification's "OTLP/HTTP Request").
const PATH: &str = "/v1/traces";
const PORT: u16 = 4318;

/// A collector's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    uri: Uri,
    host: String,
    port: u16,
}

/// No address of a collector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// No URL.
    #[error("{0:?} is no URL of a collector: give one such as http://127.0.0.1:4318")]
    Form(String),
    /// TLS.
    #[error(
        "airlens sends spans over http alone: have an agent on this host (such as the OpenTelemetry collector) take them at http://127.0.0.1:4318 and pass them on over https"
    )]
    Https,
    /// A secret in the URL.
    #[error("a URL is no place for a secret: put it into tracing.headers_file, as `Authorization: Basic …`")]
    Secret,
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let form = || EndpointError::Form(text.to_owned());
        if text
            .get(..8)
            .is_some_and(|start| start.eq_ignore_ascii_case("https://"))
        {
            return Err(EndpointError::Https);
        }
        if text.contains('@') {
            return Err(EndpointError::Secret);
        }
        let given: Uri = text.parse().map_err(|_| form())?;
        if given.scheme_str() != Some("http") || given.query().is_some() {
            return Err(form());
        }
        let host = given.host().filter(|host| !host.is_empty()).ok_or_else(form)?;
        let base = given.path().trim_end_matches('/');
        let path = if base.ends_with(PATH) {
            String::new()
        } else {
            PATH.to_owned()
        };
        let port = given.port_u16().unwrap_or(PORT);
        let uri = format!("http://{host}:{port}{base}{path}")
            .parse()
            .map_err(|_| form())?;
        Ok(Self {
            uri,
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
        })
    }
}

impl Endpoint {
    /// Host and port to connect to.
    pub(super) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, uri) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://collector/", "http://collector:4318/v1/traces"),
            ("http://[::1]:80/otlp", "http://[::1]:80/otlp/v1/traces"),
            ("http://a:1/v1/traces", "http://a:1/v1/traces"),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), uri);
        }
        assert_eq!("http://[::1]:80".parse::<Endpoint>().unwrap().address(), ("::1", 80));
        let refused = |text: &str| text.parse::<Endpoint>().unwrap_err();
        assert_eq!(refused("HTTPS://a"), EndpointError::Https);
        assert_eq!(refused("http://me:word@a:1"), EndpointError::Secret);
        for text in ["", "a:1", "grpc://a:1", "http://a?b", "http://"] {
            assert_eq!(refused(text), EndpointError::Form(text.to_owned()));
        }
    }
}
