//! tcpdump beside a capture, with the times of its packets.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use super::run::Network;

/// tcpdump with times in ns. It ends with this value.
#[derive(Debug)]
pub struct Dump(Child);

impl Dump {
    /// Starts one, and waits until it captures.
    ///
    /// # Errors
    ///
    /// tcpdump is not installed, or can't open the interface.
    pub fn start(network: &Network, interface: &str, path: &Path) -> Result<Self> {
        let mut command = Command::new("tcpdump");
        command
            .args([
                "-Z",
                "root",
                "--immediate-mode",
                "-U",
                "--time-stamp-precision=nano",
                "-B",
                "32768",
            ])
            .args(["-i", interface, "-w"])
            .arg(path)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = network.here.run(|| command.spawn())??;
        let start = Instant::now();
        // It has written the file's header once it listens.
        while fs::metadata(path).map_or(0, |file| file.len()) < 24 {
            ensure!(start.elapsed() < Duration::from_secs(10), "tcpdump does not start");
            thread::sleep(Duration::from_millis(10));
        }
        Ok(Self(child))
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// It can't be waited for.
    pub fn stop(mut self) -> Result<()> {
        thread::sleep(Duration::from_millis(300));
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(self.0.id().cast_signed(), libc::SIGINT) };
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Dump {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Times and octets of tcpdump's packets.
///
/// # Errors
///
/// The file can't be read.
pub fn dumped(path: &Path) -> Result<Vec<(u64, Vec<u8>)>> {
    let octets = fs::read(path)?;
    let mut reader = airlens::capture::Reader::new(&octets[..])?;
    let mut packets = Vec::new();
    while let Some(packet) = reader.next_packet()? {
        packets.push((packet.time.context("no time")?, packet.octets.to_vec()));
    }
    Ok(packets)
}
