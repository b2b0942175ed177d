//! The life of a run: stage the interfaces, start the kernel side, profile, publish, give everything back.

mod air;
mod counts;
mod data;
mod engine;
mod error;
mod exported;
mod failure;
mod features;
mod flow_desk;
mod flows;
mod ground;
pub mod hostapd;
pub mod journal;
mod last;
mod lease;
mod modes;
mod network_manager;
mod notify;
mod options;
mod profiler;
mod ready;
mod run;
mod shown;
mod sockets;
mod stage;
mod state;
mod tasks;
mod telemetry;
mod writer;

pub use air::HopOptions;
pub use engine::{Engine, EngineOptions};
pub use error::SessionError;
pub use failure::{RefusedRun, refuse};
pub use flow_desk::FlowState;
pub use network_manager::NetworkManagerError;
pub use notify::ServiceManager;
pub use options::RunOptions;
pub use profiler::{
    Answered, FailedAttempt, FailureCause, Outcome, ProfileCounts, Profiler, ProfilerOptions, Station, Summary,
};
pub use run::Run;
pub use sockets::Listen;
pub use stage::{Stage, StageOptions};
pub use telemetry::{Reload, Telemetry};
