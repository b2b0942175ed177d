//! `airlens dashboard`: the dashboard for Grafana.

use std::{io::Write, path::PathBuf};

use super::{Exit, output::print_or_write};
use crate::publish::{
    dashboard::{OverviewOptions, overview},
    metrics::DEFAULT_NAMESPACE,
};

/// Print the dashboard for Grafana
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Export(ExportArgs),
}

/// Print the dashboard, to be imported into Grafana or provisioned
#[derive(Debug, clap::Args)]
struct ExportArgs {
    /// Write it to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The Prometheus data source that is chosen at first [default: Grafana's default]
    #[arg(long, value_name = "UID")]
    datasource_uid: Option<String>,
    /// What metric names start with: --metrics-namespace of the run
    #[arg(long, value_name = "NAME", default_value = DEFAULT_NAMESPACE, value_parser = super::output::namespace)]
    namespace: String,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let Verb::Export(export) = &args.verb;
    let dashboard = overview(OverviewOptions {
        namespace: &export.namespace,
        datasource: export.datasource_uid.as_deref(),
    });
    print_or_write(&dashboard.text(), export.output.as_deref(), out)?;
    Ok(Exit::Success)
}
