//! Classic BPF to eBPF, instruction by instruction.
//!
//! A load is one bounds check and one instruction where the packet's directly readable part holds the octets; else, out of
//! line, a helper copies them. A load beyond the packet, or a division by 0, ends the filter: the packet is left out, as in
//! libpcap's own interpreter. tc programs are made twice: a VLAN tag that the kernel keeps beside the packet is where it was
//! on the wire for the second one. Classic jumps only go forward, so the verifier has no loops to follow.

mod load;
mod operate;
pub(crate) mod sample;

use airlens_common::capture::Counter;
use load::Slow;

use super::{
    Instruction,
    assembler::{Assembler, Label, Register, Width},
    classic::{MEMORY, class, mode},
};

/// Where a filter runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hook {
    /// XDP.
    Xdp,
    /// tc, either direction.
    Tc,
}

/// What a filter does with a packet: map descriptors and indices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// The map of programs.
    pub programs: u32,
    /// Index of the program that takes the packet.
    pub take: u32,
    /// The map of counters.
    pub counters: u32,
    /// The interface's slot.
    pub slot: u32,
    /// The packets are sent, not received.
    pub sent: bool,
}

const A: Register = Register(7);
const X: Register = Register(8);
const DATA: Register = Register(9);
const CONTEXT: Register = Register(6);
const FRAME: Register = Register(10);
const R0: Register = Register(0);
const R1: Register = Register(1);
const R2: Register = Register(2);
const R3: Register = Register(3);
const R4: Register = Register(4);

/// Offsets from the frame pointer.
mod stack {
    pub(super) const LENGTH: i16 = -8;
    pub(super) const DATA_END: i16 = -16;
    pub(super) const LOADED: i16 = -24;
    pub(super) const KEY: i16 = -32;
    pub(super) const MEMORY: i16 = -96;
    /// 20 octets of a packet with its tag, in 24.
    pub(super) const TAGGED: i16 = -120;
}

/// Helpers (Linux `include/uapi/linux/bpf.h`).
mod helper {
    pub(super) const MAP_LOOKUP: u32 = 1;
    pub(super) const TAIL_CALL: u32 = 12;
    pub(super) const SKB_LOAD_BYTES: u32 = 26;
    pub(super) const XDP_BUFFER_LENGTH: u32 = 188;
    pub(super) const XDP_LOAD_BYTES: u32 = 189;
}

/// Jump opcodes: 32-bit comparisons with a constant; with [`FROM_REGISTER`] between registers, with [`WIDE`] of 64 bits.
mod jump {
    pub(super) const EQUAL: u8 = 0x16;
    pub(super) const NOT_EQUAL: u8 = 0x56;
    pub(super) const GREATER: u8 = 0x26;
    pub(super) const FROM_REGISTER: u8 = 0x08;
    /// To class JMP from JMP32.
    pub(super) const WIDE: u8 = 0x05 ^ 0x06;
}

/// `BPF_MAXINSNS`: what a kernel takes of a classic filter.
const MOST: usize = 4096;
/// Packet offsets that the verifier follows, with room for a word (`MAX_PACKET_OFF`, and an instruction's signed 16 bits).
const DIRECT: u32 = 0x7ff0;
/// Octets of a tagged packet that are on the stack.
const WINDOW: u32 = 20;
/// Where a tag is, and its length.
const TAG: (u32, u32) = (12, 4);

/// How a body of the program reads the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Direct access to memory, else by the helper.
    Direct,
    /// The first octets are on the stack, the others by the helper.
    Tagged,
}

struct Translator<'a> {
    out: Assembler,
    instructions: &'a [Instruction],
    reachable: Vec<bool>,
    hook: Hook,
    access: Access,
    sent: bool,
    accept: Label,
    reject: Label,
    slow: Vec<Slow>,
}

/// The program; `None` if it would be too long, or an instruction is none.
pub(super) fn translate(instructions: &[Instruction], hook: Hook, outcomes: &Outcomes) -> Option<Vec<u64>> {
    if instructions.len() > MOST {
        return None;
    }
    let mut out = Assembler::default();
    let (accept, reject) = (out.label(), out.label());
    let mut translator = Translator {
        out,
        instructions,
        reachable: reachable(instructions)?,
        hook,
        access: Access::Direct,
        sent: outcomes.sent,
        accept,
        reject,
        slow: Vec::new(),
    };
    translator.start();
    match hook {
        Hook::Xdp => translator.body()?,
        Hook::Tc => {
            let tagged = translator.out.label();
            translator.out.load(Width::Word, R1, CONTEXT, skb::VLAN_PRESENT);
            translator.out.branch(jump::NOT_EQUAL, R1, R0, 0, tagged);
            translator.body()?;
            translator.out.place(tagged);
            translator.access = Access::Tagged;
            translator.start_tagged();
            translator.body()?;
        }
    }
    translator.end(outcomes);
    translator.out.finish()
}

