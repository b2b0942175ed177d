//! What the wireless subsystem refuses, and what to do about it.

use std::io;

/// An error of nl80211 or of the link layer below it.
#[derive(Debug, thiserror::Error)]
pub enum Nl80211Error {
    /// The kernel has no cfg80211: no wireless driver is loaded.
    #[error(
        "this kernel has no wireless subsystem (no nl80211): load the driver of your adapter, `airlens doctor` tells more"
    )]
    NoWireless,
    /// The request needs CAP_NET_ADMIN.
    #[error("not permitted to {action}: run airlens with sudo, or give it CAP_NET_ADMIN")]
    Permission {
        /// What was tried.
        action: String,
    },
    /// The driver can't do it.
    #[error("the driver can't {action}; `airlens interfaces` shows which interfaces can capture")]
    Unsupported {
        /// What was tried.
        action: String,
    },
    /// Something else holds the device.
    #[error(
        "can't {action}, the device is busy: stop what uses it (NetworkManager, wpa_supplicant, hostapd) or give another interface"
    )]
    Busy {
        /// What was tried.
        action: String,
    },
    /// The device's radio is switched off.
    #[error("can't {action}, the radio is switched off: `rfkill unblock wifi`, or the hardware switch")]
    Rfkill {
        /// What was tried.
        action: String,
    },
    /// Another answer of the kernel.
    #[error("can't {action}: {source}")]
    Kernel {
        /// What was tried.
        action: String,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// The netlink connection itself failed.
    #[error("netlink: {0}")]
    Netlink(String),
}

impl Nl80211Error {
    /// The kernel's answer to `action` as an error.
    pub(super) fn from_code(code: i32, action: &str) -> Self {
        let action = action.to_owned();
        match code.abs() {
            libc::EPERM | libc::EACCES => Self::Permission { action },
            libc::EOPNOTSUPP | libc::EINVAL => Self::Unsupported { action },
            libc::EBUSY => Self::Busy { action },
            libc::ERFKILL => Self::Rfkill { action },
            code => Self::Kernel {
                action,
                source: io::Error::from_raw_os_error(code),
            },
        }
    }
}
