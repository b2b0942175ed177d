//! `airlens config`: what a run would be set to, and what is wrong with a configuration.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::bail;
use clap::Subcommand;
use comfy_table::{Table, presets::NOTHING};
use serde_json::{Value, json};

use super::{Exit, print_json, settings::SettingArgs};
use crate::config::{Layer, Origin, Setting, Settings};

/// Check a configuration, or show what is set and where
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(CheckArgs),
    Show(Box<ShowArgs>),
}

/// Say what is wrong with a configuration file and the AIRLENS_… variables, each with its place
#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// TOML, or wlanpi-profiler's config.ini
    #[arg(env = "AIRLENS_CONFIG")]
    file: Option<PathBuf>,
}

/// Show every setting that a run with these flags would have
#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    settings: SettingArgs,
    /// Show where each value is from
    #[arg(long)]
    origin: bool,
    /// Show the passphrase
    #[arg(long)]
    secrets: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Check(args) => check(args, out),
        Verb::Show(args) => show(args, out),
    }
}

fn check(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let environment = super::settings::environment();
    let settings = Settings::read(args.file.as_deref(), environment, Layer::default());
    let what = match &args.file {
        Some(file) => file.display().to_string(),
        None => "the environment".to_owned(),
    };
    match settings.check() {
        Ok((_, warnings)) => {
            let stderr = &mut io::stderr().lock();
            for warning in &warnings {
                writeln!(stderr, "warning: {warning}")?;
            }
            writeln!(out, "{what}: ok")?;
            Ok(Exit::Success)
        }
        Err(problems) => {
            let stderr = &mut io::stderr().lock();
            for problem in &problems.0 {
                writeln!(stderr, "{problem}")?;
            }
            Ok(Exit::Usage)
        }
    }
}

fn show(args: &ShowArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let settings = args.settings.read();
    let in_force = settings.in_force();
    let warnings = match settings.check() {
        Ok((_, warnings)) => warnings,
        Err(problems) => bail!(problems),
    };
    if args.json {
        let settings: Vec<_> = in_force.iter().map(|setting| document(setting, args.secrets)).collect();
        let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        let document = json!({ "schema_version": "1.0", "settings": settings, "warnings": warnings });
        print_json(out, &document)?;
    } else {
        for warning in &warnings {
            writeln!(io::stderr(), "warning: {warning}")?;
        }
        writeln!(out, "{}", table(&in_force, args).trim_fmt())?;
    }
    Ok(Exit::Success)
}

fn is_hidden(setting: &Setting, secrets: bool) -> bool {
    setting.key.is_secret() && !secrets
}

fn document(setting: &Setting, secrets: bool) -> Value {
    let hidden = is_hidden(setting, secrets);
    let value = if hidden { &Value::Null } else { &setting.value };
    let origin = match &setting.origin {
        Origin::Default => json!({ "kind": "default" }),
        Origin::File(place) => {
            json!({ "kind": "file", "path": place.path, "line": place.line, "column": place.column })
        }
        Origin::Environment(name) => json!({ "kind": "environment", "name": name }),
        Origin::Flag => json!({ "kind": "flag" }),
    };
    json!({ "key": setting.key.name, "value": value, "hidden": hidden, "origin": origin })
}

fn table(settings: &[Setting], args: &ShowArgs) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    // Values come last: some are long.
    let columns = |setting, origin, value| match args.origin {
        true => vec![setting, origin, value],
        false => vec![setting, value],
    };
    table.set_header(columns("SETTING".to_owned(), "FROM".to_owned(), "VALUE".to_owned()));
    for setting in settings {
        let value = if is_hidden(setting, args.secrets) {
            "(hidden: --secrets shows it)".to_owned()
        } else {
            text(setting)
        };
        let origin = match &setting.origin {
            Origin::Default => "default".to_owned(),
            Origin::File(place) => format!("{}:{}", place.path.display(), place.line),
            Origin::Environment(name) => name.clone(),
            Origin::Flag => "flag".to_owned(),
        };
        table.add_row(columns(setting.key.name.to_owned(), origin, value));
    }
    table
}

fn text(setting: &Setting) -> String {
    match &setting.value {
        Value::Null => format!("({})", setting.key.unset),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<_> = values.iter().map(|value| value.as_str().unwrap_or_default()).collect();
            texts.join(",")
        }
        value => value.to_string(),
    }
}
