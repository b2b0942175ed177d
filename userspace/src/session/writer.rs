//! The thread that writes a run's files: one writer, so that no two writes cross.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, PoisonError, atomic::Ordering},
    thread::{self, JoinHandle},
};

use jiff::{Timestamp, Zoned};
use tokio::sync::{broadcast, mpsc};

use super::{
    SessionError,
    state::{RunState, Shared},
};
use crate::{
    config::CaptureMode,
    dot11::frame::{reason_name, status_name},
    events::{self, ClientFailed, FileNotWritten, ProfileWritten},
    kernel::Clock,
    profile::{Profile, client_json, client_pcap, client_stem, client_text, csv_header, csv_row, history_line},
    publish::{
        atomic::AtomicWriter,
        documents::{Interfaces, Mode, Radio},
        failures::{FailedClient, Failures},
        history::History,
        http::{Event, ProfileEvent},
        lifecycle::RunFiles,
        metrics::{MetricsSink as _, PrometheusSink},
        report::Reports,
        tree::{ClientTree, Kind},
    },
    spans::{Published, Trace},
};

/// Profiles that may wait to be written; then the profiler waits, then the ring's reader, then the kernel counts.
const QUEUE: usize = 2048;

/// What the writer is told.
pub(super) enum Order {
    /// A profile, when its frame was seen (`CLOCK_MONOTONIC` in ns), and its trace, where it has one.
    Publish(Arc<Profile>, u64, Option<Box<Trace>>),
    /// Clients that gave no profile.
    Failed(Vec<FailedClient>),
    /// Time to write the info file anew.
    Tick,
}

/// The writer's thread, and the way to it.
pub(super) struct FileWriter {
    pub(super) orders: mpsc::Sender<Order>,
    thread: JoinHandle<RunFiles>,
}

/// What the thread works with.
pub(super) struct Desk {
    pub(super) files: RunFiles,
    pub(super) tree: PathBuf,
    pub(super) writer: AtomicWriter,
    pub(super) state: Shared,
    pub(super) metrics: PrometheusSink,
    pub(super) published: broadcast::Sender<Arc<Profile>>,
}

/// Where profiles go.
struct Shelves {
    tree: ClientTree,
    history: History,
    reports: Reports,
    failures: Failures,
}

impl FileWriter {
    pub(super) fn spawn(mut desk: Desk) -> Result<Self, SessionError> {
        let (orders, mut inbox) = mpsc::channel(QUEUE);
        let work = move || {
            let tree = ClientTree::new(desk.tree.clone(), desk.writer);
            let mut shelves = Shelves {
                history: History::new(tree.clone()),
                reports: Reports::new(&desk.tree, desk.writer),
                failures: Failures::open(&desk.tree, desk.writer),
                tree,
            };
            let mut batch = Vec::new();
            while inbox.blocking_recv_many(&mut batch, QUEUE) > 0 {
                let before = desk.unwritten();
                desk.work(&mut shelves, std::mem::take(&mut batch));
                desk.judge(before, &shelves.tree);
            }
            desk.files
        };
        let thread = thread::Builder::new()
            .name("airlens-files".to_owned())
            .spawn(work)
            .map_err(SessionError::thread)?;
        Ok(Self { orders, thread })
    }

    /// Ends the thread after the last order and gives the run's files back, for the last word.
    pub(super) fn finish(self) -> Option<RunFiles> {
        drop(self.orders);
        self.thread.join().ok()
    }
}

