//! Why a run can't start or go on.

use std::io;

use super::{hostapd::HostapdError, journal::JournalError, network_manager::NetworkManagerError};
use crate::{
    air::HopError,
    ap::ApError,
    export::ExportError,
    kernel::KernelError,
    nl80211::Nl80211Error,
    publish::{
        documents::Reason,
        http::{BindError, TlsError, TokenError},
        lifecycle::LifecycleError,
        metrics::MetricsError,
    },
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
    /// The rules close the channel, and nobody has said whose rules they are to be.
    #[error("no country is known: {refusal}")]
    NoCountry {
        /// Why the channel is closed.
        refusal: Nl80211Error,
    },
    /// From the run's own files.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// An exporter can't start.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A socket can't be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The API's tokens can't be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The API's certificate can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Metrics can't be set up.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// From hostapd, or on the way to it.
    #[error(transparent)]
    Hostapd(#[from] HostapdError),
    /// There can be no such access point.
    #[error(transparent)]
    Ap(#[from] ApError),
    /// The device can't do what the mode needs.
    #[error(
        "--mode {mode} needs {needs}, which this device has not: `airlens interfaces` shows what it can; `--mode listen` needs least"
    )]
    ModeUnsupported {
        /// The mode.
        mode: String,
        /// What is missing.
        needs: &'static str,
    },
    /// rfkill.
    #[error("the radio of {phy} is switched off (rfkill): {way_out}, then start anew")]
    RadioOff {
        /// The device.
        phy: String,
        /// What turns it on.
        way_out: &'static str,
    },
    /// The channel was closed to access points while there was one.
    #[error("{why}: start anew on another channel")]
    ChannelClosed {
        /// What happened.
        why: String,
    },
    /// The kernel stopped the access point, and it can't be started again.
    #[error("the access point on {name} was stopped: {why}; was the radio switched off, or the channel closed?")]
    ApStopped {
        /// Its interface.
        name: String,
        /// The last refusal.
        why: String,
    },
    /// Injection failed.
    #[error(
        "can't {what} on the monitor: {source}; does the driver inject? `--mode ap` and `--mode hostapd` need no injection"
    )]
    Inject {
        /// What failed.
        what: &'static str,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// No random octets for SAE.
    #[error("the system gives no random octets: {0}; is this a kernel before 3.17 without /dev/urandom?")]
    Entropy(String),
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
    /// Settings that the mode, once it is known, can't be with.
    #[error("{message}")]
    Settings {
        /// What is wrong, with what would be right.
        message: String,
    },
    /// Another run has the wireless device.
    #[error(
        "airlens is already running on {phy}{}: stop it first, or give another interface",
        .pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    RadioInUse {
        /// The device.
        phy: String,
        /// The run's process, if the lock file tells.
        pid: Option<u32>,
    },
    /// A program that airlens does not ask holds the interface.
    #[error(
        "{program} (pid {pid}) holds {interface}: stop it first (`systemctl stop {program}` or `kill {pid}`), or listen (`--mode listen`)"
    )]
    Held {
        /// The interface.
        interface: String,
        /// What holds it.
        program: String,
        /// Its process.
        pid: u32,
    },
    /// `NetworkManager` did not do what was asked of it.
    #[error(transparent)]
    NetworkManager(#[from] NetworkManagerError),
    /// A journal can't be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Some things could not be given back.
    #[error("not everything is given back: {what}; once that is mended, `airlens restore` goes on")]
    NotRestored {
        /// Which, and why.
        what: String,
    },
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
            Self::NoCountry { .. } => Reason::CountryCodeDetection,
            Self::Token(TokenError::Unreadable { source, .. }) | Self::Tls(TlsError::Unreadable { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Reason::FileNotFound
            }
            Self::Hostapd(HostapdError::Crashed { .. }) => Reason::HostapdCrashed,
            Self::Hostapd(HostapdError::Missing { .. }) => Reason::MissingTools,
            Self::Hostapd(HostapdError::Options(_) | HostapdError::Text { .. }) | Self::Ap(_) => {
                Reason::ConfigValidation
            }
            Self::Hostapd(_) => Reason::HostapdStartFailed,
            Self::ApStopped { .. } | Self::Inject { .. } => Reason::FakeapCrashed,
            Self::ModeUnsupported { .. } | Self::RadioOff { .. } | Self::ChannelClosed { .. } => {
                Reason::InterfaceValidation
            }
            Self::Kernel(KernelError::NoInterface { .. } | KernelError::Attach { .. })
            | Self::Nl80211(_)
            | Self::InterfaceGone { .. }
            | Self::Held { .. }
            | Self::NetworkManager(_)
            | Self::NotWireless { .. }
            | Self::NoEthernet { .. } => Reason::InterfaceValidation,
            Self::Kernel(KernelError::Load(_) | KernelError::Program { .. }) => Reason::MissingTools,
            Self::Lifecycle(LifecycleError::AlreadyRunning { .. })
            | Self::Kernel(KernelError::PinTaken { .. })
            | Self::RadioInUse { .. } => Reason::AlreadyRunning,
            Self::Bind(_)
            | Self::Export(_)
            | Self::Token(_)
            | Self::Tls(_)
            | Self::Metrics(_)
            | Self::Lifecycle(LifecycleError::Write(_))
            | Self::NothingToDo
            | Self::SeveralInterfaces { .. }
            | Self::NothingToHop
            | Self::Hop(_)
            | Self::Settings { .. } => Reason::ConfigValidation,
            _ => Reason::UnknownError,
        }
    }

    pub(super) fn thread(source: io::Error) -> Self {
        Self::Thread { source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_and_one_that_is_closed() {
        let reason = |kind: io::ErrorKind| {
            let path = "/etc/airlens/tokens".into();
            let source = kind.into();
            SessionError::from(TokenError::Unreadable { path, source }).reason()
        };
        assert_eq!(reason(io::ErrorKind::NotFound), Reason::FileNotFound);
        assert_eq!(reason(io::ErrorKind::PermissionDenied), Reason::ConfigValidation);
    }
}
