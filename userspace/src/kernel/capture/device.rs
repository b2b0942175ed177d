//! What an interface's packets begin with.

use std::{ffi::CString, io, net::UdpSocket, os::fd::AsRawFd as _};

use crate::{kernel::KernelError, nl80211::existing_names};

/// An interface that can be captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureDevice {
    /// Its name.
    pub name: String,
    /// Its index in the calling thread's namespace.
    pub index: u32,
    /// The link type of its packets (<https://www.tcpdump.org/linktypes.html>).
    pub link_type: u16,
}

impl CaptureDevice {
    /// Finds an interface in the calling thread's namespace.
    ///
    /// # Errors
    ///
    /// [`KernelError::NoInterface`], or [`KernelError::LinkType`].
    pub fn find(name: &str) -> Result<Self, KernelError> {
        let index = index(name).ok_or_else(|| KernelError::NoInterface {
            name: name.to_owned(),
            existing: existing_names().join(" "),
        })?;
        let kind = kind(name)?;
        let link_type = link_type(kind).ok_or_else(|| KernelError::LinkType {
            interface: name.to_owned(),
            kind,
        })?;
        Ok(Self {
            name: name.to_owned(),
            index,
            link_type,
        })
    }

    /// It is still there.
    #[must_use]
    pub fn exists(&self) -> bool {
        index(&self.name) == Some(self.index)
    }
}

fn index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: a terminated string.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index != 0).then_some(index)
}

/// The `ARPHRD` number.
fn kind(name: &str) -> Result<u16, KernelError> {
    let system = |source: io::Error| KernelError::System {
        call: "read an interface's kind",
        source,
    };
    let socket = UdpSocket::bind("0.0.0.0:0").map_err(system)?;
    // SAFETY: all-zero is a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // The last octet stays 0.
    let room = request.ifr_name.len() - 1;
    for (to, from) in request.ifr_name[..room].iter_mut().zip(name.bytes()) {
        *to = from.cast_signed();
    }
    // SAFETY: the command writes within the ifreq.
    if unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFHWADDR, &raw mut request) } < 0 {
        return Err(system(io::Error::last_os_error()));
    }
    // SAFETY: the address is what the kernel just wrote.
    Ok(unsafe { request.ifr_ifru.ifru_hwaddr.sa_family })
}

/// By the `ARPHRD` numbers of Linux `include/uapi/linux/if_arp.h`, as libpcap's `map_arphrd_to_dlt`.
fn link_type(kind: u16) -> Option<u16> {
    match kind {
        // Ethernet; loopback, whose packets have an Ethernet header of zeros.
        1 | 772 => Some(1),
        801 => Some(105),
        802 => Some(119),
        803 => Some(127),
        // Packets that begin with IP: IP over IP, SIT, TUN and WireGuard, raw IP of modems.
        768 | 769 | 776 | 519 | 0xfffe => Some(101),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        assert_eq!([1, 803, 0xfffe].map(link_type), [Some(1), Some(127), Some(101)]);
        assert_eq!(link_type(280), None);
    }

    #[test]
    fn loopback_is_there_and_another_is_not() {
        let loopback = CaptureDevice::find("lo").unwrap();
        assert_eq!(loopback.link_type, 1);
        assert!(loopback.exists());
        let error = CaptureDevice::find("none0").unwrap_err();
        assert!(
            matches!(&error, KernelError::NoInterface { existing, .. } if existing.contains("lo")),
            "{error}"
        );
    }
}
