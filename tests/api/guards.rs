//! Who is answered: names, tokens, how often, how many.

use std::{
    fs, io::Read as _, net::TcpStream, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc, thread, time::Duration,
};

use airlens::publish::http::{Access, Limits, RateLimit, TokenFile};
use anyhow::{Context as _, Result, ensure};

use super::server::{Server, curl, until};

const TOKEN: &str = "Authorization: Bearer 0123456789abcdef0123";
const OTHER: &str = "Authorization: Bearer fedcba9876543210fedc";

fn write_tokens(path: &Path, tokens: &str) -> Result<()> {
    fs::write(path, tokens)?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o600))?)
}

#[test]
fn only_who_has_a_token_is_answered() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tokens");
    write_tokens(&path, "0123456789abcdef0123\n")?;
    let access = Access {
        tokens: Some(TokenFile::open(&path)?),
        ..Access::default()
    };
    let server = Server::start(&access, None, Limits::default())?;
    let routes = [
        "/metrics",
        "/api/status",
        "/api/clients",
        "/api/events",
        "/api/openapi.json",
        "/qr.svg",
    ];
    for path in routes {
        let refused = server.get(path, &[])?;
        ensure!(refused.problem(401)?.contains("monitoring.token_file"), "{refused:?}");
        assert_eq!(
            refused.header("www-authenticate"),
            Some("bearer realm=\"airlens\""),
            "{path}"
        );
        let wrong = server.get(path, &["--header", OTHER])?;
        wrong.problem(401)?;
        ensure!(wrong.head.contains("error=\"invalid_token\""), "{wrong:?}");
    }
    for path in ["/healthz", "/readyz"] {
        ensure!(server.get(path, &[])?.status != 401, "{path}");
    }
    assert_eq!(server.get("/api/status", &["--header", TOKEN])?.status, 200);
    // The run has no network: the code is not forbidden, as without tokens, but there is none.
    server.get("/qr.svg", &["--header", TOKEN])?.problem(404)?;
    // Not in a query, where logs would keep it, nor as a password.
    server
        .get("/api/status?access_token=0123456789abcdef0123", &[])?
        .problem(401)?;
    server
        .get("/api/status", &["--user", "x:0123456789abcdef0123"])?
        .problem(401)?;
    let socket = server.socket.to_str().context("no UTF-8")?;
    assert_eq!(
        curl(&["--unix-socket", socket, "http://localhost/api/status"])?.status,
        200
    );
    let refused = server.requests.snapshot();
    let refused = refused
        .iter()
        .find(|count| count.route == "/api/status" && count.status == 401);
    assert_eq!(refused.map(|count| count.count), Some(4));

    // Another token takes the place of the first, and no bad file takes that of a good one.
    write_tokens(&path, "fedcba9876543210fedc\n")?;
    until("the new token holds", || {
        Ok(server.get("/api/status", &["--header", OTHER])?.status == 200)
    })?;
    server.get("/api/status", &["--header", TOKEN])?.problem(401)?;
    write_tokens(&path, "short\n")?;
    thread::sleep(Duration::from_millis(2500));
    assert_eq!(server.get("/api/status", &["--header", OTHER])?.status, 200);
    Ok(())
}

#[test]
fn without_tokens_strangers_get_no_passphrase() -> Result<()> {
    let server = Server::start(&Access::default(), None, Limits::default())?;
    let refused = server.get("/qr.svg", &[])?;
    ensure!(refused.problem(403)?.contains("passphrase"), "{refused:?}");
    assert_eq!(server.get("/api/status", &[])?.status, 200);
    Ok(())
}

