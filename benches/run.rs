//! A run of the released binary on a monitor and a data interface in a private network, and what processes take of a CPU.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use airlens::{
    demo,
    lab::{LinkType, Namespace, Tap},
};
use airlens_common::monitor::{Counter, Verdict};
use airlens_tests::support::ethernet::udp;
use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
/// Association requests.
const SUBTYPES: u16 = 1;
/// In a management frame.
const TRANSMITTER: usize = 10;

/// A run, with the calling thread in its network.
#[derive(Debug)]
pub struct Run {
    child: Child,
    /// Its monitor interface.
    pub monitor: Tap,
    /// Its data interface.
    pub data: Tap,
    folder: TempDir,
}

impl Run {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// Root, the tun module or the released binary is missing; the run does not start.
    pub fn start(options: &[&str]) -> Result<Self> {
        let binary = binary()?;
        Namespace::new()?.enter()?;
        let monitor = Tap::new("bench-mon", LinkType::Monitor)?;
        let data = Tap::new("bench-data", LinkType::Ethernet)?;
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let child = Command::new(binary)
            // The other benches' object is no setting of a run.
            .env_remove("AIRLENS_BENCH_OBJECT")
            .args(["run", "--interface", monitor.name(), "--data", data.name()])
            .args(["--log-level", "error"])
            .args(options)
            .arg("--run-stem")
            .arg(at("airlens"))
            .arg("--state-path")
            .arg(at("state.json"))
            .arg("--journal-path")
            .arg(at("journals"))
            .arg("--files-path")
            .arg(folder.path())
            .spawn()?;
        let run = Self {
            child,
            monitor,
            data,
            folder,
        };
        wait("the run", || {
            let status = fs::read_to_string(run.stem().with_extension("status.json"));
            Ok(status.is_ok_and(|text| text.contains("\"running\"")))
        })?;
        Ok(run)
    }

    /// Start of the paths of its status and socket.
    #[must_use]
    pub fn stem(&self) -> PathBuf {
        self.folder.path().join("airlens")
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it answers at `/metrics`, by its socket.
    ///
    /// # Errors
    ///
    /// It does not answer.
    pub fn metrics(&self, accept: &str) -> Result<String> {
        let mut stream = UnixStream::connect(self.stem().with_extension("sock"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /metrics HTTP/1.0\r\nAccept: {accept}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no end of the head")?;
        ensure!(head.contains(" 200 "), "{head}");
        Ok(body.to_owned())
    }

    /// Gives it so many flows, by their addresses, and clients, by those of the project's own first request, and waits until it
    /// tells of them.
    ///
    /// # Errors
    ///
    /// It does not, in time.
    pub fn fill(&self, flows: u32, clients: u16) -> Result<()> {
        for flow in 1..=flows {
            self.data.write(&udp(flow, 64))?;
        }
        let mut packet = demo::frames(demo::CAPTURE)?
            .into_iter()
            .find(|packet| Verdict::of(&packet[..], SUBTYPES).is_some_and(|found| found.counter == Counter::HandedOver))
            .context("no association request in the capture")?;
        let header = usize::from(u16::from_le_bytes([packet[2], packet[3]]));
        for client in 1..=clients {
            let [high, low] = client.to_be_bytes();
            packet[header + TRANSMITTER..][..6].copy_from_slice(&[2, 0, 0, 0, high, low]);
            self.monitor.write(&packet)?;
            // The ring holds them all, the disk takes its time.
            thread::sleep(Duration::from_micros(200));
        }
        wait("flows and clients", || {
            let text = self.metrics("text/plain")?;
            let value = |name: &str| {
                text.lines()
                    .find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok())
            };
            let (active, known) = (value("airlens_active_flows "), value("airlens_clients "));
            Ok(active >= Some(f64::from(flows)) && known >= Some(f64::from(clients)))
        })
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// It fails.
    pub fn end(mut self) -> Result<()> {
        // SAFETY: a signal to our own child, which was not waited for yet.
        unsafe { libc::kill(self.child.id().cast_signed(), libc::SIGTERM) };
        ensure!(self.child.wait()?.success(), "the run did not end cleanly");
        Ok(())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // After an error: nothing is left behind. One that was waited for is not signalled again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The released binary.
///
/// # Errors
///
/// There is none.
pub fn binary() -> Result<PathBuf> {
    let binary = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/airlens");
    ensure!(binary.is_file(), "no {}: run `cargo xtask bench`", binary.display());
    Ok(binary)
}

/// User and system time of a process in seconds (proc_pid_stat(5)).
///
/// # Errors
///
/// It is gone.
pub fn ticks(pid: u32) -> Result<[f64; 2]> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = text.rsplit_once(')').context("no name")?;
    let mut fields = fields.split_whitespace().skip(11);
    // SAFETY: asks for a number.
    let second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    let mut next = || Ok::<_, anyhow::Error>(fields.next().context("too few fields")?.parse::<f64>()? / second);
    Ok([next()?, next()?])
}

fn wait(what: &str, mut reached: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !reached()? {
        ensure!(begun.elapsed() < PATIENCE, "not in time: {what}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
