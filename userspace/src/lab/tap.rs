//! A TAP: what is written to its descriptor comes in on its interface, unchanged.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::fd::AsRawFd as _,
};

use super::{LabError, link};

/// `ARPHRD_IEEE80211_RADIOTAP` (Linux `include/uapi/linux/if_arp.h`).
const RADIOTAP: libc::c_int = 803;

/// An Ethernet header: the kernel refuses less.
const LEAST: usize = 14;

/// Above the largest packet that is handed over.
const MTU: i32 = 16 * 1024;

/// What the frames of a TAP are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// Radiotap header and 802.11 frame: the link type of a monitor interface.
    ///
    /// The kernel still takes octets 12 and 13 for an EtherType. Where they read 0x8100 or 0x88a8, it takes a VLAN tag out
    /// of the frame behind generic XDP and before tc; a real monitor interface has nothing of that.
    Monitor,
    /// Ethernet frames.
    Ethernet,
}

/// A TAP interface, up. It goes away with this value.
#[derive(Debug)]
pub struct Tap {
    file: File,
    name: String,
    index: u32,
}

impl Tap {
    /// Makes a TAP in the calling thread's namespace.
    ///
    /// # Errors
    ///
    /// CAP_NET_ADMIN or the `tun` module is missing, or the name is taken.
    pub fn new(name: &str, link_type: LinkType) -> Result<Self, LabError> {
        let mut request = link::request(name)?;
        request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI) as i16;
        // Blocking: a write to a non-blocking descriptor never takes the driver's native XDP path (`tun_can_build_skb`).
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/net/tun")
            .map_err(|error| match error.raw_os_error() {
                Some(libc::EPERM | libc::EACCES) => system("open /dev/net/tun")(error),
                _ => LabError::NoTun(error),
            })?;
        link::control(file.as_raw_fd(), libc::TUNSETIFF, &mut request, "make a TAP")?;
        if link_type == LinkType::Monitor {
            // SAFETY: the command takes the link type itself.
            if unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETLINK, RADIOTAP) } < 0 {
                return Err(system("set a TAP's link type")(io::Error::last_os_error()));
            }
        }
        link::set_mtu(name, MTU)?;
        link::up(name)?;
        Ok(Self {
            file,
            name: name.to_owned(),
            index: link::index(name)?,
        })
    }

    /// The interface's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The interface's index.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Lets a whole frame come in on the interface. When this returns, programs at the interface have run.
    ///
    /// # Errors
    ///
    /// [`LabError::FrameTooShort`] below 14 octets; or the kernel has no memory for the frame.
    pub fn write(&self, frame: &[u8]) -> Result<(), LabError> {
        if frame.len() < LEAST {
            return Err(LabError::FrameTooShort(frame.len()));
        }
        // The driver takes a frame whole or not at all.
        (&self.file).write(frame).map_err(system("write to a TAP"))?;
        Ok(())
    }
}

fn system(action: &'static str) -> impl Fn(io::Error) -> LabError {
    LabError::system(action, "CAP_NET_ADMIN")
}
