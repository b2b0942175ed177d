//! The kernel programs: `monitor` counts 802.11 frames and hands management frames to user space, `data` counts packets,
//! octets and flows, `capture` hands whole packets to user space. Map names start with the program's name, so that `bpftool map` reads well.
#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

mod air;
#[cfg(feature = "bench")]
mod bench;
mod capture;
mod data;
mod flow;
mod fragments;
mod monitor;
mod packet;
mod ring;
mod verifier;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // No program has a path to here: the verifier would refuse the endless loop.
    loop {}
}

/// Some helpers are for programs under a GPL-compatible licence only.
#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
