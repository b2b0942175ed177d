//! Flows in user space: what the kernel's table counted, or a capture holds, kept until a flow ends.

mod ended;
pub mod features;
mod fragments;
mod link;
pub mod offline;
mod row;
mod table;
mod wheel;

pub use airlens_common::ethernet::Layers;
pub use ended::{EndReason, EndedFlow, Flow, Timeouts};
pub use fragments::FragmentTable;
pub use link::{FlowOf, flow_of};
pub use row::Row;
pub use table::FlowTable;
