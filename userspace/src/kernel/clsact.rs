//! The clsact qdisc of an interface, on which tc filters hang before Linux 6.6: is it empty, and away with it. rtnetlink(7), of the
//! calling thread's network namespace.

use std::io;

use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

/// `TC_H_CLSACT`, and the parents of the filters of each side (Linux `include/uapi/linux/pkt_sched.h`).
const CLSACT: u32 = 0xffff_fff1;
const SIDES: [u32; 2] = [0xffff_fff2, 0xffff_fff3];
const HANDLE: u32 = 0xffff_0000;
const HEADER: usize = 16;
const LONGEST: usize = 1 << 15;

/// Removes the qdisc if no filter hangs on it. Where there is none, or no such interface, nothing is to do.
pub(super) fn remove_if_empty(index: u32) -> io::Result<()> {
    match empty(index).and_then(|empty| if empty { remove(index) } else { Ok(()) }) {
        Err(error) if is_gone(error.raw_os_error()) => Ok(()),
        result => result,
    }
}

/// What the kernel answers about a filter or qdisc that is not there, or has no interface any more (Linux `net/sched/cls_api.c`,
/// `sch_api.c`).
pub(super) fn is_gone(code: Option<i32>) -> bool {
    matches!(code, Some(libc::ENODEV | libc::ENOENT | libc::EINVAL))
}

fn empty(index: u32) -> io::Result<bool> {
    for parent in SIDES {
        let flags = libc::NLM_F_REQUEST | libc::NLM_F_DUMP;
        if ask(libc::RTM_GETTFILTER, flags, index, 0, parent)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn remove(index: u32) -> io::Result<()> {
    let flags = libc::NLM_F_REQUEST | libc::NLM_F_ACK;
    ask(libc::RTM_DELQDISC, flags, index, HANDLE, CLSACT).map(drop)
}

/// Sends a request with a `tcmsg`; true if there is a filter in the answer.
fn ask(kind: u16, flags: i32, index: u32, handle: u32, parent: u32) -> io::Result<bool> {
    const LENGTH: u32 = HEADER as u32 + 20;
    let mut request = Vec::with_capacity(LENGTH as usize);
    request.extend(LENGTH.to_ne_bytes());
    request.extend(kind.to_ne_bytes());
    request.extend((flags as u16).to_ne_bytes());
    // Sequence number 1; no port; no address family. Then the interface, the handle, its parent, no more.
    for word in [1, 0, 0, index, handle, parent, 0] {
        request.extend(word.to_ne_bytes());
    }
    let socket = Socket::new(NETLINK_ROUTE)?;
    socket.send_to(&request, &SocketAddr::new(0, 0), 0)?;
    let mut found = false;
    loop {
        let mut answer = Vec::with_capacity(LONGEST);
        socket.recv_from(&mut answer, 0)?;
        for (kind, payload) in messages(&answer) {
            match i32::from(kind) {
                libc::NLMSG_DONE => return Ok(found),
                libc::NLMSG_ERROR => return code(payload).map(|()| found),
                _ => found |= kind == libc::RTM_NEWTFILTER,
            }
        }
    }
}

/// An acknowledgement, or what is wrong.
fn code(payload: &[u8]) -> io::Result<()> {
    match payload.first_chunk().map(|code| i32::from_ne_bytes(*code)) {
        Some(0) => Ok(()),
        Some(code) => Err(io::Error::from_raw_os_error(code.saturating_neg())),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// The kinds and payloads of a datagram's messages.
fn messages(mut octets: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::try_from(u32::from_ne_bytes(*octets.first_chunk()?)).ok()?;
        let message = octets.get(..length)?;
        let kind = u16::from_ne_bytes(message.get(4..6)?.try_into().ok()?);
        octets = octets.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, message.get(HEADER..)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_end_where_they_are_cut() {
        let one = |kind: u16, payload: &[u8]| {
            let mut octets = (HEADER as u32 + payload.len() as u32).to_ne_bytes().to_vec();
            octets.extend(kind.to_ne_bytes());
            octets.extend([0; 10]);
            octets.extend(payload);
            octets.resize(octets.len().next_multiple_of(4), 0);
            octets
        };
        let both = [one(44, &[1, 2, 3]), one(3, &[])].concat();
        let found: Vec<_> = messages(&both).collect();
        assert_eq!(found, [(44, &[1, 2, 3][..]), (3, &[])]);
        for length in 0..both.len() {
            assert!(messages(&both[..length]).count() <= 1, "{length}");
        }
        assert_eq!(messages(&[0; 64]).count(), 0);
    }

    #[test]
    fn an_interface_that_is_not_there_is_no_error() {
        remove_if_empty(0x7fff_fff0).unwrap();
    }

    #[test]
    fn answers() {
        code(&0i32.to_ne_bytes()).unwrap();
        assert_eq!(code(&(-19i32).to_ne_bytes()).unwrap_err().raw_os_error(), Some(19));
        assert!(code(&[0]).is_err());
    }
}
