//! Exit codes: what a script can tell from a run's end.

use std::{process::ExitCode, time::Duration};

use crate::{
    cli::{CaptureUsage, IdentityError, NoClient},
    config::ConfigErrors,
    demo::DemoError,
    export::ExportError,
    filter::FilterError,
    kernel::KernelError,
    lab::LabError,
    logging::LogError,
    nl80211::Nl80211Error,
    publish::{atomic::WriteError, http::BindError, lifecycle::LifecycleError, query::QueryError},
    session::{SessionError, hostapd::HostapdError},
    spans::HeadersError,
};

/// Signals to end within it are one: timeout(1) sends its own twice, to the process and to the process's group.
pub(crate) const ONE_SIGNAL: Duration = Duration::from_millis(100);

/// How airlens ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Success = 0,
    /// Something failed; the message says what.
    Failure = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The input was read, or the client files, and no client was in it.
    NoClient = 3,
    /// An input file can't be read or is damaged.
    BadInput = 4,
    /// A capability is missing.
    Permission = 5,
    /// There is no such interface.
    NoInterface = 6,
    /// The kernel or the driver can't do it.
    Unsupported = 7,
    /// Another airlens runs with these paths, or on this radio.
    AlreadyRunning = 8,
    /// A file can't be written.
    NotWritable = 9,
    /// The address is taken.
    AddressInUse = 10,
    /// Ended at once by a second signal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table in `airlens --help`.
pub const HELP: &str = "\
Exit status:
  0    success
  1    failure; the message says which
  2    wrong command line or configuration
  3    no client found in the input
  4    an input file can't be read or is damaged
  5    a capability is missing
  6    no such interface
  7    the kernel or the driver can't do it
  8    another airlens runs with these paths, or on this radio
  9    a file can't be written
  10   the address is in use
  130  ended at once by a second signal
airlens health, as probes and Nagios have it:
  0    OK
  1    WARNING: not ready, or at work with losses or errors
  2    CRITICAL: it does not answer, or does not do its work";

impl Exit {
    /// Of `airlens health`: not ready, or at work with losses or errors.
    pub const WARNING: Self = Self::Failure;
    /// Of `airlens health`: no answer, or not at work.
    pub const CRITICAL: Self = Self::Usage;

