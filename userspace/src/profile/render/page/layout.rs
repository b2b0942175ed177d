//! Laying a page out in columns of a terminal.

use unicode_width::UnicodeWidthStr as _;

use super::sheet::{Block, Cell, Tone};

/// The narrowest page: what has no room is for who draws it to cut.
const LEAST: usize = 60;

/// Columns of a label and its indent.
const LABEL: usize = 24;

/// Columns of a row's label; of a radio.
const ROW: (usize, usize) = (30, 10);

/// Beside the marks.
const LEGEND: &str =
    "A client tells what it can do with the network that it asks to join: with another it may tell more.";

/// Marks of [`Cell::mark`], in ASCII.
const MARKS: [(&str, &str); 3] = [("✓", "yes"), ("✗", "no"), ("·", "-")];

impl Tone {
    /// Select Graphic Rendition (ECMA-48 8.3.117).
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Good => Some("32"),
            Self::Faint => Some("2"),
            Self::Warning => Some("33"),
        }
    }
}

/// A line of a page: pieces of text from its left edge, each with how it is meant.
pub type PageLine = Vec<(String, Tone)>;

/// The blocks as lines.
pub(super) fn lay_out(blocks: &[Block], width: usize, ascii: bool) -> Vec<PageLine> {
    let mut layout = Layout {
        lines: Vec::new(),
        width: width.max(LEAST),
        ascii,
    };
    for block in blocks {
        layout.block(block);
    }
    layout.lines
}

/// Lines as text, with colours or without.
pub(super) fn text(lines: &[PageLine], colour: bool) -> String {
    let mut text = String::new();
    for line in lines {
        for (piece, tone) in line {
            match tone.code().filter(|_| colour && !piece.trim().is_empty()) {
                Some(code) => text.push_str(&format!("\x1b[{code}m{piece}\x1b[0m")),
                None => text.push_str(piece),
            }
        }
        text.push('\n');
    }
    text
}

struct Layout {
    lines: Vec<PageLine>,
    width: usize,
    ascii: bool,
}

impl Layout {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Ends { left, right } => self.ends(left, right),
            Block::Heading { name } => {
                self.lines.push(Vec::new());
                self.line(&[(name, Tone::Strong, 0)]);
            }
            Block::Paragraph { text, indent, tone } => self.paragraph(text, *indent, *tone),
            Block::Pair { label, value, meaning } => self.pair(label, value, meaning),
            Block::Columns { label, names } => {
                self.lines.push(Vec::new());
                let names: Vec<_> = names.iter().map(|name| Cell::new(name, Tone::Strong)).collect();
                self.row(&Cell::new(label, Tone::Strong), &names, "");
            }
            Block::Row { label, cells, meaning } => self.row(label, cells, meaning),
            Block::Legend => self.legend(),
            Block::Table { headers, rows } => self.table(headers, rows),
        }
    }

    /// One line of cells, each followed by as many spaces as its column is wide.
    fn line(&mut self, cells: &[(&str, Tone, usize)]) {
        let mut line = PageLine::new();
        for &(text, tone, width) in cells {
            let text = self.letters(text);
            let space = width.saturating_sub(text.width());
            line.push((text, tone));
            line.push((" ".repeat(space), Tone::Plain));
        }
        while line.last().is_some_and(|(text, _)| text.trim().is_empty()) {
            line.pop();
        }
        line.retain(|(text, _)| !text.is_empty());
        self.lines.push(line);
    }

    /// The text in letters that the terminal has.
    fn letters(&self, text: &str) -> String {
        if !self.ascii {
            return text.to_owned();
        }
        let mark = MARKS.iter().find(|(mark, _)| *mark == text);
        if let Some((_, word)) = mark {
            return (*word).to_owned();
        }
        let mut ascii = String::new();
        for letter in text.chars() {
            match letter {
                '×' => ascii.push('x'),
                '·' | '–' | '−' => ascii.push('-'),
                '→' => ascii.push_str("->"),
                '“' | '”' => ascii.push('"'),
                'µ' => ascii.push('u'),
                letter if letter.is_ascii() => ascii.push(letter),
                _ => ascii.push('?'),
            }
        }
        ascii
    }

    /// A line whose second part stands at the right edge, or below where it has no room.
    fn ends(&mut self, left: &str, right: &str) {
        let right_width = right.width();
        let lines = self.wrapped(left, self.width, self.width);
        let Some((last, before)) = lines.split_last() else {
            return;
        };
        for line in before {
            self.line(&[(line, Tone::Strong, 0)]);
        }
        if last.width() + 2 + right_width <= self.width {
            let gap = self.width - right_width;
            self.line(&[(last, Tone::Strong, gap), (right, Tone::Strong, 0)]);
        } else {
            self.line(&[(last, Tone::Strong, 0)]);
            self.line(&[(right, Tone::Strong, 0)]);
        }
    }

    /// Text, in as many lines as it takes.
    fn paragraph(&mut self, text: &str, indent: usize, tone: Tone) {
        let width = self.width - indent;
        for line in self.wrapped(text, width, width) {
            self.line(&[("", Tone::Plain, indent), (&line, tone, 0)]);
        }
    }

    /// A label, a value, and what it means.
    fn pair(&mut self, label: &str, value: &Cell, meaning: &str) {
        let (value_text, width) = (self.letters(&value.text), self.width - LABEL);
        let mut first = ("  ".to_owned() + label, LABEL);
        if first.0.width() >= LABEL {
            self.line(&[(&first.0, Tone::Plain, 0)]);
            first.0.clear();
        }
        let one_line = value_text.width() + 2 + meaning.width() <= width && !value_text.is_empty();
        if one_line {
            let gap = if meaning.is_empty() {
                0
            } else {
                value_text.width().max(3) + 2
            };
            return self.line(&[
                (&first.0, Tone::Plain, LABEL),
                (&value.text, value.tone, gap),
                (meaning, Tone::Faint, 0),
            ]);
        }
        for (text, tone) in [(value.text.as_str(), value.tone), (meaning, Tone::Faint)] {
            for line in self.wrapped(text, width, width) {
                self.line(&[(&first.0, Tone::Plain, LABEL), (&line, tone, 0)]);
                first.0.clear();
            }
        }
    }

    /// A label, a cell for each radio, and what it means.
    fn row(&mut self, label: &Cell, cells: &[Cell], meaning: &str) {
        let (label_width, column) = ROW;
        let mut line = vec![(label.text.as_str(), label.tone, label_width)];
        line.extend(cells.iter().map(|cell| (cell.text.as_str(), cell.tone, column)));
        let wide = |text: &str, least: usize| self.letters(text).width().max(least);
        let cells_width: usize = cells.iter().map(|cell| wide(&cell.text, column)).sum();
        let before = wide(&label.text, label_width) + cells_width;
        // What has no room is left out: it explains, it does not tell.
        if before + meaning.width() <= self.width {
            line.push((meaning, Tone::Faint, 0));
        }
        self.line(&line);
    }

    /// Rows below their headers, columns as wide as what they hold; two columns of indent.
    fn table(&mut self, headers: &[String], rows: &[Vec<Cell>]) {
        let mut widths: Vec<_> = headers.iter().map(|header| header.width()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(self.letters(&cell.text).width());
            }
        }
        let head: Vec<_> = headers.iter().map(|header| Cell::new(header, Tone::Faint)).collect();
        for row in std::iter::once(&head).chain(rows) {
            let mut line = vec![("", Tone::Plain, 2)];
            let cells = row.iter().zip(&widths);
            line.extend(cells.map(|(cell, width)| (cell.text.as_str(), cell.tone, width + 2)));
            self.line(&line);
        }
    }

    fn legend(&mut self) {
        let [yes, no, unknown] = [Some(true), Some(false), None].map(|report| self.letters(&Cell::mark(report).text));
        let text = format!("{yes} yes  {no} no  {unknown} not reported. {LEGEND}");
        self.lines.push(Vec::new());
        self.paragraph(&text, 0, Tone::Faint);
    }

    fn wrapped(&self, text: &str, first: usize, rest: usize) -> Vec<String> {
        wrap(&self.letters(text), first, rest)
    }
}

