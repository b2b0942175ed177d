//! A packet socket on a monitor interface: frames in by a filter, frames out behind a radiotap header.

use std::{
    io,
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd},
    time::Duration,
};

use crate::dot11::Address;

/// The socket option `PACKET_IGNORE_OUTGOING` (Linux 4.20, include/uapi/linux/if_packet.h).
const PACKET_IGNORE_OUTGOING: libc::c_int = 23;
/// An Ethernet protocol that stands for all, in network order.
const ALL: u16 = (libc::ETH_P_ALL as u16).to_be();

/// Who is to hear a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Everyone: nobody acknowledges.
    Group,
    /// One station, which acknowledges.
    Station,
}

/// The socket.
#[derive(Debug)]
pub(super) struct Injector(OwnedFd);

impl Injector {
    /// One that only sends.
    pub(super) fn sending(index: u32) -> io::Result<Self> {
        let socket = Self::open(0)?;
        socket.bind(index, 0)?;
        Ok(socket)
    }

    /// One that also hears the management frames for the access point `bssid`.
    pub(super) fn hearing(index: u32, bssid: Address) -> io::Result<Self> {
        // Nothing comes before the filter is there: without a protocol the socket hears nothing.
        let socket = Self::open(0)?;
        let filter = filter(bssid);
        let program = libc::sock_fprog {
            len: filter.len() as u16,
            filter: filter.as_ptr().cast_mut(),
        };
        socket.option(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)?;
        let on: libc::c_int = 1;
        // Before Linux 4.20 the filter, which knows our own address, does it alone.
        let _ = socket.option(libc::SOL_PACKET, PACKET_IGNORE_OUTGOING, &on);
        socket.option(libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, &on)?;
        socket.bind(index, ALL)?;
        Ok(socket)
    }

    fn open(protocol: u16) -> io::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        // SAFETY: a plain call.
        let fd = unsafe { libc::socket(libc::AF_PACKET, kind, i32::from(protocol)) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a descriptor that is ours alone.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    fn option<T>(&self, level: libc::c_int, name: libc::c_int, value: &T) -> io::Result<()> {
        let length = size_of::<T>() as libc::socklen_t;
        // SAFETY: `value` is valid for `length` octets.
        check(unsafe {
            libc::setsockopt(
                self.0.as_raw_fd(),
                level,
                name,
                std::ptr::from_ref(value).cast(),
                length,
            )
        })
    }

    fn bind(&self, index: u32, protocol: u16) -> io::Result<()> {
        // SAFETY: all zeros is an address.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = protocol;
        address.sll_ifindex = i32::try_from(index).map_err(io::Error::other)?;
        let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        // SAFETY: a whole address.
        check(unsafe { libc::bind(self.0.as_raw_fd(), (&raw const address).cast(), length) })
    }

    /// The radiotap header in front of a frame to send, at `rate` in 500 kb/s; the sequence number stays ours.
    pub(super) fn header(out: &mut Vec<u8>, rate: u8, kind: Kind) {
        // F_TX_NOACK, F_TX_NOSEQ (Linux net/mac80211/tx.c, ieee80211_parse_tx_radiotap).
        let flags = if kind == Kind::Group { 0x18 } else { 0x10 };
        // Version 0, 12 octets; present: rate (bit 2), TX flags (bit 15).
        out.extend([0, 0, 12, 0, 0x04, 0x80, 0, 0, rate, 0, flags, 0]);
    }

    /// Sends a packet, header and frame.
    pub(super) fn send(&self, packet: &[u8]) -> io::Result<()> {
        // SAFETY: a valid slice.
        let sent = unsafe { libc::send(self.0.as_raw_fd(), packet.as_ptr().cast(), packet.len(), 0) };
        if sent < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    }

    /// Packets that found no room in the socket since the last call: `tp_drops` of `PACKET_STATISTICS`, which the kernel
    /// sets back (packet(7)).
    pub(super) fn dropped(&self) -> u64 {
        let mut counts = libc::tpacket_stats {
            tp_packets: 0,
            tp_drops: 0,
        };
        let mut length = size_of_val(&counts) as libc::socklen_t;
        // SAFETY: `counts` is valid for `length` octets.
        unsafe {
            libc::getsockopt(
                self.0.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut counts).cast(),
                &raw mut length,
            );
        }
        counts.tp_drops.into()
    }

