//! `BPF_PROG_TEST_RUN` and `BPF_PROG_LOAD` on plain descriptors, so that a run needs no loader and any thread can do it.

use std::{
    io,
    os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd},
    time::Duration,
};

use airlens::kernel::KernelPrograms;
use anyhow::{Context as _, Result};

const BPF_PROG_LOAD: u32 = 5;
const BPF_PROG_TEST_RUN: u32 = 10;
const BPF_LINK_CREATE: u32 = 28;
/// `BPF_XDP`, `XDP_FLAGS_DRV_MODE` and `BPF_F_TEST_XDP_LIVE_FRAMES` (Linux `include/uapi/linux/bpf.h`, `if_link.h`).
const BPF_XDP: u32 = 37;
const DRIVER_MODE: u32 = 1 << 2;
const LIVE_FRAMES: u32 = 1 << 1;

/// `BPF_PROG_TYPE_SCHED_CLS` and `BPF_PROG_TYPE_XDP` (Linux `include/uapi/linux/bpf.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// tc.
    Classifier = 3,
    /// XDP.
    Xdp = 6,
}

/// The kernel makes a socket buffer of `packet` for a test run of a tc program: not of half an IP header, nor of less than an
/// Ethernet header (Linux `net/bpf/test_run.c`).
#[must_use]
pub fn makes_buffer(packet: &[u8]) -> bool {
    let least = match packet.get(12..14) {
        Some([0x08, 0x00]) => 14 + 20,
        Some([0x86, 0xdd]) => 14 + 40,
        _ => 14,
    };
    packet.len() >= least
}

/// The part of `union bpf_attr` for test runs.
#[repr(C)]
#[derive(Default)]
struct TestRun {
    program: u32,
    result: u32,
    size_in: u32,
    size_out: u32,
    data_in: u64,
    data_out: u64,
    repeat: u32,
    duration: u32,
    context_size_in: u32,
    context_size_out: u32,
    context_in: u64,
    context_out: u64,
    flags: u32,
    cpu: u32,
    batch_size: u32,
    reserved: u32,
}

/// The part of `union bpf_attr` for links.
#[repr(C)]
#[derive(Default)]
struct LinkCreate {
    program: u32,
    interface: u32,
    kind: u32,
    flags: u32,
}

/// The part of `union bpf_attr` for loading.
#[repr(C)]
#[derive(Default)]
struct Load {
    kind: u32,
    instructions: u32,
    address: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
}

fn bpf<T>(command: u32, attributes: &mut T) -> io::Result<RawFd> {
    // SAFETY: the callers' structures begin as the command's part of bpf_attr, and their addresses outlive the call.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(attributes), size_of::<T>()) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    RawFd::try_from(result).map_err(io::Error::other)
}

/// A loaded program.
#[derive(Debug)]
pub struct Program(OwnedFd);

