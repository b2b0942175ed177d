//! Of the machine: its files, kernel and interfaces.

use std::fmt;

use tracing::Level;

use super::{Event, Kind};
use crate::logging::{AUDIT, AUDIT_ALONE};

/// A file is not written.
#[derive(Clone, Copy)]
pub struct FileNotWritten<'a>(pub &'a dyn fmt::Display);

impl Event for FileNotWritten<'_> {
    const KIND: Kind = Kind::FileNotWritten;
    const LEVEL: Level = Level::ERROR;

    fn log(&self, suppressed: Option<u64>) {
        tracing::error!(error = %self.0, suppressed, "a file is not written");
    }
}

/// Counters can't be read.
#[derive(Clone, Copy)]
pub struct CountersUnreadable<'a> {
    /// Which.
    pub what: &'static str,
    /// Why.
    pub error: &'a dyn fmt::Display,
}

impl Event for CountersUnreadable<'_> {
    const KIND: Kind = Kind::CountersUnreadable;
    const LEVEL: Level = Level::ERROR;

    fn log(&self, suppressed: Option<u64>) {
        tracing::error!(what = self.what, error = %self.error, suppressed, "counters can't be read");
    }
}

/// The kernel's flow table can't be drained.
#[derive(Clone, Copy)]
pub struct FlowsNotDrained<'a>(pub &'a dyn fmt::Display);

impl Event for FlowsNotDrained<'_> {
    const KIND: Kind = Kind::FlowsNotDrained;
    const LEVEL: Level = Level::ERROR;

    fn log(&self, suppressed: Option<u64>) {
        tracing::error!(error = %self.0, suppressed, "flows are not drained");
    }
}

/// Events of nl80211 that the kernel had no room for.
#[derive(Clone, Copy, Debug)]
pub struct EventsMissed(pub u64);

impl Event for EventsMissed {
    const KIND: Kind = Kind::EventsMissed;
    const LEVEL: Level = Level::WARN;

    fn amount(&self) -> u64 {
        self.0
    }

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(
            missed = self.0,
            suppressed,
            "events of nl80211 are missed: the rules are read again"
        );
    }
}

/// The regulatory domain is another one.
#[derive(Clone, Copy)]
pub struct RegulatoryDomainChanged<'a> {
    /// Two letters.
    pub country: Option<&'a str>,
    /// Who did it.
    pub initiator: &'a dyn fmt::Debug,
}

impl Event for RegulatoryDomainChanged<'_> {
    const KIND: Kind = Kind::RegulatoryDomainChanged;
    const LEVEL: Level = Level::WARN;

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(
            target: AUDIT,
            country = self.country,
            initiator = ?self.initiator,
            suppressed,
            "the regulatory domain has changed"
        );
    }
}

/// Radar was heard.
#[derive(Clone, Copy, Debug)]
pub struct RadarHeard {
    /// At MHz.
    pub frequency: u32,
}

impl Event for RadarHeard {
    const KIND: Kind = Kind::RadarHeard;
    const LEVEL: Level = Level::WARN;

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(frequency = self.frequency, suppressed, "radar was heard");
    }
}

/// A data interface is gone.
#[derive(Clone, Copy, Debug)]
pub struct InterfaceGone<'a> {
    /// Its name.
    pub interface: &'a str,
}

impl Event for InterfaceGone<'_> {
    const KIND: Kind = Kind::InterfaceGone;
    const LEVEL: Level = Level::WARN;

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(interface = self.interface, suppressed, "a data interface is gone");
    }
}

/// A data interface is there again.
#[derive(Clone, Copy, Debug)]
pub struct InterfaceReturned<'a> {
    /// Its name.
    pub interface: &'a str,
}

impl Event for InterfaceReturned<'_> {
    const KIND: Kind = Kind::InterfaceReturned;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(
            interface = self.interface,
            suppressed,
            "a data interface is there again"
        );
    }
}

/// Frames of an interface are not taken.
#[derive(Clone, Copy)]
pub struct FrameSourceRefused<'a> {
    /// The interface.
    pub interface: &'a str,
    /// Why.
    pub reason: &'a dyn fmt::Display,
}

impl Event for FrameSourceRefused<'_> {
    const KIND: Kind = Kind::FrameSourceRefused;
    const LEVEL: Level = Level::WARN;

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(
            target: AUDIT_ALONE,
            interface = self.interface,
            reason = %self.reason,
            suppressed,
            "a source of frames is refused"
        );
    }
}
