//! A program that takes the first packets of each flow.
//!
//! What is remembered of flows is one place for each of many hashes: a flow that takes another's place begins anew, as does one
//! that was silent for long. Rather too many packets are taken than too few.

use super::{
    super::assembler::{Assembler, Register, Width},
    A, Access, CONTEXT, DATA, FRAME, Hook, Outcomes, R0, R1, R2, Translator, X, helper, jump, stack,
};

/// Places of a table: a power of two.
pub(crate) const PLACES: u32 = 1 << 15;
/// Octets of a place: hash and packets of a flow, 4 each, and when its last one came.
pub(crate) const PLACE: u32 = 16;
const HASH: i16 = 0;
const PACKETS: i16 = 4;
const LAST: i16 = 8;

/// Times are in units of 2^30 ns; after so many of silence a flow begins anew.
const SILENCE: u32 = 60;
const UNIT: u32 = 30;

/// `BPF_FUNC_get_hash_recalc`: of addresses and ports in a stable order (Linux `net/core/flow_dissector.c`), or the socket's own.
const HASH_OF_FLOW: u32 = 34;
/// `BPF_FUNC_ktime_get_coarse_ns`, since Linux 5.11.
const COARSE_TIME: u32 = 160;

/// The program for tc; `table` is the descriptor of a per-CPU array of [`PLACES`].
pub(crate) fn sample(table: u32, most: u32, outcomes: &Outcomes) -> Option<Vec<u64>> {
    const AND: u8 = 0x54;
    const SUBTRACT_REGISTER: u8 = 0x1f;
    const AT_LEAST: u8 = 0x36;
    const SHIFT_RIGHT: u8 = 0x77;
    let mut out = Assembler::default();
    let (accept, reject, anew) = (out.label(), out.label(), out.label());
    out.copy(CONTEXT, R1);
    out.call(HASH_OF_FLOW);
    out.copy(A, R0);
    out.emit(AND, R0, Register(0), 0, PLACES - 1);
    out.store(Width::Word, FRAME, stack::KEY, R0);
    out.map(R1, table);
    out.copy(R2, FRAME);
    out.add(R2, stack::KEY.into());
    out.call(helper::MAP_LOOKUP);
    // The verifier does not know that there is such a place.
    out.branch(jump::EQUAL ^ jump::WIDE, R0, R0, 0, accept);
    out.copy(X, R0);
    out.call(COARSE_TIME);
    out.emit(SHIFT_RIGHT, R0, Register(0), 0, UNIT);
    out.load(Width::Double, DATA, X, LAST);
    out.store(Width::Double, X, LAST, R0);
    out.load(Width::Word, R1, X, HASH);
    out.branch(jump::NOT_EQUAL | jump::FROM_REGISTER, R1, A, 0, anew);
    out.emit(SUBTRACT_REGISTER, R0, DATA, 0, 0);
    out.branch(jump::GREATER ^ jump::WIDE, R0, Register(0), SILENCE, anew);
    out.load(Width::Word, R1, X, PACKETS);
    out.branch(AT_LEAST, R1, Register(0), most, reject);
    out.add(R1, 1);
    out.store(Width::Word, X, PACKETS, R1);
    out.jump(accept);
    out.place(anew);
    out.store(Width::Word, X, HASH, A);
    out.store_immediate(Width::Word, X, PACKETS, 1);
    let mut translator = Translator {
        out,
        instructions: &[],
        reachable: Vec::new(),
        hook: Hook::Tc,
        access: Access::Direct,
        sent: outcomes.sent,
        accept,
        reject,
        slow: Vec::new(),
    };
    translator.end(outcomes);
    translator.out.finish()
}