/// Lines of at most `first` and then `rest` columns, broken at spaces, and within words that are longer.
fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        let mut word = word.to_owned();
        loop {
            let room = if lines.is_empty() { first } else { rest };
            let gap = usize::from(!line.is_empty());
            if line.width() + gap + word.width() <= room {
                if gap > 0 {
                    line.push(' ');
                }
                line.push_str(&word);
                break;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let end = head(&word, room);
            let tail = word.split_off(end);
            lines.push(word);
            word = tail;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Octets of as much of a word as fits, of one letter at least; behind a comma where there is one in the last half.
fn head(word: &str, room: usize) -> usize {
    let (mut end, mut comma) = (0, None);
    for (at, letter) in word.char_indices() {
        let next = at + letter.len_utf8();
        if at > 0 && word[..next].width() > room {
            break;
        }
        end = next;
        if letter == ',' && at * 2 > room {
            comma = Some(next);
        }
    }
    match comma {
        Some(comma) if end < word.len() => comma,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn breaks_at_spaces_then_commas_then_anywhere() {
        assert_eq!(wrap("one two three", 7, 5), ["one two", "three"]);
        assert_eq!(wrap("0,1,50,45,127", 8, 8), ["0,1,50,", "45,127"]);
        assert_eq!(wrap("abcdefgh ij", 3, 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("漢字漢字", 5, 5), ["漢字", "漢字"]);
        assert_eq!(wrap("", 5, 5), [""; 0]);
    }

    #[test]
    fn colours_take_no_room() {
        let row = Block::Row {
            label: Cell::plain("a"),
            cells: vec![Cell::mark(Some(true))],
            meaning: "b".to_owned(),
        };
        let (label, cell) = (" ".repeat(29), " ".repeat(9));
        let expected = format!("a{label}\x1b[32m✓\x1b[0m{cell}\x1b[2mb\x1b[0m\n");
        assert_eq!(text(&lay_out(&[row], 80, false), true), expected);
    }

    proptest! {
        #[test]
        fn no_line_is_wider(text in "[a-z ,漢é\u{1f680}]{0,200}", width in 2usize..60) {
            let lines = wrap(&text, width, width);
            prop_assert!(lines.iter().all(|line| line.width() <= width));
            let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
