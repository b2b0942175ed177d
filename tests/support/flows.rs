//! Captures of Ethernet with times, and the flows that airlens reads in them.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{cli, ethernet::ipv4};

/// 2020-09-13T12:26:40Z.
pub const START: u64 = 1_600_000_000_000_000_000;

/// A capture (pcap in ns) of Ethernet frames, each with its time in ns since [`START`].
#[must_use]
pub fn pcap(frames: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let words = |file: &mut Vec<u8>, words: &[u32]| words.iter().for_each(|word| file.extend(word.to_le_bytes()));
    words(&mut file, &[0xa1b2_3c4d, 4 << 16 | 2, 0, 0, 262_144, 1]);
    for (time, frame) in frames {
        let (time, length) = (START + time, frame.len() as u32);
        let (seconds, rest) = ((time / 1_000_000_000) as u32, (time % 1_000_000_000) as u32);
        words(&mut file, &[seconds, rest, length, length]);
        file.extend(frame);
    }
    file
}

/// The flows of a file, as `airlens analyze --flows --jsonl` prints them.
///
/// # Errors
///
/// It fails, or says something on standard error.
pub fn flows(file: &Path, arguments: &[&str]) -> Result<Vec<Value>> {
    let output = cli::airlens(["analyze", "--flows", "--jsonl"])?
        .args(arguments)
        .arg(file)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && said.is_empty(), "airlens: {said}");
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// From the client, 10.0.0.9, or from the server, 10.0.0.2.
    pub from_client: bool,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Flags (RFC 9293 3.1).
    pub flags: u8,
    /// Window.
    pub window: u16,
    /// Payload.
    pub payload: &'a [u8],
}

/// An IPv4 packet in an Ethernet frame, its length in the header.
#[must_use]
pub fn frame(protocol: u8, from_client: bool, transport: &[u8]) -> Vec<u8> {
    let (client, server) = ([10, 0, 0, 9], [10, 0, 0, 2]);
    let (source, destination) = if from_client {
        (client, server)
    } else {
        (server, client)
    };
    let mut header = ipv4(protocol, 0, 0, source, destination);
    header[2..4].copy_from_slice(&(20 + transport.len() as u16).to_be_bytes());
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend(header);
    frame.extend(transport);
    // Padded as a network card does.
    frame.resize(frame.len().max(60), 0);
    frame
}

/// A segment between the client's port and the server's 443.
#[must_use]
pub fn tcp(client_port: u16, segment: &Segment<'_>) -> Vec<u8> {
    let (source, destination) = if segment.from_client {
        (client_port, 443)
    } else {
        (443, client_port)
    };
    let mut header = [source.to_be_bytes(), destination.to_be_bytes()].concat();
    header.extend(segment.sequence.to_be_bytes());
    header.extend(segment.acknowledgement.to_be_bytes());
    header.extend([0x50, segment.flags]);
    header.extend(segment.window.to_be_bytes());
    header.extend([0; 4]);
    header.extend(segment.payload);
    frame(6, segment.from_client, &header)
}

/// A datagram between the client's port and the server's.
#[must_use]
pub fn udp(from_client: bool, client_port: u16, server_port: u16, payload: &[u8]) -> Vec<u8> {
    let (source, destination) = if from_client {
        (client_port, server_port)
    } else {
        (server_port, client_port)
    };
    let mut header = [source.to_be_bytes(), destination.to_be_bytes()].concat();
    header.extend((8 + payload.len() as u16).to_be_bytes());
    header.extend([0; 2]);
    header.extend(payload);
    frame(17, from_client, &header)
}
