//! Changes to interfaces of the calling thread's namespace: by ioctl where one does it, else by netlink.

use std::{
    ffi::CString,
    future::Future,
    io,
    net::UdpSocket,
    os::fd::{AsRawFd as _, RawFd},
};

use rtnetlink::Handle;

use super::LabError;

/// Legacy ethtool commands (Linux `include/uapi/linux/ethtool.h`), each with a value of 0 or 1 to switch a feature.
const OFFLOADS: [u32; 4] = [
    0x1f, // ETHTOOL_STSO
    0x24, // ETHTOOL_SGSO
    0x2c, // ETHTOOL_SGRO
    0x26, // ETHTOOL_SFLAGS: with 0, VLAN tags stay in the frame, no receive hash, no large receive
];

#[repr(C)]
struct EthtoolValue {
    command: u32,
    data: u32,
}

fn system(action: &'static str) -> impl Fn(io::Error) -> LabError {
    LabError::system(action, "CAP_NET_ADMIN")
}

/// An `ifreq` that names `interface`, everything else 0.
pub(super) fn request(interface: &str) -> Result<libc::ifreq, LabError> {
    let bad = |octet: u8| matches!(octet, b'/' | b':' | 0) || octet.is_ascii_whitespace();
    if interface.is_empty() || interface.len() >= libc::IFNAMSIZ || interface.bytes().any(bad) {
        return Err(LabError::Name(interface.to_owned()));
    }
    // SAFETY: all-zero is a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(interface.bytes()) {
        *to = from.cast_signed();
    }
    Ok(request)
}

/// An ioctl that takes an ifreq.
pub(super) fn control(
    descriptor: RawFd,
    command: libc::Ioctl,
    request: &mut libc::ifreq,
    action: &'static str,
) -> Result<(), LabError> {
    // SAFETY: the commands used here read and write within an ifreq and what it points to.
    if unsafe { libc::ioctl(descriptor, command, std::ptr::from_mut(request)) } < 0 {
        return Err(system(action)(io::Error::last_os_error()));
    }
    Ok(())
}

/// Any socket does for interface ioctls: it stands for its namespace.
fn socket() -> Result<UdpSocket, LabError> {
    UdpSocket::bind("0.0.0.0:0").map_err(system("open a socket"))
}

/// Sets the interface up.
pub(super) fn up(interface: &str) -> Result<(), LabError> {
    let socket = socket()?;
    let mut request = request(interface)?;
    control(
        socket.as_raw_fd(),
        libc::SIOCGIFFLAGS,
        &mut request,
        "read an interface's flags",
    )?;
    // SAFETY: the flags are what the kernel just wrote.
    unsafe { request.ifr_ifru.ifru_flags |= libc::IFF_UP as i16 };
    control(
        socket.as_raw_fd(),
        libc::SIOCSIFFLAGS,
        &mut request,
        "set an interface up",
    )
}

/// Sets the interface's MTU.
pub(super) fn set_mtu(interface: &str, octets: i32) -> Result<(), LabError> {
    let mut request = request(interface)?;
    request.ifr_ifru.ifru_mtu = octets;
    control(
        socket()?.as_raw_fd(),
        libc::SIOCSIFMTU,
        &mut request,
        "set an interface's MTU",
    )
}

/// Switches segmentation, coalescing and VLAN offload off, so that a packet in the stack is a packet on the wire.
pub(super) fn offload_off(interface: &str) -> Result<(), LabError> {
    let socket = socket()?;
    for command in OFFLOADS {
        let mut value = EthtoolValue { command, data: 0 };
        let mut request = request(interface)?;
        request.ifr_ifru.ifru_data = (&raw mut value).cast();
        control(
            socket.as_raw_fd(),
            libc::SIOCETHTOOL,
            &mut request,
            "switch an interface's offloads off",
        )?;
    }
    Ok(())
}

/// The interface's index.
pub(super) fn index(interface: &str) -> Result<u32, LabError> {
    let name = CString::new(interface).map_err(|_| LabError::Name(interface.to_owned()))?;
    // SAFETY: a terminated string.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(system("find an interface")(io::Error::last_os_error())),
        index => Ok(index),
    }
}

/// Runs netlink requests in the calling thread's namespace.
pub(super) fn netlink<F: Future<Output = Result<(), rtnetlink::Error>>>(
    action: &'static str,
    requests: impl FnOnce(Handle) -> F,
) -> Result<(), LabError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(system("start a runtime"))?;
    runtime.block_on(async {
        let (connection, handle, _) = rtnetlink::new_connection().map_err(system("open a netlink socket"))?;
        let connection = tokio::spawn(connection);
        let result = requests(handle).await.map_err(LabError::netlink(action));
        connection.abort();
        result
    })
}
