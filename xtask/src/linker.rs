//! bpf-linker, built against the LLVM that rustc itself brings: bitcode of the same version, and
//! no other LLVM to install.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{cache::Cache, command, project::Project, toolchain::Toolchain};

const VERSION: &str = "0.13.0";

/// Returns the path of bpf-linker, built now if the cache has none for this toolchain that runs.
pub(crate) fn provide(project: &Project, cache: &Cache, rust: &Toolchain) -> Result<PathBuf> {
    let name = format!("bpf-linker/{VERSION}-llvm-{}", rust.llvm);
    let linker = cache.entry(&name).join("bin/bpf-linker");
    // One that is there may still not run: its LLVM goes away with its toolchain.
    if linker.exists() && check(project, &linker).is_ok() {
        println!("bpf-linker {VERSION}: present (LLVM {} of rustc)", rust.llvm);
        return Ok(linker);
    }
    println!(
        "bpf-linker {VERSION}: building it against LLVM {} of rustc (90 s); it links the kernel \
         programs",
        rust.llvm
    );
    cache.store(&name, |staging| install(project, rust, staging))?;
    check(project, &linker)?;
    Ok(linker)
}

fn install(project: &Project, rust: &Toolchain, staging: &Path) -> Result<()> {
    let libraries = rust.sysroot.join("lib");
    let prefix = staging.join("llvm");
    fs::create_dir_all(prefix.join("lib"))?;
    symlink(llvm(&libraries, rust.llvm_major())?, prefix.join("lib/libLLVM.so"))?;
    let build = staging.join("build");
    command::run(
        project
            .cargo("install")
            .args(["bpf-linker", "--version", VERSION, "--locked", "--quiet"])
            .args(["--no-default-features", "--features"])
            .arg(format!("llvm-{}", rust.llvm_major()))
            .arg("--root")
            .arg(staging)
            .env("CARGO_TARGET_DIR", &build)
            .env("LLVM_PREFIX", &prefix)
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                format!("-Clink-arg=-Wl,-rpath,{}", libraries.display()),
            ),
    )?;
    fs::remove_dir_all(build)?;
    Ok(())
}

/// The shared library of rustc's LLVM: `libLLVM.so.22.1-rust-1.95.0-stable`.
fn llvm(libraries: &Path, major: &str) -> Result<PathBuf> {
    let start = format!("libLLVM.so.{major}.");
    fs::read_dir(libraries)
        .with_context(|| format!("cannot read {}", libraries.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(&start))
        })
        .with_context(|| format!("no {start}* in {}: use a toolchain of rustup", libraries.display()))
}

fn check(project: &Project, linker: &Path) -> Result<()> {
    let version = command::output(project.command(linker).arg("--version"))?;
    if version.trim_end() != format!("bpf-linker {VERSION}") {
        bail!("{} is {version}, not {VERSION}", linker.display());
    }
    Ok(())
}