impl Desk {
    /// Carries out the orders that have come in. Of several profiles of a client on a band only the newest is written, for
    /// its files would replace the others' within milliseconds: a busy channel costs no more than its clients. Each that is
    /// written gives a line of the day's report; the history has each that differs.
    fn work(&mut self, shelves: &mut Shelves, orders: Vec<Order>) {
        let mut of_stem: HashMap<_, Vec<usize>> = HashMap::new();
        let mut profiles = Vec::new();
        let mut failed = Vec::new();
        let mut tick = false;
        for order in orders {
            match order {
                Order::Tick => tick = true,
                Order::Failed(clients) => failed.extend(clients),
                Order::Publish(profile, seen, trace) => {
                    of_stem.entry(client_stem(&profile)).or_default().push(profiles.len());
                    profiles.push((profile, seen, trace, Published::default()));
                }
            }
        }
        let mut of_stem: Vec<_> = of_stem.into_iter().collect();
        of_stem.sort_unstable_by_key(|(_, indices)| indices.last().copied());
        let mut lines = String::new();
        for (stem, indices) in of_stem {
            let all: Vec<_> = indices.iter().map(|&index| &*profiles[index].0).collect();
            // The profile before its history: each file waits for the medium, and the profile is what people wait for.
            let Some(newest) = all.last() else { continue };
            let from = Clock::monotonic();
            let failed = !self.write(&shelves.tree, &stem, newest);
            // What has no files has no history and no line either: no more is written of it, whatever keeps coming.
            let changed = !failed && self.keep(&mut shelves.history, &all);
            if !failed {
                lines.push_str(&csv_row(newest));
            }
            let to = Clock::monotonic();
            self.show(newest, changed);
            for &index in &indices {
                profiles[index].3 = Published {
                    from,
                    to,
                    written: indices.last() == Some(&index),
                    failed,
                };
            }
        }
        self.list(&mut shelves.failures, failed);
        // The day as the place reckons it, like wlanpi-profiler.
        if let Err(error) = shelves.reports.append(Zoned::now().date(), &csv_header(), &lines) {
            self.failed(&error);
        }
        if let Some((last, ..)) = profiles.last() {
            let (mac, progress) = (last.client().to_string(), self.state.progress());
            self.files.set_radio(radio(&self.state));
            if let Err(error) = self.files.profile_seen(&mac, progress, Timestamp::now()) {
                self.failed(&error);
            }
        } else if tick {
            self.tick();
        }
        let exported = profiles.iter().map(|(profile, ..)| Arc::clone(profile)).collect();
        self.state.profile_exports.give(exported);
        let clock = Clock::now();
        for (profile, seen, trace, published) in profiles {
            if let Some((traces, trace)) = self.state.telemetry.traces.as_ref().zip(trace) {
                traces.published(*trace, clock, &profile, published);
            }
            self.announce(profile, seen);
        }
    }

    /// Adds a client's profiles on a band to its history. Of equal requests in a row one is enough.
    /// Tells whether one of them says something new.
    fn keep(&self, history: &mut History, profiles: &[&Profile]) -> bool {
        let Some(client) = profiles.first().map(|first| first.client().0) else {
            return false;
        };
        let runs = profiles.chunk_by(|one, next| (one.kind, one.body()) == (next.kind, next.body()));
        let lines = runs.filter_map(|run| run.first()).map(|first| history_line(first));
        history.add(client, lines.collect()).map_or_else(
            |error| {
                self.failed(&error);
                false
            },
            |added| added > 0,
        )
    }

    /// Tells who listens to the API: the profile's files are there.
    fn show(&self, profile: &Profile, changed: bool) {
        let (client, time) = (profile.client(), Timestamp::now().into());
        let shown = &self.state.shown;
        *shown.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((client, time));
        shown.events.tell(|| {
            Event::Profile(ProfileEvent {
                client_id: client.to_string(),
                band: profile.band.digit(),
                time,
                changed,
            })
        });
    }

    /// Lists clients that gave no profile, and tells of them.
    fn list(&self, failures: &mut Failures, failed: Vec<FailedClient>) {
        if failed.is_empty() {
            return;
        }
        for client in &failed {
            self.state.telemetry.events.emit(&ClientFailed {
                client: &client.mac,
                bssid: &client.bssid,
                observed: client.observed,
                cause: &client.cause,
                status: client.status_code.and_then(status_name),
                reason: client.reason_code.and_then(reason_name),
            });
        }
        if let Err(error) = failures.add(failed) {
            self.failed(&error);
        }
    }

