//! The command line: one file a verb, thin over the library.

mod air;
mod alerts;
mod analyze;
mod capture;
mod clients;
mod completions;
mod config;
mod dashboard;
mod demo;
mod devices;
mod doctor;
mod files;
mod flows;
mod health;
mod identity;
mod interfaces;
mod logging;
mod man;
mod mon;
mod output;
mod page;
mod qr;
mod restore;
mod run;
mod schema;
mod settings;
mod stats;
mod status;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::exit;
pub use crate::exit::Exit;
use crate::exit::ONE_SIGNAL;
pub(crate) use capture::CaptureUsage;
pub(crate) use clients::NoClient;
pub(crate) use identity::IdentityError;

/// See which Wi-Fi clients are there and what they can do, and count every frame, packet and flow
#[derive(Debug, Parser)]
#[command(name = "airlens", version, after_help = exit::HELP, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(Box<run::Args>),
    Demo(demo::Args),
    Analyze(analyze::Args),
    Capture(Box<capture::Args>),
    Status(status::Args),
    Health(health::Args),
    Mon(mon::Args),
    Qr(qr::Args),
    Clients(clients::Args),
    Devices(devices::Args),
    Stats(stats::Args),
    Air(air::Args),
    Flows(flows::Args),
    Doctor(doctor::Args),
    Interfaces(interfaces::Args),
    Restore(restore::Args),
    Config(config::Args),
    Dashboard(dashboard::Args),
    Alerts(alerts::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(Box<man::Args>),
}

/// The definition of the command line, for help, manual pages and completions.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            // Help that goes into a closed pipe is help enough.
            let _ = error.print();
            return exit.into();
        }
    };
    let out = &mut io::stdout().lock();
    let result = match &cli.verb {
        Verb::Run(args) => run::run(args, out),
        Verb::Demo(args) => demo::run(args, out),
        Verb::Status(args) => status::run(args, out),
        Verb::Health(args) => health::run(args, out),
        Verb::Mon(args) => mon::run(args, out),
        Verb::Qr(args) => qr::run(args, out),
        Verb::Clients(args) => clients::run(args, out),
        Verb::Air(args) => air::run(args, out),
        Verb::Flows(args) => flows::run(args, out),
        Verb::Stats(args) => stats::run(args, out),
        Verb::Analyze(args) => analyze::run(args, out, &mut io::stderr().lock()),
        Verb::Capture(args) => capture::run(args, &mut io::stderr().lock()),
        Verb::Devices(args) => devices::run(args, out, &mut io::stderr().lock()),
        Verb::Doctor(args) => doctor::run(args, out),
        Verb::Interfaces(args) => interfaces::run(args, out),
        Verb::Restore(args) => restore::run(args, out),
        Verb::Config(args) => config::run(args, out),
        Verb::Alerts(args) => alerts::run(args, out),
        Verb::Dashboard(args) => dashboard::run(args, out),
        Verb::Schema(args) => schema::run(args, out),
        Verb::Completions(args) => completions::run(args, out),
        Verb::Man(args) => man::run(args, out),
    };
    let result = result.and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    match result {
        Ok(exit) => exit.into(),
        // The reader has seen enough.
        Err(error) if is_broken_pipe(&error) => Exit::Success.into(),
        Err(error) => {
            let _ = writeln!(io::stderr(), "airlens: {}", message(&error));
            Exit::of(&error).into()
        }
    }
}

/// One JSON document, for a reader.
fn print_json(out: &mut dyn Write, document: &impl serde::Serialize) -> anyhow::Result<()> {
    crate::json::to_writer_pretty(&mut *out, document)?;
    Ok(writeln!(out)?)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| match cause.downcast_ref::<io::Error>() {
            Some(error) => Some(error.kind()),
            None => cause.downcast_ref::<serde_json::Error>()?.io_error_kind(),
        })
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}

/// An error and its causes in one line, without those that the line has told already.
fn message(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_consistent() {
        super::command().debug_assert();
    }

    #[test]
    fn a_cause_is_told_once() {
        let gone = || std::io::Error::other("it is gone");
        let error = anyhow::Error::new(gone()).context("can't read x: it is gone; try y");
        assert_eq!(super::message(&error), "can't read x: it is gone; try y");
        let error = anyhow::Error::new(gone()).context("can't read x");
        assert_eq!(super::message(&error), "can't read x: it is gone");
    }
}
