//! `airlens restore`: what runs left that were killed is undone.

use std::{io::Write, path::PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{Exit, print_json, run::runtime};
use crate::{
    config::DEFAULT_JOURNALS,
    publish::atomic::AtomicWriter,
    session::{
        SessionError,
        journal::{Journals, Outcome, Recovered, State, Undone},
    },
};

/// Give back the interfaces of runs that were killed; the next `airlens run` does so too
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    /// Folder of what is to be given back
    #[arg(long, value_name = "DIR", default_value = DEFAULT_JOURNALS, env = "AIRLENS_JOURNAL_PATH")]
    journal_path: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let journals = Journals::new(&args.journal_path, AtomicWriter::for_system());
    let found = runtime()?
        .block_on(journals.recover(args.dry_run))
        .context("can't give everything back")?;
    if args.json {
        print_json(out, &document(&found, args.dry_run))?;
    } else {
        print(&found, args.dry_run, out)?;
    }
    let mut outcomes = found.iter().flat_map(|found| &found.undone);
    if outcomes.any(|undone| matches!(undone.outcome, Outcome::Failed(_))) {
        return Ok(Exit::Failure);
    }
    match found.iter().find(|found| found.state == State::Running) {
        Some(found) => Err(SessionError::RadioInUse {
            phy: found.phy.clone(),
            pid: Some(found.pid),
        }
        .into()),
        None => Ok(Exit::Success),
    }
}

fn print(found: &[Recovered], dry_run: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if found.is_empty() {
        writeln!(out, "nothing to give back")?;
    }
    for Recovered {
        phy,
        pid,
        state,
        undone,
    } in found
    {
        let state = match state {
            State::Ended if dry_run => "is over; to undo:",
            State::Ended => "is over; undone:",
            State::Running => "goes on: nothing is undone",
            State::Elsewhere => {
                "was in another network namespace: run `airlens restore` there (`ip netns exec NAME …`)"
            }
            State::BeforeBoot => "was before the machine was started anew: nothing of it is left",
        };
        writeln!(out, "{phy}: the run of process {pid} {state}")?;
        for Undone { change, outcome } in undone {
            let outcome = match outcome {
                Outcome::Undone => String::new(),
                Outcome::AsBefore => "  (as before already)".to_owned(),
                Outcome::Gone => "  (gone)".to_owned(),
                Outcome::Left(why) => format!("  (left: {why})"),
                Outcome::Failed(error) => format!("  FAILED: {error}"),
                Outcome::Waits => "  (waits for what failed)".to_owned(),
            };
            writeln!(out, "  {change}{outcome}")?;
        }
    }
    Ok(())
}

fn document(found: &[Recovered], dry_run: bool) -> Value {
    let journals: Vec<_> = found
        .iter()
        .map(|found| {
            let state = match found.state {
                State::Ended => "ended",
                State::Running => "running",
                State::Elsewhere => "elsewhere",
                State::BeforeBoot => "before_boot",
            };
            let entries: Vec<_> = found.undone.iter().map(entry).collect();
            json!({ "phy": found.phy, "pid": found.pid, "state": state, "entries": entries })
        })
        .collect();
    json!({ "schema_version": "1.0", "dry_run": dry_run, "journals": journals })
}

fn entry(undone: &Undone) -> Value {
    let (outcome, message) = match &undone.outcome {
        Outcome::Undone => ("undone", None),
        Outcome::AsBefore => ("as_before", None),
        Outcome::Gone => ("gone", None),
        Outcome::Left(why) => ("left", Some(why)),
        Outcome::Failed(error) => ("failed", Some(error)),
        Outcome::Waits => ("waits", None),
    };
    json!({ "change": undone.change, "outcome": outcome, "message": message })
}