    /// Writes a client's files; false where that fails.
    fn write(&self, tree: &ClientTree, stem: &str, profile: &Profile) -> bool {
        // Keys are strings, and numbers finite: nothing that JSON can't say.
        let json = crate::json::to_string(&client_json(profile)).unwrap_or_default();
        let text = client_text(profile);
        let pcap = client_pcap(profile);
        let files = [
            (Kind::Json, json.as_bytes()),
            (Kind::Text, text.as_bytes()),
            (Kind::Pcap, &pcap[..]),
        ];
        if let Err(error) = tree.write(profile.client().0, stem, &files) {
            self.failed(&error);
            return false;
        }
        self.state.telemetry.events.emit(&ProfileWritten {
            client: profile.client(),
            ssid: &profile.ssid,
            band: profile.band.name().unwrap_or("unknown"),
            channel: profile.channel,
        });
        true
    }

    fn announce(&self, profile: Arc<Profile>, seen: u64) {
        self.metrics
            .observe_processing_time("live", Clock::since(seen).unsigned_abs());
        // Nobody may be listening.
        let _ = self.published.send(profile);
    }

    /// How many files could not be written so far.
    fn unwritten(&self) -> u64 {
        self.state.telemetry.events.count(events::Kind::FileNotWritten)
    }

    /// Whether files can be written is part of being ready. Where they could not be, it is tried anew.
    fn judge(&self, before: u64, tree: &ClientTree) {
        let (failed, unwritable) = (self.unwritten() > before, &self.state.unwritable);
        let still = failed || unwritable.load(Ordering::Relaxed) && tree.probe().is_err();
        unwritable.store(still, Ordering::Relaxed);
    }

    fn tick(&mut self) {
        self.files.set_radio(radio(&self.state));
        if let Err(error) = self.files.tick(self.state.progress(), Timestamp::now()) {
            self.failed(&error);
        }
    }

    /// A file that can't be written is counted and told; the run goes on.
    fn failed(&self, error: &dyn std::error::Error) {
        self.state.telemetry.events.emit(&FileNotWritten(&error));
    }
}

/// What a run works with, for the info file.
pub(super) fn radio(state: &RunState) -> Radio {
    let ground = &state.ground;
    let frequency = u32::try_from(state.frequency.load(Ordering::Relaxed)).unwrap_or(0);
    let own = ground.access_point.as_ref();
    // An access point stays on its channel, whatever is heard from beside.
    let tuned = own.map(|own| u32::from(own.tuning.channel().frequency()));
    let frequency = tuned.unwrap_or(frequency);
    Radio {
        phy: ground.stage.phy.clone().unwrap_or_default(),
        interfaces: Interfaces {
            ap: ground.interface().unwrap_or_default().to_owned(),
            monitor: ground
                .stage
                .monitor
                .as_ref()
                .map(|found| found.name.clone())
                .unwrap_or_default(),
        },
        channel: u16::try_from(frequency).map_or(0, |mhz| u32::from(crate::profile::channel_of(mhz))),
        frequency,
        country_code: ground.stage.country.clone().unwrap_or_default(),
        ssid: own
            .map(|own| String::from_utf8_lossy(&own.ssid).into_owned())
            .unwrap_or_default(),
        bssid: own.map(|own| own.bssid.to_string()).unwrap_or_default(),
        mode: ground.mode(),
        passphrase: own.map(|own| own.passphrase.clone()).unwrap_or_default(),
    }
}

/// What is known of the radio before anything is staged.
pub(super) fn first_radio(interface: Option<&str>, asked: CaptureMode) -> Radio {
    Radio {
        interfaces: Interfaces {
            ap: String::new(),
            monitor: interface.unwrap_or_default().to_owned(),
        },
        mode: match asked {
            CaptureMode::Auto | CaptureMode::Listen => Mode::Listen,
            CaptureMode::Ap => Mode::Ap,
            CaptureMode::Fakeap => Mode::Fakeap,
            CaptureMode::Hostapd => Mode::Hostapd,
        },
        ..Radio::default()
    }
}
