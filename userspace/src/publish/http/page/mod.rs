//! The page at `/`: what [`RunView`](super::RunView) tells, for people. Its files are in the binary, plain modules without a build step, and
//! ask for nothing from elsewhere. They hold nothing of a run, so they need no token: the page asks for one when the API does.

use std::{
    io::Write as _,
    sync::{Arc, OnceLock},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// A file of the page: where it is, what it is, its text.
type File = (&'static str, &'static str, &'static str);

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// All of them.
const FILES: [File; 11] = [
    ("/", "text/html; charset=utf-8", include_str!("index.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("/icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("/theme.js", SCRIPT, include_str!("theme.js")),
    ("/app.js", SCRIPT, include_str!("app.js")),
    ("/chart.js", SCRIPT, include_str!("chart.js")),
    ("/clients.js", SCRIPT, include_str!("clients.js")),
    ("/detail.js", SCRIPT, include_str!("detail.js")),
    ("/feed.js", SCRIPT, include_str!("feed.js")),
    ("/panels.js", SCRIPT, include_str!("panels.js")),
    ("/text.js", SCRIPT, include_str!("text.js")),
];

/// What the page may do: run and read what is here, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Headers of every file. A browser keeps it and asks each time whether it is still the same: a new version is seen at once.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-cache"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::VARY, "accept-encoding"),
];

/// Whether a file of the page is at `path`.
pub(super) fn has(path: &str) -> bool {
    FILES.iter().any(|(file, ..)| *file == path)
}

/// The routes of the page's files.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.into_iter().fold(Router::new(), |routes, file| {
        // Made when it is first asked for: most runs have no viewer.
        let made = Arc::new(OnceLock::new());
        routes.route(
            file.0,
            get(move |headers: HeaderMap| async move { answer(file, &headers, made.get_or_init(|| Made::of(file.2))) }),
        )
    })
}

/// What is made of a file's text.
struct Made {
    compressed: Bytes,
    /// Strong validators (RFC 9110 8.8.3) of the text as it is and compressed: octets that differ have another one.
    tags: [HeaderValue; 2],
}

impl Made {
    fn of(text: &str) -> Self {
        let digest: String = Sha256::digest(text)[..12]
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        let tag = |form: &str| HeaderValue::try_from(format!("\"{digest}{form}\""));
        Self {
            compressed: gzip(text),
            // Hexadecimal digits are fit for a header.
            tags: ["", "-gzip"].map(|form| tag(form).unwrap_or(HeaderValue::from_static("\"\""))),
        }
    }
}

fn answer((_, kind, text): File, asked: &HeaderMap, made: &Made) -> Response {
    let gzip = takes_gzip(asked);
    let tag = &made.tags[usize::from(gzip)];
    let mut response = if has_it(asked, tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if gzip {
        ([(header::CONTENT_ENCODING, "gzip")], made.compressed.clone()).into_response()
    } else {
        text.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether `If-None-Match` names it, weakly compared (RFC 9110 13.1.2).
fn has_it(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let lists = asked.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    // No tag of ours has a comma in it.
    tags.any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one).as_bytes() == tag.as_bytes()
    })
}

/// Whether `gzip` is listed and not with a weight of 0 (RFC 9110 12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight, Some(Ok(0.0)))
    })
}

fn gzip(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a vector can't fail.
    let _ = encoder.write_all(text.as_bytes());
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn files_are_small_and_ask_for_nothing_else() {
        let all: usize = FILES.iter().map(|(_, _, text)| text.len()).sum();
        assert!(all < 80_000, "{all}");
        for (path, _, text) in FILES {
            // The namespace of SVG is a name, not a place.
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for far in ["http:", "https:", "url(", "@import", "innerHTML", "style=\"", "eval("] {
                assert!(!text.contains(far), "{path}: {far}");
            }
            for named in text
                .split('"')
                .filter(|word| word.starts_with('/') && !word.starts_with("//") && word.contains('.'))
            {
                let known = FILES.iter().any(|(path, ..)| *path == named) || named == "/qr.svg";
                assert!(known, "{path} names {named}");
            }
        }
    }

    #[test]
    fn modules_that_are_imported_are_there() {
        for (path, _, text) in FILES {
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let from = line.split('"').nth(1).unwrap().trim_start_matches('.');
                assert!(FILES.iter().any(|(path, ..)| *path == from), "{path} imports {from}");
            }
        }
    }

    #[test]
    fn a_file_that_is_there_already_is_not_sent_again() {
        let made = Made::of("airlens");
        assert_ne!(made.tags[0], made.tags[1]);
        assert_ne!(made.tags[0], Made::of("airlens\n").tags[0]);
        let file = ("/", "text/plain", "airlens");
        let status = |named: &[&str], codings: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(codings));
            for tag in named {
                headers.append(header::IF_NONE_MATCH, HeaderValue::try_from(*tag).unwrap());
            }
            answer(file, &headers, &made).status().as_u16()
        };
        let [plain, gzip] = made.tags.each_ref().map(|tag| tag.to_str().unwrap());
        let weak = format!("W/{plain}");
        assert_eq!(status(&[], ""), 200);
        assert_eq!(status(&["\"other\"", &format!("\"a\" , {plain}")], ""), 304);
        assert_eq!((status(&[&weak], ""), status(&["*"], "")), (304, 304));
        assert_eq!((status(&[plain], "gzip"), status(&[gzip], "gzip")), (200, 304));
        assert_eq!(status(&["nonsense,,\""], ""), 200);
    }

    #[test]
    fn compressed_where_that_is_taken() {
        let asked = |list: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(list));
            takes_gzip(&headers)
        };
        assert!(asked("gzip") && asked("br, GZIP;q=0.5"));
        assert!(!asked("br") && !asked("gzip;q=0") && !takes_gzip(&HeaderMap::new()));
        let mut text = String::new();
        flate2::read::GzDecoder::new(&gzip("airlens")[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "airlens");
    }
}
