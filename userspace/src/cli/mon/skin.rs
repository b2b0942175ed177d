//! How things look: with colours or without, in Unicode or in ASCII.

use std::{env, io};

use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// How things look. Colours are the terminal's own sixteen, so that they fit a dark and a light one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skin {
    pub(super) colour: bool,
    pub(super) ascii: bool,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// The name of what stands beside it.
    Label,
    /// Heads and titles.
    Head,
    Good,
    Warning,
    Bad,
    /// The line that is chosen.
    Chosen,
    Graph,
}

impl Skin {
    /// By the environment: `NO_COLOR` (no-color.org) and `TERM`.
    pub(super) fn of_environment(ascii: bool) -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self {
            colour: !set("NO_COLOR") && !dumb && io::IsTerminal::is_terminal(&io::stdout()),
            ascii,
        }
    }

    pub(super) fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let tint = |colour: Color| if self.colour { plain.fg(colour) } else { plain };
        match role {
            Role::Plain => plain,
            Role::Label if self.colour => plain.add_modifier(Modifier::DIM),
            Role::Label => plain,
            // A title stands on a border, which is dim.
            Role::Head => tint(Color::Cyan)
                .add_modifier(Modifier::BOLD)
                .remove_modifier(Modifier::DIM),
            Role::Good => tint(Color::Green),
            Role::Warning => tint(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Bad => tint(Color::Red).add_modifier(Modifier::BOLD),
            Role::Chosen => plain.add_modifier(Modifier::REVERSED),
            Role::Graph => tint(Color::Cyan),
        }
    }

    pub(super) fn border(self) -> border::Set<'static> {
        if self.ascii { ASCII_BORDER } else { border::ROUNDED }
    }

    /// Stands where a text was cut.
    pub(super) fn end(self) -> char {
        if self.ascii { '~' } else { '…' }
    }

    /// Levels of a graph, from nothing to a full cell.
    pub(super) fn levels(self) -> [char; 9] {
        if self.ascii {
            [' ', '.', '.', ':', ':', '|', '|', '#', '#']
        } else {
            [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        }
    }

    /// A word in Unicode, or its counterpart in ASCII.
    pub(super) fn either(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    /// A name from the air: tame, and in ASCII where the terminal can do no other.
    pub(super) fn name(self, name: &str) -> String {
        let safe = super::text::safe(name);
        if self.ascii && !safe.is_ascii() {
            let shown = |letter: char| if letter.is_ascii() { letter } else { '?' };
            safe.chars().map(shown).collect()
        } else {
            safe
        }
    }
}
