//! A question to a run over its Unix socket, as `airlens stats` and `airlens status` ask it.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::http::Problem;

/// Answers are some 100 KiB.
const MAX_ANSWER: u64 = 64 << 20;

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

/// Asks the run at `socket` for `target` (`/api/stats`). Blocks for at most `patience` a step; any status is an answer.
///
/// # Errors
/// All but [`QueryError::Refused`].
pub fn get(socket: &Path, target: &str, patience: Duration) -> Result<Answer, QueryError> {
    let mut stream = UnixStream::connect(socket).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => QueryError::NotRunning(socket.to_owned()),
        io::ErrorKind::PermissionDenied => QueryError::Permission(socket.to_owned()),
        _ => QueryError::NoAnswer {
            path: socket.to_owned(),
            source,
        },
    })?;
    let mut ask = || {
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        // HTTP/1.0: the answer is not chunked, and the connection ends with it.
        write!(stream, "GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut bytes = Vec::new();
        (&stream).take(MAX_ANSWER).read_to_end(&mut bytes)?;
        parse(&bytes).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no whole HTTP response"))
    };
    ask().map_err(|source| QueryError::NoAnswer {
        path: socket.to_owned(),
        source,
    })
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
    fn without_a_run_the_error_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sock");
        let ask = || get(&path, "/api/stats", Duration::from_secs(1)).unwrap_err();
        assert!(ask().to_string().contains("is airlens running?"));
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(matches!(ask(), QueryError::NotRunning(_)));
    }
}
