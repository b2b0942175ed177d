//! Filters over packets that are in memory already, as libpcap's own interpreter (`bpf_filter.c`) runs them.

use super::{
    Instruction,
    classic::{MEMORY, class, mode},
};

/// Whether a program takes a packet, of which `octets` were captured and which had `length`. One that leaves its instructions
/// takes none.
pub(super) fn takes(program: &[Instruction], octets: &[u8], length: u32) -> bool {
    run(program, octets, length).unwrap_or(false)
}

/// `None` where it reads beyond the packet, divides by 0 or leaves its instructions.
fn run(program: &[Instruction], octets: &[u8], length: u32) -> Option<bool> {
    let (mut a, mut x) = (0u32, 0u32);
    let mut memory = [0u32; MEMORY as usize];
    let mut at = 0usize;
    loop {
        let i = *program.get(at)?;
        at += 1;
        let right = if i.is_x() { x } else { i.k };
        match i.class() {
            class::LD => a = load(i, x, &memory, octets, length)?,
            class::LDX => x = load(i, x, &memory, octets, length)?,
            class::ST => *memory.get_mut(i.k as usize)? = a,
            class::STX => *memory.get_mut(i.k as usize)? = x,
            class::ALU => a = compute(i, a, right)?,
            class::JMP if i.operation() == 0 => at = at.checked_add(i.k as usize)?,
            class::JMP => {
                let holds = match i.operation() {
                    0x10 => a == right,
                    0x20 => a > right,
                    0x30 => a >= right,
                    _ => a & right != 0,
                };
                at += usize::from(if holds { i.jump_true } else { i.jump_false });
            }
            // BPF_A, else the constant.
            class::RET => return Some(if i.code & 0x18 == 0x10 { a } else { i.k } != 0),
            _ if i.code & 0x80 == 0 => x = a,
            _ => a = x,
        }
    }
}

fn load(i: Instruction, x: u32, memory: &[u32], octets: &[u8], length: u32) -> Option<u32> {
    let at = |offset: u64, size: u32| {
        let start = usize::try_from(offset).ok()?;
        let found = octets.get(start..start.checked_add(size as usize)?)?;
        Some(found.iter().fold(0, |value, octet| value << 8 | u32::from(*octet)))
    };
    match i.mode() {
        mode::IMM => Some(i.k),
        mode::ABS => at(i.k.into(), i.size()?),
        mode::IND => at(u64::from(i.k) + u64::from(x), i.size()?),
        mode::MEM => memory.get(i.k as usize).copied(),
        mode::LEN => Some(length),
        // The length of an IP header.
        mode::MSH => Some((at(i.k.into(), 1)? & 15) * 4),
        _ => None,
    }
}

fn compute(i: Instruction, a: u32, right: u32) -> Option<u32> {
    Some(match i.operation() {
        0x00 => a.wrapping_add(right),
        0x10 => a.wrapping_sub(right),
        0x20 => a.wrapping_mul(right),
        0x30 => a.checked_div(right)?,
        0x40 => a | right,
        0x50 => a & right,
        0x60 => a.checked_shl(right).unwrap_or(0),
        0x70 => a.checked_shr(right).unwrap_or(0),
        0x80 => a.wrapping_neg(),
        0x90 => a.checked_rem(right)?,
        0xa0 => a ^ right,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn of(code: u16, jump_true: u8, jump_false: u8, k: u32) -> Instruction {
        Instruction {
            code,
            jump_true,
            jump_false,
            k,
        }
    }

    #[test]
    fn a_filter_as_tcpdump_compiles_it() {
        // `tcpdump -dd 'ip and greater 40'`.
        let program = [
            of(0x28, 0, 0, 12),
            of(0x15, 0, 3, 0x0800),
            of(0x80, 0, 0, 0),
            of(0x35, 0, 1, 40),
            of(0x06, 0, 0, 262_144),
            of(0x06, 0, 0, 0),
        ];
        let mut packet = [0; 20];
        packet[12] = 8;
        assert!(takes(&program, &packet, 60));
        // By the length that it had, not by what was captured of it.
        assert!(!takes(&program, &packet, 39));
        assert!(!takes(&program, &packet[..13], 60));
        packet[12] = 9;
        assert!(!takes(&program, &packet, 60));
    }

    proptest! {
        #[test]
        fn any_instructions_end_and_beyond_them_nothing_is_taken(
            program in prop::collection::vec((any::<u16>(), any::<u8>(), any::<u8>(), any::<u32>()), 0..40),
            packet in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let program: Vec<_> = program.into_iter().map(|(code, yes, no, k)| of(code, yes, no, k)).collect();
            let refusing = vec![of(0x06, 0, 0, 0); 8];
            let longer = [program.clone(), refusing].concat();
            prop_assert_eq!(takes(&program, &packet, 80), takes(&longer, &packet, 80));
        }
    }
}
