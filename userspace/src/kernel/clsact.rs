//! The clsact qdisc of an interface, on which tc filters hang before Linux 6.6: whose they are, away with those of the dead, and with
//! the qdisc when it is empty. rtnetlink(7), of the calling thread's network namespace.

use std::io;

use aya::programs::TcAttachType;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

use super::owner;
use crate::nl80211::attribute::find;

/// `TC_H_CLSACT`, and the parents of the filters of each side (Linux `include/uapi/linux/pkt_sched.h`).
const CLSACT: u32 = 0xffff_fff1;
const SIDES: [u32; 2] = [0xffff_fff2, 0xffff_fff3];
const HANDLE: u32 = 0xffff_0000;
const HEADER: usize = 16;
const LONGEST: usize = 1 << 15;
/// Of `struct tcmsg`.
const TCMSG: usize = 20;
/// Attributes of a filter, and within the options of one of the kind `bpf` (Linux `include/uapi/linux/rtnetlink.h`, `pkt_cls.h`).
const TCA_OPTIONS: u16 = 2;
const TCA_BPF_NAME: u16 = 7;

/// A filter on one side of an interface.
#[derive(Debug, PartialEq)]
struct Filter {
    parent: u32,
    handle: u32,
    /// Priority and protocol.
    info: u32,
    /// Of a filter of the kind `bpf`.
    name: Vec<u8>,
}

/// Takes away the filters of a program on one side whose owners are dead. True if the qdisc is one of airlens's making: it was a dead
/// one's, or a living one says so.
pub(super) fn bury(index: u32, side: TcAttachType, program: &str) -> io::Result<bool> {
    let side = match side {
        TcAttachType::Ingress => SIDES[0],
        TcAttachType::Egress => SIDES[1],
        TcAttachType::Custom(parent) => parent,
    };
    let mut made = false;
    for parent in SIDES {
        for filter in filters(index, parent)? {
            if owner::lives(filter.handle) {
                made |= owner::made_the_qdisc(filter.handle);
            } else if parent == side && filter.name == program.as_bytes() {
                made = true;
                match ask(libc::RTM_DELTFILTER, libc::NLM_F_ACK, index, &filter) {
                    Err(error) if !is_gone(error.raw_os_error()) => return Err(error),
                    _ => {}
                }
            }
        }
    }
    Ok(made)
}

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
        if !filters(index, parent)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn filters(index: u32, parent: u32) -> io::Result<Vec<Filter>> {
    ask(libc::RTM_GETTFILTER, libc::NLM_F_DUMP, index, &Filter::any(parent, 0))
}

fn remove(index: u32) -> io::Result<()> {
    ask(libc::RTM_DELQDISC, libc::NLM_F_ACK, index, &Filter::any(CLSACT, HANDLE)).map(drop)
}

/// Sends a request with a `tcmsg` and returns the filters of the answer.
fn ask(kind: u16, flags: i32, index: u32, which: &Filter) -> io::Result<Vec<Filter>> {
    const LENGTH: u32 = (HEADER + TCMSG) as u32;
    let mut request = Vec::with_capacity(LENGTH as usize);
    request.extend(LENGTH.to_ne_bytes());
    request.extend(kind.to_ne_bytes());
    request.extend(((flags | libc::NLM_F_REQUEST) as u16).to_ne_bytes());
    // Sequence number 1; no port; no address family. Then the interface, and which of its filters.
    for word in [1, 0, 0, index, which.handle, which.parent, which.info] {
        request.extend(word.to_ne_bytes());
    }
    let socket = Socket::new(NETLINK_ROUTE)?;
    socket.send_to(&request, &SocketAddr::new(0, 0), 0)?;
    let mut found = Vec::new();
    loop {
        let mut answer = Vec::with_capacity(LONGEST);
        socket.recv_from(&mut answer, 0)?;
        for (kind, payload) in messages(&answer) {
            match i32::from(kind) {
                libc::NLMSG_DONE => return Ok(found),
                libc::NLMSG_ERROR => return code(payload).map(|()| found),
                _ if kind == libc::RTM_NEWTFILTER => found.extend(Filter::read(payload)),
                _ => {}
            }
        }
    }
}

impl Filter {
    fn any(parent: u32, handle: u32) -> Self {
        Self {
            parent,
            handle,
            info: 0,
            name: Vec::new(),
        }
    }

    fn read(payload: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_ne_bytes(*payload.get(at..)?.first_chunk()?));
        let attributes = payload.get(TCMSG..)?;
        let name = find(attributes, TCA_OPTIONS).and_then(|options| find(options.octets, TCA_BPF_NAME));
        let name = name.map_or(&[][..], |name| name.octets);
        Some(Self {
            handle: word(8)?,
            parent: word(12)?,
            info: word(16)?,
            name: name.strip_suffix(&[0]).unwrap_or(name).to_vec(),
        })
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
    fn a_filter_is_read_whole_or_not_at_all() {
        let attribute = |kind: u16, value: &[u8]| {
            let mut octets = (4 + value.len() as u16).to_ne_bytes().to_vec();
            octets.extend(kind.to_ne_bytes());
            octets.extend(value);
            octets.resize(octets.len().next_multiple_of(4), 0);
            octets
        };
        let options = [attribute(6, &[0; 4]), attribute(TCA_BPF_NAME, b"data_tx\0")].concat();
        let words = [0, 5, 0x2a00_0003, SIDES[1], 0xc000_0300u32];
        let mut message: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        message.extend(attribute(1, b"bpf\0"));
        // With NLA_F_NESTED.
        message.extend(attribute(0x8000 | TCA_OPTIONS, &options));
        let filter = Filter::read(&message).unwrap();
        assert_eq!(
            (filter.handle, filter.parent, filter.info),
            (0x2a00_0003, SIDES[1], 0xc000_0300)
        );
        assert_eq!(filter.name, b"data_tx");
        for length in 0..message.len() {
            let cut = Filter::read(&message[..length]);
            assert!(cut.is_none_or(|filter| filter.name.is_empty()), "{length}");
        }
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
