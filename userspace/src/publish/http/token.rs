//! Who may ask: whoever has a token of a file (RFC 6750).

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::watched::Watched;
use crate::events::{Events, TokenRefused};

/// Octets of a file of tokens.
const MAX_FILE: u64 = 64 << 10;

/// A token that is shorter can be guessed.
const LEAST: usize = 16;

/// A file of tokens that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It can't be read.
    #[error("can't read the tokens in {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Others may read or change it.
    #[error("every user may use the tokens in {path} (mode {mode:03o}): chmod o= {path}", path = .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// There is none in it.
    #[error("no token is in {path}: write one a line, such as `openssl rand -hex 32` makes", path = .0.display())]
    Empty(PathBuf),
    /// A line is no token.
    #[error(
        "line {line} of {} is no token: use {LEAST} or more of letters, digits and -._~+/=, such as `openssl rand -hex 32` makes",
        .path.display()
    )]
    Form {
        /// The file.
        path: PathBuf,
        /// Its number, from 1.
        line: usize,
    },
}

/// The tokens of a file, read again when it changes.
pub struct TokenFile {
    path: PathBuf,
    tokens: Watched<Tokens>,
    events: Arc<Events>,
}

/// Digests: of equal length, whatever the tokens are.
struct Tokens(Vec<[u8; 32]>);

/// What a request says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// A token that is known.
    Known,
    /// A token that is not.
    Unknown,
    /// None.
    Nothing,
}

impl TokenFile {
    /// Reads a file of tokens, one a line; empty lines and those that start with `#` are left out.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub fn open(path: &Path) -> Result<Arc<Self>, TokenError> {
        Self::telling(path, Arc::default())
    }

    /// As [`TokenFile::open`]; what is refused is told to `events`.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub fn telling(path: &Path, events: Arc<Events>) -> Result<Arc<Self>, TokenError> {
        Ok(Arc::new(Self {
            tokens: Watched::new(vec![path.to_owned()], || read(path))?,
            path: path.to_owned(),
            events,
        }))
    }

    /// Judges the request with these headers.
    pub(super) fn judge(&self, headers: &HeaderMap) -> Presented {
        let mut presented = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (presented.next(), presented.next()) else {
            return Presented::Nothing;
        };
        let Some((scheme, token)) = value.as_bytes().split_at_checked(7) else {
            return Presented::Nothing;
        };
        if !scheme.eq_ignore_ascii_case(b"Bearer ") {
            return Presented::Nothing;
        }
        let tokens = self.tokens.get(|| read(&self.path));
        if tokens.accepts(token.trim_ascii()) {
            Presented::Known
        } else {
            Presented::Unknown
        }
    }

    /// Tells of a refused token.
    pub(super) fn tell_refused(&self, peer: Option<std::net::IpAddr>, route: &str) {
        self.events.emit(&TokenRefused {
            remote_addr: peer.map(|peer| peer.to_string()).as_deref(),
            route,
        });
    }
}

impl Tokens {
    /// Takes as long for a wrong token as for a right one, whichever it is.
    fn accepts(&self, token: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let found = |found: Choice, known: &[u8; 32]| found | known.ct_eq(&digest);
        self.0.iter().fold(Choice::from(0), found).into()
    }
}

/// Reads a file that others must not: with its permissions, those of the same open file.
pub(super) fn read_secret(path: &Path, most: u64) -> io::Result<(Vec<u8>, u32)> {
    let file = fs::File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    let mut content = Vec::new();
    file.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 > most {
        let why = format!("it has more than {most} octets");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok((content, mode))
}

/// Permissions of everybody.
pub(super) const OTHERS: u32 = 0o007;

fn read(path: &Path) -> Result<Tokens, TokenError> {
    let unreadable = |source| TokenError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let (content, mode) = read_secret(path, MAX_FILE).map_err(unreadable)?;
    if mode & OTHERS != 0 {
        let path = path.to_owned();
        return Err(TokenError::Open { path, mode });
    }
    let lines = content
        .split(|octet| *octet == b'\n')
        .map(<[u8]>::trim_ascii)
        .enumerate();
    let mut digests = Vec::new();
    for (index, token) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#")) {
        let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._~+/=".contains(octet);
        if token.len() < LEAST || !token.iter().all(plain) {
            return Err(TokenError::Form {
                path: path.to_owned(),
                line: index + 1,
            });
        }
        digests.push(Sha256::digest(token).into());
    }
    if digests.is_empty() {
        return Err(TokenError::Empty(path.to_owned()));
    }
    Ok(Tokens(digests))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "0123456789abcdef";

    fn file(content: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    fn with(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        headers
    }

    #[test]
    fn tokens_are_judged() {
        let (_folder, path) = file(&format!("# of the page\n{GOOD}\n\nfedcba9876543210~\n"), 0o600);
        let tokens = TokenFile::open(&path).unwrap();
        for (value, judged) in [
            (format!("Bearer {GOOD}"), Presented::Known),
            (format!("bearer  {GOOD}"), Presented::Known),
            ("Bearer fedcba9876543210~".to_owned(), Presented::Known),
            (format!("Bearer {GOOD}0"), Presented::Unknown),
            ("Bearer ".to_owned(), Presented::Unknown),
            ("Bearer # of the page".to_owned(), Presented::Unknown),
            (format!("Basic {GOOD}"), Presented::Nothing),
            ("x".to_owned(), Presented::Nothing),
        ] {
            assert_eq!(tokens.judge(&with(&value)), judged, "{value}");
        }
        assert_eq!(tokens.judge(&HeaderMap::new()), Presented::Nothing);
        let mut twice = with(&format!("Bearer {GOOD}"));
        twice.append(header::AUTHORIZATION, twice[header::AUTHORIZATION].clone());
        assert_eq!(tokens.judge(&twice), Presented::Nothing);
    }

    #[test]
    fn a_file_that_cannot_be_used_is_refused_with_what_to_do() {
        for (content, mode, said) in [
            (GOOD, 0o644, "chmod o= "),
            (GOOD, 0o602, "mode 602"),
            ("", 0o600, "openssl rand -hex 32"),
            ("# none\n", 0o600, "no token is in"),
            ("0123456789abcdef\nshort\n", 0o600, "line 2 of"),
            ("0123456789 abcdef", 0o600, "line 1 of"),
        ] {
            let (_folder, path) = file(content, mode);
            let error = TokenFile::open(&path).err().unwrap().to_string();
            assert!(error.contains(said), "{said}: {error}");
            assert!(!error.contains("012345"), "{error}");
        }
        let missing = TokenFile::open(Path::new("/nowhere/token")).err().unwrap().to_string();
        assert!(missing.contains("can't read the tokens in /nowhere/token"), "{missing}");
        let (_folder, path) = file(&GOOD.repeat(5000), 0o600);
        assert!(TokenFile::open(&path).err().unwrap().to_string().contains("octets"));
    }
}
