//! What every request goes through before it is answered: is it for us, not one too many, without a body, by someone who may ask?

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::HttpBody as _,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use tokio::time::timeout;

use super::{
    counts::RequestCounts,
    host::is_for_us,
    problem::Problem,
    rate::RateLimit,
    token::{Presented, TokenFile},
};

/// How long an answer may take to begin.
const MOST: Duration = Duration::from_secs(20);

/// Whom a listener answers.
#[derive(Clone, Default)]
pub struct Access {
    /// Only requests that name an address, `localhost` or one of these; any where `None`.
    pub hosts: Option<Arc<[String]>>,
    /// Only who has one of these tokens; anyone where `None`.
    pub tokens: Option<Arc<TokenFile>>,
    /// How often each address may ask; at will where `None`.
    pub rate: Option<Arc<RateLimit>>,
    /// Whoever reaches the listener may know the network's passphrase.
    pub trusted: bool,
    /// It is the run's own socket, of the user who runs airlens alone.
    pub own: bool,
}

impl Access {
    /// For a Unix socket, which its permissions guard.
    #[must_use]
    pub fn local() -> Self {
        Self {
            trusted: true,
            own: true,
            ..Self::default()
        }
    }
}

/// What a request knows of its connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    /// Who asks, over TCP.
    pub(super) peer: Option<IpAddr>,
    /// The answer lasts: the connection's age doesn't count.
    endless: Arc<AtomicBool>,
}

impl Connection {
    pub(super) fn new(peer: Option<IpAddr>) -> Self {
        let endless = Arc::default();
        Self { peer, endless }
    }

    pub(super) fn keep(&self) {
        self.endless.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_endless(&self) -> bool {
        self.endless.load(Ordering::Relaxed)
    }
}

/// The gate before one route.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) access: Access,
    pub(super) counts: Arc<RequestCounts>,
    /// The route's pattern.
    pub(super) route: Arc<str>,
    /// It takes no token.
    pub(super) open: bool,
}

/// Judges a request and counts its answer.
pub(super) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let mut response = match gate.judge(&request, started) {
        Ok(()) => answer(request, next).await,
        Err(refusal) => refusal,
    };
    let headers = response.headers_mut();
    // Answers are of a moment; the page's files may know better.
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("same-origin"));
    // In no frame of another page; the page's files have a policy that says more.
    let frames = HeaderValue::from_static("frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(frames);
    gate.counts
        .observe(&gate.route, response.status().as_u16(), started.elapsed());
    response
}

async fn answer(request: Request, next: Next) -> Response {
    match timeout(MOST, AssertUnwindSafe(next.run(request)).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            let why = "the answer could not be made: the log says why, please report it";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
        Err(_) => {
            let why = format!(
                "no answer within {} s: the machine is busy, ask again later",
                MOST.as_secs()
            );
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).into_response()
        }
    }
}

impl Gate {
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, made once a request")]
    fn judge(&self, request: &Request, now: Instant) -> Result<(), Response> {
        let headers = request.headers();
        let peer = request.extensions().get::<Connection>().and_then(|from| from.peer);
        if let Some(names) = &self.access.hosts
            && !is_for_us(request, names)
        {
            let why = "this is no name of the server: use its address or localhost, or set monitoring.hosts";
            return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, why).into_response());
        }
        if let (Some(rate), Some(peer)) = (&self.access.rate, peer)
            && let Err(wait) = rate.take(peer, now)
        {
            let seconds = wait.as_secs() + 1;
            let why = format!("this address asks too often: wait {seconds} s, or set monitoring.rate_limit higher");
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, why);
            return Err(([(header::RETRY_AFTER, seconds.to_string())], problem).into_response());
        }
        if !request.body().is_end_stream() {
            let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "send the request without a body");
            return Err(([(header::CONNECTION, "close")], problem).into_response());
        }
        if self.open {
            return Ok(());
        }
        if is_of_another_site(headers) {
            let why = "this is not for pages of other sites: open airlens's own page";
            return Err(Problem::new(StatusCode::FORBIDDEN, why).into_response());
        }
        self.authorize(headers, peer)
    }

    #[expect(clippy::result_large_err, reason = "as above")]
    fn authorize(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<(), Response> {
        let Some(tokens) = &self.access.tokens else {
            return Ok(());
        };
        let (challenge, why) = match tokens.judge(headers) {
            Presented::Known => return Ok(()),
            Presented::Nothing => (
                "Bearer realm=\"airlens\"",
                "send a token of monitoring.token_file: `Authorization: Bearer TOKEN`",
            ),
            Presented::Unknown => {
                tokens.tell_refused(peer, &self.route);
                (
                    "Bearer realm=\"airlens\", error=\"invalid_token\"",
                    "the token is not one of monitoring.token_file",
                )
            }
        };
        let problem = Problem::new(StatusCode::UNAUTHORIZED, why);
        Err(([(header::WWW_AUTHENTICATE, challenge)], problem).into_response())
    }
}

/// A page of another site, or of another port of this machine, asks through the browser of someone who may (Fetch Metadata;
/// `Origin`, which browsers send to plain addresses of a network too). It could not read the answer, but use up what is
/// bounded. Following a link is no such request, a frame is.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    let beside = is("sec-fetch-site", "cross-site") || is("sec-fetch-site", "same-site");
    let link = is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document");
    (beside && !link) || is_of_another_origin(headers)
}

/// Browsers name the origin (RFC 6454 7) of whoever asks another one, and with GET of nobody else.
fn is_of_another_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let asking = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    !asking
        .zip(asked)
        .is_some_and(|((_, asking), asked)| asking.eq_ignore_ascii_case(asked))
}
