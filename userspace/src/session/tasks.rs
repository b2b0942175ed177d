//! What goes on during a run: frames become profiles, and the interfaces are watched.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, mpsc::UnboundedReceiver, watch},
    time::{MissedTickBehavior, interval},
};

use super::{
    Outcome, SessionError, data::DataInterfaces, modes::ModeFailure, shown::Life, state::Shared, writer::Order,
};
use crate::{
    events::{
        ClientLeft, ClientRegistered, EventsMissed, RadarHeard, RegulatoryDomainChanged, RequestAnswered,
        RequestUnreadable,
    },
    kernel::{Clock, Frame},
    nl80211::{Event, Events, interface},
    publish::{failures::FailedClient, lifecycle::INFO_INTERVAL},
};

/// `NL80211_RADAR_DETECTED`.
const RADAR_HEARD: u32 = 0;
/// How often the interfaces are looked at.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// How often it is looked for clients whose time to ask is over.
const EXPIRE_INTERVAL: Duration = Duration::from_millis(500);

/// Takes frames until the ring's reader ends.
pub(super) async fn profile(state: Shared, mut frames: mpsc::Receiver<Frame>, orders: mpsc::Sender<Order>) {
    let mut clock = Clock::now();
    let mut read = Instant::now();
    let mut expire = interval(EXPIRE_INTERVAL);
    expire.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            _ = expire.tick() => {
                let failed = failed(&state, clock);
                if !failed.is_empty() && orders.send(Order::Failed(failed)).await.is_err() {
                    return;
                }
                continue;
            }
        };
        let Some(frame) = frame else { return };
        if read.elapsed() > WATCH_INTERVAL {
            (clock, read) = (Clock::now(), Instant::now());
        }
        if frame.header.frequency != 0 {
            state
                .frequency
                .store(u64::from(frame.header.frequency), Ordering::Relaxed);
        }
        state.air.frame(&frame, clock);
        let traces = state.telemetry.traces.as_deref();
        let mut trace = traces.and_then(|traces| traces.begin(&frame));
        let (outcome, new) = {
            let mut profiler = state.profiler();
            let outcome = profiler.traced_frame(&frame, clock, trace.as_deref_mut());
            if let Some(client) = profiler.take_changed() {
                state.tell_client(&profiler, client);
            }
            (outcome, profiler.registered())
        };
        let events = &state.telemetry.events;
        if let Some((client, own)) = new {
            events.emit(&ClientRegistered { client, observed: !own });
        }
        match outcome {
            Outcome::Profile(profile) => {
                let order = Order::Publish(Arc::from(profile), frame.header.time, trace);
                if orders.send(order).await.is_err() {
                    return;
                }
            }
            Outcome::Failed(error) => {
                events.emit(&RequestUnreadable(&error));
                if let Some((traces, trace)) = traces.zip(trace) {
                    traces.failed(*trace, clock, &error);
                }
            }
            Outcome::Answered(client, answered) => events.emit(&RequestAnswered {
                client,
                bssid: answered.bssid,
                status: answered.status,
                after_us: answered.after,
            }),
            Outcome::Left((client, bssid), reason) => events.emit(&ClientLeft { client, bssid, reason }),
            Outcome::Nothing => {}
        }
    }
}

/// The clients whose time to ask is over, as their list has them.
fn failed(state: &Shared, clock: Clock) -> Vec<FailedClient> {
    let mut profiler = state.profiler();
    let failed = profiler.expire(Clock::monotonic());
    for failure in &failed {
        state.tell_client(&profiler, failure.client);
    }
    let listed = failed.into_iter().map(|failed| {
        let time = clock.timestamp(failed.since).into();
        FailedClient {
            mac: failed.client.to_string(),
            manuf: profiler.maker(failed.client).unwrap_or_default().into_owned(),
            bssid: failed.bssid.to_string(),
            observed: !failed.own,
            frequency: failed.frequency,
            algorithm: failed.authentication.algorithm,
            cause: failed.cause.label().to_owned(),
            status_code: failed.authentication.status,
            reason_code: failed.reason,
            first_seen: time,
            last_seen: time,
            count: 1,
        }
    });
    listed.collect()
}

/// Where a run's failure is told; the first one counts.
pub(super) type Failed = Arc<watch::Sender<Option<Arc<SessionError>>>>;

fn fail(state: &Shared, failed: &Failed, error: SessionError) {
    state.capturing.store(false, Ordering::Relaxed);
    state.enter(Life::failed(error.reason(), error.to_string()));
    failed.send_if_modified(|told| {
        let first = told.is_none();
        told.get_or_insert_with(|| Arc::new(error));
        first
    });
}