    /// The exit code of an error, from the first cause in its chain that has one.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        error.chain().find_map(Self::of_cause).unwrap_or(Self::Failure)
    }

    /// The exit code of one error, if it has one.
    #[must_use]
    pub fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Self> {
        if let Some(error) = cause.downcast_ref::<SessionError>() {
            return match error {
                SessionError::Kernel(error) => Self::of_cause(error),
                SessionError::Nl80211(error) | SessionError::NoCountry { refusal: error } => Self::of_cause(error),
                SessionError::Lifecycle(error) => Self::of_cause(error),
                SessionError::Bind(error) => Self::of_cause(error),
                SessionError::Export(ExportError::File(_) | ExportError::Spool(_)) => Some(Self::NotWritable),
                SessionError::NothingToDo
                | SessionError::NothingToHop
                | SessionError::Hop(_)
                | SessionError::SeveralInterfaces { .. }
                | SessionError::Settings { .. }
                | SessionError::Metrics(_) => Some(Self::Usage),
                SessionError::RadioInUse { .. } => Some(Self::AlreadyRunning),
                SessionError::NotWireless { .. } | SessionError::NoEthernet { .. } => Some(Self::Unsupported),
                SessionError::InterfaceGone { .. } => Some(Self::NoInterface),
                SessionError::Hostapd(HostapdError::Missing { .. })
                | SessionError::ModeUnsupported { .. }
                | SessionError::RadioOff { .. } => Some(Self::Unsupported),
                SessionError::Ap(_) => Some(Self::Usage),
                SessionError::Thread { .. }
                | SessionError::Export(ExportError::Thread(_))
                | SessionError::WriterGone
                | SessionError::Hostapd(_)
                | SessionError::ApStopped { .. }
                | SessionError::ChannelClosed { .. }
                | SessionError::Inject { .. }
                | SessionError::Entropy(_)
                | SessionError::Held { .. }
                | SessionError::NetworkManager(_)
                | SessionError::NotRestored { .. } => None,
                SessionError::Journal(_) | SessionError::Token(_) | SessionError::Tls(_) => Some(Self::BadInput),
            };
        }
        if let Some(error) = cause.downcast_ref::<DemoError>() {
            return match error {
                DemoError::Lab(LabError::NotPermitted { .. }) => Some(Self::Permission),
                DemoError::Session(error) => Self::of_cause(error),
                DemoError::Run(error) => Self::of_cause(&**error),
                _ => None,
            };
        }
        if cause.is::<ConfigErrors>() || cause.is::<CaptureUsage>() {
            return Some(Self::Usage);
        }
        if let Some(error) = cause.downcast_ref::<LogError>() {
            return match error {
                LogError::File { .. } | LogError::NoFile { .. } => Some(Self::NotWritable),
                LogError::Taken { .. } => Some(Self::AlreadyRunning),
                LogError::Journal { .. } => Some(Self::Unsupported),
                LogError::Thread(_) => None,
            };
        }
        if cause.is::<HeadersError>() {
            return Some(Self::BadInput);
        }
        if cause.is::<IdentityError>() {
            return Some(Self::BadInput);
        }
        if cause.is::<NoClient>() {
            return Some(Self::NoClient);
        }
        if let Some(error) = cause.downcast_ref::<QueryError>() {
            return match error {
                QueryError::Permission(_) => Some(Self::Permission),
                _ => None,
            };
        }
        if let Some(error) = cause.downcast_ref::<LifecycleError>() {
            return match error {
                LifecycleError::AlreadyRunning { .. } => Some(Self::AlreadyRunning),
                LifecycleError::Write(error) => Self::of_cause(error),
            };
        }
        if let Some(error) = cause.downcast_ref::<BindError>() {
            return match error {
                BindError::InUse(_) => Some(Self::AddressInUse),
                BindError::Unix { .. } => Some(Self::NotWritable),
                BindError::Tcp { .. } => None,
            };
        }
        if cause.downcast_ref::<WriteError>().is_some() {
            return Some(Self::NotWritable);
        }
        if let Some(error) = cause.downcast_ref::<KernelError>() {
            return match error {
                KernelError::Permission { .. } => Some(Self::Permission),
                KernelError::NoInterface { .. } | KernelError::InterfaceGone { .. } => Some(Self::NoInterface),
                KernelError::Load(_) | KernelError::Program { .. } | KernelError::Attach { .. } => {
                    Some(Self::Unsupported)
                }
                KernelError::Pin { .. } => Some(Self::NotWritable),
                KernelError::Filter(error) => Self::of_cause(&**error),
                KernelError::FilterRefused { .. } | KernelError::LinkType { .. } | KernelError::OtherPackets { .. } => {
                    Some(Self::Unsupported)
                }
                KernelError::TooManyInterfaces { .. } => Some(Self::Usage),
                KernelError::PinTaken { .. } => Some(Self::AlreadyRunning),
                _ => None,
            };
        }
        if let Some(error) = cause.downcast_ref::<FilterError>() {
            return match error {
                FilterError::Expression { .. } | FilterError::TooLong { .. } | FilterError::Loop { .. } => {
                    Some(Self::Usage)
                }
                FilterError::NoLibrary { .. } | FilterError::NoFunction(_) => Some(Self::Unsupported),
            };
        }
        if let Some(error) = cause.downcast_ref::<Nl80211Error>() {
            return match error {
                Nl80211Error::Permission { .. } => Some(Self::Permission),
                Nl80211Error::NoWireless | Nl80211Error::Unsupported { .. } | Nl80211Error::Refused { .. } => {
                    Some(Self::Unsupported)
                }
                Nl80211Error::Gone { .. } => Some(Self::NoInterface),
                _ => None,
            };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_decides() {
        let error = KernelError::NoInterface {
            name: "mon7".to_owned(),
            existing: "lo".to_owned(),
        };
        assert_eq!(
            Exit::of(&anyhow::Error::new(error).context("can't start")),
            Exit::NoInterface
        );
        assert_eq!(Exit::of(&anyhow::anyhow!("other")), Exit::Failure);
    }

    #[test]
    fn help_names_every_code() {
        for code in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130] {
            assert!(
                HELP.lines()
                    .any(|line| line.trim_start().starts_with(&format!("{code} "))),
                "{code}"
            );
        }
    }
}
