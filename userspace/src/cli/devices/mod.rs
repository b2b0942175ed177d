//! `airlens devices`: which devices are known by their requests, and how to make one known.

mod check;
mod kinds;
mod learn;
mod list;

use std::io::Write;

use clap::Subcommand;

use super::{Exit, analyze, identity};

/// Tell devices by their requests: what is known, and how to add one
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Args),
    Check(check::Args),
    Learn(learn::Args),
    Kinds(kinds::Args),
}

pub(super) fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::List(args) => list::run(args, out),
        Verb::Check(args) => check::run(args, out),
        Verb::Learn(args) => learn::run(args, out, err),
        Verb::Kinds(args) => kinds::run(args, out, err),
    }
}
