//! A netlink socket of the family nl80211 by itself, for what a shared connection can't do: an AP and registrations that
//! end with their socket, and events.

use std::{
    io,
    os::fd::{AsRawFd, RawFd},
    time::{Duration, Instant},
};

use netlink_packet_core::{NLM_F_REQUEST, NetlinkMessage, NetlinkPayload};
use netlink_packet_generic::{
    GenlMessage,
    ctrl::{
        GenlCtrl, GenlCtrlCmd,
        nlas::{GenlCtrlAttrs, McastGrpAttrs},
    },
};
use netlink_sys::{SocketAddr, protocols::NETLINK_GENERIC};

use super::{
    Nl80211Error,
    message::{Answer, Message},
};

/// `GENL_ID_CTRL`, the family that knows the others.
const CONTROL: u16 = 0x10;
/// The longest message: frames and scan results have some kilobytes.
const LONGEST: usize = 1 << 16;
/// The kernel answers at once, drivers may sleep a while.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Room for some thousand frames. The kernel takes what `net.core.rmem_max` allows.
const BUFFER: u32 = 1 << 22;

/// One message of the kernel: the number of the request that it answers, and what it holds.
pub(super) type Received = (u32, NetlinkPayload<GenlMessage<Message>>);

pub(super) struct Socket {
    socket: netlink_sys::Socket,
    family: u16,
    sequence: u32,
    buffer: Vec<u8>,
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
pub(super) fn failed(error: io::Error) -> Nl80211Error {
    Nl80211Error::Netlink(error.to_string())
}

impl Socket {
    /// Opens a socket and joins the multicast groups of these names.
    pub(super) fn open(groups: &[&str]) -> Result<Self, Nl80211Error> {
        let mut socket = netlink_sys::Socket::new(NETLINK_GENERIC).map_err(failed)?;
        // What is not bound gets no multicast.
        socket.bind_auto().map_err(failed)?;
        socket.set_ext_ack(true).map_err(failed)?;
        socket.set_cap_ack(true).map_err(failed)?;
        socket.set_rx_buf_sz(BUFFER).map_err(failed)?;
        let mut socket = Self {
            socket,
            family: 0,
            sequence: 0,
            buffer: Vec::with_capacity(LONGEST),
        };
        socket.resolve(groups)?;
        Ok(socket)
    }

