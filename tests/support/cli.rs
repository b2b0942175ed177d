//! The `airlens` binary under test: where it is, how it is started, what it said.

use std::{
    env,
    fs::{self, File},
    os::{fd::AsRawFd as _, unix::process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// How long a verb that ends by itself may take, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nobody's user and group.
const NOBODY: u32 = 65_534;

/// The binary beside this test's, of the same profile.
///
/// # Errors
///
/// It is not there, or older than its sources: the message names the command that builds it.
pub fn binary() -> Result<PathBuf> {
    let test = env::current_exe()?;
    let profile = test.ancestors().nth(2).context("a test is in target/PROFILE/deps")?;
    let binary = profile.join("airlens");
    let build = "build it with `cargo build --package airlens`, or run the tests of the whole workspace";
    ensure!(binary.exists(), "{} is not there: {build}", binary.display());
    let built = fs::metadata(&binary)?.modified()?;
    // Cargo writes this list for a binary that was asked for, not for one that it builds for tests; those build it anew.
    let sources = fs::read_to_string(binary.with_extension("d")).unwrap_or_default();
    for source in sources
        .lines()
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(_, all)| all.split(' '))
    {
        let changed = fs::metadata(source).and_then(|source| source.modified());
        ensure!(
            changed.is_ok_and(|changed| changed <= built) || !Path::new(source).exists(),
            "{source} is newer than {}: {build}",
            binary.display()
        );
    }
    Ok(binary)
}

/// The binary with these arguments, and with nothing in its environment that changes what it says.
///
/// # Errors
///
/// As [`binary`].
pub fn airlens<const N: usize>(arguments: [&str; N]) -> Result<Command> {
    let mut command = Command::new(binary()?);
    plain(&mut command).args(arguments);
    Ok(command)
}

/// The same as a user without any privilege, for whom neither the binary's folder nor ours need be open.
///
/// # Errors
///
/// As [`binary`].
pub fn airlens_as_nobody<const N: usize>(arguments: [&str; N]) -> Result<(Command, File)> {
    // Reached through the descriptor, whatever the folders above allow.
    let file = File::open(binary()?)?;
    let mut command = Command::new(format!("/proc/self/fd/{}", file.as_raw_fd()));
    plain(&mut command)
        .arg0("airlens")
        .args(arguments)
        .uid(NOBODY)
        .gid(NOBODY)
        .current_dir("/");
    Ok((command, file))
}

fn plain(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("AIRLENS_") {
            command.env_remove(name);
        }
    }
    // A panic is to show itself at full length.
    command
        .env("RUST_BACKTRACE", "1")
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
}

/// What a command said, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Runs the command to its end.
    ///
    /// # Errors
    ///
    /// It can't be started, takes longer than a minute, says what is no UTF-8, or panics.
    pub fn by(command: &mut Command) -> Result<Self> {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let pid = child.id().cast_signed();
        let (ended, end) = channel::<()>();
        let watchdog = thread::spawn(move || {
            let late = end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
            if late {
                // SAFETY: our own child, which nobody has waited for while the channel is open.
                unsafe { libc::kill(pid, libc::SIGKILL) };
            }
            late
        });
        let output = child.wait_with_output()?;
        drop(ended);
        ensure!(!watchdog.join().unwrap_or(true), "{command:?} did not end");
        let said = Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout)?,
            err: String::from_utf8(output.stderr)?,
        };
        said.check()?;
        Ok(said)
    }

    fn check(&self) -> Result<()> {
        for sign in ["panicked at", "stack backtrace"] {
            ensure!(!self.err.contains(sign), "{}", self.err);
        }
        Ok(())
    }

    /// The standard output as a JSON document.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.out).with_context(|| format!("no JSON document: {self:?}"))
    }

    /// Fails unless the command ended with this code, in one line on standard error that holds all of `words`.
    ///
    /// # Errors
    ///
    /// It did not.
    pub fn refuses(&self, code: i32, words: &[&str]) -> Result<()> {
        ensure!(self.code == Some(code), "expected exit code {code}: {self:?}");
        ensure!(self.out.is_empty(), "something on standard output: {self:?}");
        ensure!(self.err.lines().count() == 1, "not one line: {self:?}");
        for word in words {
            ensure!(self.err.contains(word), "no {word:?}: {}", self.err);
        }
        Ok(())
    }
}

/// The project's own capture, as the command line takes it.
pub const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/hwsim.pcap");

/// The recorded matrix of stations.
pub const STATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stations.pcap");