#[test]
fn pages_of_other_sites_are_not_answered() -> Result<()> {
    let access = Access {
        hosts: Some(vec!["pi.lan".to_owned()].into()),
        ..Access::local()
    };
    let server = Server::start(&access, None, Limits::default())?;
    // By DNS rebinding, whatever the route.
    for path in ["/api/stats", "/healthz", "/nowhere"] {
        let refused = server.get(path, &["--header", "Host: evil.example"])?;
        ensure!(refused.problem(421)?.contains("monitoring.hosts"), "{refused:?}");
    }
    assert_eq!(
        server.get("/api/stats", &["--header", "Host: pi.lan:9474"])?.status,
        200
    );
    // By the browser of someone who may.
    let cross = [
        "--header",
        "Sec-Fetch-Site: cross-site",
        "--header",
        "Origin: http://evil.example",
    ];
    server.get("/api/events", &cross)?.problem(403)?;
    // Another program's page on this machine, and a browser that tells the origin alone.
    let port = server.get("/api/events", &["--header", "Sec-Fetch-Site: same-site"])?;
    port.problem(403)?;
    for origin in ["Origin: http://localhost:8000", "Origin: null"] {
        let hosts = ["--header", "Host: localhost:9474", "--header", origin];
        server.get("/api/events", &hosts)?.problem(403)?;
    }
    let own = [
        "--header",
        "Host: pi.lan:9474",
        "--header",
        "Origin: http://PI.lan:9474",
    ];
    assert_eq!(server.get("/api/stats", &own)?.status, 200);
    // A link is followed, a frame stays empty.
    for (destination, status) in [("document", 200), ("iframe", 403)] {
        let destination = format!("Sec-Fetch-Dest: {destination}");
        let link = [
            "--header",
            "Sec-Fetch-Site: cross-site",
            "--header",
            "Sec-Fetch-Mode: navigate",
            "--header",
            &destination,
        ];
        let said = server.get("/api/stats", &link)?;
        assert_eq!(said.status, status, "{destination}");
        assert_eq!(said.header("content-security-policy"), Some("frame-ancestors 'none'"));
    }
    assert_eq!(
        server
            .get("/api/stats", &["--header", "Sec-Fetch-Site: same-origin"])?
            .status,
        200
    );
    Ok(())
}

#[test]
fn who_asks_too_often_is_to_wait() -> Result<()> {
    let access = Access {
        rate: Some(Arc::new(RateLimit::new(3))),
        ..Access::local()
    };
    let server = Server::start(&access, None, Limits::default())?;
    let url = server.url("/healthz");
    // Several requests of one curl, on one connection: the answer is the last one's.
    let last = curl(&vec![url.as_str(); 20])?;
    ensure!(last.problem(429)?.contains("monitoring.rate_limit"), "{last:?}");
    assert_eq!(last.header("retry-after"), Some("1"));
    let counts = server.requests.snapshot();
    let of = |status| {
        counts
            .iter()
            .find(|count| count.status == status)
            .map_or(0, |count| count.count)
    };
    ensure!((6..10).contains(&of(200)) && of(200) + of(429) == 20, "{counts:?}");
    let socket = server.socket.to_str().context("no UTF-8")?;
    let many = [
        &["--unix-socket", socket][..],
        &vec!["http://localhost/healthz"; 20][..],
    ]
    .concat();
    assert_eq!(curl(&many)?.status, 200);
    thread::sleep(Duration::from_secs(1));
    assert_eq!(server.get("/healthz", &[])?.status, 200);
    Ok(())
}

#[test]
fn one_address_does_not_take_every_connection() -> Result<()> {
    let limits = Limits {
        of_one_peer: 3,
        ..Limits::default()
    };
    let server = Server::start(&Access::local(), None, limits)?;
    let held: Vec<_> = (0..3)
        .map(|_| TcpStream::connect(server.address))
        .collect::<Result<_, _>>()?;
    let mut refused = TcpStream::connect(server.address)?;
    refused.set_read_timeout(Some(Duration::from_secs(10)))?;
    // Closed by an end, or by a reset.
    ensure!(refused.read(&mut [0]).unwrap_or(0) == 0, "it is answered");
    drop(held);
    until("the places are free", || {
        Ok(curl(&[&server.url("/healthz")]).is_ok_and(|answer| answer.status == 200))
    })
}

#[test]
fn heads_are_bounded() -> Result<()> {
    let server = Server::open()?;
    let long = format!("X-Long: {}", "a".repeat(20 << 10));
    assert_eq!(server.get("/healthz", &["--header", &long])?.status, 431);
    let path = format!("/api/flows?filter={}", "(".repeat(15_000));
    assert_eq!(server.get(&path, &[])?.status, 400);
    let many: Vec<String> = (0..200).map(|n| format!("X-{n}: 1")).collect();
    let many: Vec<&str> = many.iter().flat_map(|header| ["--header", header]).collect();
    assert_eq!(server.get("/healthz", &many)?.status, 431);
    assert_eq!(server.get("/healthz", &[])?.status, 200);
    Ok(())
}
