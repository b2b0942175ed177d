//! What a person at a terminal looks at: `airlens mon`, `health`, `qr`. Needs root, tmux and zbarimg.

#[path = "mon/health.rs"]
mod health;
#[path = "mon/qr.rs"]
mod qr;
#[path = "mon/remote.rs"]
mod remote;
#[path = "mon/screen.rs"]
mod screen;
