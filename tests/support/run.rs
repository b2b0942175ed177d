//! `airlens run` in a private network, with files of its own.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens::{
    lab::{LinkType, Namespace, Tap, VethPair},
    publish::lifecycle::RunPaths,
};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{Said, airlens};

/// How long a run may take for what takes it a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The port of the API. Every network is private: no other has it.
pub const PORT: u16 = 9474;

/// A namespace with a monitor interface and a data interface, and a second one at the other end of the latter.
#[derive(Debug)]
pub struct Network {
    /// Where airlens runs.
    pub here: Namespace,
    /// The other end of the pair.
    pub there: Namespace,
    /// The monitor interface, `mon0`.
    pub tap: Tap,
    /// The data interface, `data0`, and its peer.
    pub pair: VethPair,
}

impl Network {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// Root or the `tun` module is missing.
    pub fn new() -> Result<Self> {
        let (here, there) = (Namespace::new()?, Namespace::new()?);
        let tap = here.run(|| Tap::new("mon0", LinkType::Monitor))??;
        let pair = VethPair::new(&here, "data0", &there, "peer0")?;
        pair.offload_off(&here, &there)?;
        Ok(Self { here, there, tap, pair })
    }

    /// Asks the API for `target`: status code and body.
    ///
    /// # Errors
    ///
    /// Nobody listens, or the answer is no HTTP.
    pub fn get(&self, target: &str) -> Result<(u16, String)> {
        let mut stream = self.connect()?;
        write!(stream, "GET {target} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no end of the head")?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok((status, body.to_owned()))
    }

    /// The JSON document at `target`.
    ///
    /// # Errors
    ///
    /// As [`Network::get`], or it is none.
    pub fn get_json(&self, target: &str) -> Result<Value> {
        let (status, body) = self.get(target)?;
        ensure!(status == 200, "{target}: {status} {body}");
        Ok(serde_json::from_str(&body)?)
    }

    /// A connection to the API.
    ///
    /// # Errors
    ///
    /// Nobody listens.
    pub fn connect(&self) -> Result<TcpStream> {
        let stream = self.here.run(|| TcpStream::connect((Ipv4Addr::LOCALHOST, PORT)))??;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }
}

/// The paths of a run's files.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty folder for them.
    ///
    /// # Errors
    ///
    /// There is no room for temporary files.
    pub fn new() -> Result<Self> {
        Ok(Self {
            folder: TempDir::new()?,
        })
    }

    /// Status, info, socket, lock and state.
    #[must_use]
    pub fn paths(&self) -> RunPaths {
        RunPaths::new(&self.stem(), &self.state())
    }

    /// What the paths of status, info, socket and lock start with.
    #[must_use]
    pub fn stem(&self) -> PathBuf {
        self.folder.path().join("run/airlens")
    }

    /// The record of the last run.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("lib/state.json")
    }

    /// The folder of `clients/…`.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// The folder that holds all of them.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Adds the options that name stem and state.
    pub fn name_run<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .arg("--run-stem")
            .arg(self.stem())
            .arg("--state-path")
            .arg(self.state())
    }

    /// Adds the options of `airlens run` for all paths.
    pub fn name_all<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        // Not the machine's own: tests of several networks run at once.
        command.env("AIRLENS_JOURNAL_PATH", self.folder().join("journals"));
        // Tests look again and again until something is there.
        command.env("AIRLENS_MONITORING_RATE_LIMIT", "0");
        self.name_run(command).arg("--files-path").arg(self.files())
    }

    /// What `airlens status` says of the run.
    ///
    /// # Errors
    ///
    /// The binary can't be run.
    pub fn status(&self) -> Result<Said> {
        Said::by(self.name_run(&mut airlens(["status"])?))
    }

    /// The document at one of our paths.
    ///
    /// # Errors
    ///
    /// It is not there, or no JSON.
    pub fn document(&self, path: &PathBuf) -> Result<Value> {
        let text = fs::read(path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Every file below the folder but the log, sorted, as paths from it.
    ///
    /// # Errors
    ///
    /// A folder can't be read.
    pub fn everything(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(self.folder.path())?.display().to_string());
                }
            }
        }
        found.retain(|path| path != LOG);
        found.sort();
        Ok(found)
    }
}

const LOG: &str = "log";

/// An `airlens run` in progress. It is killed with this value.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts `command`, an `airlens run`, in the network; its log goes to a file in `place`.
    ///
    /// # Errors
    ///
    /// It can't be started.
    pub fn spawn(network: &Network, place: &Place, command: &mut Command) -> Result<Self> {
        let log = place.folder().join(LOG);
        command.stdout(Stdio::null()).stderr(File::create(&log)?);
        // A child begins in the namespace of the thread that makes it.
        let child = network.here.run(|| command.spawn())??;
        Ok(Self { child, log })
    }

    /// Starts a run on both interfaces and waits until its status file says `running`.
    ///
    /// # Errors
    ///
    /// It ends instead.
    pub fn start(network: &Network, place: &Place) -> Result<Self> {
        let mut command = airlens(["run", "-i", "mon0", "--data", "data0"])?;
        let mut running = Self::spawn(network, place, place.name_all(&mut command))?;
        running.until_running(place)?;
        Ok(running)
    }

    /// Waits until the status file says `running`.
    ///
    /// # Errors
    ///
    /// The run ends instead.
    pub fn until_running(&mut self, place: &Place) -> Result<()> {
        let pid = self.pid();
        self.until("the status file says running", || {
            // That of a run that was killed says so still.
            let status = place.document(&place.paths().status).unwrap_or_default();
            Ok(status["state"] == "running" && status["pid"] == pid)
        })
    }

    /// Waits until `reached`.
    ///
    /// # Errors
    ///
    /// It takes too long, the run ends before, or `reached` fails.
    pub fn until(&mut self, what: &str, mut reached: impl FnMut() -> Result<bool>) -> Result<()> {
        let start = Instant::now();
        while !reached()? {
            if let Some(status) = self.child.try_wait()? {
                bail!("{status} before {what}: {}", self.log()?);
            }
            ensure!(start.elapsed() < PATIENCE, "not in time: {what}: {}", self.log()?);
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: i32) {
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(self.child.id().cast_signed(), signal) };
    }

    /// Waits for the end: exit code, `None` after a signal, and the log.
    ///
    /// # Errors
    ///
    /// It does not end, or it panicked.
    pub fn end(mut self) -> Result<(Option<i32>, String)> {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            ensure!(start.elapsed() < PATIENCE, "it does not end: {}", self.log()?);
            thread::sleep(Duration::from_millis(5));
        };
        let log = self.log()?;
        ensure!(!log.contains("panicked at"), "{log}");
        Ok((status.code(), log))
    }

    /// Asks it to end, and fails unless it ends well.
    ///
    /// # Errors
    ///
    /// Any other end.
    pub fn stop(self) -> Result<()> {
        self.signal(libc::SIGTERM);
        let (code, log) = self.end()?;
        ensure!(code == Some(0), "{code:?}: {log}");
        Ok(())
    }

    /// What it has logged.
    ///
    /// # Errors
    ///
    /// The file is gone.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Where a test failed; nothing is left to kill after `end`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
