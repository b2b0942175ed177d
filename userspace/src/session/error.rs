//! Why a run can't start or go on.

use std::io;

use crate::{
    air::HopError,
    kernel::KernelError,
    nl80211::Nl80211Error,
    publish::{documents::Reason, http::BindError, lifecycle::LifecycleError, metrics::MetricsError},
};

/// An error of a run.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// From the kernel programs' boundary.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// From the wireless subsystem.
    #[error(transparent)]
    Nl80211(#[from] Nl80211Error),
    /// From the run's own files.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// A socket can't be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Metrics can't be set up.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// An interface went away, or another one has its name now.
    #[error("interface {name} is gone: plug it in again, then start anew")]
    InterfaceGone {
        /// Its name.
        name: String,
    },
    /// The thread that writes the files has ended.
    #[error("files are not written any more: the log above says why, please report it; start anew")]
    WriterGone,
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
    /// Neither `-i` nor `--data`, and no Wi-Fi interface.
    #[error(
        "nothing to do, as there is no Wi-Fi interface: give -i IFACE to profile Wi-Fi clients, --data IFACE to count traffic, or both (`airlens interfaces` lists them)"
    )]
    NothingToDo,
    /// Neither `-i` nor `--data`, and more than one Wi-Fi interface.
    #[error("there are several Wi-Fi interfaces, {names}: choose one with -i")]
    SeveralInterfaces {
        /// Their names.
        names: String,
    },
    /// Hopping needs a radio.
    #[error("there is no radio to hop with: give a Wi-Fi interface with -i, or leave --hop out")]
    NothingToHop,
    /// The radio has none of the channels.
    #[error(transparent)]
    Hop(#[from] HopError),
    /// A thread or its pipe could not be made.
    #[error("can't start a thread: {source}; too many processes, or too little memory")]
    Thread {
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
}

impl SessionError {
    /// The kind of failure, as the run's files name it.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Kernel(KernelError::Permission { .. }) | Self::Nl80211(Nl80211Error::Permission { .. }) => {
                Reason::InsufficientPermissions
            }
            Self::Kernel(KernelError::NoInterface { .. } | KernelError::Attach { .. })
            | Self::Nl80211(_)
            | Self::InterfaceGone { .. }
            | Self::NotWireless { .. }
            | Self::NoEthernet { .. } => Reason::InterfaceValidation,
            Self::Kernel(KernelError::Load(_) | KernelError::Program { .. }) => Reason::MissingTools,
            Self::Lifecycle(LifecycleError::AlreadyRunning { .. }) => Reason::AlreadyRunning,
            Self::Bind(_)
            | Self::Metrics(_)
            | Self::Lifecycle(LifecycleError::Write(_))
            | Self::NothingToDo
            | Self::SeveralInterfaces { .. }
            | Self::NothingToHop
            | Self::Hop(_) => Reason::ConfigValidation,
            _ => Reason::UnknownError,
        }
    }

    pub(super) fn thread(source: io::Error) -> Self {
        Self::Thread { source }
    }
}
