//! What the wireless subsystem refuses, and what to do about it.

use std::{io, path::Path};

use super::{
    holder::{holders, told},
    interfaces::existing_names,
};

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
    #[error("the driver can't {action}{said}; `airlens interfaces --wiphy` shows what each device can do")]
    Unsupported {
        /// What was tried.
        action: String,
        /// What the kernel said of it, with brackets, or nothing.
        said: String,
    },
    /// The driver or the regulatory domain does not take it so: a channel that is closed, for listening only or too wide.
    #[error(
        "the driver or the regulatory domain refuses to {action}{said}: `airlens interfaces --wiphy --channels` shows what the device can do and where"
    )]
    Refused {
        /// What was tried.
        action: String,
        /// What the kernel said of it, with brackets, or nothing.
        said: String,
    },
    /// It is so already, by this program or by another.
    #[error("can't {action}, it is done already{holders}: stop the program that did it, or give another interface")]
    Already {
        /// What was tried.
        action: String,
        /// The programs that run and may have done it, or nothing.
        holders: String,
    },
    /// There is no such thing.
    #[error("can't {action}: there is none")]
    Absent {
        /// What was tried.
        action: String,
    },
    /// Something else holds the device.
    #[error(
        "can't {action}, the device is busy{holders}: stop what uses it (NetworkManager: `nmcli device set IFACE managed no`; wpa_supplicant, iwd, hostapd: stop the service) or give another interface"
    )]
    Busy {
        /// What was tried.
        action: String,
        /// The programs that run and may hold it, or nothing.
        holders: String,
    },
    /// The device's radio is switched off.
    #[error("can't {action}, the radio is switched off: `rfkill unblock wifi`, or the hardware switch")]
    Rfkill {
        /// What was tried.
        action: String,
    },
    /// The device takes no more interfaces of the kind.
    #[error(
        "can't {action}, the device takes no more interfaces{said}: remove one (`airlens interfaces` lists them, `airlens interfaces --wiphy` shows which go together)"
    )]
    TooMany {
        /// What was tried.
        action: String,
        /// What the kernel said of it, with brackets, or nothing.
        said: String,
    },
    /// The interface or the device went away.
    #[error(
        "can't {action}, the interface is gone: plug the adapter in again; `airlens interfaces` shows which there are"
    )]
    Gone {
        /// What was tried.
        action: String,
    },
    /// The interface must be up for this.
    #[error("can't {action}, the interface is down: `ip link set IFACE up`")]
    Down {
        /// What was tried.
        action: String,
    },
    /// The channel can't be used so.
    #[error("can't {action}: {refusal}")]
    Channel {
        /// What was tried.
        action: String,
        /// Why, and the way out.
        refusal: super::ChannelRefusal,
    },
    /// Not two letters.
    #[error(
        "{country:?} is no country: give its two capital letters, such as DE or US, or 00 for the world's common rules"
    )]
    Country {
        /// What was given.
        country: String,
    },
    /// Another answer of the kernel.
    #[error("can't {action}{said}: {source}")]
    Kernel {
        /// What was tried.
        action: String,
        /// What the kernel said of it, with brackets, or nothing.
        said: String,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// The netlink connection itself failed.
    #[error("netlink: {0}")]
    Netlink(String),
}

impl Nl80211Error {
    /// The kernel's answer to `action`, with the words that it may have had for it, as an error.
    pub(super) fn refused(code: i32, said: Option<&str>, action: &str) -> Self {
        let action = action.to_owned();
        let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
        match code.abs() {
            libc::EPERM | libc::EACCES => Self::Permission { action },
            libc::EOPNOTSUPP => Self::Unsupported { action, said },
            libc::EINVAL => Self::Refused { action, said },
            libc::EALREADY => Self::Already {
                holders: holders_of(&action),
                action,
            },
            libc::ENOENT => Self::Absent { action },
            libc::EBUSY => Self::Busy {
                holders: holders_of(&action),
                action,
            },
            libc::ERFKILL => Self::Rfkill { action },
            libc::ENFILE => Self::TooMany { action, said },
            libc::ENODEV => Self::Gone { action },
            libc::ENETDOWN => Self::Down { action },
            code => Self::Kernel {
                action,
                said,
                source: io::Error::from_raw_os_error(code),
            },
        }
    }

    /// A refusal of the link layer.
    pub(super) fn link(error: &io::Error, action: &str) -> Self {
        Self::refused(error.raw_os_error().unwrap_or(libc::EIO), None, action)
    }
}

/// The programs that may hold the interface that is one of the action's words.
fn holders_of(action: &str) -> String {
    let names = existing_names();
    let interface = names.iter().find(|name| action.split(' ').any(|word| word == *name));
    told(&holders(Path::new("/proc"), interface.map_or("", String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_cause_and_way_out() {
        for (code, words) in [
            (libc::EPERM, "CAP_NET_ADMIN"),
            (libc::EOPNOTSUPP, "the driver can't"),
            (libc::EINVAL, "(limit reached): `airlens interfaces --wiphy --channels`"),
            (libc::EALREADY, "done already"),
            (libc::ENOENT, "there is none"),
            (libc::EBUSY, "NetworkManager"),
            (libc::ERFKILL, "rfkill unblock wifi"),
            (libc::ENFILE, "takes no more interfaces (limit reached): remove one"),
            (libc::ENODEV, "plug the adapter in again"),
            (libc::ENETDOWN, "ip link set IFACE up"),
            (libc::ENOMEM, "(limit reached): Cannot allocate memory"),
        ] {
            let error = Nl80211Error::refused(-code, Some("limit reached"), "add mon0").to_string();
            assert!(error.contains("add mon0") && error.contains(words), "{error}");
        }
    }
}
