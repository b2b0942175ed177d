//! The Debian mirror that this machine's own apt configuration names.
use std::{fs, path::Path};

use anyhow::{Context as _, Result};

/// Reads every source below `etc_apt` and returns the mirror (URI) to take Debian packages from:
/// the one that carries the suite `codename`, else the first whose path ends in `debian`.
pub(super) fn find(etc_apt: &Path, codename: &str) -> Result<String> {
    let mut files = vec![etc_apt.join("sources.list")];
    if let Ok(parts) = fs::read_dir(etc_apt.join("sources.list.d")) {
        files.extend(parts.flatten().map(|part| part.path()));
    }
    files.sort();
    let mut sources = Vec::new();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("sources") => sources.extend(deb822(&text)),
            Some("list") => sources.extend(one_line(&text)),
            _ => {}
        }
    }
    sources
        .iter()
        .find(|source| source.suites.iter().any(|suite| suite == codename))
        .or_else(|| {
            sources
                .iter()
                .find(|s| s.uri.trim_end_matches('/').ends_with("/debian"))
        })
        .map(|source| source.uri.clone())
        .with_context(|| {
            format!(
                "no Debian mirror in {}: add a `deb` source of {codename} there",
                etc_apt.display()
            )
        })
}

/// One `deb` source: where, and which suites.
#[derive(Debug, PartialEq)]
struct Source {
    uri: String,
    suites: Vec<String>,
}

/// Stanzas of a deb822 file (sources.list(5), "DEB822-STYLE FORMAT").
fn deb822(text: &str) -> Vec<Source> {
    let uncommented: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    uncommented
        .split(|line| line.trim().is_empty())
        .filter_map(stanza)
        .collect()
}

fn stanza(lines: &[&str]) -> Option<Source> {
    let (mut uris, mut suites, mut types, mut enabled) = (Vec::new(), Vec::new(), Vec::new(), true);
    let mut field = String::new();
    for line in lines {
        let value = if line.starts_with([' ', '\t']) {
            *line
        } else {
            let (name, value) = line.split_once(':')?;
            field = name.to_ascii_lowercase();
            value
        };
        let words = value.split_whitespace().map(str::to_owned);
        match field.as_str() {
            "uris" => uris.extend(words),
            "suites" => suites.extend(words),
            "types" => types.extend(words),
            "enabled" => enabled = value.trim() != "no",
            _ => {}
        }
    }
    let wanted = enabled && types.iter().any(|kind| kind == "deb");
    wanted.then_some(Source {
        uri: uris.into_iter().next()?,
        suites,
    })
}

/// Lines `deb [option=value …] URI suite component…`.
fn one_line(text: &str) -> Vec<Source> {
    text.lines()
        .filter_map(|line| {
            let rest = line.trim().strip_prefix("deb ")?.trim_start();
            let rest = match rest.strip_prefix('[') {
                Some(options) => options.split_once(']')?.1,
                None => rest,
            };
            let mut words = rest.split_whitespace().map(str::to_owned);
            Some(Source {
                uri: words.next()?,
                suites: words.next().into_iter().collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(uri: &str, suites: &[&str]) -> Source {
        Source {
            uri: uri.into(),
            suites: suites.iter().map(|&suite| suite.into()).collect(),
        }
    }

    #[test]
    fn deb822_stanzas_with_comments_continuations_and_disabled_ones() {
        let text = "Types: deb deb-src\n# a comment\nURIs: http://a.test/debian\nSuites: bookworm\n bookworm-updates\n\n\
                    Enabled: no\nTypes: deb\nURIs: http://b.test/debian\nSuites: bookworm\n\n\
                    Types: deb-src\nURIs: http://c.test/debian\nSuites: bookworm\n";
        assert_eq!(
            deb822(text),
            [source("http://a.test/debian", &["bookworm", "bookworm-updates"])]
        );
    }

    #[test]
    fn one_line_sources_with_and_without_options() {
        let text = "# deb http://no.test/debian bookworm main\ndeb-src http://no.test/debian bookworm main\n\
                    deb http://a.test/debian bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://b.test/debian trixie main\n";
        assert_eq!(
            one_line(text),
            [
                source("http://a.test/debian", &["bookworm"]),
                source("http://b.test/debian", &["trixie"])
            ]
        );
    }

    #[test]
    fn the_suite_decides_and_the_path_is_the_fallback() {
        let folder = std::env::temp_dir().join(format!("airlens-mirror-{}", std::process::id()));
        fs::create_dir_all(folder.join("sources.list.d")).unwrap();
        fs::write(
            folder.join("sources.list"),
            "deb http://x.test/other stable main\ndeb http://a.test/debian/ bookworm main\n",
        )
        .unwrap();
        fs::write(
            folder.join("sources.list.d/b.sources"),
            "Types: deb\nURIs: http://b.test/mirror\nSuites: trixie\n",
        )
        .unwrap();
        assert_eq!(find(&folder, "trixie").unwrap(), "http://b.test/mirror");
        assert_eq!(find(&folder, "sid").unwrap(), "http://a.test/debian/");
        fs::remove_dir_all(folder).unwrap();
    }
}
