//! One run, from its first file to its last.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use jiff::Timestamp;
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::{JoinHandle, spawn_blocking},
};

use super::{
    Engine, Listen, Profiler, ProfilerOptions, RunOptions, SessionError, Stage,
    air::{self, AirDesk},
    failure::{failure_of, record, refused_source},
    ground::Ground,
    modes::Mode,
    shown::{Life, Shown, tell},
    sockets::{Guards, Sockets},
    stage::{choose, recover},
    state::{RunState, Shared},
    tasks::{profile, watch_air, watch_over},
    writer::{Desk, FileWriter, radio},
};
use crate::{
    events::SessionEnded,
    export::ProfileExports,
    kernel::{Counters, Frame},
    nl80211::interfaces,
    profile::Profile,
    publish::{
        http::{Api, Events, RequestCounts, RunView},
        lifecycle::{LifecycleError, RunFiles, RunPaths},
        metrics::{CachedSource, PrometheusSink},
        snapshot::{SharedSource, Snapshot},
        tree::ClientTree,
    },
};

/// A run in progress.
pub struct Run {
    state: Shared,
    writer: FileWriter,
    profiler: JoinHandle<()>,
    clock: JoinHandle<()>,
    air: JoinHandle<()>,
    tables: Vec<JoinHandle<()>>,
    servers: Vec<JoinHandle<()>>,
    stop_servers: watch::Sender<bool>,
    published: broadcast::Sender<Arc<Profile>>,
    failure: watch::Receiver<Option<Arc<SessionError>>>,
    address: Option<SocketAddr>,
    paths: RunPaths,
}

impl Run {
    /// Starts a run: when this returns, the programs are attached and the status file says `running`.
    ///
    /// # Errors
    ///
    /// Whatever hinders the run. The files say so too, unless the reason is another run with the same files.
    pub async fn start(mut options: RunOptions) -> Result<Self, SessionError> {
        options.engine.events = Arc::clone(&options.telemetry.events);
        recover(&options.stage.journals).await;
        let named = options.stage.interface.take();
        options.stage.interface = choose(named, &options.stage.data, &interfaces())?;
        let (begun, now) = (Instant::now(), Timestamp::now());
        let files = RunFiles::start(
            options.paths.clone(),
            options.writer,
            options.identity.clone(),
            super::writer::first_radio(options.stage.interface.as_deref(), options.radio.mode),
            now,
        )?;
        if let Some(interrupted) = files.interrupted() {
            tracing::warn!(
                how = interrupted.exit.message.as_deref(),
                "the run before this one was interrupted"
            );
        }
        // Profiles are what a run is for: not to find out at the first that its files have no place.
        if let Err(error) = ClientTree::new(&options.files, options.writer).probe() {
            return Err(record(files, LifecycleError::from(error).into()));
        }
        let guards = match Guards::open(&options.access, &options.telemetry.events) {
            Ok(guards) => guards,
            Err(error) => return Err(record(files, error)),
        };
        let listen = std::mem::take(&mut options.listen);
        let ground = match Ground::prepare(&options).await {
            Ok(ground) => ground,
            Err(error) => {
                refused_source(&options, &error);
                return Err(record(files, error));
            }
        };
        // Beside each other: loading programs takes the kernel its time, and the access point is to beacon at once. It answers
        // who wants to join when there is who profiles them.
        let (mode, parts) = tokio::join!(ground.start(&options.paths), async {
            Parts::make(&options, &ground.stage, listen, guards)
        });
        let (mode, parts) = match (mode, parts) {
            (Ok(mode), Ok(parts)) => (mode, parts),
            (mode, Err(error)) => {
                drop(mode);
                ground.give_back().await;
                return Err(record(files, error));
            }
            (Err(error), Ok(parts)) => {
                // Nobody reads them: the ring's reader must not wait for who does.
                drop(parts.frames);
                let _ = parts.engine.stop();
                let _ = std::fs::remove_file(&options.paths.socket);
                ground.give_back().await;
                return Err(record(files, error));
            }
        };
        if let Some(mode) = &mode {
            mode.open();
        }
        Self::assemble(options, (ground, mode), files, parts, (begun, now)).await
    }

