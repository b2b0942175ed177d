//! The air of a run: what the kernel programs count and what the radio measures; and hopping.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use airlens_common::ieee80211::FrameControl;
use tokio::{task::JoinHandle, time::MissedTickBehavior};

use super::{Engine, SessionError, state::Shared};
use crate::{
    air::{
        Air, ChannelEntry, Count, Ear, Found, Heard, HopList, HopState, Hopper, Joining, Limits, Pace, Planner, Radio,
        RadioError, Report, Stop, SurveyReading,
    },
    dot11::{Channel, Tuning, link::LinkType},
    kernel::{Clock, Frame, LoadOptions, Station},
    nl80211::{Interface, Nl80211, Survey, WirelessInterface},
    profile::{Capture, Identity},
};

/// How often the tables are brought up to date where nobody asks.
const INTERVAL: Duration = Duration::from_secs(1);
/// In ns: who was heard no longer ago is there.
const PRESENT: u64 = 60_000_000_000;
/// What is younger is not read again for whoever asks.
const FRESH: Duration = Duration::from_millis(200);

/// Which channels are visited, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HopOptions {
    /// The channels.
    pub list: HopList,
    /// The visits.
    pub pace: Pace,
}

/// The tables of a run.
pub(super) struct AirDesk {
    /// Networks and stations are listed; else channels alone, where they are counted.
    lists: bool,
    /// The kernel programs count by channel.
    counts: bool,
    air: Mutex<Air>,
    joining: Mutex<Joining>,
    hopping: Mutex<Option<HopState>>,
    read: Mutex<Option<Instant>>,
}

impl AirDesk {
    pub(super) fn new(identity: Arc<Identity>, load: &LoadOptions) -> Self {
        Self {
            lists: load.stations,
            counts: load.channels,
            air: Mutex::new(Air::new(identity, Limits::default())),
            joining: Mutex::default(),
            hopping: Mutex::default(),
            read: Mutex::default(),
        }
    }

    /// Takes a frame that was handed over.
    pub(super) fn frame(&self, frame: &Frame, clock: Clock) {
        if !self.counts {
            return;
        }
        let time = frame.header.time;
        let at = usize::from(frame.header.radiotap_length);
        if let Some(control) = FrameControl::parse(&frame.packet[..], at) {
            lock(&self.joining).frame(control.subtype(), Duration::from_nanos(time));
        }
        if !self.lists {
            return;
        }
        let capture = Capture {
            time: unix(clock, time),
            ..Capture::default()
        };
        lock(&self.air).frame(LinkType::Radiotap, &frame.packet, capture);
    }

    /// Reads the kernel programs' tables, unless that was done a moment ago.
    fn refresh(&self, engine: &Engine) {
        if !self.counts {
            return;
        }
        let mut read = lock(&self.read);
        if read.is_some_and(|read| read.elapsed() < FRESH) {
            return;
        }
        let counts = match engine.air() {
            Ok(counts) => counts,
            Err(error) => return tracing::error!(%error, "channels and stations can't be read"),
        };
        *read = Some(Instant::now());
        let clock = Clock::now();
        let mut air = lock(&self.air);
        for channel in counts.channels {
            air.channel_count(channel.frequency, channel.count);
        }
        for station in &counts.stations {
            air.heard(heard(station, clock));
        }
    }

    /// Whether there is anything to keep fresh.
    pub(super) fn is_kept(&self) -> bool {
        self.counts
    }

    /// The tables now.
    pub(super) fn report(&self, engine: &Engine) -> Report {
        self.refresh(engine);
        let hopping = lock(&self.hopping).clone();
        lock(&self.air).report(unix(Clock::now(), Clock::monotonic()), hopping)
    }

    /// Stations that were heard in the last minute; `None` where none are listed.
    pub(super) fn heard(&self, engine: &Engine) -> Option<u64> {
        if !self.counts || !self.lists {
            return None;
        }
        self.refresh(engine);
        let now = unix(Clock::now(), Clock::monotonic())?;
        Some(lock(&self.air).heard_since(now.saturating_sub(PRESENT)))
    }

    /// The channels now.
    pub(super) fn channels(&self, engine: &Engine) -> Vec<ChannelEntry> {
        self.refresh(engine);
        let hops = lock(&self.hopping).is_some();
        lock(&self.air).channels(hops)
    }
}

/// Keeps the tables fresh, and asks the radio where it is not asked after each visit.
pub(super) async fn watch(state: Shared, hops: bool) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let radio = state
        .ground
        .stage
        .monitor
        .as_ref()
        .filter(|monitor| !hops && monitor.phy.is_some());
    let mut card = radio.and_then(Card::new);
    loop {
        ticks.tick().await;
        state.air.refresh(&state.engine);
        if let Some(card) = &mut card {
            let (surveys, interfaces) = (card.survey().await, card.nl80211.interfaces().await);
            let on = interfaces.map_or_else(|_| Vec::new(), |all| frequencies(&all, card.index));
            let mut air = lock(&state.air.air);
            air.survey(&surveys);
            if !on.is_empty() {
                air.tuned(&on);
            }
        }
    }
}

