//! The kernel programs' object file.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{command, project::Project, rustc_wrapper, setup::EbpfTools};

const TARGET: &str = "bpfel-unknown-none";

/// Compiles the kernel programs into `target/ebpf/airlens.bpf.o`.
pub(crate) fn build(project: &Project, tools: &EbpfTools) -> Result<()> {
    make(project, tools, &[], &project.object())
}

/// Compiles them once more with those that only benches use, into another object.
pub(crate) fn build_bench(project: &Project, tools: &EbpfTools) -> Result<PathBuf> {
    let object = project.object().with_file_name("bench.bpf.o");
    make(project, tools, &["--features", "bench"], &object)?;
    Ok(object)
}

fn make(project: &Project, tools: &EbpfTools, arguments: &[&str], object: &Path) -> Result<()> {
    command::run(cargo(project, tools, "build").args(arguments))?;
    let built = target(project).join(TARGET).join("release/airlens");
    if replace(&built, object)? {
        println!("kernel programs: {} is new", object.display());
    } else {
        println!("kernel programs: unchanged");
    }
    Ok(())
}

/// The lints of the kernel programs.
pub(crate) fn lint(project: &Project, tools: &EbpfTools) -> Result<()> {
    command::run(cargo(project, tools, "clippy").args(["--", "--deny", "warnings"]))
}

/// A command of cargo for the kernel programs and their target.
fn cargo(project: &Project, tools: &EbpfTools, subcommand: &str) -> Command {
    let mut cargo = project.cargo(subcommand);
    cargo
        .current_dir(project.ebpf())
        .args(["--release", "--locked", "--target", TARGET])
        .env("CARGO_TARGET_DIR", target(project))
        // Assembly for BPF is unstable (`asm_experimental_arch`).
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_BPFEL_UNKNOWN_NONE_LINKER", &tools.linker)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(project, tools).join("\x1f"));
    rustc_wrapper::wrap(&mut cargo, project);
    cargo
}

/// Its own folder: in a shared one these flags would make cargo compile everything anew.
fn target(project: &Project) -> PathBuf {
    project.target().join("ebpf-build")
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
