//! `cargo xtask …`: set-up, eBPF build, demo, tests, VM and benches.
fn main() {}
