//! Classic BPF programs at random.

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
