//! eBPF instructions with labels (Linux `Documentation/bpf/standardization/instruction-set.rst`).

/// A register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register(pub(super) u8);

/// A place in the program that may be known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(usize);

/// Octets of a memory access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Word,
    Half,
    Octet,
    Double,
}

impl Width {
    fn bits(self) -> u8 {
        match self {
            Self::Word => 0x00,
            Self::Half => 0x08,
            Self::Octet => 0x10,
            Self::Double => 0x18,
        }
    }
}

/// A program under construction.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    code: Vec<u64>,
    /// Where each label is.
    labels: Vec<Option<usize>>,
    /// Jumps and their labels.
    jumps: Vec<(usize, Label)>,
}

const MOVE: u8 = 0xb0;
const ADD: u8 = 0x00;

impl Assembler {
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// The label is here.
    pub(super) fn place(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len());
    }

    /// Some jump goes there.
    pub(super) fn is_used(&self, label: Label) -> bool {
        self.jumps.iter().any(|(_, target)| *target == label)
    }

    pub(super) fn emit(&mut self, opcode: u8, to: Register, from: Register, offset: i16, immediate: u32) {
        self.code.push(
            u64::from(opcode)
                | u64::from(to.0) << 8
                | u64::from(from.0) << 12
                | u64::from(offset.cast_unsigned()) << 16
                | u64::from(immediate) << 32,
        );
    }

    pub(super) fn load(&mut self, width: Width, to: Register, from: Register, offset: i16) {
        self.emit(0x61 | width.bits(), to, from, offset, 0);
    }

    pub(super) fn store(&mut self, width: Width, to: Register, offset: i16, from: Register) {
        self.emit(0x63 | width.bits(), to, from, offset, 0);
    }

    pub(super) fn store_immediate(&mut self, width: Width, to: Register, offset: i16, value: u32) {
        self.emit(0x62 | width.bits(), to, Register(0), offset, value);
    }

    /// 64 bits.
    pub(super) fn copy(&mut self, to: Register, from: Register) {
        self.emit(0x0f | MOVE, to, from, 0, 0);
    }

    /// 32 bits, the upper ones 0.
    pub(super) fn set(&mut self, to: Register, value: u32) {
        self.emit(0x04 | MOVE, to, Register(0), 0, value);
    }

    /// 64 bits, the value signed.
    pub(super) fn add(&mut self, to: Register, value: i32) {
        self.emit(0x07 | ADD, to, Register(0), 0, value.cast_unsigned());
    }

    /// 64 bits.
    pub(super) fn add_register(&mut self, to: Register, from: Register) {
        self.emit(0x0f | ADD, to, from, 0, 0);
    }

    /// From the network's order; the upper bits 0.
    pub(super) fn network_to_host(&mut self, register: Register, width: Width) {
        match width {
            Width::Word => self.emit(0xdc, register, Register(0), 0, 32),
            Width::Half => self.emit(0xdc, register, Register(0), 0, 16),
            Width::Octet | Width::Double => {}
        }
    }

    /// The address of a map, by its descriptor (`BPF_PSEUDO_MAP_FD`).
    pub(super) fn map(&mut self, to: Register, descriptor: u32) {
        self.emit(0x18, to, Register(1), 0, descriptor);
        self.code.push(0);
    }

    pub(super) fn call(&mut self, helper: u32) {
        self.emit(0x85, Register(0), Register(0), 0, helper);
    }

    pub(super) fn exit(&mut self) {
        self.emit(0x95, Register(0), Register(0), 0, 0);
    }

    pub(super) fn jump(&mut self, label: Label) {
        self.branch(0x05, Register(0), Register(0), 0, label);
    }

    /// A jump by its opcode.
    pub(super) fn branch(&mut self, opcode: u8, left: Register, right: Register, immediate: u32, label: Label) {
        self.jumps.push((self.code.len(), label));
        self.emit(opcode, left, right, 0, immediate);
    }

    /// The program; `None` if a jump is too far for it, or goes to a label that was not placed.
    pub(super) fn finish(mut self) -> Option<Vec<u64>> {
        for (at, label) in self.jumps {
            let target = i64::try_from(self.labels[label.0]?).ok()?;
            let distance = i16::try_from(target - i64::try_from(at).ok()? - 1).ok()?;
            self.code[at] |= u64::from(distance.cast_unsigned()) << 16;
        }
        Some(self.code)
    }
}
