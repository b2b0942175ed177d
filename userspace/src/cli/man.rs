//! `airlens man`: manual pages, from the same definition as the help.

use std::{io::Write, path::PathBuf};

use anyhow::Context as _;

use super::Exit;

/// Print the manual page, of airlens or of one command
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The command to describe
    #[arg(value_parser = find)]
    command: Option<clap::Command>,
    /// Write every page into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if let Some(dir) = &args.dir {
        std::fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
        clap_mangen::generate_to(whole(), dir).with_context(|| format!("can't write to {}", dir.display()))?;
        return Ok(Exit::Success);
    }
    let command = args.command.clone().unwrap_or_else(whole);
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    out.write_all(&page)?;
    Ok(Exit::Success)
}

fn whole() -> clap::Command {
    let mut command = without_help(super::command());
    command.build();
    command
}

/// `help` and what is below it would be a page for each command once more.
fn without_help(command: clap::Command) -> clap::Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}

fn find(name: &str) -> Result<clap::Command, &'static str> {
    whole()
        .find_subcommand(name)
        .cloned()
        .ok_or("there is no such command: `airlens help` lists them")
}