/// Offsets in the contexts (`struct __sk_buff`, `struct xdp_md`).
mod skb {
    pub(super) const LENGTH: i16 = 0;
    pub(super) const VLAN_PRESENT: i16 = 20;
    pub(super) const VLAN_TCI: i16 = 24;
    pub(super) const VLAN_PROTO: i16 = 28;
    pub(super) const DATA: i16 = 76;
    pub(super) const DATA_END: i16 = 80;
}
mod xdp {
    pub(super) const DATA: i16 = 0;
    pub(super) const DATA_END: i16 = 4;
}

/// Which instructions can be reached: the kernel refuses a program with others. `None` for a jump over the end, or an end
/// without a return.
fn reachable(instructions: &[Instruction]) -> Option<Vec<bool>> {
    let mut reachable = vec![false; instructions.len()];
    *reachable.first_mut()? = true;
    for (at, instruction) in instructions.iter().enumerate() {
        if !reachable[at] {
            continue;
        }
        let next: &[usize] = match (instruction.class(), instruction.operation()) {
            (class::RET, _) => &[],
            (class::JMP, 0) => &[instruction.k as usize],
            (class::JMP, _) => &[instruction.jump_true.into(), instruction.jump_false.into()],
            _ => &[0],
        };
        for distance in next {
            *reachable.get_mut(at.checked_add(1)?.checked_add(*distance)?)? = true;
        }
    }
    Some(reachable)
}

