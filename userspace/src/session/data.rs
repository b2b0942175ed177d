//! Data interfaces that come and go: VPNs, containers, adapters. The run goes on, and takes up those that are there again.

use std::sync::atomic::Ordering;

use super::state::RunState;
use crate::{
    events::{FrameSourceRefused, InterfaceGone, InterfaceReturned},
    nl80211::{Interface, interface, interfaces},
};

/// The data interfaces of a run, by name.
pub(super) struct DataInterfaces(Vec<DataInterface>);

struct DataInterface {
    name: String,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Programs are attached to the interface of this index.
    Attached(u32),
    /// The interface of this index takes none.
    Refused(u32),
    Gone,
}

impl DataInterfaces {
    /// As they are when the run has started.
    pub(super) fn of(state: &RunState) -> Self {
        let attached = state.ground.stage.data.iter().map(|interface| DataInterface {
            name: interface.name.clone(),
            place: Place::Attached(interface.index),
        });
        Self(attached.collect())
    }

    /// Sees which are gone, and attaches to those that are there again.
    pub(super) fn look(&mut self, state: &RunState) {
        for data in &mut self.0 {
            data.look(state);
        }
        let away = |data: &&DataInterface| !matches!(data.place, Place::Attached(_));
        state
            .absent
            .store(self.0.iter().filter(away).count(), Ordering::Relaxed);
    }
}

impl DataInterface {
    fn look(&mut self, state: &RunState) {
        let now = interface(&self.name);
        let index = now.as_ref().map(|now| now.index);
        if let Place::Attached(known) | Place::Refused(known) = self.place {
            // One that was given another name is still counted, by the name that it had.
            if index == Some(known) || interfaces().iter().any(|other| other.index == known) {
                return;
            }
            state.telemetry.events.emit(&InterfaceGone { interface: &self.name });
            state.engine.forget(&self.name);
            self.place = Place::Gone;
        }
        if let Some(now) = now {
            self.place = take_back(state, &now);
        }
    }
}

fn take_back(state: &RunState, now: &Interface) -> Place {
    let interface = &*now.name;
    let refused = |reason: &dyn std::fmt::Display| {
        state.telemetry.events.emit(&FrameSourceRefused { interface, reason });
        Place::Refused(now.index)
    };
    if !now.kind.carries_ethernet() {
        return refused(&"it is there again, but carries no Ethernet");
    }
    match state.engine.take_back(now) {
        Ok(()) => {
            state.telemetry.events.emit(&InterfaceReturned { interface });
            Place::Attached(now.index)
        }
        Err(error) => refused(&error),
    }
}
