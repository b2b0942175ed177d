//! What the compiler must not see through, so that the verifier sees the check that stands in the source.

use core::arch::asm;

/// Hides a value's origin from LLVM: a check on the result stays on the register that the verifier follows.
#[inline(always)]
pub(crate) fn opaque(value: usize) -> usize {
    let mut hidden = value;
    // SAFETY: a move of a register to itself. (An empty asm would break the line info: EINVAL at load.)
    unsafe { asm!("{0} = {0}", inout(reg) hidden, options(nomem, nostack, preserves_flags)) }
    hidden
}

/// Hides where a place is, so that LLVM keeps it in memory and writes each field once.
#[inline(always)]
pub(crate) fn in_memory<T>(place: &mut T) -> &mut T {
    let mut address: *mut T = place;
    // SAFETY: a move of a register to itself; the place stays borrowed. Memory is not declared unchanged.
    unsafe {
        asm!("{0} = {0}", inout(reg) address, options(nostack, preserves_flags));
        &mut *address
    }
}

/// Adds to a word that other CPUs write too, and gives back what it was. BPF has no atomic types in rustc's target, hence the
/// instruction.
///
/// # Safety
///
/// `word` points to an aligned, live u64 of a map value.
#[inline(always)]
pub(crate) unsafe fn fetch_add(word: *mut u64, add: u64) -> u64 {
    let mut old = add;
    // SAFETY: the caller's promise.
    unsafe { asm!("{1} = atomic_fetch_add((u64 *)({0} + 0), {1})", in(reg) word, inout(reg) old, options(nostack)) }
    old
}

/// Writes `new` where 0 stands; false where something else stood already.
///
/// # Safety
///
/// `word` points to an aligned, live u32 of a map value.
#[inline(always)]
pub(crate) unsafe fn claim_word(word: *mut u32, new: u32) -> bool {
    let mut old = 0u32;
    // SAFETY: the caller's promise.
    unsafe {
        asm!("w0 = cmpxchg32_32({0} + 0, w0, {1})", in(reg) word, in(wreg) new, inout("w0") old, options(nostack));
    }
    old == 0
}
