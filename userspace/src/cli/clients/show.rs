//! `airlens clients show`: the page of a client, from the frames that its files keep.

use std::{io::Write, path::Path};

use serde_json::Value;

use super::{Exit, NoClient, files, history::Entry, same_kind};
use crate::{
    cli::{page::Look, print_json},
    dot11::Address,
    profile::{Difference, changes, client_record},
    publish::{
        atomic::AtomicWriter,
        recall::{self, last_pairs},
        tree::ClientTree,
    },
};

/// Show the page of a client: what it can do on every band, and what changed last
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the client
    #[arg(value_name = "MAC")]
    client: Address,
    #[command(flatten)]
    look: Look,
}

pub(super) fn run(args: &Args, files_path: &Path, as_json: bool, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let tree = ClientTree::new(files_path, AtomicWriter::default());
    let found = recall::client(&tree, args.client)?;
    let Some(recalled) = found else {
        let which = format!("no client {}", args.client);
        anyhow::bail!(NoClient::Profile(which, files_path.to_owned()));
    };
    let file = |input: usize| recalled.name(input);
    if as_json {
        print_json(out, &client_record(&recalled.client, &file))?;
        return Ok(Exit::Success);
    }
    let lines = recall::lines(&tree, args.client)?;
    let own: Vec<_> = recalled
        .captures
        .iter()
        .map(|path| path.with_extension("json"))
        .collect();
    let own: Vec<_> = own.into_iter().filter(|path| path.is_file()).collect();
    let alike = same_kind(&own, &files(&files_path.join("clients"))?)?;
    let alike = alike.iter().filter_map(|address| address.parse().ok()).collect();
    args.look
        .print([(&recalled.client, alike, last_changes(&lines))], &file, out)?;
    Ok(Exit::Success)
}

/// On each band, what the last profile says otherwise than the one before.
fn last_changes(lines: &[Value]) -> Vec<Difference> {
    let entries: Vec<_> = Entry::all(lines).collect();
    let differences = last_pairs(lines).into_iter().map(|(before, after)| {
        let (before, after) = (entries[before], entries[after]);
        Difference {
            between: format!("{}, {} → {}", after.band_name(), before.when(), after.when()),
            changes: changes(before.line, after.line),
        }
    });
    differences.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_two_of_each_band() {
        let line = |band: &str, power: u8| json!({ "band": band, "time": null, "features": { "max_power": power } });
        let lines = [line("5", 1), line("2", 7), line("5", 2), line("5", 3)];
        let found = last_changes(&lines);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].between, "5GHz, ? → ?");
        assert_eq!(
            (&found[0].changes[0].before, &found[0].changes[0].after),
            (&json!(2), &json!(3))
        );
        assert!(last_changes(&[]).is_empty());
    }
}
