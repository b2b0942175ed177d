//! What the command line says of itself: help, completions, manual pages.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use airlens_tests::support::cli::{Said, airlens};
use anyhow::{Context as _, Result, ensure};

const VERBS: [&str; 22] = [
    "run",
    "demo",
    "analyze",
    "capture",
    "status",
    "health",
    "mon",
    "qr",
    "clients",
    "devices",
    "stats",
    "air",
    "flows",
    "doctor",
    "interfaces",
    "restore",
    "config",
    "dashboard",
    "alerts",
    "schema",
    "completions",
    "man",
];

/// The standard output of a command that succeeds without a word on standard error.
fn printed<const N: usize>(arguments: [&str; N]) -> Result<String> {
    let said = Said::by(&mut airlens(arguments)?)?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    Ok(said.out)
}

#[test]
fn help() -> Result<()> {
    insta::assert_snapshot!("help", printed(["--help"])?);
    for verb in VERBS {
        insta::assert_snapshot!(format!("help_{verb}"), printed([verb, "--help"])?);
    }
    for verb in ["list", "check", "learn", "kinds"] {
        insta::assert_snapshot!(format!("help_devices_{verb}"), printed(["devices", verb, "--help"])?);
    }
    for verb in ["check", "show"] {
        insta::assert_snapshot!(format!("help_config_{verb}"), printed(["config", verb, "--help"])?);
    }
    for verb in ["export", "alertmanager"] {
        insta::assert_snapshot!(format!("help_alerts_{verb}"), printed(["alerts", verb, "--help"])?);
    }
    insta::assert_snapshot!("help_dashboard_export", printed(["dashboard", "export", "--help"])?);
    for verb in ["diff", "history", "show"] {
        insta::assert_snapshot!(format!("help_clients_{verb}"), printed(["clients", verb, "--help"])?);
    }
    Ok(())
}

#[test]
fn help_lists_every_verb_and_no_other() -> Result<()> {
    let help = printed(["--help"])?;
    let listed: Vec<_> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // What is further to the right goes on describing.
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty())
        .collect();
    assert_eq!(listed, [&VERBS[..], &["help"]].concat());
    Ok(())
}

#[test]
fn without_a_verb_help_is_an_error() -> Result<()> {
    let said = Said::by(&mut airlens([])?)?;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    ensure!(said.err.contains("Usage: airlens <COMMAND>"), "{}", said.err);
    let said = Said::by(&mut airlens(["analyse"])?)?;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    ensure!(
        said.err.contains("similar subcommand exists: 'analyze'"),
        "{}",
        said.err
    );
    Ok(())
}

#[test]
fn completions_name_every_verb_and_are_scripts() -> Result<()> {
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(["completions", shell])?;
        for verb in VERBS {
            ensure!(script.contains(verb), "{shell}: {verb}");
        }
        ensure!(script.contains("run-stem"), "{shell}");
        // -n: read, do not execute.
        match Command::new(shell).arg("-n").stdin(Stdio::piped()).spawn() {
            Ok(mut child) => {
                child.stdin.take().context("no stdin")?.write_all(script.as_bytes())?;
                ensure!(child.wait()?.success(), "{shell} does not take its script");
            }
            Err(_) if shell != "bash" => println!("{shell} is not installed: the syntax of its script is not checked"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[test]
fn manual_pages_hold_every_flag() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let said = Said::by(airlens(["man", "--dir"])?.arg(folder.path()))?;
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), "", ""));
    for verb in VERBS {
        let page = printed(["man", verb])?;
        ensure!(
            page.lines().any(|line| line.starts_with(".TH airlens")),
            "{verb}: no title\n{page}"
        );
        for flag in flags(&printed([verb, "--help"])?) {
            // A hyphen is to stay one in print.
            ensure!(page.contains(&flag.replace('-', "\\-")), "{verb}: {flag}\n{page}");
        }
        ensure!(folder.path().join(format!("airlens-{verb}.1")).exists(), "{verb}");
    }
    for entry in std::fs::read_dir(folder.path())? {
        let name = entry?.file_name();
        ensure!(
            !name.to_string_lossy().contains("-help"),
            "{name:?} says what another page does"
        );
    }
    ensure!(printed(["man"])?.contains("Exit status"), "no exit codes");
    Ok(())
}

fn flags(help: &str) -> Vec<&str> {
    help.split(|other: char| other.is_whitespace() || other == ',')
        .filter(|word| word.starts_with("--") && word.len() > 2)
        .collect()
}