    /// Asks for the family's number and its groups, which the kernel gives out as it starts.
    fn resolve(&mut self, groups: &[&str]) -> Result<(), Nl80211Error> {
        let mut ask = GenlMessage::from_payload(GenlCtrl {
            cmd: GenlCtrlCmd::GetFamily,
            nlas: vec![GenlCtrlAttrs::FamilyName("nl80211".to_owned())],
        });
        ask.set_resolved_family_id(CONTROL);
        let mut ask = NetlinkMessage::from(ask);
        ask.header.flags = NLM_F_REQUEST;
        ask.finalize();
        let mut octets = vec![0; ask.buffer_len()];
        ask.serialize(&mut octets);
        self.send(&octets).map_err(failed)?;
        if !self.readable(PATIENCE).map_err(failed)? {
            return Err(Nl80211Error::Netlink("the kernel does not answer".to_owned()));
        }
        self.read().map_err(failed)?;
        let answer = NetlinkMessage::<GenlMessage<GenlCtrl>>::deserialize(&self.buffer)
            .map_err(|error| Nl80211Error::Netlink(error.to_string()))?;
        let NetlinkPayload::InnerMessage(answer) = answer.payload else {
            return Err(Nl80211Error::NoWireless);
        };
        for attribute in &answer.payload.nlas {
            match attribute {
                GenlCtrlAttrs::FamilyId(family) => self.family = *family,
                GenlCtrlAttrs::McastGroups(found) => {
                    for group in found.iter().filter_map(|group| group_number(group, groups)) {
                        self.socket.add_membership(group).map_err(failed)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Sends a request and reads until it is answered; `other` takes what arrives meanwhile.
    pub(super) fn request(
        &mut self,
        message: Message,
        flags: u16,
        action: &str,
        mut other: impl FnMut(Message),
    ) -> Result<Vec<Message>, Nl80211Error> {
        self.sequence = self.sequence.wrapping_add(1).max(1);
        let mut request = message.request(flags);
        request.header.sequence_number = self.sequence;
        if let NetlinkPayload::InnerMessage(message) = &mut request.payload {
            message.set_resolved_family_id(self.family);
        }
        request.finalize();
        let mut octets = vec![0; request.buffer_len()];
        request.serialize(&mut octets);
        self.send(&octets).map_err(failed)?;

        let mut answers = Vec::new();
        let until = Instant::now() + PATIENCE;
        let mut ended = false;
        while !ended {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Nl80211Error::Netlink(format!(
                    "the kernel does not answer: can't {action}"
                )));
            }
            for (sequence, payload) in self.receive(left)? {
                match payload {
                    NetlinkPayload::InnerMessage(message) if sequence != self.sequence => other(message.payload),
                    _ if sequence != self.sequence => {}
                    payload => match Answer::of(payload, action)? {
                        Answer::Part(message) => answers.push(message),
                        Answer::End => ended = true,
                        Answer::Nothing => {}
                    },
                }
            }
        }
        Ok(answers)
    }

    /// Waits for messages; none after `timeout`.
    pub(super) fn receive(&mut self, timeout: Duration) -> Result<Vec<Received>, Nl80211Error> {
        if !self.readable(timeout).map_err(failed)? {
            return Ok(Vec::new());
        }
        match self.take() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Vec::new()),
            found => found.map_err(failed),
        }
    }

    /// The messages of the next datagram, without waiting: `WouldBlock` if there is none.
    pub(super) fn take(&mut self) -> io::Result<Vec<Received>> {
        match self.read() {
            Ok(()) => Ok(messages(&self.buffer)),
            // More came than the buffer holds: what is lost is counted, what is there can be read.
            Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                let lost = self.dropped();
                tracing::warn!(
                    lost,
                    "nl80211 had more to tell than its buffer holds: some frames or events are lost"
                );
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Messages that the kernel had no room for in the buffer, since the socket was opened: `SK_MEMINFO_DROPS` of
    /// `SO_MEMINFO` (Linux 4.12), which `netlink_overrun` in net/netlink/af_netlink.c counts.
    pub(super) fn dropped(&self) -> u64 {
        const DROPS: usize = 8;
        let mut counts = [0u32; DROPS + 1];
        let mut length = size_of_val(&counts) as libc::socklen_t;
        // SAFETY: `counts` is valid for `length` octets.
        unsafe {
            libc::getsockopt(
                self.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_MEMINFO,
                counts.as_mut_ptr().cast(),
                &raw mut length,
            );
        }
        counts[DROPS].into()
    }

    fn send(&self, octets: &[u8]) -> io::Result<()> {
        self.socket.send_to(octets, &SocketAddr::new(0, 0), 0).map(drop)
    }

    fn read(&mut self) -> io::Result<()> {
        self.buffer.clear();
        let (_, sender) = self.socket.recv_from(&mut self.buffer, libc::MSG_DONTWAIT)?;
        // Other processes can send to the socket too.
        if sender.port_number() != 0 {
            self.buffer.clear();
        }
        Ok(())
    }

    fn readable(&self, timeout: Duration) -> io::Result<bool> {
        let mut poll = libc::pollfd {
            fd: self.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // Less than a millisecond is one, else a caller that waits in small steps would spin.
        let milliseconds = i32::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
        // SAFETY: one pollfd.
        match unsafe { libc::poll(&raw mut poll, 1, milliseconds) } {
            ..0 => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
                error => Err(error),
            },
            ready => Ok(ready > 0),
        }
    }
}

/// The messages of one datagram, up to the end or to the first that can't be read.
pub(super) fn messages(mut octets: &[u8]) -> Vec<Received> {
    let mut found = Vec::new();
    while let Ok(message) = NetlinkMessage::<GenlMessage<Message>>::deserialize(octets) {
        let length = usize::try_from(message.header.length).unwrap_or(usize::MAX);
        found.push((message.header.sequence_number, message.payload));
        octets = octets.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    found
}

fn group_number(group: &[McastGrpAttrs], wanted: &[&str]) -> Option<u32> {
    let named = group
        .iter()
        .any(|attribute| matches!(attribute, McastGrpAttrs::Name(name) if wanted.contains(&name.as_str())));
    group.iter().find_map(|attribute| match attribute {
        McastGrpAttrs::Id(number) if named => Some(*number),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_cfg80211_it_says_so() {
        // Where the kernel has it the socket opens.
        match Socket::open(&["mlme"]) {
            Ok(socket) => assert_ne!(socket.family, 0),
            Err(error) => assert!(matches!(error, Nl80211Error::NoWireless), "{error}"),
        }
    }

    /// The kernel answers each request at once, whether there is room or not.
    #[test]
    fn what_has_no_room_in_the_buffer_is_counted() {
        let mut socket = netlink_sys::Socket::new(NETLINK_GENERIC).unwrap();
        socket.bind_auto().unwrap();
        socket.set_rx_buf_sz(4096u32).unwrap();
        let mut socket = Socket {
            socket,
            family: CONTROL,
            sequence: 0,
            buffer: Vec::with_capacity(LONGEST),
        };
        let mut ask = NetlinkMessage::from(GenlMessage::from_payload(GenlCtrl {
            cmd: GenlCtrlCmd::GetFamily,
            nlas: vec![GenlCtrlAttrs::FamilyName("nlctrl".to_owned())],
        }));
        ask.header.message_type = CONTROL;
        ask.header.flags = NLM_F_REQUEST;
        ask.finalize();
        let mut octets = vec![0; ask.buffer_len()];
        ask.serialize(&mut octets);
        assert_eq!(socket.dropped(), 0);
        const SENT: u64 = 100;
        for _ in 0..SENT {
            // That there is no room is a message too, and has none either.
            let _ = socket.send(&octets);
        }
        let lost = socket.dropped();
        let mut read = 0;
        // The first word is that something is lost.
        assert!(socket.take().unwrap().is_empty());
        while let Ok(found) = socket.take() {
            read += found.len() as u64;
        }
        assert!(read > 0 && read < SENT && lost >= SENT - read, "{lost} + {read}");
    }

    #[test]
    fn groups_by_name() {
        let group = [McastGrpAttrs::Name("mlme".to_owned()), McastGrpAttrs::Id(7)];
        assert_eq!(group_number(&group, &["config", "mlme"]), Some(7));
        assert_eq!(group_number(&group, &["config"]), None);
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..96), length in 0u8..96, kind in 0u8..40) {
            let mut octets = octets;
            for (at, value) in [(0, length), (1, 0), (2, 0), (3, 0), (4, kind), (5, 0)] {
                if let Some(octet) = octets.get_mut(at) {
                    *octet = value;
                }
            }
            for (_, payload) in messages(&octets) {
                let _ = Answer::of(payload, "test");
            }
        }
    }
}
