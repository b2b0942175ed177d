//! Rust source out of the pages that rustdoc makes of it.
//!
//! The rust-docs component of a toolchain shows the source of `core` as highlighted HTML, one page
//! a file: without its markup a page is the file, octet for octet. `core_verify` proves it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

/// A source file.
pub(crate) struct SourceFile {
    /// Where it belongs in the Rust repository: `library/core/src/option.rs`.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Reads every source file of `core` from the folder `share/doc/rust/html/src/core`, in the order
/// of their paths.
pub(crate) fn read(pages: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let mut folders = vec![pages.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(place) = place(path.strip_prefix(pages)?) {
                let page = fs::read_to_string(&path)?;
                let text = source(&page).with_context(|| format!("in {}", path.display()))?;
                files.push(SourceFile { path: place, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The place in the Rust repository of the file shown on a page.
fn place(page: &Path) -> Option<PathBuf> {
    let file = page.to_str()?.strip_suffix(".html")?;
    if !file.ends_with(".rs") {
        return None;
    }
    let folder = if page.starts_with("stdarch") || page.starts_with("portable-simd") {
        "library"
    } else {
        "library/core/src"
    };
    Some(Path::new(folder).join(file))
}

/// The source shown on a page.
fn source(page: &str) -> Result<String> {
    const START: &str = "<pre class=\"rust\"><code>";
    const END: &str = "</code></pre>";
    let (_, code) = page.split_once(START).context("no source on this page")?;
    let (mut code, _) = code.rsplit_once(END).context("the source has no end")?;
    let mut text = String::with_capacity(code.len() / 2);
    while let Some(mark) = code.find(['<', '&']) {
        text.push_str(&code[..mark]);
        code = &code[mark..];
        if code.starts_with('<') {
            let (tag, rest) = code.split_once('>').context("a tag has no end")?;
            code = rest;
            // A line's number: `<a href=#7 id=7 data-nosnippet>7</a>`.
            if tag.ends_with("data-nosnippet") {
                (_, code) = code.split_once("</a>").context("a line number has no end")?;
            }
        } else {
            let (entity, rest) = code[1..].split_once(';').context("a lone ampersand")?;
            text.push(character(entity)?);
            code = rest;
        }
    }
    text.push_str(code);
    Ok(text)
}

/// The character that `&entity;` stands for.
fn character(entity: &str) -> Result<char> {
    let number = match entity {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "quot" => return Ok('"'),
        _ => match entity.strip_prefix('#') {
            Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok(),
            Some(decimal) => decimal.parse().ok(),
            None => None,
        },
    };
    match number.and_then(char::from_u32) {
        Some(character) => Ok(character),
        None => bail!("unknown character &{entity};"),
    }
}

/// The source without the Markdown files that only doc comments include: the pages lack them.
pub(crate) fn without_included_docs(text: &str) -> String {
    const INCLUDE: &str = "include_str!(";
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(INCLUDE) {
        let after = &rest[at + INCLUDE.len()..];
        let before = &rest[..at];
        let is_doc = before
            .trim_end()
            .strip_suffix('=')
            .is_some_and(|key| key.trim_end().ends_with("doc"));
        match after.find(')') {
            Some(end) if is_doc => {
                result.push_str(before);
                result.push_str("\"\"");
                rest = &after[end + 1..];
            }
            _ => {
                result.push_str(&rest[..at + INCLUDE.len()]);
                rest = after;
            }
        }
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(
        "<html><body><pre class=\"rust\"><code>",
        "<a href=#1 id=1 data-nosnippet>1</a><span class=\"kw\">fn </span>f() {\n",
        "<a href=#2 id=2 data-nosnippet>2</a>    a &lt; b &amp;&amp; c[<span>0</span>] == ",
        "<span class=\"string\">&#39;&quot;&#x27;</span>; <span class=\"comment\">// &amp;lt;</span>\n",
        "<a href=#3 id=3 data-nosnippet>3</a>}\n",
        "</code></pre></body></html>"
    );

    #[test]
    fn a_page_becomes_its_source() {
        assert_eq!(
            source(PAGE).unwrap(),
            "fn f() {\n    a < b && c[0] == '\"'; // &lt;\n}\n"
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let page = |code: &str| format!("<pre class=\"rust\"><code>{code}</code></pre>");
        assert_eq!(source(&page("")).unwrap(), "");
        for bad in ["&hellip;", "a & b", "<span", "&#x110000;"] {
            assert!(source(&page(bad)).is_err(), "{bad}");
        }
        assert!(source("<html></html>").is_err());
    }

    #[test]
    fn pages_have_their_place_in_the_repository() {
        let place = |page: &str| place(Path::new(page));
        assert_eq!(
            place("num/mod.rs.html"),
            Some(PathBuf::from("library/core/src/num/mod.rs"))
        );
        assert_eq!(
            place("stdarch/crates/core_arch/src/mod.rs.html"),
            Some(PathBuf::from("library/stdarch/crates/core_arch/src/mod.rs"))
        );
        assert_eq!(place("index.html"), None);
    }

    #[test]
    fn only_included_docs_are_emptied() {
        assert_eq!(
            without_included_docs(r#"#![doc = include_str!("a.md")] let x = include_str!("b");"#),
            r#"#![doc = ""] let x = include_str!("b");"#
        );
    }
}
