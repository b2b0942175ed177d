//! systemd-journald: whether standard error is its, and its native protocol.

use std::{
    fs::File,
    io,
    os::{fd::BorrowedFd, unix::fs::MetadataExt as _, unix::net::UnixDatagram},
    path::Path,
};

use super::{
    format::priority,
    line::{Line, Value},
};

/// Where the journal takes datagrams (systemd `docs/JOURNAL_NATIVE_PROTOCOL.md`).
pub const JOURNAL_SOCKET: &str = "/run/systemd/journal/socket";

/// Whether a descriptor is the stream that `JOURNAL_STREAM` (its value is `stream`) names: `DEVICE:INODE` (systemd.exec(5)).
#[must_use]
pub fn is_journal(stream: Option<&str>, descriptor: BorrowedFd<'_>) -> bool {
    let named = stream.and_then(|stream| {
        let (device, inode) = stream.split_once(':')?;
        Some((device.parse::<u64>().ok()?, inode.parse::<u64>().ok()?))
    });
    let ours = || {
        let file = File::from(descriptor.try_clone_to_owned().ok()?);
        let found = file.metadata().ok()?;
        Some((found.dev(), found.ino()))
    };
    named.is_some() && named == ours()
}

/// A socket that is connected to the journal's.
pub(super) fn connect(path: &Path) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    Ok(socket)
}

/// A line as a datagram: `KEY=value`, or the key, the length as 64 bits little endian and the value.
pub(super) fn datagram(line: &Line) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    field(&mut out, "PRIORITY", &priority(line.level).to_string());
    field(&mut out, "SYSLOG_IDENTIFIER", "airlens");
    field(&mut out, "MESSAGE", &line.message);
    for (name, Value::Text(value) | Value::Plain(value)) in &line.fields {
        field(&mut out, &key(name), value);
    }
    out
}

/// Capitals, digits and underscores, 64 at the most; a leading underscore is the journal's own.
fn key(name: &str) -> String {
    let plain = name.bytes().map(|octet| match octet.to_ascii_uppercase() {
        octet @ (b'A'..=b'Z' | b'0'..=b'9') => char::from(octet),
        _ => '_',
    });
    "AIRLENS_".chars().chain(plain).take(64).collect()
}

fn field(out: &mut Vec<u8>, key: &str, value: &str) {
    out.extend(key.as_bytes());
    if value.contains('\n') {
        out.push(b'\n');
        out.extend((value.len() as u64).to_le_bytes());
    } else {
        out.push(b'=');
    }
    out.extend(value.as_bytes());
    out.push(b'\n');
}
