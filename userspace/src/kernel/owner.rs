//! Whose a filter of clsact is, and whether that process lives: a filter outlives its maker, and what a killed run left must not count
//! packets beside the next run, while the filter of a run that lives must stay.
//!
//! The filter's handle holds the owner's number, by which the owner has an abstract socket (unix(7)): that one belongs to the
//! network namespace, as the filter does, whatever namespace of processes the two are in, and goes with the process.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher as _,
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
};

/// What handles of airlens begin with: 7 bits; 24 bits of the owner and one of the qdisc follow.
const MARK: u32 = 0x2a00_0000;
const MARK_BITS: u32 = 0xfe00_0000;
const QDISC: u32 = 1;
const NUMBERS: u64 = 1 << 24;
/// Numbers are tried until one is free.
const TRIES: u64 = 16;

/// This process, as long as the value lives.
#[derive(Debug)]
pub(super) struct Owner {
    number: u32,
    _socket: UnixDatagram,
}

impl Owner {
    /// A new one, in the calling thread's network namespace.
    pub(super) fn new() -> io::Result<Self> {
        let chance = RandomState::new();
        let mut last = io::ErrorKind::AddrInUse.into();
        for attempt in 0..TRIES {
            let number = (chance.hash_one(attempt) % NUMBERS) as u32;
            match UnixDatagram::bind_addr(&address(number)?) {
                Ok(socket) => {
                    return Ok(Self {
                        number,
                        _socket: socket,
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The handle of its filters; `made`: the qdisc that they hang on is of airlens's making.
    pub(super) fn handle(&self, made: bool) -> u32 {
        MARK | self.number << 1 | u32::from(made)
    }
}

/// Whether the owner that a handle names lives, in the calling thread's network namespace.
pub(super) fn lives(handle: u32) -> bool {
    let alive = |number| {
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address(number)?)
    };
    is_marked(handle) && alive((handle & !MARK_BITS) >> 1).is_ok()
}

/// Whether its filter hangs on a qdisc of airlens's making.
pub(super) fn made_the_qdisc(handle: u32) -> bool {
    is_marked(handle) && handle & QDISC != 0
}

fn is_marked(handle: u32) -> bool {
    handle & MARK_BITS == MARK
}

fn address(number: u32) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("airlens/filters/{number:06x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_lives_as_long_as_its_value() {
        let (one, other) = (Owner::new().unwrap(), Owner::new().unwrap());
        let handle = one.handle(false);
        assert!(lives(handle) && lives(one.handle(true)) && lives(other.handle(true)));
        assert!(made_the_qdisc(one.handle(true)) && !made_the_qdisc(handle));
        drop(one);
        assert!(!lives(handle) && lives(other.handle(false)));
    }

    #[test]
    fn handles_that_the_kernel_chose_have_no_owner() {
        for handle in [0, 1, 2, 0xffff_ffff] {
            assert!(!lives(handle) && !made_the_qdisc(handle), "{handle:x}");
        }
    }
}
