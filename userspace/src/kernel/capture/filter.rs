//! Filters as programs of the kernel, beside those of the object.

use std::os::fd::{AsFd as _, OwnedFd};

use aya_obj::generated::{bpf_cmd, bpf_map_type, bpf_prog_type};

use crate::{
    filter::{Filter, Hook, Outcomes, sample},
    kernel::{KernelError, syscall},
};

/// `BPF_F_XDP_HAS_FRAGS`: a program calls only programs that are like it in this.
const XDP_HAS_FRAGS: u32 = 1 << 5;
/// The expected attach type of both kinds, as the loader of the object sets it.
const NAME: &[u8] = b"capture_filter";
const LOG: usize = 64 << 10;

/// Loads a filter's program.
pub(super) fn load(filter: &Filter, hook: Hook, outcomes: &Outcomes) -> Result<OwnedFd, KernelError> {
    let instructions = filter
        .program(hook, outcomes)
        .map_err(|error| KernelError::Filter(Box::new(error)))?;
    match load_with(&instructions, hook, &mut []) {
        Ok(program) => Ok(program),
        Err(source) if source.raw_os_error() == Some(libc::EPERM) => Err(KernelError::Permission {
            action: "load a filter".to_owned(),
        }),
        Err(source) => {
            let mut log = vec![0; LOG];
            // Again, for the reason.
            let _ = load_with(&instructions, hook, &mut log);
            let text = log.split(|octet| *octet == 0).next().unwrap_or_default();
            let text = String::from_utf8_lossy(text);
            let last: Vec<_> = text.lines().rev().take(3).collect();
            Err(KernelError::FilterRefused {
                expression: filter.expression().to_owned(),
                source,
                reason: last.into_iter().rev().collect::<Vec<_>>().join("; "),
            })
        }
    }
}

/// Loads a program that takes the first packets of each flow, so many of each direction.
pub(super) fn load_sample(most: u32, outcomes: &Outcomes) -> Result<OwnedFd, KernelError> {
    let refused = |source| KernelError::System {
        call: "load a program that takes the first packets of flows",
        source,
    };
    // The program keeps it.
    let table = places().map_err(refused)?;
    let instructions = sample::sample(syscall::number(table.as_fd()), most, outcomes).unwrap_or_default();
    load_with(&instructions, Hook::Tc, &mut []).map_err(refused)
}

/// The table of such a program.
fn places() -> std::io::Result<OwnedFd> {
    let mut attributes = syscall::attributes();
    // SAFETY: this member is the one that BPF_MAP_CREATE reads.
    let map = unsafe { &mut attributes.__bindgen_anon_1 };
    map.map_type = bpf_map_type::BPF_MAP_TYPE_PERCPU_ARRAY as u32;
    map.key_size = size_of::<u32>() as u32;
    map.value_size = sample::PLACE;
    map.max_entries = sample::PLACES;
    syscall::name(&mut map.map_name, b"CAPTURE_PLACES");
    syscall::make(bpf_cmd::BPF_MAP_CREATE, &mut attributes)
}

fn load_with(instructions: &[u64], hook: Hook, log: &mut [u8]) -> std::io::Result<OwnedFd> {
    let mut attributes = syscall::attributes();
    // SAFETY: this member is the one that BPF_PROG_LOAD reads.
    let program = unsafe { &mut attributes.__bindgen_anon_3 };
    (program.prog_type, program.prog_flags) = match hook {
        Hook::Xdp => (bpf_prog_type::BPF_PROG_TYPE_XDP as u32, XDP_HAS_FRAGS),
        Hook::Tc => (bpf_prog_type::BPF_PROG_TYPE_SCHED_CLS as u32, 0),
    };
    if hook == Hook::Xdp {
        program.expected_attach_type = aya_obj::generated::bpf_attach_type::BPF_XDP as u32;
    }
    program.insns = instructions.as_ptr() as u64;
    program.insn_cnt = u32::try_from(instructions.len()).unwrap_or(u32::MAX);
    program.license = c"GPL".as_ptr() as u64;
    syscall::name(&mut program.prog_name, NAME);
    if !log.is_empty() {
        program.log_level = 1;
        program.log_buf = log.as_mut_ptr() as u64;
        program.log_size = log.len() as u32;
    }
    syscall::make(bpf_cmd::BPF_PROG_LOAD, &mut attributes)
}