impl Translator<'_> {
    fn start(&mut self) {
        self.out.copy(CONTEXT, R1);
        let (data, end) = match self.hook {
            Hook::Xdp => (xdp::DATA, xdp::DATA_END),
            Hook::Tc => (skb::DATA, skb::DATA_END),
        };
        self.out.load(Width::Word, DATA, CONTEXT, data);
        self.out.load(Width::Word, R2, CONTEXT, end);
        self.out.store(Width::Double, FRAME, stack::DATA_END, R2);
        if self.uses_length() {
            self.length_of_packet();
            self.out.store(Width::Double, FRAME, stack::LENGTH, R0);
        }
        self.out.set(A, 0);
        self.out.set(X, 0);
        for word in 0..MEMORY {
            if self
                .instructions
                .iter()
                .any(|instruction| instruction.memory() == Some(word))
            {
                self.out.store_immediate(Width::Word, FRAME, memory(word), 0);
            }
        }
    }

    fn uses_length(&self) -> bool {
        self.instructions
            .iter()
            .any(|instruction| matches!(instruction.class(), class::LD | class::LDX) && instruction.mode() == mode::LEN)
    }

    /// The packet's length to `R0`.
    fn length_of_packet(&mut self) {
        match self.hook {
            Hook::Xdp => {
                self.out.copy(R1, CONTEXT);
                self.out.call(helper::XDP_BUFFER_LENGTH);
            }
            Hook::Tc => self.out.load(Width::Word, R0, CONTEXT, skb::LENGTH),
        }
    }

    /// Puts the packet's start together as it was on the wire: 12 octets, the tag, 4 octets.
    fn start_tagged(&mut self) {
        for part in 0..3 {
            self.out
                .store_immediate(Width::Double, FRAME, stack::TAGGED + 8 * part, 0);
        }
        let (at, length) = TAG;
        for (from, to, octets) in [(0, 0, at), (at, at + length, WINDOW - at - length)] {
            self.load_octets(None, Some(from), stack::TAGGED + to as i16, octets);
            self.out.branch(jump::NOT_EQUAL, R0, R0, 0, self.reject);
        }
        self.out.load(Width::Word, R1, CONTEXT, skb::VLAN_PROTO);
        self.out.store(Width::Half, FRAME, stack::TAGGED + at as i16, R1);
        self.out.load(Width::Word, R1, CONTEXT, skb::VLAN_TCI);
        self.out.network_to_host(R1, Width::Half);
        self.out.store(Width::Half, FRAME, stack::TAGGED + at as i16 + 2, R1);
        if self.uses_length() {
            self.out.load(Width::Double, R1, FRAME, stack::LENGTH);
            self.out.add(R1, length as i32);
            self.out.store(Width::Double, FRAME, stack::LENGTH, R1);
        }
    }

    /// Calls the helper that copies octets of the packet, from a constant offset or that in `from`: `R0` is 0 if it could.
    fn load_octets(&mut self, from: Option<Register>, constant: Option<u32>, to: i16, octets: u32) {
        if let Some(register) = from {
            self.out.copy(R2, register);
        }
        if let Some(offset) = constant {
            self.out.set(R2, offset);
        }
        self.out.copy(R1, CONTEXT);
        self.out.copy(R3, FRAME);
        self.out.add(R3, to.into());
        self.out.set(R4, octets);
        self.out.call(match self.hook {
            Hook::Xdp => helper::XDP_LOAD_BYTES,
            Hook::Tc => helper::SKB_LOAD_BYTES,
        });
    }

    fn body(&mut self) -> Option<()> {
        let labels: Vec<_> = self.instructions.iter().map(|_| self.out.label()).collect();
        for (at, instruction) in self.instructions.iter().enumerate() {
            if !self.reachable[at] {
                continue;
            }
            self.out.place(labels[at]);
            match instruction.class() {
                class::LD => self.load(*instruction, A)?,
                class::LDX => self.load(*instruction, X)?,
                class::ST => self.store(*instruction, A)?,
                class::STX => self.store(*instruction, X)?,
                class::ALU => self.compute(*instruction)?,
                class::JMP => self.jump(*instruction, &labels[at + 1..])?,
                class::RET => self.end_with(*instruction),
                _ if instruction.code & 0x80 == 0 => self.out.copy(X, A),
                _ => self.out.copy(A, X),
            }
        }
        for slow in std::mem::take(&mut self.slow) {
            self.load_slowly(&slow);
        }
        Some(())
    }

    /// What both outcomes do.
    fn end(&mut self, outcomes: &Outcomes) {
        let (verdict, finish) = (self.out.label(), self.out.label());
        if self.out.is_used(self.accept) {
            self.out.place(self.accept);
            self.out.copy(R1, CONTEXT);
            self.out.map(R2, outcomes.programs);
            self.out.set(R3, outcomes.take);
            self.out.call(helper::TAIL_CALL);
            // It does not come back, unless there is no such program.
            let lost = Counter::LostCopy.index(outcomes.slot);
            self.out.store_immediate(Width::Word, FRAME, stack::KEY, lost);
            self.out.jump(finish);
        }
        if self.out.is_used(self.reject) {
            self.out.place(self.reject);
            let filtered = Counter::Filtered.index(outcomes.slot);
            self.out.store_immediate(Width::Word, FRAME, stack::KEY, filtered);
        }
        self.out.place(finish);
        self.out.map(R1, outcomes.counters);
        self.out.copy(R2, FRAME);
        self.out.add(R2, stack::KEY.into());
        self.out.call(helper::MAP_LOOKUP);
        self.out.branch(jump::EQUAL ^ jump::WIDE, R0, R0, 0, verdict);
        self.out.copy(A, R0);
        self.length_of_packet();
        if self.hook == Hook::Tc {
            let untagged = self.out.label();
            self.out.load(Width::Word, R1, CONTEXT, skb::VLAN_PRESENT);
            self.out.branch(jump::EQUAL, R1, R0, 0, untagged);
            self.out.add(R0, TAG.1 as i32);
            self.out.place(untagged);
        }
        // airlens_common::Count: packets, octets.
        for (offset, one) in [(0, true), (8, false)] {
            self.out.load(Width::Double, R1, A, offset);
            if one {
                self.out.add(R1, 1);
            } else {
                self.out.add_register(R1, R0);
            }
            self.out.store(Width::Double, A, offset, R1);
        }
        self.out.place(verdict);
        // XDP_PASS, TC_ACT_UNSPEC.
        let pass = if self.hook == Hook::Xdp { 2 } else { u32::MAX };
        self.out.set(R0, pass);
        self.out.exit();
    }
}

fn memory(word: u32) -> i16 {
    stack::MEMORY + 4 * word as i16
}

fn octets(width: Width) -> u32 {
    match width {
        Width::Octet => 1,
        Width::Half => 2,
        Width::Word => 4,
        Width::Double => 8,
    }
}
