//! hostapd watched: ready when it says so, started again when it ends, given up when it ends again and again.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, PipeReader, PipeWriter, Write as _, pipe},
    os::{
        fd::AsRawFd as _,
        unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    HostapdError, HostapdOptions, configuration, control::Control, knows::knows_eht, process::Process, talk::Talk,
};

/// After this time of work an end counts as the first one.
const HEALTHY: Duration = Duration::from_secs(60);
/// Ends in a row after which it is given up.
const MOST_ENDS: u32 = 5;
/// The longest pause before it is started again.
const MOST_PAUSE: Duration = Duration::from_secs(30);
/// How often it is tried to reach it while it starts.
const ATTACH_INTERVAL: Duration = Duration::from_millis(10);

/// What happened to it.
#[derive(Debug)]
pub enum HostapdEvent {
    /// It beacons.
    Ready {
        /// The time from its start on.
        after: Duration,
    },
    /// It ended and is started again.
    Ended {
        /// What happened.
        why: String,
        /// The pause until then.
        pause: Duration,
    },
    /// It is given up.
    Failed(HostapdError),
}

/// A hostapd that is watched. It ends with this value.
#[derive(Debug)]
pub struct Hostapd {
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
    starts: Arc<AtomicU64>,
}

impl Hostapd {
    /// Starts it and waits until it is ready; what happens then comes from the receiver.
    ///
    /// # Errors
    ///
    /// It is missing, refuses its configuration or its interface, or is not ready in time.
    pub async fn start(options: HostapdOptions) -> Result<(Self, UnboundedReceiver<HostapdEvent>), HostapdError> {
        let (wait, stop) = pipe().map_err(HostapdError::Run)?;
        let (sender, mut events) = unbounded_channel();
        let starts = Arc::new(AtomicU64::new(0));
        let mut watch = Watch {
            eht: asks_for_eht(&options),
            options,
            events: sender,
            stop: wait,
            starts: Arc::clone(&starts),
        };
        let thread = thread::Builder::new()
            .name("airlens-hostapd".to_owned())
            .spawn(move || watch.supervise())
            .map_err(HostapdError::Run)?;
        let hostapd = Self {
            stop: Some(stop),
            thread: Some(thread),
            starts,
        };
        match events.recv().await {
            Some(HostapdEvent::Ready { after }) => {
                tracing::info!(?after, "hostapd is ready");
                Ok((hostapd, events))
            }
            Some(HostapdEvent::Failed(error)) => Err(error),
            Some(HostapdEvent::Ended { why, .. }) => Err(HostapdError::Start {
                why,
                output: Vec::new(),
            }),
            None => Err(HostapdError::Run(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// How often it was started.
    #[must_use]
    pub fn starts(&self) -> u64 {
        self.starts.load(Ordering::Relaxed)
    }

    /// Ends it and takes its folder away. It may take some seconds.
    pub fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches hostapd panicked");
        }
    }
}

impl Drop for Hostapd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How one process of it ended.
enum End {
    /// As asked.
    Stopped,
    /// It knows no 802.11be.
    NoEht,
    /// By itself, or because it did not work.
    Ended {
        why: String,
        output: Vec<String>,
        /// How long it was ready.
        ready: Option<Duration>,
    },
}

struct Watch {
    options: HostapdOptions,
    eht: bool,
    events: UnboundedSender<HostapdEvent>,
    stop: PipeReader,
    starts: Arc<AtomicU64>,
}

impl Watch {
    fn supervise(&mut self) {
        let (mut ends, mut ever_ready) = (0, false);
        loop {
            let end = self.once();
            let (why, output, ready) = match end {
                Ok(End::Stopped) => break,
                Ok(End::NoEht) => {
                    tell_no_eht();
                    self.eht = false;
                    continue;
                }
                Ok(End::Ended { why, output, ready }) => (why, output, ready),
                Err(error) => {
                    let _ = self.events.send(HostapdEvent::Failed(error));
                    break;
                }
            };
            ever_ready |= ready.is_some();
            if !ever_ready {
                let error = HostapdError::Start { why, output };
                let _ = self.events.send(HostapdEvent::Failed(error));
                break;
            }
            ends = if ready.is_some_and(|ready| ready >= HEALTHY) {
                1
            } else {
                ends + 1
            };
            if ends >= MOST_ENDS {
                let error = HostapdError::Crashed {
                    times: ends,
                    why,
                    output,
                };
                let _ = self.events.send(HostapdEvent::Failed(error));
                break;
            }
            let pause = pause(self.options.pause, ends, random());
            tracing::warn!(
                why,
                ?pause,
                last_words = output.join(" | "),
                "hostapd ended, it is started again"
            );
            let _ = self.events.send(HostapdEvent::Ended { why, pause });
            if poll(&[self.stop.as_raw_fd()], pause) {
                break;
            }
        }
        let _ = fs::remove_dir_all(&self.options.folder);
    }

    /// One process, from its start to its end.
    fn once(&self) -> Result<End, HostapdError> {
        let configuration = self.prepare()?;
        let begun = Instant::now();
        let mut process = Process::start(&self.options, &configuration)?;
        self.starts.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(pid = process.pid(), "hostapd is started");
        let mut talk = Talk::new(begun, self.options.patience);
        loop {
            let mut descriptors = vec![self.stop.as_raw_fd(), process.descriptor()];
            descriptors.extend(talk.control.as_ref().map(Control::descriptor));
            let wait = if talk.control.is_some() {
                Duration::from_millis(500)
            } else {
                ATTACH_INTERVAL
            };
            poll(&descriptors, wait);
            if poll(&descriptors[..1], Duration::ZERO) {
                process.stop();
                return Ok(End::Stopped);
            }
            process.read();
            let why = match process.ended() {
                Some(status) => Some(format!("it ended with {status}")),
                None => talk.turn(&self.options, &self.events),
            };
            if let Some(why) = why {
                let ready = talk.ready.map(|ready| ready.elapsed());
                process.stop();
                let output = process.last_lines();
                let unknown =
                    |line: &String| line.contains("unknown configuration item") && line.contains("ieee80211be");
                if self.eht && output.iter().any(unknown) {
                    return Ok(End::NoEht);
                }
                return Ok(End::Ended { why, output, ready });
            }
        }
    }

    /// The folder, which only root may look into, and the configuration in it.
    fn prepare(&self) -> Result<PathBuf, HostapdError> {
        let folder = &self.options.folder;
        let text = configuration(&self.options, self.eht)?;
        let path = folder.join("hostapd.conf");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| HostapdError::Folder { path, source }
        };
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(folder)(error)),
            _ => {}
        }
        DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(folder)
            .map_err(failed(folder))?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed(&path))?;
        file.write_all(text.as_bytes()).map_err(failed(&path))?;
        Ok(path)
    }
}

