//! Packet memory as [`Octets`]: direct access between `data` and `data_end`.

use core::arch::asm;

use airlens_common::Octets;
use aya_ebpf::{
    EbpfContext as _,
    bindings::xdp_md,
    helpers::generated as helpers,
    programs::{TcContext, XdpContext},
};

use crate::verifier::opaque;

/// The verifier follows packet offsets up to 0xffff (`MAX_PACKET_OFF`, Linux `kernel/bpf/verifier.c`).
const MAX_OFFSET: usize = 0x7fff;

/// Octets of a socket buffer that are made linear before the headers are read.
pub(crate) const HEADERS: u32 = 256;

/// The part of a packet that a program may read directly.
#[derive(Clone, Copy)]
pub(crate) struct PacketMemory {
    data: usize,
    end: usize,
}

impl PacketMemory {
    #[inline(always)]
    fn new(data: usize, end: usize) -> Self {
        Self { data, end }
    }

    /// How many octets they are.
    #[inline(always)]
    pub(crate) fn length(&self) -> u32 {
        (self.end - self.data) as u32
    }

    /// Address of `size` octets at `at`, after the one check that the verifier asks for.
    #[inline(always)]
    fn address(&self, at: usize, size: usize) -> Option<usize> {
        let at = opaque(at);
        if at > MAX_OFFSET {
            return None;
        }
        let address = opaque(self.data) + at;
        if address + size > self.end {
            return None;
        }
        Some(address)
    }
}

// One instruction a load: packet fields are seldom aligned, and LLVM would split an unaligned load into octets.
macro_rules! load {
    ($name:ident: $type:ty, $instruction:literal) => {
        #[inline(always)]
        fn $name(&self, at: usize) -> Option<$type> {
            let address = self.address(at, size_of::<$type>())?;
            let value: u64;
            // SAFETY: `address` was held against the end; the verifier checks it again.
            unsafe { asm!($instruction, out(reg) value, in(reg) address, options(readonly, nostack)) }
            Some(value as $type)
        }
    };
}

macro_rules! octets {
    ($memory:ty) => {
        impl Octets for $memory {
            load!(u8: u8, "{0} = *(u8 *)({1} + 0)");
            load!(u16_ne: u16, "{0} = *(u16 *)({1} + 0)");
            load!(u32_ne: u32, "{0} = *(u32 *)({1} + 0)");
            load!(u64_ne: u64, "{0} = *(u64 *)({1} + 0)");
        }
    };
}

octets!(PacketMemory);

/// Packet memory with a place through which offsets go to be forgotten.
pub(crate) struct Forgetful<'a, M> {
    pub(crate) memory: &'a M,
    /// A live map value of this CPU.
    pub(crate) place: *mut usize,
}

impl<M: Octets> Octets for Forgetful<'_, M> {
    #[inline(always)]
    fn u8(&self, at: usize) -> Option<u8> {
        self.memory.u8(at)
    }

    #[inline(always)]
    fn u16_ne(&self, at: usize) -> Option<u16> {
        self.memory.u16_ne(at)
    }

    #[inline(always)]
    fn u32_ne(&self, at: usize) -> Option<u32> {
        self.memory.u32_ne(at)
    }

    #[inline(always)]
    fn u64_ne(&self, at: usize) -> Option<u64> {
        self.memory.u64_ne(at)
    }

    #[inline(always)]
    fn forget(&self, at: usize) -> usize {
        // SAFETY: a live place of our own.
        unsafe {
            self.place.write_volatile(at);
            self.place.read_volatile()
        }
    }
}
octets!(CopyMemory);

/// Room for the headers of a packet that does not lie in one piece: tags, labels, IPv6 with some long extension headers.
pub(crate) const COPY: usize = 4096;

/// The beginning of a packet, copied to a map's value of [`COPY`] octets.
#[derive(Clone, Copy)]
pub(crate) struct CopyMemory {
    copy: usize,
    length: usize,
}

