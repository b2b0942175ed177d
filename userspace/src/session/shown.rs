//! What the API shows of a run beside its counts: its status, its clients, what happens.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Instant,
};

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Duration, MissedTickBehavior, interval};

use super::{
    Station,
    profiler::Profiler,
    state::{RunState, Shared},
    writer::radio,
};
use crate::{
    dot11::Address,
    profile::{Answer, Client, client_record},
    publish::{
        client_page::ClientPage,
        documents::{self, Reason, UtcSeconds},
        http::{
            ApiListener, ClientEntry, ClientKind, Event, Events, Network, RequestCounts, RunView, Status,
            StatusInterfaces,
        },
        lifecycle::RunIdentity,
        recall::{self, RecallError, Recalled},
        tree::ClientTree,
    },
};

/// How often the counts are told.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

/// How long the files of a client may take to be there.
const FILES: Duration = Duration::from_secs(1);

/// Clients of one kind that a page lists.
const MOST_ALIKE: usize = 16;

/// What is shown of a run, and to whom.
pub(super) struct Shown {
    pub(super) identity: RunIdentity,
    pub(super) tree: ClientTree,
    pub(super) events: Arc<Events>,
    pub(super) requests: Arc<RequestCounts>,
    pub(super) listeners: Vec<ApiListener>,
    pub(super) life: Mutex<Life>,
    /// The client that was profiled last, and when.
    pub(super) last: Mutex<Option<(Address, UtcSeconds)>>,
}

/// What a run is at.
#[derive(Clone, Debug)]
pub(super) struct Life {
    state: documents::RunState,
    reason: Option<Reason>,
    error: Option<String>,
}

impl Life {
    pub(super) fn starting() -> Self {
        Self {
            state: documents::RunState::Starting,
            reason: None,
            error: None,
        }
    }

    pub(super) fn running() -> Self {
        Self {
            state: documents::RunState::Running,
            reason: Some(Reason::StartupComplete),
            error: None,
        }
    }

    pub(super) fn stopped() -> Self {
        Self {
            state: documents::RunState::Stopped,
            reason: Some(Reason::UserRequested),
            error: None,
        }
    }

    pub(super) fn failed(reason: Reason, error: String) -> Self {
        Self {
            state: documents::RunState::Failed,
            reason: Some(reason),
            error: Some(error),
        }
    }
}

impl RunState {
    /// Enters a part of its life, and tells who listens. What has failed stays so.
    pub(super) fn enter(&self, next: Life) {
        let mut life = self.shown.life.lock().unwrap_or_else(PoisonError::into_inner);
        if life.state == documents::RunState::Failed {
            return;
        }
        *life = next;
        drop(life);
        self.shown.events.tell(|| Event::Status(Box::new(self.status())));
    }

    /// Tells who listens of a client that has changed.
    pub(super) fn tell_client(&self, profiler: &Profiler, client: Address) {
        self.shown.events.tell_some(|| {
            let station = profiler.station(client)?;
            Some(Event::Client(Box::new(entry(client, station, Timestamp::now()))))
        });
    }

    pub(super) fn shown_status(&self) -> Status {
        let life = self.shown.life.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let last = *self.shown.last.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = self.profiler().counts().clone();
        let radio = radio(self);
        let own = self.ground.access_point.as_ref();
        let tuning = own.map(|own| own.tuning).or_else(|| self.ground.tuning());
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        let number = |number: u32| Some(number).filter(|number| *number != 0);
        Status {
            state: life.state,
            reason: life.reason,
            error: life.error,
            startup_method: self.shown.identity.startup_method,
            pid: self.shown.identity.pid,
            version: self.shown.identity.version.clone(),
            mode: radio.mode,
            phy: text(radio.phy),
            interfaces: StatusInterfaces {
                ap: text(radio.interfaces.ap),
                monitor: text(radio.interfaces.monitor),
            },
            data: self.ground.stage.data.iter().map(|data| data.name.clone()).collect(),
            channel: number(radio.channel),
            frequency: number(radio.frequency),
            width: tuning.map(|tuning| tuning.width().mhz()),
            country_code: text(radio.country_code),
            ssid: text(radio.ssid),
            bssid: text(radio.bssid),
            security: own.map(|own| own.security.name().to_owned()),
            started_at: self.started_at.into(),
            uptime_seconds: self.started.elapsed().as_secs(),
            profile_count: counts.profiles(),
            failed_profile_count: counts.failures(),
            total_clients_seen: counts.clients,
            last_profile: last.map(|(client, _)| client.to_string()),
            last_profile_timestamp: last.map(|(_, time)| time),
            listeners: self.shown.listeners.clone(),
            viewers: *self.shown.events.audience().borrow() as u64,
        }
    }

