//! The progress bar of `airlens analyze`, at a terminal and elsewhere.

use std::{
    fs::{self, File},
    io::Read as _,
    os::fd::{FromRawFd as _, OwnedFd},
    path::{Path, PathBuf},
    process::Stdio,
    ptr, thread,
};

use airlens_tests::support::cli::{FIXTURE, airlens};
use anyhow::{Result, ensure};
use tempfile::TempDir;

/// A terminal of 24 lines and 120 columns: our side and the program's.
fn terminal() -> Result<(File, OwnedFd)> {
    let (mut ours, mut theirs) = (-1, -1);
    let size = libc::winsize {
        ws_row: 24,
        ws_col: 120,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the numbers and the size outlive the call, and the other pointers may be null.
    let result = unsafe { libc::openpty(&mut ours, &mut theirs, ptr::null_mut(), ptr::null(), &size) };
    ensure!(result == 0, "no pseudo-terminal");
    // SAFETY: both were opened just now and nobody else has them.
    Ok(unsafe { (File::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) })
}

/// A capture of this many beacons, each of 200,000 octets with its radiotap header of 8.
fn capture(folder: &Path, beacons: usize) -> Result<PathBuf> {
    let mut octets: Vec<u8> = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 127]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    for _ in 0..beacons {
        octets.extend([1, 2, 200_000, 200_000_u32].iter().flat_map(|word| word.to_le_bytes()));
        let start = octets.len();
        octets.extend([0, 0, 8, 0, 0, 0, 0, 0, 0x80]);
        octets.resize(start + 200_000, 0);
    }
    let path = folder.join(format!("{beacons}.pcap"));
    fs::write(&path, octets)?;
    Ok(path)
}

/// A part of the large file's bar.
const BAR: &str = " of 38.15 MiB, ";

/// What the terminal shows when standard error goes to it, and standard output too where asked for.
fn shown(arguments: &[&str], files: &[&Path], output_too: bool) -> Result<String> {
    let (mut ours, theirs) = terminal()?;
    let mut command = airlens(["analyze"])?;
    command.args(arguments).args(files).env("TERM", "xterm");
    let output = if output_too {
        Stdio::from(theirs.try_clone()?)
    } else {
        Stdio::null()
    };
    let mut child = command.stdout(output).stderr(theirs).spawn()?;
    // With it goes our hold of the program's side.
    drop(command);
    let reader = thread::spawn(move || {
        let mut shown = Vec::new();
        // The end is an error where the other side was closed (EIO).
        let _ = ours.read_to_end(&mut shown);
        shown
    });
    child.wait()?;
    let shown = reader.join().unwrap_or_default();
    Ok(String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn a_bar_for_a_large_file_at_a_terminal() -> Result<()> {
    let folder = TempDir::new()?;
    let (large, small) = (capture(folder.path(), 200)?, capture(folder.path(), 1)?);
    let has_bar = |shown: &str| shown.contains(BAR);
    // A table and the document come at the end, so the bar is in nobody's way.
    for (form, output_too) in [
        (&[][..], true),
        (&["--json"], true),
        (&["--jsonl"], false),
        (&["--csv"], false),
    ] {
        let shown = shown(form, &[&large, Path::new(FIXTURE)], output_too)?;
        ensure!(has_bar(&shown) && shown.contains("200.pcap"), "{form:?}: {shown}");
        // It is gone at the end.
        let last = shown.rsplit(BAR).next().unwrap_or_default();
        ensure!(last.contains("\x1b[2K"), "{form:?}: {last:?}");
    }
    for (form, start) in [("--jsonl", "{"), ("--csv", "Client_Mac")] {
        let shown = shown(&[form], &[&large, Path::new(FIXTURE)], true)?;
        ensure!(!has_bar(&shown) && shown.starts_with(start), "{shown}");
    }
    let few = shown(&[], &[&small], true)?;
    assert_eq!(
        few,
        "airlens: no client found: the file holds no association request\r\n"
    );
    Ok(())
}