    async fn assemble(
        options: RunOptions,
        (ground, mut mode): (Ground, Option<Mode>),
        mut files: RunFiles,
        parts: Parts,
        (started, started_at): (Instant, Timestamp),
    ) -> Result<Self, SessionError> {
        let known = Arc::clone(&options.known);
        let profiler = ProfilerOptions {
            own: ground.access_point.as_ref().map(|own| own.bssid),
            follow_observed: options.hop.is_none(),
            timeout: options.attempt_timeout,
            ..ProfilerOptions::listening(options.known)
        };
        let failures = mode.as_mut().and_then(Mode::failures);
        let (events, requests) = (
            Arc::new(Events::telling(
                options.access.event_listeners,
                Arc::clone(&options.telemetry.events),
            )),
            Arc::new(RequestCounts::default()),
        );
        let address = parts.sockets.address();
        let state = Arc::new(RunState {
            frequency: AtomicU64::new(u64::from(ground.frequency())),
            engine: parts.engine,
            ground,
            mode: Mutex::new(mode),
            profiler: Mutex::new(Profiler::new(profiler)),
            air: AirDesk::new(Arc::clone(&known), &options.engine.load),
            profile_exports: parts.profile_exports,
            known,
            last: Mutex::new(Counters::default()),
            telemetry: options.telemetry,
            absent: AtomicUsize::new(0),
            capturing: AtomicBool::new(true),
            unwritable: AtomicBool::new(false),
            version: options.identity.version.clone(),
            started,
            started_at,
            shown: Shown {
                identity: options.identity,
                tree: ClientTree::new(&options.files, options.writer),
                events: Arc::clone(&events),
                requests: Arc::clone(&requests),
                listeners: parts.sockets.listeners(&parts.guards),
                life: Mutex::new(Life::starting()),
                last: Mutex::default(),
            },
        });
        let shared = Arc::clone(&state);
        let source: SharedSource = Arc::new(move || shared.snapshot());
        let source: SharedSource = Arc::new(CachedSource::new(source, options.metrics_age));
        let (stop_servers, stopping) = watch::channel(false);
        let set = || {
            let metrics = PrometheusSink::new(&options.namespace, Some(source))?;
            let api = Api {
                view: Arc::clone(&state) as Arc<dyn RunView>,
                metrics: metrics.clone(),
                metrics_path: options.metrics_path,
                events,
                requests,
            };
            let servers = parts.sockets.serve(api, options.access, parts.guards, &stopping)?;
            Ok((metrics, servers))
        };
        let (metrics, servers) = match set() {
            Ok(set) => set,
            Err(error) => {
                state.stop_mode();
                state.ground.give_back().await;
                return Err(record(files, error));
            }
        };
        let (hop, hops) = (options.hop.as_ref(), options.hop.is_some());
        let hopper = match hop {
            Some(hop) => air::hop(hop, &state, stop_servers.subscribe()).await.map(Some),
            None => Ok(None),
        };
        let hopper = match hopper {
            Ok(hopper) => hopper,
            Err(error) => {
                state.stop_mode();
                state.ground.give_back().await;
                return Err(record(files, error));
            }
        };
        files.set_radio(radio(&state));
        // Before the file says so: who has read it is to find the same here.
        state.enter(Life::running());
        files.running(Timestamp::now())?;
        let (published, _) = broadcast::channel(1024);
        let writer = FileWriter::spawn(Desk {
            files,
            tree: options.files,
            writer: options.writer,
            state: Arc::clone(&state),
            metrics,
            published: published.clone(),
        })?;
        let profiler = tokio::spawn(profile(Arc::clone(&state), parts.frames, writer.orders.clone()));
        let (failed, failure) = watch::channel(None);
        let failed = Arc::new(failed);
        let clock = tokio::spawn(watch_over(
            Arc::clone(&state),
            writer.orders.clone(),
            Arc::clone(&failed),
        ));
        let air = tokio::spawn(watch_air(Arc::clone(&state), failures, failed));
        let kept = state.air.is_kept();
        let tables = kept.then(|| tokio::spawn(air::watch(Arc::clone(&state), hops)));
        let teller = tokio::spawn(tell(Arc::clone(&state)));
        let tables = tables.into_iter().chain(hopper).chain([teller]).collect();
        state.tell_created();
        Ok(Self {
            state,
            writer,
            profiler,
            clock,
            air,
            tables,
            servers,
            stop_servers,
            published,
            failure,
            address,
            paths: options.paths,
        })
    }

