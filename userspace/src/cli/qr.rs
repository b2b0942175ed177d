//! `airlens qr`: the code by which phones join the run's network.

use std::{
    env,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    Exit,
    files::{RunFiles, read_json},
};
use crate::publish::{
    atomic::AtomicWriter,
    documents::InfoDocument,
    qr::{self, Background, JoinSecurity},
};

/// Show the QR code by which phones join the run's network
///
/// It holds the network's name and passphrase, from the run's info file. Without an option it is drawn for the terminal.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    files: RunFiles,
    /// Print the text that the code holds
    #[arg(long)]
    text: bool,
    /// Write a PNG picture; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    png: Option<PathBuf>,
    /// Write an SVG picture; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    svg: Option<PathBuf>,
    /// Draw with ASCII alone
    #[arg(long)]
    ascii: bool,
    /// Draw for dark letters on a light ground, where colours can't be used
    #[arg(long)]
    light: bool,
}

/// A run that has no network to join.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoNetwork {
    #[error("no run has written {}: start one with `airlens run`, or name its run_stem", .0.display())]
    NoRun(PathBuf),
    #[error("this run has no network of its own: it listens (mode listen); --mode ap, hostapd and fakeap have one")]
    Listens,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let text = join_text(&args.files.paths().info)?;
    if args.text {
        writeln!(out, "{text}")?;
        return Ok(Exit::Success);
    }
    if let Some(path) = &args.png {
        write_to(path, &qr::png(&text)?, out)?;
    }
    if let Some(path) = &args.svg {
        write_to(path, qr::svg(&text)?.as_bytes(), out)?;
    }
    if args.png.is_none() && args.svg.is_none() {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        let colours = io::stdout().is_terminal() && !set("NO_COLOR") && !dumb && !args.light;
        let background = if args.light {
            Background::Light
        } else {
            Background::Dark
        };
        let draw = if args.ascii { qr::ascii } else { qr::terminal };
        for line in draw(&text, background)?.lines() {
            if colours {
                // White on black whatever the terminal's own colours are: the code is right on a light one too. What
                // ASCII draws with would leave its ground to be seen.
                let line = if args.ascii { shaded(line) } else { line.to_owned() };
                writeln!(out, "\x1b[38;5;231;48;5;16m{line}\x1b[0m")?;
            } else {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(Exit::Success)
}

/// `##` as spaces on white.
fn shaded(line: &str) -> String {
    let mut shaded = String::new();
    let mut light = false;
    for letter in line.chars() {
        if light != (letter == '#') {
            light = !light;
            shaded.push_str(if light { "\x1b[7m" } else { "\x1b[27m" });
        }
        shaded.push(' ');
    }
    shaded
}

/// The text of the network that the info file names.
fn join_text(info: &Path) -> anyhow::Result<String> {
    let Some(document) = read_json(info)? else {
        anyhow::bail!(NoNetwork::NoRun(info.to_owned()));
    };
    let info: InfoDocument =
        serde_json::from_value(document).with_context(|| format!("{} is no info file of airlens", info.display()))?;
    let radio = &info.radio;
    if radio.ssid.is_empty() {
        anyhow::bail!(NoNetwork::Listens);
    }
    let security = JoinSecurity::of(&radio.passphrase, radio.frequency);
    Ok(qr::join_text(&radio.ssid, &radio.passphrase, security))
}

/// A picture with a passphrase is nobody else's.
fn write_to(path: &Path, octets: &[u8], out: &mut dyn Write) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Ok(out.write_all(octets)?);
    }
    Ok(AtomicWriter::default().write(path, octets)?)
}
