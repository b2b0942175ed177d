//! Loads: of the packet directly where that can be, else out of line by a helper.

use super::{Access, DATA, DIRECT, FRAME, R0, R1, R2, R3, R4, TAG, Translator, WINDOW, X, jump, memory, octets, stack};
use crate::filter::{
    Instruction,
    assembler::{Label, Register, Width},
    classic::{MEMORY, mode},
};

/// `SKF_AD_OFF + SKF_AD_PKTTYPE` (Linux `include/uapi/linux/filter.h`): `inbound` and `outbound` hold it against the next.
const PACKET_TYPE: u32 = 0xffff_f004;
const PACKET_OUTGOING: u32 = 4;

/// What a load that is done out of line looks like.
pub(super) struct Slow {
    here: Label,
    back: Label,
    to: Register,
    width: Width,
    offset: Offset,
}

#[derive(Clone, Copy)]
enum Offset {
    Constant(u32),
    /// In `R1`.
    Variable,
}

impl Translator<'_> {
    pub(super) fn load(&mut self, instruction: Instruction, to: Register) -> Option<()> {
        let k = instruction.k;
        match instruction.mode() {
            mode::IMM => self.out.set(to, k),
            mode::LEN => self.out.load(Width::Double, to, FRAME, stack::LENGTH),
            mode::MEM if k < MEMORY => self.out.load(Width::Word, to, FRAME, memory(k)),
            mode::ABS if k == PACKET_TYPE => self.out.set(to, if self.sent { PACKET_OUTGOING } else { 0 }),
            mode::ABS => self.load_constant(k, width(instruction)?, to),
            mode::IND => self.load_variable(k, width(instruction)?, to),
            mode::MSH => {
                self.load_constant(k, Width::Octet, to);
                // 4 times the low half octet: the length of an IP header.
                self.out.emit(0x54, to, R0, 0, 0x0f);
                self.out.emit(0x64, to, R0, 0, 2);
            }
            _ => return None,
        }
        Some(())
    }

    fn load_constant(&mut self, offset: u32, width: Width, to: Register) {
        let end = offset.saturating_add(octets(width));
        let back = self.out.label();
        match self.access {
            Access::Direct if end <= DIRECT => {
                let slow = self.later(back, to, width, Offset::Constant(offset));
                self.out.copy(R1, DATA);
                self.out.add(R1, end as i32);
                self.out.load(Width::Double, R2, FRAME, stack::DATA_END);
                self.branch_past_end(R1, slow);
                self.out.load(width, to, DATA, offset as i16);
                self.out.network_to_host(to, width);
            }
            Access::Tagged if end <= WINDOW => {
                self.load_from_window(FRAME, offset as i16, width, to);
            }
            _ => {
                let slow = self.later(back, to, width, Offset::Constant(offset));
                self.out.jump(slow);
            }
        }
        self.out.place(back);
    }

    fn load_variable(&mut self, offset: u32, width: Width, to: Register) {
        let Ok(offset) = i32::try_from(offset) else {
            // No packet is as long. As a condition: what comes after must be reachable.
            self.out.set(R1, 0);
            self.out.branch(jump::EQUAL, R1, R0, 0, self.reject);
            return;
        };
        let back = self.out.label();
        let slow = self.later(back, to, width, Offset::Variable);
        self.out.copy(R1, X);
        self.out.add(R1, offset);
        match self.access {
            // Never within reach; and the verifier refuses to add such a number to an address, even where it is never done
            // (`check_reg_sane_offset`).
            _ if offset.unsigned_abs() > DIRECT => self.out.jump(slow),
            Access::Direct => {
                let most = DIRECT - octets(width);
                self.out.branch(jump::GREATER ^ jump::WIDE, R1, R0, most, slow);
                self.out.copy(R3, DATA);
                self.out.add_register(R3, R1);
                self.out.copy(R4, R3);
                self.out.add(R4, octets(width) as i32);
                self.out.load(Width::Double, R2, FRAME, stack::DATA_END);
                self.branch_past_end(R4, slow);
                self.out.load(width, to, R3, 0);
                self.out.network_to_host(to, width);
            }
            Access::Tagged => {
                let most = WINDOW - octets(width);
                self.out.branch(jump::GREATER ^ jump::WIDE, R1, R0, most, slow);
                self.out.copy(R3, FRAME);
                self.out.add_register(R3, R1);
                self.load_from_window(R3, 0, width, to);
            }
        }
        self.out.place(back);
    }

    /// Octet by octet: the stack may not be read unaligned.
    fn load_from_window(&mut self, base: Register, offset: i16, width: Width, to: Register) {
        self.out.set(to, 0);
        for octet in 0..octets(width) as i16 {
            self.out.emit(0x64, to, R0, 0, 8);
            self.out.load(Width::Octet, R4, base, stack::TAGGED + offset + octet);
            self.out.emit(0x4c, to, R4, 0, 0);
        }
    }

    /// Jumps if the address in `register` is beyond the packet's end in `R2`.
    fn branch_past_end(&mut self, register: Register, label: Label) {
        let opcode = (jump::GREATER ^ jump::WIDE) | jump::FROM_REGISTER;
        self.out.branch(opcode, register, R2, 0, label);
    }

    /// Announces a load out of line.
    fn later(&mut self, back: Label, to: Register, width: Width, offset: Offset) -> Label {
        let here = self.out.label();
        self.slow.push(Slow {
            here,
            back,
            to,
            width,
            offset,
        });
        here
    }

    pub(super) fn load_slowly(&mut self, slow: &Slow) {
        // The tag is not in the packet: what comes behind it is that much nearer.
        let (at, length) = TAG;
        let beside = if self.access == Access::Tagged { length } else { 0 };
        self.out.place(slow.here);
        match slow.offset {
            // Behind the window, so behind the tag.
            Offset::Constant(offset) => {
                debug_assert!(beside == 0 || offset + octets(slow.width) > at + beside);
                self.load_octets(None, Some(offset - beside), stack::LOADED, octets(slow.width));
            }
            Offset::Variable => {
                // More than a helper takes: no packet is as long.
                let opcode = jump::GREATER ^ jump::WIDE;
                self.out.branch(opcode, R1, R0, i32::MAX.cast_unsigned(), self.reject);
                self.out.add(R1, -(beside as i32));
                self.load_octets(Some(R1), None, stack::LOADED, octets(slow.width));
            }
        }
        self.out.branch(jump::NOT_EQUAL, R0, R0, 0, self.reject);
        self.out.load(slow.width, slow.to, FRAME, stack::LOADED);
        self.out.network_to_host(slow.to, slow.width);
        self.out.jump(slow.back);
    }
}

fn width(instruction: Instruction) -> Option<Width> {
    match instruction.size()? {
        4 => Some(Width::Word),
        2 => Some(Width::Half),
        _ => Some(Width::Octet),
    }
}
