//! Flows in user space: what the kernel's table counted, kept until a flow ends.

mod table;

pub use table::{EndReason, Flow, FlowTable, Timeouts};