impl Program {
    /// The program of that name in airlens's object.
    ///
    /// # Errors
    ///
    /// The kernel does not take it.
    pub fn of(programs: &mut KernelPrograms, name: &'static str) -> Result<Self> {
        let descriptor: BorrowedFd<'_> = if name.ends_with("_tx") || name.ends_with("_tc") {
            let program = programs.classifier(name)?;
            std::os::fd::AsFd::as_fd(program.fd()?)
        } else {
            let program = programs.xdp(name)?;
            std::os::fd::AsFd::as_fd(program.fd()?)
        };
        Ok(Self(descriptor.try_clone_to_owned()?))
    }

    /// An XDP program of any object.
    ///
    /// # Errors
    ///
    /// It is not there, or the kernel does not take it.
    pub fn of_object(object: &mut aya::Ebpf, name: &str) -> Result<Self> {
        let program = object.program_mut(name).with_context(|| format!("no program {name}"))?;
        let program: &mut aya::programs::Xdp = program.try_into()?;
        program.load()?;
        Ok(Self(std::os::fd::AsFd::as_fd(program.fd()?).try_clone_to_owned()?))
    }

    /// Attaches an XDP program in the driver of an interface of this network namespace, as long as what is returned lives.
    ///
    /// # Errors
    ///
    /// The driver does not take it.
    pub fn attach(&self, interface: u32) -> Result<OwnedFd> {
        let mut attributes = LinkCreate {
            program: self.0.as_raw_fd().unsigned_abs(),
            interface,
            kind: BPF_XDP,
            flags: DRIVER_MODE,
        };
        let descriptor = bpf(BPF_LINK_CREATE, &mut attributes).context("attach an XDP program")?;
        // SAFETY: the kernel just made the descriptor for us.
        Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
    }

    /// Runs an XDP program over `repeat` frames that then go where it says, in this network namespace.
    ///
    /// # Errors
    ///
    /// The kernel can't make frames of that size.
    pub fn send(&self, packet: &[u8], repeat: u32) -> Result<()> {
        let mut attributes = TestRun {
            program: self.0.as_raw_fd().unsigned_abs(),
            size_in: u32::try_from(packet.len())?,
            data_in: packet.as_ptr() as u64,
            repeat,
            flags: LIVE_FRAMES,
            batch_size: 64,
            ..TestRun::default()
        };
        bpf(BPF_PROG_TEST_RUN, &mut attributes).context("BPF_PROG_TEST_RUN with live frames")?;
        Ok(())
    }

    /// A program that only returns `result`: what a run costs by itself.
    ///
    /// # Errors
    ///
    /// Not permitted.
    pub fn returning(kind: Kind, result: i32) -> Result<Self> {
        // r0 = result; exit
        Self::of_instructions(kind, &[0xb7 | u64::from(result.cast_unsigned()) << 32, 0x95])
    }

    /// An XDP program that gives an IPv4 packet one of 1,024 source addresses at random, and sends it to an interface.
    ///
    /// # Errors
    ///
    /// Not permitted.
    pub fn redirecting(interface: u32) -> Result<Self> {
        let instructions = [
            // r6 = r1; call bpf_get_prandom_u32; r0 &= 0x3ff
            0x16bf,
            0x85 | 7 << 32,
            0x57 | 0x3ff << 32,
            // r2 = data; r3 = data_end; r4 = r2 + 42; if r4 > r3 skip one; the low half of the source address = r0
            0x6261,
            0x6361 | 4 << 16,
            0x24bf,
            0x407 | 42 << 32,
            0x342d | 1 << 16,
            0x026b | 28 << 16,
            // r1 = interface; r2 = 0; call bpf_redirect; exit
            0x1b7 | u64::from(interface) << 32,
            0x2b7,
            0x85 | 23 << 32,
            0x95,
        ];
        Self::of_instructions(Kind::Xdp, &instructions)
    }

    fn of_instructions(kind: Kind, instructions: &[u64]) -> Result<Self> {
        let license = c"GPL";
        let mut attributes = Load {
            kind: kind as u32,
            instructions: u32::try_from(instructions.len())?,
            address: instructions.as_ptr() as u64,
            license: license.as_ptr() as u64,
            ..Load::default()
        };
        let descriptor = bpf(BPF_PROG_LOAD, &mut attributes).context("load a program of some instructions")?;
        // SAFETY: the kernel just made the descriptor for us.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    /// Runs it `repeat` times over `packet`: its last return value and the mean duration of a run.
    ///
    /// # Errors
    ///
    /// The kernel can't make a packet of that size (14 octets at the least).
    pub fn run(&self, packet: &[u8], repeat: u32) -> Result<(i32, Duration)> {
        let mut attributes = TestRun {
            program: self.0.as_raw_fd().unsigned_abs(),
            size_in: u32::try_from(packet.len())?,
            data_in: packet.as_ptr() as u64,
            repeat,
            ..TestRun::default()
        };
        bpf(BPF_PROG_TEST_RUN, &mut attributes)
            .with_context(|| format!("BPF_PROG_TEST_RUN over {} octets", packet.len()))?;
        let duration = Duration::from_nanos(u64::from(attributes.duration));
        Ok((attributes.result.cast_signed(), duration))
    }
}
