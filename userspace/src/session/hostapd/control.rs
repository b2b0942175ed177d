//! hostapd's control socket (wpa_supplicant's `src/common/wpa_ctrl.c`): datagrams of text, events to who attached.

use std::{
    io,
    os::{
        fd::{AsRawFd as _, RawFd},
        unix::net::UnixDatagram,
    },
    path::{Path, PathBuf},
};

/// An event is some 100 octets; what is longer is cut.
const MOST_OCTETS: usize = 4096;

/// A connection to it.
#[derive(Debug)]
pub(super) struct Control {
    socket: UnixDatagram,
    own: PathBuf,
}

/// What came from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// `<3>AP-ENABLED `, without the level.
    Event(String),
    /// The answer to a request: `OK`, `PONG`, `FAIL`.
    Answer(String),
}

impl Control {
    /// Connects to the socket of an interface and asks for events; the answer is `OK`.
    pub(super) fn attach(folder: &Path, interface: &str, own: PathBuf) -> io::Result<Self> {
        // One of a connection before.
        let _ = std::fs::remove_file(&own);
        let socket = UnixDatagram::bind(&own)?;
        let control = Self { socket, own };
        control.socket.connect(folder.join(interface))?;
        control.socket.set_nonblocking(true)?;
        control.request("ATTACH")?;
        Ok(control)
    }

    pub(super) fn request(&self, text: &str) -> io::Result<()> {
        self.socket.send(text.as_bytes()).map(drop)
    }

    /// The next message, if one is there.
    pub(super) fn next(&self) -> Option<Message> {
        let mut buffer = [0; MOST_OCTETS];
        let length = self.socket.recv(&mut buffer).ok()?;
        let text = String::from_utf8_lossy(buffer.get(..length)?);
        Some(message(text.trim_end()))
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.own);
    }
}

fn message(text: &str) -> Message {
    match text.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((_, event)) => Message::Event(event.to_owned()),
        None => Message::Answer(text.to_owned()),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn events_have_a_level() {
        assert_eq!(message("<3>AP-ENABLED"), Message::Event("AP-ENABLED".to_owned()));
        assert_eq!(message("PONG"), Message::Answer("PONG".to_owned()));
        assert_eq!(message("<3"), Message::Answer("<3".to_owned()));
    }
}
