//! `airlens doctor`: what of this machine airlens can use, what not, and what to do.

mod checks;
mod wireless;

use std::io::{IsTerminal as _, Write};

use serde::Serialize;

use super::{Exit, print_json};

/// Check kernel, privileges and wireless: what works, what does not, what to do
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// Works.
    Ok,
    /// Some uses of airlens do not work.
    Warning,
    /// `airlens run` does not work.
    Failed,
}

/// One thing looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    /// What was found.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            verdict: Verdict::Ok,
            found: found.into(),
            advice: None,
        }
    }

    fn warning(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            advice: Some(advice.into()),
            ..Self::ok(name, found)
        }
    }

    fn failed(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Failed,
            ..Self::warning(name, found, advice)
        }
    }
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let checks = checks::all();
    let failed = checks.iter().any(|check| check.verdict == Verdict::Failed);
    if args.json {
        print_json(out, &serde_json::json!({ "ready": !failed, "checks": checks }))?;
    } else {
        print(&checks, failed, out)?;
    }
    Ok(if failed { Exit::Failure } else { Exit::Success })
}

fn print(checks: &[Check], failed: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for check in checks {
        let (word, code) = match check.verdict {
            Verdict::Ok => ("ok     ", 32),
            Verdict::Warning => ("warning", 33),
            Verdict::Failed => ("FAILED ", 31),
        };
        if color {
            write!(out, "\x1b[{code}m{word}\x1b[0m")?;
        } else {
            write!(out, "{word}")?;
        }
        writeln!(out, "  {:<14} {}", check.name, check.found)?;
        if let Some(advice) = &check.advice {
            writeln!(out, "{:>26}{advice}", "→ ")?;
        }
    }
    let verdict = if failed {
        "airlens can't run here yet: mend what FAILED."
    } else {
        "airlens can run here."
    };
    writeln!(out, "\n{verdict}")
}
