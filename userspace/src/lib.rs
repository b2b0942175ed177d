//! airlens: an eBPF/XDP-accelerated Wi-Fi client profiler and traffic monitor.
//!
//! Data goes one way: `kernel` or `capture` → `dot11` → `profile` → `publish`, and `kernel` → `flow` → `publish`.
//! docs/ARCHITECTURE.md has the picture.

pub mod config;
pub mod publish;
