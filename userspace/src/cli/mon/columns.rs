//! Tables that fit: columns give way by rank, then share what room there is.

use super::text::{fit, fit_middle, width};

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) head: &'static str,
    /// What it needs to be of use.
    pub(super) least: usize,
    /// To the right.
    pub(super) right: bool,
    /// What has no room is cut out of the middle.
    pub(super) middle: bool,
    /// The highest is given up first; 0 never.
    pub(super) rank: u8,
}

/// A column of text.
pub(super) const fn left(head: &'static str, least: usize, rank: u8) -> Column {
    Column {
        head,
        least,
        right: false,
        middle: false,
        rank,
    }
}

/// A column of addresses with ports.
pub(super) const fn ends(head: &'static str, least: usize, rank: u8) -> Column {
    Column {
        middle: true,
        ..left(head, least, rank)
    }
}

/// A column of numbers.
pub(super) const fn right(head: &'static str, least: usize, rank: u8) -> Column {
    Column {
        head,
        least,
        right: true,
        middle: false,
        rank,
    }
}

/// Widths of the columns; 0 is left out.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    columns: &'a [Column],
    widths: Vec<usize>,
    end: char,
}

impl<'a> Layout<'a> {
    /// For these rows of safe texts in so many columns of a terminal; `end` stands where a text is cut.
    pub(super) fn new(columns: &'a [Column], rows: &[Vec<String>], room: usize, end: char) -> Self {
        let needed: Vec<_> = (0..columns.len())
            .map(|index| {
                let cells = rows.iter().filter_map(|row| row.get(index));
                let widest = cells.map(|cell| width(cell)).max().unwrap_or(0);
                widest.max(width(columns[index].head))
            })
            .collect();
        let mut widths: Vec<_> = columns
            .iter()
            .zip(&needed)
            .map(|(column, needed)| column.least.min(*needed))
            .collect();
        let total = |widths: &[usize]| {
            let shown = widths.iter().filter(|width| **width > 0).count();
            widths.iter().sum::<usize>() + shown.saturating_sub(1) * 2
        };
        while total(&widths) > room {
            let shown = (0..columns.len()).filter(|index| widths[*index] > 0 && columns[*index].rank > 0);
            let Some(last) = shown.max_by_key(|index| columns[*index].rank) else {
                break;
            };
            widths[last] = 0;
        }
        let mut spare = room.saturating_sub(total(&widths));
        for (width, needed) in widths.iter_mut().zip(&needed).filter(|(width, _)| **width > 0) {
            let more = needed.saturating_sub(*width).min(spare);
            *width += more;
            spare -= more;
        }
        Self { columns, widths, end }
    }

    pub(super) fn head(&self) -> String {
        let heads: Vec<_> = self.columns.iter().map(|column| column.head.to_owned()).collect();
        self.line(&heads)
    }

    pub(super) fn line(&self, cells: &[String]) -> String {
        let mut line = String::new();
        let shown = self.columns.iter().zip(&self.widths).zip(cells);
        for (index, ((column, room), cell)) in shown.filter(|((_, room), _)| **room > 0).enumerate() {
            if index > 0 {
                line.push_str("  ");
            }
            let cut = if column.middle { fit_middle } else { fit };
            let cell = cut(cell, *room, self.end);
            let space = " ".repeat(room.saturating_sub(width(&cell)));
            let parts = if column.right { [space, cell] } else { [cell, space] };
            line.extend(parts);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_least_gives_way() {
        let columns = [left("NAME", 6, 0), right("COUNT", 5, 2), left("NOTE", 4, 1)];
        let rows = [vec!["a long name".to_owned(), "12".to_owned(), "漢字漢字".to_owned()]];
        let lines = |room| {
            let layout = Layout::new(&columns, &rows, room, '…');
            [layout.head(), layout.line(&rows[0])]
        };
        assert_eq!(lines(40), ["NAME         COUNT  NOTE", "a long name     12  漢字漢字"]);
        assert_eq!(lines(20), ["NAME     COUNT  NOTE", "a long…     12  漢…"]);
        assert_eq!(lines(14), ["NAME      NOTE", "a long …  漢…"]);
        assert_eq!(lines(5), ["NAME", "a lon…"]);
    }
}
