//! What can go wrong between user space and the kernel, and what to do about it.

use std::{io, path::PathBuf};

use aya::{EbpfError, maps::MapError, programs::ProgramError};

use crate::filter::FilterError;

/// An error of the boundary with the kernel programs.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// The kernel refuses for want of a capability.
    #[error(
        "not permitted to {action}: run airlens with sudo, or give it CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW and CAP_PERFMON"
    )]
    Permission {
        /// What was tried.
        action: String,
    },
    /// The programs could not be created.
    #[error(
        "the kernel did not take the programs: {0:#?}; airlens needs Linux 6.1 or newer with BTF, `airlens doctor` tells more"
    )]
    Load(#[source] Box<EbpfError>),
    /// The verifier or the kernel refused one program.
    #[error(
        "the kernel did not take program {program}: {source}; airlens needs Linux 6.1 or newer, `airlens doctor` tells more"
    )]
    Program {
        /// The program's name.
        program: &'static str,
        /// The kernel's answer, with the verifier's log.
        #[source]
        source: Box<ProgramError>,
    },
    /// No hook took the program.
    #[error("{program} could not be attached to {interface} ({tried}); choose another way with --hook")]
    Attach {
        /// The program's name.
        program: &'static str,
        /// Interface name.
        interface: String,
        /// Each hook tried with the kernel's answer.
        tried: String,
    },
    /// A map is not as this program expects it.
    #[error("map {map}: {source}")]
    Map {
        /// The map's name.
        map: &'static str,
        /// The kernel's or the loader's answer.
        #[source]
        source: Box<MapError>,
    },
    /// The object holds no such program or map: object and binary are of different builds.
    #[error("the kernel object has no {0}: build both anew with `cargo xtask build-ebpf`")]
    Missing(&'static str),
    /// What the programs log can't be read.
    #[error("the kernel programs' log: {0}")]
    Log(String),
    /// A map could not be pinned.
    #[error("{path}: can't pin: {reason}; name a folder on a bpf file system (mount -t bpf bpf /sys/fs/bpf)", path = path.display())]
    Pin {
        /// Where to.
        path: PathBuf,
        /// The kernel's answer.
        reason: String,
    },
    /// Another run has its maps there.
    #[error("{path}: the maps of another run{} are pinned there: stop it, or name another folder", holder(*.pid), path = path.display())]
    PinTaken {
        /// The folder.
        path: PathBuf,
        /// The process, where /proc/locks tells.
        pid: Option<u32>,
    },
    /// A filter is no program.
    #[error(transparent)]
    Filter(Box<FilterError>),
    /// The kernel refuses a filter's program.
    #[error("the kernel did not take the filter {expression:?}: {source}: {reason}; try a simpler one")]
    FilterRefused {
        /// The expression.
        expression: String,
        /// The kernel's answer.
        #[source]
        source: io::Error,
        /// The end of the verifier's log.
        reason: String,
    },
    /// More interfaces than the program knows.
    #[error("more than {most} interfaces can't be captured at once: start another airlens for the others")]
    TooManyInterfaces {
        /// The most.
        most: usize,
    },
    /// An interface whose packets begin with what captures have no name for.
    #[error("packets of {interface} are of a kind that can't be captured (ARPHRD {kind} of Linux)")]
    LinkType {
        /// Interface name.
        interface: String,
        /// The kernel's number of what it is.
        kind: u16,
    },
    /// An interface of another kind has the name of one that was captured.
    #[error("{interface} is there again, but its packets are of another kind: start a new capture of it")]
    OtherPackets {
        /// Interface name.
        interface: String,
    },
    /// An interface went away while it was in use.
    #[error("interface {name} is gone; what came before is kept")]
    InterfaceGone {
        /// Its name.
        name: String,
    },
    /// No such interface.
    #[error("no interface {name}; there are: {existing}")]
    NoInterface {
        /// The name that was asked for.
        name: String,
        /// The names that exist, separated by spaces.
        existing: String,
    },
    /// A system call failed.
    #[error("{call}: {source}")]
    System {
        /// The call.
        call: &'static str,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
}

impl KernelError {
    pub(super) fn system(call: &'static str) -> Self {
        Self::System {
            call,
            source: io::Error::last_os_error(),
        }
    }

    pub(super) fn map(map: &'static str) -> impl Fn(MapError) -> Self {
        move |source| Self::Map {
            map,
            source: Box::new(source),
        }
    }
}

/// The operating system's error at the end of an error's chain of sources, if there is one.
pub(super) fn os_error(error: &(dyn std::error::Error + 'static)) -> Option<i32> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(code) = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return Some(code);
        }
        next = error.source();
    }
    None
}

/// EPERM and EACCES, wherever in the chain.
pub(super) fn is_permission(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(os_error(error), Some(libc::EPERM | libc::EACCES))
}

fn holder(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
}
