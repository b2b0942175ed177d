//! How far a large file is read, for who waits at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A file of less octets is read before a bar could be looked at.
const LARGE: u64 = 8 << 20;

/// A bar on standard error, which hides itself where that is no terminal; always hidden for a file that is small or has no
/// end that is known.
pub(super) fn bar(name: &str, length: Option<u64>, wanted: bool) -> ProgressBar {
    let Some(length) = length.filter(|&length| wanted && length >= LARGE) else {
        return ProgressBar::hidden();
    };
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{prefix} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
    // Without a style of ours it has its own.
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_prefix(name.to_owned());
    bar
}
