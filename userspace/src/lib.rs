//! airlens: an eBPF/XDP-accelerated Wi-Fi client profiler and traffic monitor.
//!
//! Data goes one way: `kernel` or `capture` → `dot11` → `profile` → `publish`, and `kernel` → `flow` → `publish`.
//! docs/ARCHITECTURE.md has the picture.

pub mod air;
pub mod ap;
pub mod capture;
pub mod cli;
pub mod config;
mod csv;
pub mod demo;
pub mod dot11;
pub mod events;
pub mod exit;
pub mod export;
pub mod filter;
pub mod flow;
mod json;
pub mod kernel;
pub mod lab;
pub mod logging;
pub mod nl80211;
pub mod profile;
pub mod publish;
pub mod session;
pub mod spans;
