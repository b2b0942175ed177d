//! The boundary with the kernel programs: load, attach, rings, counters and flow tables.
//!
//! Nothing here knows what a frame means; nothing else knows that there are maps.

mod air;
mod attach;
mod barrier;
mod capture;
mod clock;
mod clsact;
mod cost;
mod counters;
mod error;
mod flows;
mod load;
mod log;
mod mapping;
mod owner;
mod pins;
mod ring;
mod ring_gauge;
mod syscall;

pub use air::{AirCounts, Channel, Station};
pub use attach::{Attachment, Hook, HookChoice};
pub use capture::{
    CaptureCounts, CaptureDevice, CaptureOptions, CaptureProgram, CaptureSource, CapturedInterface, CapturedPacket,
    RingWaiter, Scribe,
};
pub use clock::Clock;
pub use cost::{Cost, Measuring};
pub use counters::{Balance, Counters, DataCount, FlowBalance};
pub use error::KernelError;
pub use flows::FlowDrain;
pub use load::{Direction, KernelPrograms, LoadOptions, OBJECT, PROGRAMS};
pub use pins::Pins;
pub use ring::{Frame, RingReader};
pub use ring_gauge::RingGauge;
