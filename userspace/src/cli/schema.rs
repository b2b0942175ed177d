//! `airlens schema`: the JSON Schemas of the documents that airlens writes.

use std::io::Write;

use clap::builder::PossibleValuesParser;
use comfy_table::{Table, presets::NOTHING};

use super::{Exit, print_json};
use crate::publish::schema::{SCHEMAS, find};

/// List the documents that airlens writes, or print the JSON Schema of one, for any validator
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The document whose schema to print
    #[arg(value_parser = PossibleValuesParser::new(SCHEMAS.map(|schema| schema.name)))]
    name: Option<String>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if let Some(schema) = args.name.as_deref().and_then(find) {
        print_json(out, &schema.bundled())?;
        return Ok(Exit::Success);
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["NAME", "DOCUMENT"]);
    for schema in SCHEMAS {
        table.add_row([schema.name.to_owned(), schema.title()]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(Exit::Success)
}
