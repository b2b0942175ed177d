//! Records of the capture ring as blocks of pcapng.

use airlens_common::data::TRANSMIT;

use super::{CaptureDevice, CaptureProgram, CapturedPacket};
use crate::{
    capture::write::{self, InterfaceBlock, PacketBlock, PacketDirection, StatisticsBlock, WrittenBy},
    kernel::{Clock, KernelError},
};

/// An interface that is captured.
#[derive(Debug)]
pub struct CapturedInterface {
    device: CaptureDevice,
    filter: Option<String>,
    /// Packets written.
    written: u64,
    /// Packets lost of which a packet's block has told.
    told: u64,
    /// Those that the next one tells of.
    dropped: u64,
}

impl CapturedInterface {
    /// One of which the packets that `filter` takes are captured, or all.
    #[must_use]
    pub fn new(device: CaptureDevice, filter: Option<String>) -> Self {
        Self {
            device,
            filter,
            written: 0,
            told: 0,
            dropped: 0,
        }
    }

    /// The interface.
    #[must_use]
    pub fn device(&self) -> &CaptureDevice {
        &self.device
    }

    /// Packets that became blocks.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }
}

/// Writes blocks: a section's start, packets, statistics.
#[derive(Debug)]
pub struct Scribe {
    interfaces: Vec<CapturedInterface>,
    snap_length: u32,
    system: String,
    hardware: String,
    /// Unix time in ns.
    started: u64,
    /// What the kernel's clock is ahead.
    ahead: u64,
}

impl Scribe {
    /// For these interfaces, in the order of their slots.
    #[must_use]
    pub fn new(interfaces: Vec<CapturedInterface>, snap_length: u32) -> Self {
        let (system, hardware) = machine();
        Self {
            interfaces,
            snap_length,
            system,
            hardware,
            started: Clock::unix(),
            ahead: Clock::ahead_of_unix(),
        }
    }

    /// The interfaces, in the order of their slots.
    #[must_use]
    pub fn interfaces(&self) -> &[CapturedInterface] {
        &self.interfaces
    }

    /// Appends a record as a packet's block; gives the packet's time, or `None` where it is no record.
    pub fn packet(&mut self, record: &[u8], to: &mut Vec<u8>) -> Option<u64> {
        let packet = CapturedPacket::from_record(record)?;
        let interface = self.interfaces.get_mut(packet.header.slot as usize)?;
        let time = packet.header.time.saturating_sub(self.ahead);
        write::packet(
            to,
            &PacketBlock {
                interface: packet.header.slot,
                time,
                length: packet.header.length,
                octets: packet.octets,
                direction: Some(if packet.header.direction == TRANSMIT {
                    PacketDirection::Outbound
                } else {
                    PacketDirection::Inbound
                }),
                dropped: std::mem::take(&mut interface.dropped),
                comment: None,
            },
        );
        interface.written += 1;
        Some(time)
    }

    /// The clock may have been set.
    pub fn read_clock(&mut self) {
        self.ahead = Clock::ahead_of_unix();
    }

    /// What is lost from now on is told by the packet that comes next.
    ///
    /// # Errors
    ///
    /// The program's counts can't be read.
    pub fn note_losses(&mut self, program: &CaptureProgram) -> Result<(), KernelError> {
        for (slot, interface) in (0..).zip(&mut self.interfaces) {
            let lost = program.counts(slot)?.lost();
            interface.dropped += lost - interface.told;
            interface.told = lost;
        }
        Ok(())
    }

    /// Section header, with a comment where there is something to say, and interfaces.
    #[must_use]
    pub fn start(&self, comment: Option<&str>) -> Vec<u8> {
        let mut blocks = Vec::new();
        write::section(
            &mut blocks,
            &WrittenBy {
                comment,
                hardware: Some(&self.hardware),
                system: Some(&self.system),
                ..WrittenBy::default()
            },
        );
        for interface in &self.interfaces {
            write::interface(
                &mut blocks,
                &InterfaceBlock {
                    link_type: interface.device.link_type,
                    snap_length: self.snap_length,
                    name: Some(&interface.device.name),
                    filter: interface.filter.as_deref(),
                    system: Some(&self.system),
                },
            );
        }
        blocks
    }

    /// Statistics of each interface; the capture goes on where `ended` is 0.
    ///
    /// # Errors
    ///
    /// The program's counts can't be read.
    pub fn end(&self, program: &CaptureProgram, ended: u64) -> Result<Vec<u8>, KernelError> {
        let mut blocks = Vec::new();
        for (slot, interface) in (0..).zip(&self.interfaces) {
            let counts = program.counts(slot)?;
            write::statistics(
                &mut blocks,
                &StatisticsBlock {
                    interface: slot,
                    time: Clock::unix(),
                    start: self.started,
                    end: ended,
                    received: counts.seen.packets,
                    dropped: counts.lost(),
                    accepted: counts.captured.packets + counts.lost(),
                    delivered: interface.written,
                },
            );
        }
        Ok(blocks)
    }
}

/// Operating system and hardware, as `uname` tells them.
fn machine() -> (String, String) {
    let read = |name: &str| {
        let text = std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
        text.trim().to_owned()
    };
    (
        format!("{} {}", read("ostype"), read("osrelease")),
        std::env::consts::ARCH.to_owned(),
    )
}
