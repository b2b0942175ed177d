//! Data interfaces that come and go: VPNs, containers, adapters. The run goes on, and takes up those that are there again.

use std::sync::atomic::Ordering;

use super::state::RunState;
use crate::nl80211::{Interface, interface, interfaces};

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
            tracing::warn!(interface = self.name, "a data interface is gone");
            state.engine.forget(&self.name);
            self.place = Place::Gone;
        }
        if let Some(now) = now {
            self.place = take_back(state, &now);
        }
    }
}

fn take_back(state: &RunState, now: &Interface) -> Place {
    if !now.kind.carries_ethernet() {
        tracing::warn!(
            interface = now.name,
            "a data interface is there again, but carries no Ethernet"
        );
        return Place::Refused(now.index);
    }
    match state.engine.take_back(now) {
        Ok(()) => {
            tracing::info!(interface = now.name, "a data interface is there again");
            Place::Attached(now.index)
        }
        Err(error) => {
            tracing::warn!(interface = now.name, %error, "a data interface is there again, but not counted");
            Place::Refused(now.index)
        }
    }
}
