//! Link-layer facts of an interface by ioctl (netdevice(7)), and bringing it up: they follow the calling thread's network
//! namespace, which a sysfs mount does not.

use std::{
    io,
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd},
};

/// What the kernel says of an interface.
pub(super) struct Link {
    pub(super) index: u32,
    /// `ARPHRD_…`.
    pub(super) hardware_type: u32,
    pub(super) address: [u8; 6],
    pub(super) up: bool,
}

/// The interface of that name; `None` if there is none.
pub(super) fn link(name: &str) -> Option<Link> {
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
        address,
        up: i32::from(flags) & libc::IFF_UP != 0,
    })
}

/// Brings the interface up.
pub(super) fn set_up(name: &str) -> io::Result<()> {
    let socket = socket()?;
    let mut request = ask(&socket, name, libc::SIOCGIFFLAGS)?;
    // SAFETY: the member that the request above filled.
    unsafe { request.ifr_ifru.ifru_flags |= libc::IFF_UP as libc::c_short };
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
        assert_eq!((link.index, link.hardware_type, link.address), (1, 772, [0; 6]));
        assert!(super::link("no-such-if").is_none());
        assert!(super::link("a-name-longer-than-the-kernel-takes").is_none());
    }
}
