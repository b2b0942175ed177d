//! Whom the API answers: tokens, TLS, limits.

use std::path::PathBuf;

use super::{
    ConfigError, MonitoringLayer,
    check::{Problems, wrong},
};
use crate::publish::http::AccessOptions;

/// The most requests a second, and the most listeners: beyond them the connections are the limit.
const MOST_REQUESTS: u64 = 1_000_000;
const MOST_LISTENERS: u64 = 64;

/// Checks the settings of `[monitoring]` that tell who may ask.
pub(super) fn check(layer: &MonitoringLayer, problems: &mut Problems) -> AccessOptions {
    let default = AccessOptions::default();
    AccessOptions {
        hosts: problems.keep(hosts(layer.hosts.as_deref())),
        token_file: problems.keep(file("monitoring.token_file", layer.token_file.clone())),
        tls: problems.keep(tls(layer)),
        rate_limit: problems.keep(match layer.rate_limit {
            None => Ok(default.rate_limit),
            Some(rate) if rate <= MOST_REQUESTS => Ok(u32::try_from(rate).unwrap_or(u32::MAX)),
            Some(_) => wrong(
                "monitoring.rate_limit",
                format!("use a number of requests a second up to {MOST_REQUESTS}; 0 sets no limit"),
            ),
        }),
        event_listeners: problems.keep(match layer.event_listeners {
            None => Ok(default.event_listeners),
            Some(listeners) if listeners <= MOST_LISTENERS => Ok(usize::try_from(listeners).unwrap_or(usize::MAX)),
            Some(_) => wrong(
                "monitoring.event_listeners",
                format!("use a number up to {MOST_LISTENERS}; 0 lets nobody listen to events"),
            ),
        }),
    }
}

/// Names of the DNS without a port.
fn hosts(names: Option<&[String]>) -> Result<Vec<String>, ConfigError> {
    let names = names.unwrap_or_default();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    match names.iter().find(|name| name.is_empty() || !name.chars().all(is_part)) {
        None => Ok(names.to_vec()),
        Some(name) => wrong(
            "monitoring.hosts",
            format!("{name:?} is no host name: give it without port and scheme"),
        ),
    }
}

fn file(key: &'static str, path: Option<PathBuf>) -> Result<Option<PathBuf>, ConfigError> {
    match path {
        Some(path) if path.file_name().is_none() => wrong(key, "name a file"),
        path => Ok(path),
    }
}

fn tls(layer: &MonitoringLayer) -> Result<Option<(PathBuf, PathBuf)>, ConfigError> {
    let certificate = file("monitoring.tls_certificate", layer.tls_certificate.clone())?;
    let key = file("monitoring.tls_key", layer.tls_key.clone())?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        (Some(_), None) => wrong("monitoring.tls_key", "name the file of the certificate's key too"),
        (None, Some(_)) => wrong("monitoring.tls_certificate", "name the file of the certificate too"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> (AccessOptions, Vec<String>) {
        let layer: MonitoringLayer = toml::from_str(text).unwrap();
        let mut problems = Problems::default();
        let options = check(&layer, &mut problems);
        (options, problems.0.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn who_may_ask() {
        assert_eq!(checked(""), (AccessOptions::default(), Vec::new()));
        let (options, problems) = checked(
            "hosts = [\"pi.lan\"]\ntoken_file = \"/etc/airlens/token\"\ntls_certificate = \"a.pem\"\ntls_key = \"b.pem\"\n\
             rate_limit = 0\nevent_listeners = 4",
        );
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(options.tls, Some(("a.pem".into(), "b.pem".into())));
        assert_eq!((options.rate_limit, options.event_listeners), (0, 4));
        for (text, key) in [
            ("hosts = [\"pi:80\"]", "monitoring.hosts"),
            ("token_file = \"/\"", "monitoring.token_file"),
            ("tls_certificate = \"a.pem\"", "monitoring.tls_key"),
            ("tls_key = \"a.pem\"", "monitoring.tls_certificate"),
            ("rate_limit = 1000001", "monitoring.rate_limit"),
            ("event_listeners = 65", "monitoring.event_listeners"),
        ] {
            let (_, problems) = checked(text);
            assert!(
                problems.iter().any(|problem| problem.contains(key)),
                "{text}: {problems:?}"
            );
        }
    }
}
