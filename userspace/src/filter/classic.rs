//! Classic BPF: McCanne and Jacobson, "The BSD Packet Filter", 1993; numbers as in Linux `include/uapi/linux/filter.h`.

/// One instruction (`struct bpf_insn` of libpcap).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// Class, size and mode, or operation and source.
    pub code: u16,
    /// Instructions to step over where a condition holds.
    pub jump_true: u8,
    /// The same where it does not.
    pub jump_false: u8,
    /// The constant.
    pub k: u32,
}

/// Instruction classes.
pub(super) mod class {
    pub(in crate::filter) const LD: u16 = 0;
    pub(in crate::filter) const LDX: u16 = 1;
    pub(in crate::filter) const ST: u16 = 2;
    pub(in crate::filter) const STX: u16 = 3;
    pub(in crate::filter) const ALU: u16 = 4;
    pub(in crate::filter) const JMP: u16 = 5;
    pub(in crate::filter) const RET: u16 = 6;
}

/// Where a load is from.
pub(super) mod mode {
    pub(in crate::filter) const IMM: u16 = 0x00;
    pub(in crate::filter) const ABS: u16 = 0x20;
    pub(in crate::filter) const IND: u16 = 0x40;
    pub(in crate::filter) const MEM: u16 = 0x60;
    pub(in crate::filter) const LEN: u16 = 0x80;
    pub(in crate::filter) const MSH: u16 = 0xa0;
}

/// Words of scratch memory.
pub(super) const MEMORY: u32 = 16;

impl Instruction {
    pub(super) fn class(self) -> u16 {
        self.code & 0x07
    }

    pub(super) fn mode(self) -> u16 {
        self.code & 0xe0
    }

    /// The operation of an arithmetic instruction or jump.
    pub(super) fn operation(self) -> u16 {
        self.code & 0xf0
    }

    /// The second operand is X, not the constant.
    pub(super) fn is_x(self) -> bool {
        self.code & 0x08 != 0
    }

    /// Octets of a load; `None` for a size that there is not.
    pub(super) fn size(self) -> Option<u32> {
        match self.code & 0x18 {
            0x00 => Some(4),
            0x08 => Some(2),
            0x10 => Some(1),
            _ => None,
        }
    }

    /// A jump to what comes before: libpcap's own, for `protochain`.
    pub(super) fn goes_back(self) -> bool {
        self.class() == class::JMP && self.operation() == 0 && self.k.cast_signed() < 0
    }

    /// The word of scratch memory that it reads or writes.
    pub(super) fn memory(self) -> Option<u32> {
        let uses = match self.class() {
            class::ST | class::STX => true,
            class::LD | class::LDX => self.mode() == mode::MEM,
            _ => false,
        };
        uses.then_some(self.k)
    }
}
