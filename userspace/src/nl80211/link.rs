//! Link-layer facts of an interface by ioctl (netdevice(7)), bringing it up and down, its address: they follow the calling
//! thread's network namespace, which a sysfs mount does not.

use std::{
    ffi::CStr,
    io,
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd},
};

use super::Nl80211Error;
use crate::dot11::Address;

/// What the kernel says of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its index.
    pub index: u32,
    /// `ARPHRD_…` (Linux `include/uapi/linux/if_arp.h`).
    pub hardware_type: u32,
    /// Its address.
    pub address: Address,
    /// Administratively up.
    pub up: bool,
}

/// The interface of that name; `None` if there is none.
#[must_use]
pub fn link(name: &str) -> Option<Link> {
    let socket = socket().ok()?;
    let index = ask(&socket, name, libc::SIOCGIFINDEX).ok()?;
    let hardware = ask(&socket, name, libc::SIOCGIFHWADDR).ok()?;
    let flags = ask(&socket, name, libc::SIOCGIFFLAGS).ok()?;
    // SAFETY: the member that each request fills.
    let (index, hardware, flags) = unsafe {
        (
            index.ifr_ifru.ifru_ifindex,
            hardware.ifr_ifru.ifru_hwaddr,
            flags.ifr_ifru.ifru_flags,
        )
    };
    let mut address = [0; 6];
    for (octet, value) in address.iter_mut().zip(hardware.sa_data) {
        *octet = value.cast_unsigned();
    }
    Some(Link {
        index: index.unsigned_abs(),
        hardware_type: u32::from(hardware.sa_family),
        address: Address(address),
        up: i32::from(flags) & libc::IFF_UP != 0,
    })
}

/// The name of the interface of that index; `None` if there is none.
#[must_use]
pub fn name(index: u32) -> Option<String> {
    let mut octets = [0; libc::IFNAMSIZ];
    // SAFETY: the kernel writes at most IFNAMSIZ octets with the terminator.
    let found = unsafe { libc::if_indextoname(index, octets.as_mut_ptr().cast()) };
    if found.is_null() {
        return None;
    }
    let name = CStr::from_bytes_until_nul(&octets).ok()?;
    Some(name.to_string_lossy().into_owned())
}

/// Brings the interface up.
///
/// # Errors
///
/// There is none of that name, the radio is switched off, or no right to.
pub fn set_up(name: &str) -> Result<(), Nl80211Error> {
    set_flags(name, |flags| flags | libc::IFF_UP)
        .map_err(|error| Nl80211Error::link(&error, &format!("bring {name} up")))
}

/// Takes the interface down.
///
/// # Errors
///
/// There is none of that name, or no right to.
pub fn set_down(name: &str) -> Result<(), Nl80211Error> {
    set_flags(name, |flags| flags & !libc::IFF_UP)
        .map_err(|error| Nl80211Error::link(&error, &format!("take {name} down")))
}

/// Gives the interface another address; it must be down for most drivers.
///
/// # Errors
///
/// There is none of that name, the driver refuses the address, the interface is up, or no right to.
pub fn set_address(name: &str, address: Address) -> Result<(), Nl80211Error> {
    let set = || {
        let socket = socket()?;
        // The family of the address is the interface's hardware type, which the answer holds.
        let mut request = ask(&socket, name, libc::SIOCGIFHWADDR)?;
        // SAFETY: the member that the request above filled.
        let data = unsafe { &mut request.ifr_ifru.ifru_hwaddr.sa_data };
        for (to, from) in data.iter_mut().zip(address.0) {
            *to = from.cast_signed();
        }
        call(&socket, libc::SIOCSIFHWADDR, &mut request)
    };
    set().map_err(|error: io::Error| Nl80211Error::link(&error, &format!("give {name} the address {address}")))
}

fn set_flags(name: &str, change: impl FnOnce(libc::c_int) -> libc::c_int) -> io::Result<()> {
    let socket = socket()?;
    let mut request = ask(&socket, name, libc::SIOCGIFFLAGS)?;
    // SAFETY: the member that the request above filled.
    unsafe { request.ifr_ifru.ifru_flags = change(request.ifr_ifru.ifru_flags.into()) as libc::c_short };
    call(&socket, libc::SIOCSIFFLAGS, &mut request)
}

fn socket() -> io::Result<OwnedFd> {
    // SAFETY: no pointers.
    let descriptor = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a fresh descriptor that nothing else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn ask(socket: &OwnedFd, name: &str, request: libc::Ioctl) -> io::Result<libc::ifreq> {
    // SAFETY: all-zero is a valid ifreq.
    let mut ifreq: libc::ifreq = unsafe { std::mem::zeroed() };
    if name.is_empty() || name.len() >= ifreq.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, from) in ifreq.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from.cast_signed();
    }
    call(socket, request, &mut ifreq)?;
    Ok(ifreq)
}

fn call(socket: &OwnedFd, request: libc::Ioctl, ifreq: &mut libc::ifreq) -> io::Result<()> {
    // SAFETY: these requests read and write one ifreq.
    if unsafe { libc::ioctl(socket.as_raw_fd(), request, &raw mut *ifreq) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_index_one() {
        let link = link("lo").unwrap();
        assert_eq!(
            (link.index, link.hardware_type, link.address),
            (1, 772, Address([0; 6]))
        );
        assert_eq!(name(1).as_deref(), Some("lo"));
        assert_eq!(name(u32::MAX), None);
        assert!(super::link("no-such-if").is_none());
        assert!(super::link("a-name-longer-than-the-kernel-takes").is_none());
    }

    #[test]
    fn no_such_interface_says_what_was_tried() {
        let error = set_address("no-such-if", Address([2, 0, 0, 0, 0, 1]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("give no-such-if the address 02:00:00:00:00:01"),
            "{error}"
        );
        assert!(set_up("no-such-if").is_err() && set_down("no-such-if").is_err());
    }
}
