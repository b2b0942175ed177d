//! Classic BPF programs at random, and what libpcap does with them.

use airlens::filter::Instruction;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// A classic instruction at a position of a program: what libpcap's interpreter does with it is well defined.
pub fn instruction() -> impl Strategy<Value = Instruction> {
    let codes = prop_oneof![
        // Loads: constant, by X, memory, length, the low half octet.
        proptest::sample::select(vec![
            0x20u16, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x61, 0x80, 0x81, 0xb1, 0x00, 0x01
        ]),
        // Stores, exchanges.
        proptest::sample::select(vec![0x02u16, 0x03, 0x07, 0x87]),
        // Arithmetic with a constant and with X.
        proptest::sample::select(vec![
            0x04u16, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0x84, 0x94, 0xa4, 0x0c, 0x1c, 0x2c, 0x3c, 0x4c, 0x5c,
            0x6c, 0x7c, 0x9c, 0xac
        ]),
        // Jumps and returns.
        proptest::sample::select(vec![
            0x05u16, 0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d, 0x06, 0x16
        ]),
    ];
    let constants = prop_oneof![0u32..70, any::<u32>(), Just(0), Just(1)];
    (codes, constants, 0u8..6, 0u8..6).prop_map(|(code, k, jump_true, jump_false)| {
        let k = match code {
            // Memory, and divisors that are none.
            0x60 | 0x61 | 0x02 | 0x03 => k % 16,
            0x34 | 0x94 => k.max(1),
            0x05 => k % 6,
            _ => k,
        };
        Instruction {
            code,
            jump_true,
            jump_false,
            k,
        }
    })
}

/// libpcap's interpreter (`bpf_filter.c`), again: whether a program takes a packet.
///
/// # Panics
///
/// The program has no end.
#[must_use]
pub fn takes(program: &[Instruction], packet: &[u8]) -> bool {
    let (mut a, mut x, mut memory, mut at) = (0u32, 0u32, [0u32; 16], 0usize);
    let load = |offset: u64, octets: u64| -> Option<u32> {
        let from = usize::try_from(offset).ok()?;
        let found = packet.get(from..from.checked_add(octets as usize)?)?;
        Some(found.iter().fold(0, |value, octet| value << 8 | u32::from(*octet)))
    };
    loop {
        let i = program[at];
        at += 1;
        let right = if i.code & 8 != 0 { x } else { i.k };
        let size = [4, 2, 1, 0][usize::from(i.code >> 3 & 3)];
        let loaded = match i.code {
            0x20 | 0x28 | 0x30 => load(i.k.into(), size),
            0x40 | 0x48 | 0x50 => load(u64::from(i.k) + u64::from(x), size),
            0xb1 => load(i.k.into(), 1),
            _ => Some(0),
        };
        let Some(loaded) = loaded else { return false };
        match i.code {
            0x00 => a = i.k,
            0x01 => x = i.k,
            0x20 | 0x28 | 0x30 | 0x40 | 0x48 | 0x50 => a = loaded,
            0x60 => a = memory[i.k as usize],
            0x61 => x = memory[i.k as usize],
            0x80 => a = packet.len() as u32,
            0x81 => x = packet.len() as u32,
            0xb1 => x = (loaded & 15) * 4,
            0x02 => memory[i.k as usize] = a,
            0x03 => memory[i.k as usize] = x,
            0x07 => x = a,
            0x87 => a = x,
            0x84 => a = a.wrapping_neg(),
            0x05 => at += i.k as usize,
            0x06 => return i.k != 0,
            0x16 => return a != 0,
            code if code & 7 == 5 => {
                let holds = match code & 0xf0 {
                    0x10 => a == right,
                    0x20 => a > right,
                    0x30 => a >= right,
                    _ => a & right != 0,
                };
                at += usize::from(if holds { i.jump_true } else { i.jump_false });
            }
            code => {
                a = match code & 0xf0 {
                    0x00 => a.wrapping_add(right),
                    0x10 => a.wrapping_sub(right),
                    0x20 => a.wrapping_mul(right),
                    0x30 | 0x90 if right == 0 => return false,
                    0x30 => a / right,
                    0x90 => a % right,
                    0x40 => a | right,
                    0x50 => a & right,
                    0x60 => a.checked_shl(right).unwrap_or(0),
                    0x70 => a.checked_shr(right).unwrap_or(0),
                    _ => a ^ right,
                }
            }
        }
    }
}
