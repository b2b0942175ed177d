//! What can go wrong while a private network is made, and what to do about it.

use std::io;

/// An error of the private network.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The kernel refuses for want of a capability.
    #[error("not permitted to {action}: run it with sudo, or give it {capability}")]
    NotPermitted {
        /// What was tried.
        action: &'static str,
        /// The capability's name.
        capability: &'static str,
    },
    /// The kernel has no TUN/TAP.
    #[error(
        "/dev/net/tun: {0}; load the module (modprobe tun), or in a container pass the device in (--device /dev/net/tun)"
    )]
    NoTun(#[source] io::Error),
    /// An interface name that the kernel would not take.
    #[error("interface name {0:?}: use 1 to 15 octets without space, slash or colon")]
    Name(String),
    /// A TAP takes whole frames of 14 octets and more (Linux `drivers/net/tun.c`, `tun_get_user`).
    #[error("a frame of {0} octets can't go through a TAP: 14 is the least")]
    FrameTooShort(usize),
    /// The kernel refuses to make or change an interface.
    #[error("can't {action}: {source}")]
    Netlink {
        /// What was tried.
        action: &'static str,
        /// The kernel's answer.
        #[source]
        source: rtnetlink::Error,
    },
    /// A system call failed.
    #[error("can't {action}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
}

impl LabError {
    /// For `map_err`: an input/output error of `action`, which takes `capability`.
    pub(super) fn system(action: &'static str, capability: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| match source.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => Self::NotPermitted { action, capability },
            _ => Self::System { action, source },
        }
    }

    /// For `map_err`: the kernel's answer to a netlink request, all of which take CAP_NET_ADMIN.
    pub(super) fn netlink(action: &'static str) -> impl Fn(rtnetlink::Error) -> Self {
        move |source| match &source {
            rtnetlink::Error::NetlinkError(message) if message.raw_code() == -libc::EPERM => Self::NotPermitted {
                action,
                capability: "CAP_NET_ADMIN",
            },
            _ => Self::Netlink { action, source },
        }
    }
}
