//! Flows in user space: what the kernel's table counted, kept until a flow ends.

mod fragments;
mod table;

pub use fragments::FragmentTable;
pub use table::{EndReason, Flow, FlowTable, Timeouts};
