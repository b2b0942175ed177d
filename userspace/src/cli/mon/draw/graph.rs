//! Graphs of the last looks, the newest to the right.

use ratatui::layout::Rect;

use super::Pen;
use crate::cli::mon::skin::Role;

/// Draws `values` into `area`, a column each, against the highest that is shown.
pub(super) fn draw<'a>(values: impl DoubleEndedIterator<Item = &'a f64>, area: Rect, pen: &mut Pen<'_>) {
    let shown: Vec<f64> = values.rev().take(area.width.into()).copied().collect();
    let highest = shown.iter().copied().fold(0.0, f64::max);
    if highest <= 0.0 {
        return;
    }
    let levels = pen.skin.levels();
    let style = pen.skin.style(Role::Graph);
    for (column, value) in shown.iter().enumerate() {
        let x = area.right() - 1 - column as u16;
        let eighths = (value / highest * f64::from(area.height) * 8.0).round() as u16;
        for row in 0..area.height {
            let level = eighths.saturating_sub(row * 8).min(8);
            if let Some(cell) = pen.buffer.cell_mut((x, area.bottom() - 1 - row)) {
                cell.set_char(levels[usize::from(level)]).set_style(style);
            }
        }
    }
}
