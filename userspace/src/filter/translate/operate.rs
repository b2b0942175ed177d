//! Everything that is no load: stores, arithmetic, jumps, the end.

use super::{A, FRAME, R0, Translator, X, jump, memory};
use crate::filter::{
    Instruction,
    assembler::{Label, Register, Width},
    classic::MEMORY,
};

impl Translator<'_> {
    pub(super) fn store(&mut self, instruction: Instruction, from: Register) -> Option<()> {
        if instruction.k >= MEMORY {
            return None;
        }
        self.out.store(Width::Word, FRAME, memory(instruction.k), from);
        Some(())
    }

    /// Operations have the same numbers in both languages.
    pub(super) fn compute(&mut self, instruction: Instruction) -> Option<()> {
        const DIVIDE: u16 = 0x30;
        const SHIFT_LEFT: u16 = 0x60;
        const SHIFT_RIGHT: u16 = 0x70;
        const NEGATE: u16 = 0x80;
        const MODULO: u16 = 0x90;
        const LAST: u16 = 0xa0;
        let (operation, k) = (instruction.operation(), instruction.k);
        let opcode = u8::try_from(operation).ok()? | 0x04;
        match (operation, instruction.is_x()) {
            (NEGATE, _) => self.out.emit(opcode, A, R0, 0, 0),
            (DIVIDE | MODULO, false) if k == 0 => return None,
            (DIVIDE | MODULO, true) => {
                self.out.branch(jump::EQUAL, X, R0, 0, self.reject);
                self.out.emit(opcode | 0x08, A, X, 0, 0);
            }
            // eBPF shifts by the low 5 bits of what is asked for, libpcap shifts everything out.
            (SHIFT_LEFT | SHIFT_RIGHT, false) if k > 31 => self.out.set(A, 0),
            (SHIFT_LEFT | SHIFT_RIGHT, true) => {
                let (none, done) = (self.out.label(), self.out.label());
                self.out.branch(jump::GREATER, X, R0, 31, none);
                self.out.emit(opcode | 0x08, A, X, 0, 0);
                self.out.jump(done);
                self.out.place(none);
                self.out.set(A, 0);
                self.out.place(done);
            }
            (..=LAST, false) => self.out.emit(opcode, A, R0, 0, k),
            (..=LAST, true) => self.out.emit(opcode | 0x08, A, X, 0, 0),
            _ => return None,
        }
        Some(())
    }

    pub(super) fn jump(&mut self, instruction: Instruction, next: &[Label]) -> Option<()> {
        const ALWAYS: u16 = 0x00;
        const SET: u16 = 0x40;
        if instruction.operation() == ALWAYS {
            self.out.jump(*next.get(instruction.k as usize)?);
            return Some(());
        }
        if instruction.operation() > SET {
            return None;
        }
        let opcode = u8::try_from(instruction.operation()).ok()? | 0x06;
        let to = usize::from(instruction.jump_true);
        let (condition, right, k) = if instruction.is_x() {
            (opcode | jump::FROM_REGISTER, X, 0)
        } else {
            (opcode, R0, instruction.k)
        };
        self.out.branch(condition, A, right, k, *next.get(to)?);
        if instruction.jump_false != 0 {
            self.out.jump(*next.get(usize::from(instruction.jump_false))?);
        }
        Some(())
    }

    pub(super) fn end_with(&mut self, instruction: Instruction) {
        const FROM_A: u16 = 0x10;
        if instruction.code & 0x18 == FROM_A {
            self.out.branch(jump::EQUAL, A, R0, 0, self.reject);
            self.out.jump(self.accept);
        } else if instruction.k == 0 {
            self.out.jump(self.reject);
        } else {
            self.out.jump(self.accept);
        }
    }
}
