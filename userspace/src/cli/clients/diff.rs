//! `airlens clients diff`: what changed between two profiles of a client.

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
};

use comfy_table::{Table, presets::NOTHING};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Exit, NoClient,
    history::{Entry, lines, plain},
};
use crate::{
    cli::{analyze::time, print_json},
    dot11::Address,
    profile::{Change, changes},
    publish::recall::difference,
};

/// Show what changed between two profiles of a client: on each band, the last two that differ
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the client
    #[arg(value_name = "MAC")]
    client: Address,
    /// The older profile, by its number in `airlens clients history`
    #[arg(long, value_name = "NUMBER", requires = "to")]
    from: Option<usize>,
    /// The newer one
    #[arg(long, value_name = "NUMBER", requires = "from")]
    to: Option<usize>,
    /// On each band, what changed since this time (`2026-11-21T08:30:00Z`), or since a day began (`2026-11-21`, UTC)
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "from")]
    since: Option<Timestamp>,
}

/// Two entries to compare.
type Pair<'a> = (Entry<'a>, Entry<'a>);

pub(super) fn run(args: &Args, files_path: &Path, as_json: bool, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let lines = lines(args.client, files_path)?;
    let pairs = args.pairs(&lines, files_path)?;
    if as_json {
        let differences: Vec<_> = pairs
            .iter()
            .map(|(before, after)| difference(&lines, (before.number - 1, after.number - 1)))
            .collect();
        let document = json!({ "mac": args.client.to_string(), "differences": differences });
        print_json(out, &document)?;
        return Ok(Exit::Success);
    }
    for (index, pair) in pairs.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        page(*pair, out)?;
    }
    Ok(Exit::Success)
}

impl Args {
    fn pairs<'a>(&self, lines: &'a [Value], files_path: &Path) -> Result<Vec<Pair<'a>>, NoClient> {
        if let (Some(from), Some(to)) = (self.from, self.to) {
            let find = |number| {
                Entry::all(lines)
                    .find(|entry| entry.number == number)
                    .ok_or(NoClient::Number {
                        client: self.client,
                        number,
                        last: lines.len(),
                    })
            };
            return Ok(vec![(find(from)?, find(to)?)]);
        }
        let bands: BTreeSet<_> = Entry::all(lines).map(Entry::band).collect();
        let pairs: Vec<_> = bands
            .into_iter()
            .filter_map(|band| self.pair(Entry::all(lines).filter(|entry| entry.band() == band)))
            .collect();
        if pairs.is_empty() {
            return Err(NoClient::Second(self.client, PathBuf::from(files_path)));
        }
        Ok(pairs)
    }

    /// The last two entries; or the last one and that which held at the time asked for, or else the first after it.
    fn pair<'a>(&self, mut band: impl DoubleEndedIterator<Item = Entry<'a>> + Clone) -> Option<Pair<'a>> {
        let all = band.clone();
        let last = band.next_back()?;
        let Some(since) = self.since else {
            return Some((band.next_back()?, last));
        };
        let first = band.next()?;
        let held = all.rev().find(|entry| entry.time().is_some_and(|time| time <= since));
        Some((held.unwrap_or(first), last))
    }
}

fn page((before, after): Pair<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let name = |entry: Entry<'_>| format!("{} of {} ({})", entry.number, entry.when(), entry.band_name());
    writeln!(out, "from {} to {}", name(before), name(after))?;
    let changes = changes(before.line, after.line);
    if changes.is_empty() {
        writeln!(out, "  nothing changed")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["KEY", "CAPABILITY", "BEFORE", "AFTER"]);
    for change in changes {
        let (before, after) = (value(&change, &change.before), value(&change, &change.after));
        table.add_row([
            change.key.escape_debug().to_string(),
            change.label.escape_debug().to_string(),
            before,
            after,
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(())
}

/// −1 is not a number of anything but of dBm.
fn value(change: &Change, value: &Value) -> String {
    if *value == -1 && !change.key.ends_with("_power") {
        return "not reported".to_owned();
    }
    plain(value)
}
