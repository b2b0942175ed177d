//! tcpdump beside a program: another count of the same packets.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStderr, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens::lab::Namespace;
use anyhow::{Context as _, Result, ensure};
use tempfile::NamedTempFile;

use super::corpus::{LinkType, packets};

/// A tcpdump that captures.
#[derive(Debug)]
pub struct Tcpdump {
    child: Child,
    errors: BufReader<ChildStderr>,
    file: NamedTempFile,
}

impl Tcpdump {
    /// Starts one, and waits until it captures.
    ///
    /// # Errors
    ///
    /// tcpdump is not installed, or can't open the interface.
    pub fn start(namespace: &Namespace, interface: &str) -> Result<Self> {
        let file = NamedTempFile::new()?;
        let mut command = Command::new("tcpdump");
        command
            .args([
                "-i",
                interface,
                "-Z",
                "root",
                "--immediate-mode",
                "-U",
                "-s",
                "24576",
                "-B",
                "32768",
                "-w",
            ])
            .arg(file.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // A child begins in the namespace of the thread that makes it.
        let mut child = namespace
            .run(|| command.spawn())?
            .context("tcpdump: install it (apt-get install tcpdump)")?;
        let mut errors = BufReader::new(child.stderr.take().context("no stderr")?);
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            ensure!(
                errors.read_line(&mut line)? > 0,
                "tcpdump ended: can it open {interface}?"
            );
        }
        Ok(Self { child, errors, file })
    }

    /// Gives it up to 5 seconds to write `expected` packets, ends it, and gives what it captured.
    ///
    /// # Errors
    ///
    /// It lost packets itself, or wrote another link type.
    pub fn stop(mut self, link_type: LinkType, expected: usize) -> Result<Vec<Vec<u8>>> {
        let start = Instant::now();
        while packets(self.file.path(), link_type)?.len() < expected && start.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_millis(20));
        }
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(self.child.id().cast_signed(), libc::SIGINT) };
        let mut said = String::new();
        self.errors.read_to_string(&mut said)?;
        self.child.wait()?;
        ensure!(said.contains("\n0 packets dropped by kernel"), "tcpdump: {said}");
        packets(self.file.path(), link_type)
    }
}

impl Drop for Tcpdump {
    fn drop(&mut self) {
        // Where a test failed; nothing is left to kill after `stop`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
