//! `airlens completions`: a completion script for a shell, from the same definition as the help.

use std::io::Write;

use clap_complete::Shell;

use super::Exit;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell to complete in
    shell: Shell,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "airlens", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Success)
}
