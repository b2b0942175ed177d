//! A question to a run over its Unix socket, as `airlens stats` and `airlens status` ask it, or over TCP.

mod patient;
mod remote;
mod trust;

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use self::patient::Patient;
pub use self::remote::Remote;
use super::http::Problem;

/// Answers are some 100 KiB.
const MAX_ANSWER: u64 = 64 << 20;

/// A question that got no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// There is no socket, or nobody listens on it.
    #[error("no run answers at {}: is airlens running? Start it with `airlens run`, or name its run_stem", .0.display())]
    NotRunning(PathBuf),
    /// Nobody listens there.
    #[error("nobody answers at {url}: does airlens run there, and listen at that address (--listen)?")]
    Unreached {
        /// The URL.
        url: String,
    },
    /// The URL begins as it does not there.
    #[error("the answer of {url} can't be read ({source}): is a run there, and does it speak {meant}?")]
    Scheme {
        /// The URL.
        url: String,
        /// `http` or `https`.
        meant: &'static str,
        /// What happened.
        source: io::Error,
    },
    /// Nobody is answered there without a token.
    #[error("the run at {url} answers to who has one of its tokens: name a file with one by --token-file")]
    NoToken {
        /// The URL.
        url: String,
    },
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
    /// The URL, or what belongs to it, can't be used.
    #[error("can't ask {url}: {why}")]
    Useless {
        /// The URL.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The run shows a certificate that is not trusted.
    #[error("the certificate that {url} shows is not trusted: {reason}; name it, or its authority's, with --ca-file")]
    Untrusted {
        /// The URL.
        url: String,
        /// What rustls says.
        reason: String,
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

/// Where a run is asked.
#[derive(Clone, Debug)]
pub enum Asked {
    /// Its Unix socket.
    Socket(PathBuf),
    /// A URL.
    Remote(Remote),
}

impl Asked {
    /// Asks for `target` (`/api/stats`). Blocks for at most `patience`; any status is an answer.
    ///
    /// # Errors
    /// All but [`QueryError::Refused`].
    pub fn get(&self, target: &str, patience: Duration) -> Result<Answer, QueryError> {
        match self {
            Self::Socket(socket) => get(socket, target, patience),
            Self::Remote(remote) => remote.get(target, patience),
        }
    }

    /// Asks for a JSON document.
    ///
    /// # Errors
    /// Any [`QueryError`].
    pub fn get_json<T: DeserializeOwned>(&self, target: &str, patience: Duration) -> Result<T, QueryError> {
        let Answer { status, body } = self.get(target, patience)?;
        if status != 200 {
            let problem = serde_json::from_slice::<Problem>(&body);
            let detail = problem.map_or_else(
                |_| String::from_utf8_lossy(&body).into_owned(),
                |problem| problem.detail,
            );
            return Err(QueryError::Refused { status, detail });
        }
        serde_json::from_slice(&body).map_err(|error| QueryError::NoAnswer {
            path: match self {
                Self::Socket(socket) => socket.clone(),
                Self::Remote(remote) => remote.url().into(),
            },
            source: error.into(),
        })
    }
}

/// Asks the run at `socket` for `target` (`/api/stats`). Blocks for at most `patience`; any status is an answer.
///
/// # Errors
/// [`QueryError::NotRunning`], [`QueryError::Permission`], [`QueryError::NoAnswer`].
pub fn get(socket: &Path, target: &str, patience: Duration) -> Result<Answer, QueryError> {
    let failed = |source: io::Error| QueryError::NoAnswer {
        path: socket.to_owned(),
        source,
    };
    let deadline = Instant::now() + patience;
    let stream = UnixStream::connect(socket).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => QueryError::NotRunning(socket.to_owned()),
        io::ErrorKind::PermissionDenied => QueryError::Permission(socket.to_owned()),
        _ => failed(source),
    })?;
    let request = format!("GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n");
    ask(Patient { stream, deadline }, &request).map_err(failed)
}

/// Sends a request and reads the response.
fn ask(mut stream: impl Read + Write, request: &str) -> io::Result<Answer> {
    // HTTP/1.0: the answer is not chunked, and the connection ends with it.
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut bytes = Vec::new();
    stream.take(MAX_ANSWER + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_ANSWER {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is too long"));
    }
    parse(&bytes).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no whole HTTP response"))
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
    fn without_a_run_the_error_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sock");
        let ask = || get(&path, "/api/stats", Duration::from_secs(1)).unwrap_err();
        assert!(ask().to_string().contains("is airlens running?"));
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(matches!(ask(), QueryError::NotRunning(_)));
    }
}
