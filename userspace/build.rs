//! Finds the kernel programs' object and hands its path to the library, which embeds it.

use std::{env, fs, path::PathBuf, process::exit};

fn main() {
    println!("cargo::rerun-if-env-changed=AIRLENS_EBPF_OBJECT");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let object =
        env::var_os("AIRLENS_EBPF_OBJECT").map_or_else(|| manifest.join("../target/ebpf/airlens.bpf.o"), PathBuf::from);
    println!("cargo::rerun-if-changed={}", object.display());
    let Ok(object) = fs::canonicalize(&object) else {
        println!(
            "cargo::error=no kernel programs at {}: run `cargo xtask build-ebpf` first, or name an object in AIRLENS_EBPF_OBJECT",
            object.display()
        );
        exit(1);
    };
    println!("cargo::rustc-env=AIRLENS_EBPF_OBJECT={}", object.display());
}