impl CopyMemory {
    /// Copies what fits; none where the kernel can't.
    #[inline(always)]
    pub(crate) fn of<P: Packet>(packet: &P, copy: *mut [u8; COPY]) -> Option<Self> {
        // By the last octet: of a length that was held against 0, the verifier of Linux 6.1 forgets that it is none.
        let last = opaque((packet.length() as usize).wrapping_sub(1));
        if last == usize::MAX {
            return None;
        }
        let length = opaque(if last < COPY { last } else { COPY - 1 }) + 1;
        // SAFETY: the length was cut to the room.
        let copied = unsafe { packet.copy(0, copy.cast(), length as u32) };
        copied.then_some(Self {
            copy: copy as usize,
            length,
        })
    }

    #[inline(always)]
    fn address(&self, at: usize, size: usize) -> Option<usize> {
        let at = opaque(at);
        if at > COPY - 8 || at + size > self.length {
            return None;
        }
        // Again, against a constant alone: LLVM makes one comparison of both, from which the verifier of Linux 6.1 learns nothing.
        let at = opaque(at);
        if at > COPY - 8 {
            return None;
        }
        Some(self.copy + at)
    }
}

/// What both hooks can do with a packet.
pub(crate) trait Packet {
    /// The directly readable part.
    fn memory(&self) -> PacketMemory;
    /// Octets of the whole packet.
    fn length(&self) -> u32;
    /// Index of the interface that it came from or goes to.
    fn ifindex(&self) -> u32;
    /// Copies `length` octets of the packet from octet `at` on.
    ///
    /// # Safety
    ///
    /// `to` has room for them.
    unsafe fn copy(&self, at: u32, to: *mut u8, length: u32) -> bool;
}

impl Packet for XdpContext {
    #[inline(always)]
    fn memory(&self) -> PacketMemory {
        PacketMemory::new(self.data(), self.data_end())
    }

    #[inline(always)]
    fn length(&self) -> u32 {
        // Not data_end - data: a frame longer than a page lies in several fragments.
        // SAFETY: the context is the kernel's.
        unsafe { helpers::bpf_xdp_get_buff_len(self.ctx) as u32 }
    }

    #[inline(always)]
    fn ifindex(&self) -> u32 {
        let context: *const xdp_md = self.ctx;
        // SAFETY: the context is the kernel's.
        unsafe { (*context).ingress_ifindex }
    }

    #[inline(always)]
    unsafe fn copy(&self, at: u32, to: *mut u8, length: u32) -> bool {
        // SAFETY: the caller's promise.
        unsafe { helpers::bpf_xdp_load_bytes(self.ctx, at, to.cast(), length) == 0 }
    }
}

/// Makes the headers of a socket buffer directly readable. Drivers that receive into pages leave them outside the head.
#[inline(always)]
pub(crate) fn pull_headers(context: &TcContext) {
    let length = context.len();
    let wanted = if length < HEADERS { length } else { HEADERS };
    if context.data() + wanted as usize > context.data_end() {
        pull(context, wanted);
    }
}

/// Makes the whole socket buffer directly readable; false where it was or can't be.
#[inline(always)]
pub(crate) fn pull_all(context: &TcContext) -> bool {
    context.data() + (context.len() as usize) > context.data_end() && pull(context, context.len())
}

#[inline(always)]
fn pull(context: &TcContext, length: u32) -> bool {
    // SAFETY: the context is the kernel's; pointers into the packet are read anew afterwards.
    unsafe { helpers::bpf_skb_pull_data(context.skb.skb, length) == 0 }
}

impl Packet for TcContext {
    #[inline(always)]
    fn memory(&self) -> PacketMemory {
        PacketMemory::new(self.data(), self.data_end())
    }

    #[inline(always)]
    fn length(&self) -> u32 {
        self.len()
    }

    #[inline(always)]
    fn ifindex(&self) -> u32 {
        // SAFETY: the context is the kernel's.
        unsafe { (*self.skb.skb).ifindex }
    }

    #[inline(always)]
    unsafe fn copy(&self, at: u32, to: *mut u8, length: u32) -> bool {
        // SAFETY: the caller's promise.
        unsafe { helpers::bpf_skb_load_bytes(self.as_ptr(), at, to.cast(), length) == 0 }
    }
}
