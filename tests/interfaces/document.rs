//! `docs/INTERFACES.md` names every test here, no test that is not there, and has each row of the page that airlens is made by.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use super::sensor::shared;

const DOCUMENT: &str = include_str!("../../docs/INTERFACES.md");

/// The names in backticks that are a test's: binary and path.
fn named() -> BTreeSet<(String, String)> {
    let quoted = DOCUMENT.split('`').skip(1).step_by(2);
    let tests = quoted.filter_map(|name| name.strip_prefix("airlens-tests::")?.split_once(' '));
    tests
        .map(|(binary, path)| (binary.to_owned(), path.to_owned()))
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

/// The tests of a source, by their attribute, or as the macro of the alerts has them.
fn tests(source: &str) -> BTreeSet<String> {
    let name = |text: &str| Some(text.trim_start().strip_prefix("fn ")?.split_once('(')?.0.to_owned());
    let by_attribute = source.split("#[test]\n").skip(1).filter_map(name);
    let rules = source
        .split("\nalerts! {")
        .nth(1)
        .and_then(|rest| rest.split('}').next());
    let by_macro = rules
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.trim().split_once(' '));
    by_attribute
        .filter(|name: &String| !name.starts_with('$'))
        .chain(by_macro.map(|(name, _)| name.to_owned()))
        .collect()
}

#[test]
fn each_test_is_there() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = named();
    ensure!(named.len() > 50, "{}", named.len());
    for (binary, path) in &named {
        let (module, test) = path.rsplit_once("::").unwrap_or(("", path));
        let file = module.rsplit("::").next().unwrap_or_default();
        let mut files = sources(&folder.join(binary));
        files.retain(|path| path.file_stem().is_some_and(|stem| stem == file));
        // A module may be named otherwise than its file; the root holds what has no module.
        if files.is_empty() {
            files = sources(&folder.join(binary));
            files.push(folder.join(format!("{binary}.rs")));
        }
        let found = files
            .iter()
            .any(|file| tests(&fs::read_to_string(file).unwrap_or_default()).contains(test));
        ensure!(found, "no test {binary} {path}: mend docs/INTERFACES.md");
    }
    for file in sources(&folder.join("interfaces")) {
        let module = file.file_stem().context("no name")?.to_string_lossy().into_owned();
        for test in tests(&fs::read_to_string(&file)?) {
            let name = ("interfaces".to_owned(), format!("{module}::{test}"));
            ensure!(
                module == "document" || named.contains(&name),
                "{}: add it to docs/INTERFACES.md",
                name.1
            );
        }
    }
    Ok(())
}

#[test]
fn each_row_is_there() -> Result<()> {
    let Some(page) = shared("INTERFACES.md") else {
        println!("../shared/INTERFACES.md is not there: that each of its rows has a test is left out");
        return Ok(());
    };
    let stage = page.split("\n## Fleet").next().context("nothing")?;
    let ours: String = DOCUMENT.lines().filter(|line| line.starts_with("| ")).collect();
    let mut rows = 0;
    let mut body = false;
    for line in stage.lines() {
        // Below the line of dashes are the rows.
        body = line.starts_with('|') && (body || line.starts_with("| ---"));
        let Some(cell) = line.split('|').nth(1).filter(|cell| body && !cell.contains("---")) else {
            continue;
        };
        for name in cell.split([',', '`']).map(str::trim).filter(|name| !name.is_empty()) {
            ensure!(ours.contains(name), "{name} has no row in docs/INTERFACES.md");
            rows += 1;
        }
    }
    assert_eq!(rows, 9, "the page has other rows");
    for alert in stage
        .split("--packet-rate-threshold 0 …`:")
        .nth(1)
        .context("no alerts")?
        .split("Templates")
        .next()
        .into_iter()
        .flat_map(|text| text.split([',', ' ', '\n', '.']))
    {
        let is_name =
            alert.len() > 6 && alert.starts_with(char::is_uppercase) && alert.matches(char::is_uppercase).count() > 1;
        ensure!(
            !is_name || ours.contains(alert),
            "{alert} has no row in docs/INTERFACES.md"
        );
    }
    Ok(())
}
