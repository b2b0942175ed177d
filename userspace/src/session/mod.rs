//! The life of a run: stage the interfaces, start the kernel side, profile, publish, give everything back.

mod engine;
mod error;
mod stage;

pub use engine::{Engine, EngineOptions, FlowState};
pub use error::SessionError;
pub use stage::Stage;
