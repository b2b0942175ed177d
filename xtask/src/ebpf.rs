//! The kernel programs' object file.

use std::{env, fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{command, project::Project, rustc_wrapper, setup::EbpfTools};

const TARGET: &str = "bpfel-unknown-none";

/// Compiles the kernel programs into `target/ebpf/airlens.bpf.o`.
pub(crate) fn build(project: &Project, tools: &EbpfTools) -> Result<()> {
    // Its own folder: the flags would make cargo compile everything anew in a shared one.
    let target = project.target().join("ebpf-build");
    let mut cargo = project.cargo("build");
    cargo
        // Cargo reads `.cargo/config.toml` from the folder that it is started in.
        .current_dir(project.ebpf())
        .args(["--release", "--locked", "--target", TARGET])
        .env("CARGO_TARGET_DIR", &target)
        // Assembly for BPF is unstable (`asm_experimental_arch`).
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_BPFEL_UNKNOWN_NONE_LINKER", &tools.linker)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(project, tools).join("\x1f"));
    rustc_wrapper::wrap(&mut cargo, &project.root)?;
    command::run(&mut cargo)?;
    let built = target.join(TARGET).join("release/airlens");
    let object = project.object();
    if replace(&built, &object)? {
        println!("kernel programs: {} is new", object.display());
    } else {
        println!("kernel programs: unchanged");
    }
    Ok(())
}

fn flags(project: &Project, tools: &EbpfTools) -> [String; 6] {
    [
        format!("--sysroot={}", tools.sysroot.display()),
        "-Cdebuginfo=2".to_owned(),
        "-Clink-arg=--btf".to_owned(),
        format!("--cfg=bpf_target_arch=\"{}\"", env::consts::ARCH),
        "-Ctarget-cpu=v3".to_owned(),
        format!("--remap-path-prefix={}=/airlens", project.root.display()),
    ]
}

/// Copies `from` to `to` if their content differs: an untouched object is no reason for cargo to
/// build user space again. Says whether it copied.
fn replace(from: &Path, to: &Path) -> Result<bool> {
    let new = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(false);
    }
    fs::create_dir_all(to.parent().context("the object has a folder")?)?;
    let part = to.with_extension("part");
    fs::write(&part, new)?;
    fs::rename(part, to)?;
    Ok(true)
}
