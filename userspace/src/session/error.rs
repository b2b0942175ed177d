//! Why a run can't start or go on.

use std::io;

use crate::{kernel::KernelError, nl80211::Nl80211Error};

/// An error of a run.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// From the kernel programs' boundary.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// From the wireless subsystem.
    #[error(transparent)]
    Nl80211(#[from] Nl80211Error),
    /// The interface for `-i` carries no 802.11 frames with radiotap headers.
    #[error(
        "{name} is no Wi-Fi interface: give a monitor or a managed one, `airlens interfaces` shows which there are"
    )]
    NotWireless {
        /// Its name.
        name: String,
    },
    /// The interface for `--data` carries no Ethernet frames.
    #[error("{name} carries no Ethernet frames: `airlens interfaces` shows which do")]
    NoEthernet {
        /// Its name.
        name: String,
    },
    /// Neither `-i` nor `--data`.
    #[error("nothing to do: give -i IFACE to profile Wi-Fi clients, --data IFACE to count traffic, or both")]
    NothingToDo,
    /// A thread or its pipe could not be made.
    #[error("can't start a thread: {source}; too many processes, or too little memory")]
    Thread {
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
}

impl SessionError {
    pub(super) fn thread(source: io::Error) -> Self {
        Self::Thread { source }
    }
}
