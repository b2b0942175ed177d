//! Crafted frames, captures of others, and running programs without an interface.

pub mod air;
pub mod browser;
pub mod capture;
pub mod certificate;
pub mod classic;
pub mod cli;
pub mod corpus;
pub mod dump;
pub mod ended;
pub mod ethernet;
pub mod flows;
pub mod mutate;
pub mod pcapng;
pub mod peer;
pub mod program;
pub mod property;
pub mod python;
pub mod radiotap;
pub mod request;
pub mod run;
pub mod schema;
pub mod tcpdump;
pub mod tshark;
pub mod view;

use std::{thread, time::Duration};

use airlens::{
    kernel::LoadOptions,
    lab::{LabError, Namespace, Statistics},
};

/// Every management subtype, woken for none: tests read the ring themselves.
pub const EVERYTHING: LoadOptions = LoadOptions {
    ring_bytes: 1 << 20,
    subtypes: u16::MAX,
    urgent: 0,
    log: false,
    network_interval: Duration::ZERO,
    request_interval: Duration::ZERO,
    stations: true,
    channels: true,
    flow_capacity: 8192,
    inner: false,
};

/// Keeps this thread on a CPU: each CPU has its own share of a flow.
///
/// # Panics
///
/// There is no such CPU.
pub fn stay_on(cpu: usize) {
    // SAFETY: all-zero is an empty set, and the index is checked by the macro's callee.
    let result = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set)
    };
    assert_eq!(result, 0, "no CPU {cpu}");
}

/// A frame with a name for the assertion that it breaks.
pub type Named = (String, Vec<u8>);

/// The kernel's own counters of an interface, once they have not moved for a while.
///
/// # Errors
///
/// No such interface there.
pub fn settled(namespace: &Namespace, interface: &str) -> Result<Statistics, LabError> {
    let read = || namespace.run(|| Statistics::read(interface))?;
    let mut last = read()?;
    loop {
        thread::sleep(Duration::from_millis(60));
        let now = read()?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}