    /// Waits for a packet; its length in `buffer`, and how long ago it was received. `None` after `timeout`.
    pub(super) fn receive(&self, buffer: &mut [u8], timeout: Duration) -> io::Result<Option<(usize, Duration)>> {
        let mut entry = libc::pollfd {
            fd: self.0.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        let timeout = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: one valid entry.
        match unsafe { libc::poll(&raw mut entry, 1, timeout) } {
            0 => return Ok(None),
            1 => {}
            _ => return retry(io::Error::last_os_error()),
        }
        let mut part = libc::iovec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        let mut control = [0u64; 8];
        // SAFETY: all zeros is a header.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control);
        // SAFETY: the parts are valid and as long as they say.
        let length = unsafe { libc::recvmsg(self.0.as_raw_fd(), &raw mut message, libc::MSG_DONTWAIT) };
        let Ok(length) = usize::try_from(length) else {
            return retry(io::Error::last_os_error());
        };
        Ok(Some((length, age(&message))))
    }
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn retry<T>(error: io::Error) -> io::Result<Option<T>> {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => Ok(None),
        _ => Err(error),
    }
}

/// How long ago the kernel received the packet (`SCM_TIMESTAMPNS`); 0 where it does not tell.
fn age(message: &libc::msghdr) -> Duration {
    // SAFETY: the kernel filled the header in; the macros stay within what it says.
    let stamp = unsafe {
        let first = libc::CMSG_FIRSTHDR(message);
        if first.is_null() || (*first).cmsg_type != libc::SCM_TIMESTAMPNS {
            return Duration::ZERO;
        }
        libc::CMSG_DATA(first).cast::<libc::timespec>().read_unaligned()
    };
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    let nanoseconds = (now.tv_sec - stamp.tv_sec) * 1_000_000_000 + (now.tv_nsec - stamp.tv_nsec);
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))
}

/// Classic BPF: the management frames between a station and the access point `bssid`, and probe requests to all. The
/// radiotap header is as long as its octets 2 and 3 say.
fn filter(bssid: Address) -> Vec<libc::sock_filter> {
    let [a, b, c, d, e, f] = bssid.0;
    let (high, low) = (u32::from_be_bytes([a, b, c, d]), u32::from(u16::from_be_bytes([e, f])));
    let instruction = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    let octet = |k| instruction(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS, 0, 0, k);
    let word_at = |k| instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_IND, 0, 0, k);
    let half_at = |k| instruction(libc::BPF_LD | libc::BPF_H | libc::BPF_IND, 0, 0, k);
    let is = |k, jt, jf| instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, jt, jf, k);
    let give = |octets| instruction(libc::BPF_RET | libc::BPF_K, 0, 0, octets);
    // Jumps count the instructions between; NO and YES are the last two of 28.
    let to = |from: u8, target: u8| target - from - 1;
    let (no, yes) = (26, 27);
    let program = vec![
        octet(3),
        instruction(libc::BPF_ALU | libc::BPF_LSH | libc::BPF_K, 0, 0, 8),
        instruction(libc::BPF_MISC | libc::BPF_TAX, 0, 0, 0),
        octet(2),
        instruction(libc::BPF_ALU | libc::BPF_OR | libc::BPF_X, 0, 0, 0),
        instruction(libc::BPF_MISC | libc::BPF_TAX, 0, 0, 0),
        // 6: our own, address 2.
        word_at(10),
        is(high, 0, to(7, 10)),
        half_at(14),
        is(low, to(9, no), 0),
        // 10: frame control.
        instruction(libc::BPF_LD | libc::BPF_B | libc::BPF_IND, 0, 0, 0),
        is(0x40, to(11, 17), 0),
        is(0xb0, to(12, 22), 0),
        is(0x00, to(13, 22), 0),
        is(0x20, to(14, 22), 0),
        is(0xc0, to(15, 22), 0),
        is(0xa0, to(16, 22), to(16, no)),
        // 17: a probe request, to all or to us.
        word_at(4),
        is(0xffff_ffff, 0, to(18, 22)),
        half_at(8),
        is(0xffff, to(20, yes), to(20, no)),
        give(0),
        // 22: to us, address 1.
        word_at(4),
        is(high, 0, to(23, no)),
        half_at(8),
        is(low, to(25, yes), 0),
        give(0),
        give(0xffff),
    ];
    debug_assert_eq!(program.len(), 28);
    program
}

#[cfg(test)]
mod tests;
