//! Where the metrics are served.

use std::fmt;
use std::str::FromStr;

use super::page;

/// A path for the metrics that no other route has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsPath(String);

/// A path that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("metrics path {0:?}: use a path like /metrics, of letters, digits and /._-, that airlens does not use itself")]
pub struct MetricsPathError(String);

impl MetricsPath {
    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for MetricsPath {
    fn default() -> Self {
        Self("/metrics".into())
    }
}

impl FromStr for MetricsPath {
    type Err = MetricsPathError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let taken = ["/healthz", "/readyz", "/qr.svg"].contains(&path)
            || path == "/api"
            || path.starts_with("/api/")
            || page::has(path);
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        if path.starts_with('/') && path.len() > 1 && path.chars().all(plain) && !taken {
            Ok(Self(path.to_owned()))
        } else {
            Err(MetricsPathError(path.to_owned()))
        }
    }
}

impl fmt::Display for MetricsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_a_router_cannot_take() {
        for good in ["/metrics", "/airlens/v1/metrics.txt"] {
            assert_eq!(good.parse::<MetricsPath>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "/",
            "metrics",
            "/{x}",
            "/api/stats",
            "/healthz",
            "/a b",
            "/é",
            "/app.js",
        ] {
            assert!(bad.parse::<MetricsPath>().is_err(), "{bad}");
        }
    }
}