/// Sees what becomes of the mode and of the air: the access point that ends, rules that change, radar.
pub(super) async fn watch_air(state: Shared, failures: Option<UnboundedReceiver<ModeFailure>>, failed: Failed) {
    let mut failures = failures;
    // Without nl80211 there are no rules that could change.
    let mut events = state
        .ground
        .intent
        .device
        .as_ref()
        .and_then(|_| Events::subscribe().ok());
    loop {
        let failure = async {
            match &mut failures {
                Some(failures) => failures.recv().await,
                None => std::future::pending().await,
            }
        };
        let event = async {
            match &mut events {
                Some(events) => events.next().await,
                None => std::future::pending().await,
            }
        };
        let error = tokio::select! {
            failure = failure => match failure {
                Some(failure) => Some(failure.into()),
                // Without a word: a run that ends leaves this task first.
                None => Some(SessionError::ApStopped {
                    name: state.ground.interface().unwrap_or_default().to_owned(),
                    why: "its thread has ended, please report it".to_owned(),
                }),
            },
            event = event => match event {
                Ok(event) => changed(&state, event).await,
                Err(error) => {
                    tracing::warn!(%error, "changes of the rules are not seen any more");
                    events = None;
                    None
                }
            },
        };
        if let Some(error) = error {
            return fail(&state, &failed, error);
        }
    }
}

/// What an event means for the run.
async fn changed(state: &Shared, event: Event) -> Option<SessionError> {
    let device = state.ground.intent.device.as_ref()?;
    match event {
        Event::InterfaceRemoved { index, name, .. } => {
            let gone = state.ground.interfaces().any(|(_, ours)| ours == index);
            gone.then_some(SessionError::InterfaceGone { name })
        }
        Event::RegulatoryChanged {
            country,
            initiator,
            wiphy,
        } if wiphy.is_none_or(|wiphy| wiphy == device.wiphy.index) => {
            state.telemetry.events.emit(&RegulatoryDomainChanged {
                country: country.as_deref(),
                initiator: &initiator,
            });
            closed(state).await
        }
        Event::Lost(count) => {
            state.telemetry.events.emit(&EventsMissed(count));
            // The rules may have changed; an interface that is gone is seen all the same.
            closed(state).await
        }
        Event::Radar {
            wiphy,
            frequency,
            kind: RADAR_HEARD,
        } if wiphy == device.wiphy.index => {
            state.telemetry.events.emit(&RadarHeard { frequency });
            let tuning = state.ground.tuning()?;
            let (low, high) = tuning.edges();
            let hit = state.ground.access_point.is_some() && (u32::from(low)..u32::from(high)).contains(&frequency);
            hit.then(|| SessionError::ChannelClosed {
                why: format!("radar was heard at {frequency} MHz"),
            })
        }
        _ => None,
    }
}

/// Whether the rules forbid the channel now.
async fn closed(state: &Shared) -> Option<SessionError> {
    let device = state.ground.intent.device.as_ref()?;
    let tuning = state.ground.tuning().filter(|_| state.ground.access_point.is_some())?;
    // It may take the kernel a moment to apply them to the device.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let wiphy = device.nl80211.wiphy(device.interface.wiphy).await.ok()?;
    let refusal = wiphy.refusal(tuning, true)?;
    Some(SessionError::ChannelClosed {
        why: format!("the regulatory domain has changed: {refusal}"),
    })
}

/// Keeps the info file fresh, and sees when an interface or the files' writer goes away; data interfaces may come back.
pub(super) async fn watch_over(state: Shared, orders: mpsc::Sender<Order>, failed: Failed) {
    let mut watch = interval(WATCH_INTERVAL);
    watch.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last = Instant::now();
    let mut data = DataInterfaces::of(&state);
    loop {
        watch.tick().await;
        data.look(&state);
        state.telemetry.events.tell_suppressed(false);
        if last.elapsed() >= INFO_INTERVAL {
            last = Instant::now();
            // A full queue means that the info file is being written for each profile anyway.
            let _ = orders.try_send(Order::Tick);
        }
        if let Err(error) = state.engine.tell_losses() {
            tracing::debug!(%error, "exporters are not told of losses");
        }
        let error = if orders.is_closed() {
            Some(SessionError::WriterGone)
        } else {
            gone(&state)
        };
        if let Some(error) = error {
            return fail(&state, &failed, error);
        }
    }
}

/// The first of the run's interfaces that is gone, or another one of its name.
fn gone(state: &Shared) -> Option<SessionError> {
    let (name, _) = state
        .ground
        .interfaces()
        .find(|(name, index)| interface(name).is_none_or(|now| now.index != *index))?;
    Some(SessionError::InterfaceGone { name: name.to_owned() })
}
