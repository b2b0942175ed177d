//! Stand-in for the `bpfel-unknown-none` sysroot: kernel programs call no routine of the compiler
//! (aya-ebpf has its own memcpy and memset).
#![feature(compiler_builtins)]
#![compiler_builtins]
#![no_std]
#![allow(internal_features)]
