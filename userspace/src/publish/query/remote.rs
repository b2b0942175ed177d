//! A run that is asked over TCP, by TLS or without.

use std::{
    fmt,
    io::{self, Read as _},
    net::{TcpStream, ToSocketAddrs as _},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_rustls::rustls::{self, ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use super::{Answer, QueryError, ask, patient::Patient, trust::trusting};

/// Octets of a file of tokens.
const MAX_TOKENS: u64 = 64 << 10;

/// Where a run's API is (`http://127.0.0.1:9474`), and what opens it.
#[derive(Clone)]
pub struct Remote {
    url: String,
    /// As requests name it, with a port where the URL has one.
    authority: String,
    /// Without brackets.
    host: String,
    port: u16,
    /// What is before `/api/…`, behind a proxy.
    prefix: String,
    token: Option<String>,
    tls: Option<Arc<ClientConfig>>,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the token.
        f.debug_struct("Remote").field("url", &self.url).finish_non_exhaustive()
    }
}

fn visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic())
}

impl Remote {
    /// `url` with a bearer token where there is one. For https the run must show a certificate that leads to one of `authority`
    /// (a PEM file) or is in it; without one, of the system's authorities.
    ///
    /// # Errors
    ///
    /// [`QueryError::Useless`]: the URL is none, or the file of certificates can't be used.
    pub fn new(url: &str, token: Option<&str>, authority: Option<&Path>) -> Result<Self, QueryError> {
        let useless = |why: String| QueryError::Useless {
            url: url.to_owned(),
            why,
        };
        let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(useless("it is no http:// or https:// URL".into())),
        };
        let (place, prefix) = rest
            .split_once('/')
            .map_or((rest, ""), |(host, prefix)| (host, prefix.trim_end_matches('/')));
        let prefix = if prefix.is_empty() {
            String::new()
        } else {
            format!("/{prefix}")
        };
        if !visible(place) || place.contains('@') || !(prefix.is_empty() || visible(&prefix)) {
            return Err(useless("host and path are visible ASCII characters".into()));
        }
        if !token.is_none_or(visible) {
            return Err(useless("a token is one word of visible ASCII characters".into()));
        }
        let named = place
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        // An IPv6 address without brackets ends in what looks like a port.
        let named = named.filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
        let (host, port) = named.unwrap_or((place, if secure { 443 } else { 80 }));
        let tls = if secure {
            Some(Arc::new(
                trusting(authority).map_err(|error| useless(error.to_string()))?,
            ))
        } else {
            None
        };
        Ok(Self {
            url: url.to_owned(),
            authority: place.to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            prefix,
            token: token.map(str::to_owned),
            tls,
        })
    }

    /// As it was given.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The first token of a file as `monitoring.token_file` has them: one a line, `#` begins a comment.
    ///
    /// # Errors
    ///
    /// The file can't be read, or has none.
    pub fn token_of(file: &Path) -> io::Result<String> {
        let mut text = String::new();
        std::fs::File::open(file)?.take(MAX_TOKENS).read_to_string(&mut text)?;
        let mut lines = text.lines().map(str::trim);
        let token = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
        token
            .map(str::to_owned)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no token is in it: write one a line"))
    }

    /// Asks for `target` (`/api/stats`). An answer that is not whole after `patience` is none; any status is an answer.
    ///
    /// # Errors
    ///
    /// [`QueryError::Unreached`], [`QueryError::Scheme`], [`QueryError::Untrusted`], [`QueryError::NoToken`],
    /// [`QueryError::NoAnswer`].
    pub fn get(&self, target: &str, patience: Duration) -> Result<Answer, QueryError> {
        let url = || self.url.clone();
        let answer = self.converse(target, patience).map_err(|source| {
            let tls = source.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match tls {
                Some(rustls::Error::InvalidCertificate(reason)) => QueryError::Untrusted {
                    url: url(),
                    reason: reason.to_string(),
                },
                Some(rustls::Error::InvalidMessage(_)) => QueryError::Scheme {
                    url: url(),
                    meant: "http",
                    source,
                },
                _ if source.kind() == io::ErrorKind::ConnectionRefused => QueryError::Unreached { url: url() },
                // A record of TLS, or nothing.
                _ if source.kind() == io::ErrorKind::InvalidData && self.tls.is_none() => QueryError::Scheme {
                    url: url(),
                    meant: "https",
                    source,
                },
                _ => QueryError::NoAnswer {
                    path: url().into(),
                    source,
                },
            }
        })?;
        match (answer.status, &self.token) {
            (401, None) => Err(QueryError::NoToken { url: url() }),
            _ => Ok(answer),
        }
    }

    fn converse(&self, target: &str, patience: Duration) -> io::Result<Answer> {
        let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
        if !visible(target) {
            return Err(invalid("a path is visible ASCII characters"));
        }
        let deadline = Instant::now() + patience;
        let stream = Patient {
            stream: self.connect(deadline)?,
            deadline,
        };
        let token = self.token.as_ref();
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let request = format!(
            "GET {}{target} HTTP/1.0\r\nHost: {}\r\n{}\r\n",
            self.prefix,
            self.authority,
            token.unwrap_or_default()
        );
        let Some(config) = &self.tls else {
            return ask(stream, &request);
        };
        let name = ServerName::try_from(self.host.clone()).map_err(|_| invalid("the host is no name or address"))?;
        let connection = ClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
        ask(StreamOwned::new(connection, stream), &request)
    }

    fn connect(&self, deadline: Instant) -> io::Result<TcpStream> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            let left = deadline.saturating_duration_since(Instant::now());
            match TcpStream::connect_timeout(&address, left.max(Duration::from_millis(1))) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use super::*;

    #[test]
    fn over_tcp_with_a_token_and_never_for_long() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
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
                        thread::sleep(Duration::from_millis(20));
                    }
                }
            }
            requests
        });
        let behind = Remote::new(&format!("{url}/lens/"), Some("secret"), None).unwrap();
        assert!(!format!("{behind:?}").contains("secret"));
        let answer = behind.get("/healthz", Duration::from_secs(5)).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));
        let plain = Remote::new(&url, None, None).unwrap();
        let error = plain.get("/healthz", Duration::from_millis(200)).unwrap_err();
        assert!(error.to_string().contains("the time is over"), "{error}");
        let requests = server.join().unwrap();
        let (first, second) = (&requests[0], &requests[1]);
        assert!(first.starts_with("GET /lens/healthz HTTP/1.0\r\n"), "{first}");
        assert!(first.contains("Authorization: Bearer secret\r\n"), "{first}");
        assert!(!second.contains("Authorization"), "{second}");
        let gone = plain.get("/healthz", Duration::from_secs(1)).unwrap_err();
        assert!(matches!(gone, QueryError::Unreached { .. }), "{gone}");
        assert!(plain.get("/a b", Duration::from_secs(1)).is_err());
    }

    #[test]
    fn urls() {
        let place = |url: &str| {
            let remote = Remote::new(url, None, None).unwrap();
            (remote.host, remote.port, remote.authority)
        };
        let is = |host: &str, port, authority: &str| (host.to_owned(), port, authority.to_owned());
        assert_eq!(place("http://sensor"), is("sensor", 80, "sensor"));
        assert_eq!(place("http://sensor:9474/x"), is("sensor", 9474, "sensor:9474"));
        assert_eq!(place("http://[::1]:9474"), is("::1", 9474, "[::1]:9474"));
        assert_eq!(place("http://[::1]"), is("::1", 80, "[::1]"));
        for (url, token) in [
            ("ftp://localhost", None),
            ("http://", None),
            ("http://a\r\nb", None),
            ("http://me:word@a", None),
            ("http://a", Some("a\nb")),
        ] {
            let refused = Remote::new(url, token, None).unwrap_err();
            assert!(matches!(refused, QueryError::Useless { .. }), "{url}");
        }
        let file = Path::new("/nowhere.pem");
        let refused = Remote::new("https://a", None, Some(file)).unwrap_err().to_string();
        assert!(refused.contains("can't read /nowhere.pem"), "{refused}");
    }

    #[test]
    fn the_first_token_of_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "# of the roof\n\n  first \nsecond\n").unwrap();
        assert_eq!(Remote::token_of(file.path()).unwrap(), "first");
        std::fs::write(file.path(), "# none\n").unwrap();
        assert!(Remote::token_of(file.path()).is_err());
    }
}
