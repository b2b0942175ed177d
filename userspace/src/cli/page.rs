//! Pages of clients at a terminal.

use std::{
    env,
    io::{self, IsTerminal as _, Write},
};

use comfy_table::Table;

use crate::{
    dot11::Address,
    profile::{Client, Difference, PageStyle, changes, client_page, history_line},
};

/// Columns beyond which a page gets no wider: long lines are hard to read.
const WIDEST: u16 = 110;

/// How pages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub(super) struct Look {
    /// Draw pages in ASCII letters alone
    #[arg(long)]
    ascii: bool,
}

impl Look {
    /// For standard output: colours at a terminal, unless `NO_COLOR` (no-color.org) or a terminal that has none.
    fn style(self) -> PageStyle {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = io::stdout().is_terminal();
        let width = terminal.then(|| Table::new().width()).flatten().unwrap_or_default();
        PageStyle {
            width: width.min(WIDEST).into(),
            colour: terminal && !set("NO_COLOR") && !dumb,
            ascii: self.ascii,
        }
    }

    /// Prints the page of each client, given with others of its kind and how it changed, with a line between two.
    pub(super) fn print<'a>(
        self,
        clients: impl IntoIterator<Item = (&'a Client, Vec<Address>, Vec<Difference>)>,
        file: &dyn Fn(usize) -> String,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let style = self.style();
        for (index, (client, alike, differences)) in clients.into_iter().enumerate() {
            if index > 0 {
                let dash = if self.ascii { "-" } else { "─" };
                writeln!(out, "\n{}\n", dash.repeat(style.width.max(80)))?;
            }
            out.write_all(client_page(client, file, &alike, &differences, style).as_bytes())?;
        }
        Ok(())
    }
}

/// How the profiles of a client on the same band differ.
pub(super) fn differences(client: &Client) -> Vec<Difference> {
    client
        .successions()
        .filter_map(|(from, to)| {
            let (before, after) = (client.profiles.get(from)?, client.profiles.get(to)?);
            let when = |ns: Option<u64>| {
                let time = ns.and_then(|ns| jiff::Timestamp::from_nanosecond(ns.into()).ok());
                time.map_or_else(
                    || "?".to_owned(),
                    |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                )
            };
            let band = after.profile.band.name().unwrap_or("unknown band");
            Some(Difference {
                between: format!("{band}, {} → {}", when(before.first_seen), when(after.first_seen)),
                changes: changes(&history_line(&before.profile), &history_line(&after.profile)),
            })
        })
        .collect()
}
