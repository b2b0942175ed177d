//! The thread that drains the kernel's flow table, and the way of ended flows to the exporters.

use std::{
    io::{PipeReader, PipeWriter, pipe},
    os::fd::AsRawFd as _,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{SessionError, features::LiveFeatures, flow_desk::FlowDesk};
use crate::{
    events::{Events, FlowsNotDrained},
    export::Exports,
    flow::EndedFlow,
    kernel::{Clock, FlowDrain},
};

/// How often the kernel's flow table is drained.
const INTERVAL: Duration = Duration::from_secs(1);

/// Shares of flows that are merged at once: between two pieces, whoever waits for the table has it.
const PIECE: usize = 4096;

/// Ended flows that are handed to the exporters at once.
const LEAVING: usize = 1024;

/// Drains the table at its interval, and a last time at the end.
pub(super) struct FlowThread {
    stop: PipeWriter,
    thread: JoinHandle<()>,
}

impl FlowThread {
    pub(super) fn spawn(
        drain: FlowDrain,
        desk: Arc<FlowDesk>,
        way_out: WayOut,
        events: Arc<Events>,
    ) -> Result<Self, SessionError> {
        let (reader, stop) = pipe().map_err(SessionError::thread)?;
        let thread = thread::Builder::new()
            .name("airlens-flows".to_owned())
            .spawn(move || work(drain, &desk, &way_out, &events, &reader))
            .map_err(SessionError::thread)?;
        Ok(Self { stop, thread })
    }

    pub(super) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the flow thread panicked: flows after that are missing");
        }
    }
}

fn work(mut drain: FlowDrain, desk: &FlowDesk, way_out: &WayOut, events: &Events, stop: &PipeReader) {
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let stopping = wait(stop, INTERVAL);
        let mut leaving = Leaving::until(way_out, None);
        let mut merge = |piece: &mut Vec<_>| {
            // Not held while the kernel's programs are waited for: a scrape must not wait for them.
            let mut table = desk.table();
            for (key, value) in piece.drain(..) {
                table.merge(&key, &value, &mut |ended| leaving.add(ended));
            }
        };
        let drained = drain.drain(|key, value| {
            piece.push((*key, *value));
            if piece.len() == PIECE {
                merge(&mut piece);
            }
        });
        if let Err(error) = drained {
            events.emit(&FlowsNotDrained(&error));
        }
        merge(&mut piece);
        let mut table = desk.table();
        table.expire(Clock::monotonic(), &mut |ended| leaving.add(ended));
        desk.tell(&table);
        drop(table);
        leaving.give();
        if stopping {
            return;
        }
    }
}

/// Where ended flows go, and what joins them there.
#[derive(Clone)]
pub(super) struct WayOut {
    pub(super) exports: Arc<Exports>,
    pub(super) features: Option<Arc<LiveFeatures>>,
}

/// Ended flows on their way to the exporters.
pub(super) struct Leaving<'a> {
    flows: Vec<EndedFlow>,
    way_out: &'a WayOut,
    /// How long full queues are waited for; without, what finds no room there is lost to its exporter.
    patience: Option<Instant>,
}

impl<'a> Leaving<'a> {
    pub(super) fn until(way_out: &'a WayOut, patience: Option<Instant>) -> Self {
        Self {
            flows: Vec::new(),
            way_out,
            patience,
        }
    }

    pub(super) fn add(&mut self, mut ended: EndedFlow) {
        // Fetched even if nobody gets it: it is not needed any more.
        if let Some(features) = &self.way_out.features {
            features.fetch(&mut ended);
        }
        if self.way_out.exports.is_empty() {
            return;
        }
        self.flows.push(ended);
        if self.flows.len() >= LEAVING {
            self.give();
        }
    }

    pub(super) fn give(&mut self) {
        self.way_out
            .exports
            .give(std::mem::take(&mut self.flows), self.patience);
    }
}

/// Waits for the interval or the closing of the pipe's other end; true for the latter.
fn wait(reader: &PipeReader, interval: Duration) -> bool {
    let mut entry = libc::pollfd {
        fd: reader.as_raw_fd(),
        events: 0,
        revents: 0,
    };
    let milliseconds = i32::try_from(interval.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: one valid entry.
    unsafe { libc::poll(&raw mut entry, 1, milliseconds) };
    entry.revents != 0
}