    /// Profiles as they are published. A receiver that does not keep up misses some; the files have all.
    #[must_use]
    pub fn profiles(&self) -> broadcast::Receiver<Arc<Profile>> {
        self.published.subscribe()
    }

    /// The counts now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.state.snapshot()
    }

    /// The counts, for who reads them on its own.
    #[must_use]
    pub fn source(&self) -> SharedSource {
        let state = Arc::clone(&self.state);
        Arc::new(move || state.snapshot())
    }

    /// Where the API is served, if over TCP.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Waits until the run can't go on by itself.
    pub async fn failed(&mut self) -> Arc<SessionError> {
        loop {
            if let Some(error) = self.failure.borrow_and_update().clone() {
                return error;
            }
            if self.failure.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Ends the run: programs off, what is left read and published, interfaces given back, files told. `failure` is what
    /// ended it, if it was not the user. Gives the last counts.
    ///
    /// # Errors
    ///
    /// Something could not be undone or written; everything else is done all the same.
    pub async fn stop(self, failure: Option<Arc<SessionError>>) -> Result<Snapshot, SessionError> {
        let since = Instant::now();
        self.clock.abort();
        self.air.abort();
        if failure.is_none() {
            self.state.enter(Life::stopped());
        }
        for task in &self.tables {
            task.abort();
        }
        let state = Arc::clone(&self.state);
        let stopped = spawn_blocking(move || {
            state.stop_mode();
            state.engine.stop()
        })
        .await;
        // The ring's reader is gone, and with it the profiler's source.
        let _ = self.profiler.await;
        self.state.capturing.store(false, Ordering::Relaxed);
        let mut last = self.state.snapshot();
        self.state.telemetry.events.emit(&SessionEnded {
            seconds: self.state.started.elapsed().as_secs(),
            profiles: last.profiles.count,
            frames: last.balance.seen,
        });
        let restored = self.state.ground.stage.restore().await;
        self.state.shown.events.close();
        let _ = self.stop_servers.send(true);
        for server in self.servers {
            let _ = server.await;
        }
        // Gone already where a file system was cleared.
        let _ = std::fs::remove_file(&self.paths.socket);
        let progress = self.state.progress();
        let _ = self.clock.await;
        let (writer, state) = (self.writer, Arc::clone(&self.state));
        let finish = move || {
            let files = writer.finish();
            // The last profiles are there now.
            state.finish_exports(since);
            files
        };
        let files = spawn_blocking(finish).await.ok().flatten();
        last.exports = self.state.exports();
        if let Some(mut files) = files {
            files.set_radio(radio(&self.state));
            files.count(progress);
            let now = Timestamp::now();
            match &failure {
                None => files.stopped(now)?,
                Some(error) => files.failed(failure_of(error), now)?,
            }
        }
        if let Ok(stopped) = stopped {
            stopped?;
        }
        restored?;
        Ok(last)
    }
}

/// What can fail between staging and running.
struct Parts {
    engine: Engine,
    profile_exports: ProfileExports,
    frames: mpsc::Receiver<Frame>,
    sockets: Sockets,
    guards: Guards,
}

impl Parts {
    fn make(options: &RunOptions, stage: &Stage, listen: Listen, guards: Guards) -> Result<Self, SessionError> {
        // Sockets first: an address in use must not cost an attach.
        let sockets = Sockets::bind(&options.paths.socket, listen)?;
        let start = || {
            let profile_exports = ProfileExports::start(&options.engine.export, &options.telemetry.events)?;
            let engine = Engine::start(&options.engine, stage.monitor.as_ref(), &stage.data)?;
            Ok((profile_exports, engine))
        };
        let (profile_exports, (engine, frames)) = start().inspect_err(|_: &SessionError| {
            // Nobody is going to answer there.
            let _ = std::fs::remove_file(&options.paths.socket);
        })?;
        Ok(Self {
            engine,
            profile_exports,
            frames,
            sockets,
            guards,
        })
    }
}
