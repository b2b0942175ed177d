//! A client's page before it has a width: blocks that a terminal lays out in columns, and a browser in its own way.

use serde::{Deserialize, Serialize};

/// How a piece of text is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// As it stands.
    #[default]
    Plain,
    /// It stands out.
    Strong,
    /// Something that the client can do.
    Good,
    /// It explains, or nothing is known.
    Faint,
    /// Something is odd.
    Warning,
}

/// A piece of text. `✓`, `✗` and `·` alone are marks: yes, no, not reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What comes from the air is escaped.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
        }
    }

    /// A value that is plainly there.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Tone::Plain)
    }

    /// Yes, no, or not reported.
    pub(super) fn mark(report: Option<bool>) -> Self {
        match report {
            Some(true) => Self::new("✓", Tone::Good),
            Some(false) => Self::plain("✗"),
            None => Self::new("·", Tone::Faint),
        }
    }
}

/// A part of a page, from its top downwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    /// What the marks mean.
    Legend,
    /// The page's title: who, and the address.
    Ends {
        /// At the left edge.
        left: String,
        /// At the right edge.
        right: String,
    },
    /// A section begins.
    Heading {
        /// Its name.
        name: String,
    },
    /// Text.
    Paragraph {
        /// It.
        text: String,
        /// Columns of a terminal before it.
        #[serde(skip)]
        indent: usize,
        /// How it is meant.
        tone: Tone,
    },
    /// A value with its name.
    Pair {
        /// Its name; empty where it goes on with the pair before.
        label: String,
        /// It.
        value: Cell,
        /// What it means; may be empty.
        meaning: String,
    },
    /// A section of rows begins, with a column for each radio.
    Columns {
        /// Its name.
        label: String,
        /// The radios' names.
        names: Vec<String>,
    },
    /// A row of such a section.
    Row {
        /// What it tells; spaces before it say below what it belongs.
        label: Cell,
        /// One for each radio.
        cells: Vec<Cell>,
        /// What it means; may be empty.
        meaning: String,
    },
    /// A table.
    Table {
        /// Its columns.
        headers: Vec<String>,
        /// Its rows.
        rows: Vec<Vec<Cell>>,
    },
}

/// The page so far.
#[derive(Debug, Default)]
pub(super) struct Sheet(Vec<Block>);

impl Sheet {
    pub(super) fn finish(self) -> Vec<Block> {
        self.0
    }

    pub(super) fn legend(&mut self) {
        self.0.push(Block::Legend);
    }

    /// A line whose second part stands at the right edge, or below where it has no room.
    pub(super) fn ends(&mut self, left: impl Into<String>, right: impl Into<String>) {
        self.0.push(Block::Ends {
            left: left.into(),
            right: right.into(),
        });
    }

    /// A section's name.
    pub(super) fn heading(&mut self, name: impl Into<String>) {
        self.0.push(Block::Heading { name: name.into() });
    }

    /// Text, in as many lines as it takes.
    pub(super) fn paragraph(&mut self, text: impl Into<String>, indent: usize, tone: Tone) {
        self.0.push(Block::Paragraph {
            text: text.into(),
            indent,
            tone,
        });
    }

    /// A label, and a value in as many lines as it takes.
    pub(super) fn pair(&mut self, label: impl Into<String>, value: impl Into<String>) {
        self.pair_of(label, Cell::plain(value), "");
    }

    /// A label, a value, and what it means.
    pub(super) fn pair_of(&mut self, label: impl Into<String>, value: Cell, meaning: impl Into<String>) {
        self.0.push(Block::Pair {
            label: label.into(),
            value,
            meaning: meaning.into(),
        });
    }

    /// A section with a column for each radio.
    pub(super) fn columns(&mut self, label: &str, names: impl IntoIterator<Item = &'static str>) {
        self.0.push(Block::Columns {
            label: label.to_owned(),
            names: names.into_iter().map(str::to_owned).collect(),
        });
    }

    /// A label, a cell for each radio, and what it means.
    pub(super) fn row(&mut self, label: Cell, cells: Vec<Cell>, meaning: impl Into<String>) {
        self.0.push(Block::Row {
            label,
            cells,
            meaning: meaning.into(),
        });
    }

    /// Rows below their headers.
    pub(super) fn table(&mut self, headers: &[&str], rows: Vec<Vec<Cell>>) {
        self.0.push(Block::Table {
            headers: headers.iter().map(|&header| header.to_owned()).collect(),
            rows,
        });
    }
}
