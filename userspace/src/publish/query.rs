//! A question to a run over its Unix socket, as `airlens stats` and `airlens status` ask it, or over TCP.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::http::Problem;

/// Answers are some 100 KiB.
const MAX_ANSWER: usize = 64 << 20;

/// A question that got no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// There is no socket, or nobody listens on it.
    #[error("no run answers at {}: is airlens running? Start it with `airlens run`, or name its run_stem", .0.display())]
    NotRunning(PathBuf),
    /// The socket belongs to another user.
    #[error("no permission to ask the run at {}: use the user that runs airlens (sudo)", .0.display())]
    Permission(PathBuf),
    /// The run is there and did not answer as it should.
    #[error("the run at {} does not answer: {source}; look at its log", .path.display())]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The run answered with an error.
    #[error("the run answered {status}: {detail}")]
    Refused {
        /// HTTP status code.
        status: u16,
        /// What it said.
        detail: String,
    },
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Asks the run at `socket` for `target` (`/api/stats`). Blocks for at most `patience`; any status is an answer.
///
/// # Errors
/// All but [`QueryError::Refused`].
pub fn get(socket: &Path, target: &str, patience: Duration) -> Result<Answer, QueryError> {
    let stream = UnixStream::connect(socket).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => QueryError::NotRunning(socket.to_owned()),
        io::ErrorKind::PermissionDenied => QueryError::Permission(socket.to_owned()),
        _ => QueryError::NoAnswer {
            path: socket.to_owned(),
            source,
        },
    })?;
    let patient = |left| {
        stream_patience(
            left,
            UnixStream::set_read_timeout,
            UnixStream::set_write_timeout,
            &stream,
        )
    };
    ask(
        &stream,
        patient,
        &format!("GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n"),
        patience,
    )
    .map_err(|source| QueryError::NoAnswer {
        path: socket.to_owned(),
        source,
    })
}

/// Asks the run whose API is at `url` (`http://127.0.0.1:9474`) for `target`, with a bearer token where there is one. An
/// answer that is not whole after `patience` is none; any status is an answer. TLS is not spoken.
///
/// # Errors
/// [`QueryError::NotRunning`] and [`QueryError::NoAnswer`], with the URL for a path.
pub fn get_url(url: &str, target: &str, token: Option<&str>, patience: Duration) -> Result<Answer, QueryError> {
    let path = || PathBuf::from(url);
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::ConnectionRefused => QueryError::NotRunning(path()),
        _ => QueryError::NoAnswer { path: path(), source },
    };
    let invalid = |what: &str| failed(io::Error::new(io::ErrorKind::InvalidInput, what.to_owned()));
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| invalid("it is no http:// URL"))?;
    let (host, prefix) = rest
        .split_once('/')
        .map_or((rest, ""), |(host, prefix)| (host, prefix.trim_end_matches('/')));
    let visible = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic());
    if !visible(host) || !visible(target) || !(prefix.is_empty() || visible(prefix)) || !token.is_none_or(visible) {
        return Err(invalid("host, path and token are visible ASCII characters"));
    }
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let place = if has_port {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let started = Instant::now();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    let mut stream = None;
    for address in place.to_socket_addrs().map_err(failed)? {
        let left = patience.saturating_sub(started.elapsed()).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&address, left) {
            Ok(connected) => {
                stream = Some(connected);
                break;
            }
            Err(error) => last = error,
        }
    }
    let stream = stream.ok_or(last).map_err(failed)?;
    let prefix = if prefix.is_empty() {
        String::new()
    } else {
        format!("/{prefix}")
    };
    let token = token
        .map(|token| format!("Authorization: Bearer {token}\r\n"))
        .unwrap_or_default();
    let request = format!("GET {prefix}{target} HTTP/1.0\r\nHost: {host}\r\n{token}\r\n");
    let patient = |left| stream_patience(left, TcpStream::set_read_timeout, TcpStream::set_write_timeout, &stream);
    ask(&stream, patient, &request, patience.saturating_sub(started.elapsed())).map_err(failed)
}

