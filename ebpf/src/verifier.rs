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

/// Adds to a counter that other CPUs write too. BPF has no compare-and-swap in rustc's target, hence the instruction.
///
/// # Safety
///
/// `counter` points to an aligned, live u64 of a map value.
#[inline(always)]
pub(crate) unsafe fn atomic_add(counter: *mut u64, value: u64) {
    // SAFETY: the caller's promise.
    unsafe { asm!("lock *(u64 *)({0} + 0) += {1}", in(reg) counter, in(reg) value, options(nostack)) }
}

/// Sets bits in a word that other CPUs write too.
///
/// # Safety
///
/// `word` points to an aligned, live u32 of a map value.
#[inline(always)]
pub(crate) unsafe fn atomic_or(word: *mut u32, bits: u32) {
    // SAFETY: the caller's promise.
    unsafe { asm!("lock *(u32 *)({0} + 0) |= {1}", in(reg) word, in(wreg) bits, options(nostack)) }
}
