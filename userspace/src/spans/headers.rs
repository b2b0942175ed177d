//! Headers of requests to a collector: the place of its token.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use axum::http::{HeaderName, HeaderValue};

/// Tokens have some hundred octets.
const MAX_FILE: u64 = 64 << 10;

/// Headers that can't be used. What stands in them is not told.
#[derive(Debug, thiserror::Error)]
pub enum HeadersError {
    /// The file can't be read.
    #[error("can't read the headers for spans {}: {source}; check tracing.headers_file", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A line is no header.
    #[error("{}:{line}: no header: write NAME: VALUE", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

/// The headers of a file; empty lines and those that start with `#` are none.
pub(super) fn read(path: &Path) -> Result<Vec<(String, String)>, HeadersError> {
    let mut text = String::new();
    let mut read = || File::open(path)?.take(MAX_FILE).read_to_string(&mut text);
    read().map_err(|source| HeadersError::Read {
        path: path.to_owned(),
        source,
    })?;
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let headers = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let header = |(line, text): (usize, &str)| {
        let parsed = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        parsed
            .filter(|(name, value)| name.parse::<HeaderName>().is_ok() && value.parse::<HeaderValue>().is_ok())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .ok_or_else(|| HeadersError::Line {
                path: path.to_owned(),
                line,
            })
    };
    headers.map(header).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_and_never_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "# token\nAuthorization: Bearer s3cret:x\n\nX-Scope-OrgID:1\n",
        )
        .unwrap();
        let headers = read(file.path()).unwrap();
        let expected = [("Authorization", "Bearer s3cret:x"), ("X-Scope-OrgID", "1")];
        assert_eq!(
            headers,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        std::fs::write(file.path(), "ok: 1\nBearer s3cret\n").unwrap();
        let error = read(file.path()).unwrap_err().to_string();
        assert!(error.ends_with(":2: no header: write NAME: VALUE"), "{error}");
        assert!(read(Path::new("/nowhere/headers")).is_err());
    }
}