/// Begins to hop with the run's monitor interface.
///
/// # Errors
///
/// It is no wireless interface, or has none of the channels.
pub(super) async fn hop(options: &HopOptions, state: &Shared, stop: Stop) -> Result<JoinHandle<()>, SessionError> {
    let Some(monitor) = &state.ground.stage.monitor else {
        return Err(SessionError::NothingToHop);
    };
    let nl80211 = Nl80211::connect()?;
    let interface = nl80211
        .interfaces()
        .await?
        .into_iter()
        .find(|found| found.index == monitor.index);
    let Some(interface) = interface else {
        return Err(SessionError::NothingToHop);
    };
    let wiphy = nl80211.wiphy(interface.wiphy).await?;
    let channels: Vec<_> = wiphy
        .bands
        .iter()
        .flat_map(|band| &band.channels)
        .filter_map(|info| Some((info.channel?, info.disabled)))
        .collect();
    let choice = options.list.choose(&channels)?;
    for (channels, why) in [
        (&choice.disabled, "disabled by regulation"),
        (&choice.missing, "unknown to the radio"),
    ] {
        if !channels.is_empty() {
            let names: Vec<_> = channels.iter().map(Channel::to_string).collect();
            tracing::warn!(channels = names.join(","), why, "channels are left out");
        }
    }
    let planner = Planner::new(&choice.channels, options.pace);
    *lock(&state.air.hopping) = Some(planner.state(None, Duration::ZERO));
    let card = Card {
        nl80211,
        index: monitor.index,
    };
    let ear = RunEar(Arc::clone(state));
    Ok(tokio::spawn(Hopper::new(planner, card, ear).run(stop)))
}

/// A radio by nl80211.
struct Card {
    nl80211: Nl80211,
    index: u32,
}

impl Card {
    fn new(interface: &Interface) -> Option<Self> {
        let nl80211 = Nl80211::connect().ok()?;
        Some(Self {
            nl80211,
            index: interface.index,
        })
    }
}

impl Radio for Card {
    async fn tune(&mut self, channel: Channel) -> Result<(), RadioError> {
        let tuned = self.nl80211.set_channel(self.index, Tuning::narrow(channel)).await;
        tuned.map_err(|error| RadioError(error.to_string()))
    }

    async fn survey(&mut self) -> Vec<SurveyReading> {
        let surveys = self.nl80211.survey(self.index).await.unwrap_or_default();
        surveys.iter().filter_map(reading).collect()
    }
}

/// The run, as whoever hops sees it.
struct RunEar(Shared);

impl Ear for RunEar {
    fn heard(&self, channel: Channel) -> Found {
        let (management, stations) = self.0.engine.heard(channel.frequency()).unwrap_or_default();
        Found { management, stations }
    }

    fn is_joining(&self) -> bool {
        let joining = *lock(&self.0.air.joining);
        joining.is_on(Duration::from_nanos(Clock::monotonic()))
    }

    fn tuned(&self, channel: Channel, state: HopState) {
        lock(&self.0.air.air).tuned(&[channel.frequency()]);
        *lock(&self.0.air.hopping) = Some(state);
    }

    fn visited(&self, channel: Channel, lasted: Duration, surveys: &[SurveyReading]) {
        let mut air = lock(&self.0.air.air);
        air.survey(surveys);
        air.visited(channel.frequency(), Some(lasted));
    }

    fn refused(&self, channel: Channel, error: &RadioError, state: HopState) {
        tracing::warn!(%channel, %error, "the channel is put aside for a while");
        lock(&self.0.air.air).visited(channel.frequency(), None);
        *lock(&self.0.air.hopping) = Some(state);
    }
}

/// Where the radio of interface `index` is, in MHz, by all interfaces of it. Not every driver's survey tells. A monitor beside
/// an access point has no channel of its own (`ieee80211_cfg_get_channel` in net/mac80211/cfg.c).
fn frequencies(all: &[WirelessInterface], index: u32) -> Vec<u16> {
    let wiphy = all.iter().find(|one| one.index == index).map(|one| one.wiphy);
    all.iter()
        .filter(|one| Some(one.wiphy) == wiphy)
        .filter_map(|one| u16::try_from(one.frequency?).ok())
        .collect()
}

fn reading(survey: &Survey) -> Option<SurveyReading> {
    Some(SurveyReading {
        frequency: u16::try_from(survey.frequency).ok()?,
        noise: survey.noise,
        active_ms: survey.time_ms,
        busy_ms: survey.busy_ms,
        in_use: survey.in_use,
    })
}

fn heard(station: &Station, clock: Clock) -> Heard {
    Heard {
        address: station.address,
        bssid: station.bssid,
        count: Count {
            frames: station.frames,
            bytes: station.bytes,
            retries: station.retries,
        },
        last: unix(clock, station.last),
        frequency: station.frequency,
        signal: station.signal,
        own: station.own,
    }
}

fn unix(clock: Clock, monotonic: u64) -> Option<u64> {
    u64::try_from(clock.timestamp(monotonic).as_nanosecond()).ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nl80211::InterfaceKind;

    #[test]
    fn a_radio_is_where_its_interfaces_are() {
        let interface = |index, wiphy, kind, frequency| WirelessInterface {
            index,
            name: format!("wlan{index}"),
            wiphy,
            kind,
            address: crate::dot11::Address([2, 0, 0, 0, 0, 0]),
            frequency,
            width: None,
            center: None,
            ssid: None,
        };
        let all = [
            interface(3, 0, InterfaceKind::Ap, Some(5200)),
            interface(4, 1, InterfaceKind::Managed, Some(2412)),
            interface(5, 0, InterfaceKind::Monitor, None),
            interface(6, 2, InterfaceKind::Monitor, None),
        ];
        assert_eq!(frequencies(&all, 5), [5200], "the access point's");
        assert_eq!(frequencies(&all, 4), [2412]);
        assert_eq!(frequencies(&all, 6), [0; 0], "not told");
        assert_eq!(frequencies(&all, 7), [0; 0], "gone");
    }
}