    pub(super) fn shown_clients(&self) -> Vec<ClientEntry> {
        let now = Timestamp::now();
        let profiler = self.profiler();
        let mut stations: Vec<_> = profiler.stations().collect();
        stations.sort_unstable_by_key(|(address, station)| (std::cmp::Reverse(station.last_seen), **address));
        let stations = stations
            .into_iter()
            .map(|(address, station)| entry(*address, station, now));
        let mut viewers = self.shown.events.viewers();
        viewers.extend(stations);
        viewers
    }

    pub(super) fn shown_client(&self, address: Address) -> Result<Option<Value>, RecallError> {
        let Some(found) = self.recalled(address)? else {
            return Ok(None);
        };
        let mut document = client_record(&found.client, &|input| found.name(input));
        let lines = recall::lines(&self.shown.tree, address)?;
        let differences = recall::last_pairs(&lines).into_iter();
        document["differences"] = differences.map(|pair| recall::difference(&lines, pair)).collect();
        Ok(Some(document))
    }

    pub(super) fn shown_client_page(&self, address: Address) -> Result<Option<ClientPage>, RecallError> {
        let Some(found) = self.recalled(address)? else {
            return Ok(None);
        };
        let lines = recall::lines(&self.shown.tree, address)?;
        let alike = self.profiler().alike(address, MOST_ALIKE);
        Ok(Some(ClientPage::new(&found, &lines, alike)))
    }

    /// A client from its files, with the answer to its last request, which is known here alone. The files of one that was
    /// just profiled are waited for: who is told of a client asks for it at once.
    fn recalled(&self, address: Address) -> Result<Option<Recalled>, RecallError> {
        let profiled = || {
            self.profiler()
                .station(address)
                .is_some_and(|station| station.summary.is_some())
        };
        let mut found = recall::client(&self.shown.tree, address)?;
        let begun = Instant::now();
        while found.is_none() && profiled() && begun.elapsed() < FILES {
            thread::sleep(FILES / 20);
            found = recall::client(&self.shown.tree, address)?;
        }
        if let Some(found) = &mut found
            && let Some(station) = self.profiler().station(address)
        {
            answer(&mut found.client, station);
        }
        Ok(found)
    }

    pub(super) fn shown_history(&self, address: Address) -> Result<Vec<Value>, RecallError> {
        recall::lines(&self.shown.tree, address)
    }

    pub(super) fn shown_network(&self) -> Option<Network> {
        self.ground.access_point.as_ref().map(|own| Network {
            ssid: own.ssid.clone(),
            passphrase: own.passphrase.clone(),
            frequency: own.tuning.channel().frequency().into(),
        })
    }
}

/// Adds what became of the last request, if it is the one that was answered.
fn answer(client: &mut Client, station: &Station) {
    let (Some(answered), Some(last)) = (
        station.answered,
        client.requests.iter_mut().max_by_key(|request| request.time),
    ) else {
        return;
    };
    if last.bssid == answered.bssid {
        last.answer = Some(Answer {
            status: answered.status,
            aid: answered.aid,
            after: Some(answered.after),
        });
        last.ended = answered.ended;
    }
}

fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}

fn entry(address: Address, station: &Station, now: Timestamp) -> ClientEntry {
    let uptime = u64::try_from(now.as_second() - station.first_seen.as_second()).unwrap_or(0);
    let manuf = station.maker.as_deref().map(str::to_owned);
    let summary = station.summary.as_deref();
    ClientEntry {
        platform: manuf.clone().unwrap_or_default(),
        last_seen: Some(seconds(station.last_seen)),
        manuf,
        generation: summary.and_then(|summary| summary.generation),
        bands: summary.map(|summary| summary.bands.iter().map(|band| (*band).to_owned()).collect()),
        widths: summary.map(|summary| summary.widths.iter().copied().collect()),
        security: summary.map(|summary| summary.security.to_string()),
        streams: summary.map(|summary| summary.streams),
        ssid: summary.map(|summary| summary.ssid.to_string()),
        signal_dbm: summary.and_then(|summary| summary.signal),
        observed: !station.own,
        status_code: station.answered.map(|answered| answered.status),
        failure: station.failed.map(|cause| cause.label().to_owned()),
        ..ClientEntry::new(
            address.to_string(),
            ClientKind::Device,
            seconds(station.first_seen),
            uptime,
        )
    }
}

/// Tells the counts each second, and the status where it has changed; sleeps while nobody listens.
pub(super) async fn tell(state: Shared) {
    let mut audience = state.shown.events.audience();
    loop {
        if audience.wait_for(|listeners| *listeners > 0).await.is_err() {
            return;
        }
        let mut clock = interval(STATS_INTERVAL);
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut told = state.status();
        while state.shown.events.is_heard() {
            clock.tick().await;
            let status = state.status();
            if !status.is_like(&told) {
                told = status.clone();
                state.shown.events.tell(|| Event::Status(Box::new(status)));
            }
            state.shown.events.tell(|| Event::Stats(Box::new(state.snapshot())));
        }
    }
}
