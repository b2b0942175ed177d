//! Whom a request is for: a page of the web whose name was made to point here (DNS rebinding) sends that name.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, header, uri::Authority},
};

/// Whether a request names no host, an IP address, `localhost` or one of `names`.
pub(super) fn is_for_us(request: &Request, names: &[String]) -> bool {
    is_known(request.headers(), names) && request.uri().host().is_none_or(|host| is_ours(host, names))
}

fn is_known(headers: &HeaderMap, names: &[String]) -> bool {
    headers.get_all(header::HOST).iter().all(|host| {
        let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
        host.is_some_and(|host| is_ours(host.host(), names))
    })
}

fn is_ours(host: &str, names: &[String]) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let name = host.strip_suffix('.').unwrap_or(host);
    bare.unwrap_or(host).parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_requests_are_for() {
        let names = ["pi.lan".to_owned()];
        let known = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_known(&headers, &names)
        };
        for host in [
            "127.0.0.1:9474",
            "[::1]:9474",
            "192.168.4.2",
            "localhost:80",
            "LocalHost.",
            "PI.lan:9474",
        ] {
            assert!(known(host), "{host}");
        }
        for host in [
            "evil.example:9474",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "pi",
            "",
            "a b",
            "[::1",
        ] {
            assert!(!known(host), "{host}");
        }
        assert!(is_known(&HeaderMap::new(), &names));
    }
}
