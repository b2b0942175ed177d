//! What the benches share: medians, and tables that go into a README as they are.

mod frames;
mod run;
mod usage;

use std::time::Duration;

pub use frames::{each_frame, merge, root};
pub use run::{Run, binary, ticks};
pub use usage::Usage;

/// The median, so that a run which something else disturbed does not count.
///
/// # Panics
///
/// Without a value.
#[must_use]
pub fn median(mut values: Vec<Duration>) -> Duration {
    assert!(!values.is_empty(), "a median of nothing");
    values.sort_unstable();
    values[values.len() / 2]
}

/// What to measure may be named on the command line: programs, `hooks`, `profiles`, `decode`, `analyze`, `flow-run`,
/// `flow-open`, `flow-live`, `flow-drain`, `flow-start`, `flow-files`, `latency`, `ap`, `sae`, `start`, `capture-programs`,
/// `capture-live`, `logs`, `scrape`, `program-stats`, `run-cpu`, `viewers`, `page`.
#[must_use]
pub fn wanted(name: &str) -> bool {
    // cargo adds --bench.
    let mut names = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .peekable();
    names.peek().is_none() || names.any(|wanted| wanted == name)
}

/// A Markdown table on stdout.
#[derive(Debug)]
pub struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table with these headings.
    #[must_use]
    pub fn new(headings: [&str; N]) -> Self {
        Self {
            rows: vec![headings.map(str::to_owned)],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// Prints it, if anything was measured: the first column to the left, numbers to the right.
    pub fn print(&self, title: &str) {
        if self.rows.len() == 1 {
            return;
        }
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        println!("\n{title}\n");
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<_> = (0..N)
                .map(|column| match column {
                    0 => format!("{:<1$}", row[column], width(column)),
                    _ => format!("{:>1$}", row[column], width(column)),
                })
                .collect();
            println!("| {} |", cells.join(" | "));
            if index == 0 {
                let lines: Vec<_> = (0..N)
                    .map(|column| match column {
                        0 => "-".repeat(width(column)),
                        _ => format!("{}:", "-".repeat(width(column).saturating_sub(1).max(1))),
                    })
                    .collect();
                println!("| {} |", lines.join(" | "));
            }
        }
    }
}