type SetPatience<S> = fn(&S, Option<Duration>) -> io::Result<()>;

fn stream_patience<S>(left: Duration, read: SetPatience<S>, write: SetPatience<S>, stream: &S) -> io::Result<()> {
    read(stream, Some(left))?;
    write(stream, Some(left))
}

/// Sends a request and reads the response, in `patience` as a whole.
fn ask<S: Read + Write>(
    mut stream: S,
    patient: impl Fn(Duration) -> io::Result<()>,
    request: &str,
    patience: Duration,
) -> io::Result<Answer> {
    let deadline = Instant::now() + patience;
    let wait = || {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the time is over"));
        }
        patient(left)
    };
    wait()?;
    // HTTP/1.0: the answer is not chunked, and the connection ends with it.
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        wait()?;
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What the system calls a socket's time-out.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the time is over"));
            }
            Err(error) => return Err(error),
        }
        if bytes.len() > MAX_ANSWER {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is too long"));
        }
    }
    parse(&bytes).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no whole HTTP response"))
}

/// Asks for a JSON document.
///
/// # Errors
/// Any [`QueryError`].
pub fn get_json<T: DeserializeOwned>(socket: &Path, target: &str, patience: Duration) -> Result<T, QueryError> {
    let Answer { status, body } = get(socket, target, patience)?;
    if status != 200 {
        let problem = serde_json::from_slice::<Problem>(&body);
        let detail = problem.map_or_else(
            |_| String::from_utf8_lossy(&body).into_owned(),
            |problem| problem.detail,
        );
        return Err(QueryError::Refused { status, detail });
    }
    let document = serde_json::from_slice(&body);
    document.map_err(|error| QueryError::NoAnswer {
        path: socket.to_owned(),
        source: error.into(),
    })
}

/// Status and body of a response that ended with its connection.
fn parse(response: &[u8]) -> Option<Answer> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(response.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let body = response.get(end + 4..)?.to_vec();
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    length
        .is_none_or(|length| length == body.len())
        .then_some(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_responses_are_answers() {
        let answer = parse(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));
        for bad in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok",
            "SSH-2.0\r\n\r\n",
        ] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn over_tcp_with_a_token_and_never_for_long() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let mut requests = Vec::new();
            for answer in ["HTTP/1.0 200 OK\r\n\r\nok", ""] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let length = stream.read(&mut request).unwrap();
                requests.push(String::from_utf8_lossy(&request[..length]).into_owned());
                stream.write_all(answer.as_bytes()).unwrap();
                if answer.is_empty() {
                    // A trickle is no answer either.
                    while stream.write_all(b"x").is_ok() {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                }
            }
            requests
        });
        let answer = get_url(
            &format!("{url}/lens/"),
            "/healthz",
            Some("secret"),
            Duration::from_secs(5),
        )
        .unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));
        let error = get_url(&url, "/healthz", None, Duration::from_millis(200)).unwrap_err();
        assert!(error.to_string().contains("the time is over"), "{error}");
        let requests = server.join().unwrap();
        assert!(
            requests[0].starts_with("GET /lens/healthz HTTP/1.0\r\n"),
            "{}",
            requests[0]
        );
        assert!(
            requests[0].contains("Authorization: Bearer secret\r\n"),
            "{}",
            requests[0]
        );
        assert!(!requests[1].contains("Authorization"), "{}", requests[1]);
        let ask = |url, token| get_url(url, "/healthz", token, Duration::from_secs(1)).unwrap_err();
        assert!(matches!(ask(&url, None), QueryError::NotRunning(_)));
        for (url, token) in [
            ("https://localhost", None),
            ("http://", None),
            ("http://a\r\nb", None),
            (&url, Some("a\nb")),
        ] {
            assert!(matches!(ask(url, token), QueryError::NoAnswer { .. }), "{url}");
        }
    }

    #[test]
    fn without_a_run_the_error_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sock");
        let ask = || get(&path, "/api/stats", Duration::from_secs(1)).unwrap_err();
        assert!(ask().to_string().contains("is airlens running?"));
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(matches!(ask(), QueryError::NotRunning(_)));
    }
}
