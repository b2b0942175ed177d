//! What goes on during a run: frames become profiles, and the interfaces are watched.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};

use super::{Outcome, SessionError, state::Shared, writer::Order};
use crate::{
    kernel::{Clock, Frame},
    nl80211::interface,
    publish::lifecycle::INFO_INTERVAL,
};

/// How often the interfaces are looked at.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Takes frames until the ring's reader ends.
pub(super) async fn profile(state: Shared, mut frames: mpsc::Receiver<Frame>, orders: mpsc::Sender<Order>) {
    let mut clock = Clock::now();
    let mut read = Instant::now();
    while let Some(frame) = frames.recv().await {
        if read.elapsed() > WATCH_INTERVAL {
            (clock, read) = (Clock::now(), Instant::now());
        }
        if frame.header.frequency != 0 {
            state
                .frequency
                .store(u64::from(frame.header.frequency), Ordering::Relaxed);
        }
        state.air.frame(&frame, clock);
        let outcome = state.profiler().frame(&frame, clock);
        match outcome {
            Outcome::Profile(profile) => {
                let order = Order::Publish(Arc::from(profile), frame.header.time);
                if orders.send(order).await.is_err() {
                    return;
                }
            }
            Outcome::Failed(error) => tracing::debug!(%error, "a request gives no profile"),
            Outcome::Nothing => {}
        }
    }
}

/// Keeps the info file fresh, and sees when an interface or the files' writer goes away.
pub(super) async fn watch_over(
    state: Shared,
    orders: mpsc::Sender<Order>,
    failed: watch::Sender<Option<Arc<SessionError>>>,
) {
    let mut watch = interval(WATCH_INTERVAL);
    watch.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last = Instant::now();
    loop {
        watch.tick().await;
        if last.elapsed() >= INFO_INTERVAL {
            last = Instant::now();
            // A full queue means that the info file is being written for each profile anyway.
            let _ = orders.try_send(Order::Tick);
        }
        let error = if orders.is_closed() {
            Some(SessionError::WriterGone)
        } else {
            gone(&state)
        };
        if let Some(error) = error {
            state.capturing.store(false, Ordering::Relaxed);
            let _ = failed.send(Some(Arc::new(error)));
            return;
        }
    }
}

/// The first of the run's interfaces that is gone, or another one of its name.
fn gone(state: &Shared) -> Option<SessionError> {
    let mut staged = state.stage.monitor.iter().chain(&state.stage.data);
    let gone = staged.find(|staged| interface(&staged.name).is_none_or(|now| now.index != staged.index))?;
    Some(SessionError::InterfaceGone {
        name: gone.name.clone(),
    })
}