/// Whether the radio and this hostapd can announce EHT.
fn asks_for_eht(options: &HostapdOptions) -> bool {
    let wanted = options.ap.eht() && options.hardware.eht;
    if wanted && !knows_eht(&options.program) {
        tell_no_eht();
        return false;
    }
    wanted
}

fn tell_no_eht() {
    tracing::warn!("this hostapd knows no 802.11be: clients are not asked for it; --mode ap asks");
}

/// The pause after so many ends in a row: doubled each time, and a quarter more or less by chance.
fn pause(first: Duration, ends: u32, chance: u8) -> Duration {
    let doubled = first
        .saturating_mul(1 << ends.saturating_sub(1).min(16))
        .min(MOST_PAUSE);
    doubled.mul_f64(0.75 + 0.5 * f64::from(chance) / 255.0)
}

fn random() -> u8 {
    let mut octet = [0];
    // Without chance the middle.
    getrandom::fill(&mut octet).map_or(128, |()| octet[0])
}

/// Waits until one of the descriptors can be read or is closed; false after the time.
fn poll(descriptors: &[i32], time: Duration) -> bool {
    let mut entries: Vec<_> = descriptors
        .iter()
        .map(|&fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        })
        .collect();
    let time = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    let count = entries.len() as libc::nfds_t;
    // SAFETY: `count` valid entries.
    unsafe { libc::poll(entries.as_mut_ptr(), count, time) > 0 }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_a_minute() {
        let first = Duration::from_millis(500);
        let at = |ends| pause(first, ends, 128).as_secs_f64();
        assert!((at(1) - 0.5).abs() < 0.01 && (at(2) - 1.0).abs() < 0.01 && (at(40) - 30.0).abs() < 0.1);
        assert!(pause(first, 1, 0) < first && pause(first, 1, 255) > first);
    }
}
