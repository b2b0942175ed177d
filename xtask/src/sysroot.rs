//! `core` for the target `bpfel-unknown-none`, which rustup does not ship compiled.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{cache::Cache, command, core_docs, core_verify, project::Project, toolchain::Toolchain};

const TARGET: &str = "bpfel-unknown-none";
const LIBRARIES: &str = "lib/rustlib/bpfel-unknown-none/lib";
/// Raised when this module builds something else from the same toolchain.
const RECIPE: u32 = 1;
const COMPILER_BUILTINS: &str = include_str!("../assets/compiler_builtins.rs");

/// Returns the sysroot for kernel programs, made now if the cache has none for this toolchain.
pub(crate) fn provide(project: &Project, cache: &Cache, rust: &Toolchain) -> Result<PathBuf> {
    let name = format!("sysroot/{}-{RECIPE}", rust.commit);
    let sysroot = cache.entry(&name);
    let origin = sysroot.join("origin.txt");
    if let Ok(origin) = fs::read_to_string(&origin) {
        println!("core for {TARGET}: present ({})", origin.trim_end());
        return Ok(sysroot);
    }
    let origin = cache.store(&name, |staging| build(project, rust, staging))?;
    println!("core for {TARGET}: built ({origin})");
    Ok(sysroot)
}

/// Builds the sysroot in `staging` and says what it was made from.
fn build(project: &Project, rust: &Toolchain, staging: &Path) -> Result<String> {
    let installed = rust.sysroot.join("lib/rustlib/src/rust");
    let in_source = installed.join("library/core/src/lib.rs");
    let pages = rust.sysroot.join("share/doc/rust/html/src/core");
    let in_pages = pages.join("lib.rs.html");
    if !in_source.exists() && !in_pages.exists() {
        install_source(project, rust)?;
    }
    let origin = if in_source.exists() {
        println!("core for {TARGET}: compiling it from the toolchain's rust-src (15 s)");
        compile(project, rust, staging, &installed)?;
        format!("from the rust-src of Rust {}", rust.release)
    } else if in_pages.exists() {
        println!("core for {TARGET}: rust-src is not installed (rustup component add rust-src);");
        println!("  recovering the same source from the toolchain's rust-docs, compiling it (20 s)");
        let source = staging.join("source");
        let recovered = recover(rust, &pages, &source)?;
        let read = compile(project, rust, staging, &source)?;
        let foreign: Vec<_> = read.difference(&recovered.verified).collect();
        if !foreign.is_empty() {
            bail!("core for {TARGET} was compiled from files that are not verified: {foreign:?}");
        }
        fs::remove_dir_all(&source)?;
        format!(
            "from the rust-docs of Rust {}: {} files, {} match the MD5 in the toolchain's libcore, \
             {} of other platforms; {} compiled, all verified",
            rust.release,
            recovered.files,
            recovered.verified.len(),
            recovered.files - recovered.verified.len(),
            read.len()
        )
    } else {
        bail!("no source of core in {}", rust.sysroot.display());
    };
    fs::write(staging.join("origin.txt"), &origin)?;
    Ok(origin)
}

/// Adds the component that a toolchain of rustup's minimal profile lacks.
fn install_source(project: &Project, rust: &Toolchain) -> Result<()> {
    println!("core for {TARGET}: the toolchain has neither rust-src nor rust-docs; adding rust-src");
    command::run(project.command("rustup").args(["component", "add", "rust-src"])).with_context(|| {
        format!(
            "no source of core in {}: run `rustup component add rust-src`",
            rust.sysroot.display()
        )
    })
}

struct Recovered {
    files: usize,
    verified: BTreeSet<PathBuf>,
}

/// Writes the source shown in the pages below the folder `source`, once it is verified.
fn recover(rust: &Toolchain, pages: &Path, source: &Path) -> Result<Recovered> {
    let files = core_docs::read(pages)?;
    let metadata = fs::read(host_core(rust)?)?;
    let verified = core_verify::verify(&files, &metadata, &rust.commit).context(
        "the source of core recovered from rust-docs is not trusted: \
         run `rustup component add rust-src`",
    )?;
    for file in &files {
        let path = source.join(&file.path);
        fs::create_dir_all(path.parent().context("a source file has a folder")?)?;
        fs::write(path, core_docs::without_included_docs(&file.text))?;
    }
    Ok(Recovered {
        files: files.len(),
        verified,
    })
}

/// The metadata of the `core` that the toolchain ships for its host.
fn host_core(rust: &Toolchain) -> Result<PathBuf> {
    let libraries = rust.sysroot.join("lib/rustlib").join(&rust.host).join("lib");
    fs::read_dir(&libraries)
        .with_context(|| format!("cannot read {}", libraries.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("libcore-") && name.ends_with(".rmeta"))
        })
        .with_context(|| format!("no libcore-*.rmeta in {}", libraries.display()))
}

/// Compiles `core` from `source`, and an empty `compiler_builtins`. Returns the source files that
/// the compiler read, as paths below `source`.
fn compile(project: &Project, rust: &Toolchain, sysroot: &Path, source: &Path) -> Result<BTreeSet<PathBuf>> {
    let libraries = sysroot.join(LIBRARIES);
    fs::create_dir_all(&libraries)?;
    let dependencies = sysroot.join("core.d");
    command::run(
        rustc(project, rust, source, "core")
            .arg(format!("--emit=link={}", libraries.join("libcore.rlib").display()))
            .arg(format!("--emit=dep-info={}", dependencies.display()))
            .arg(source.join("library/core/src/lib.rs")),
    )?;
    let builtins = sysroot.join("compiler_builtins.rs");
    fs::write(&builtins, COMPILER_BUILTINS)?;
    command::run(
        rustc(project, rust, sysroot, "compiler_builtins")
            .arg("--sysroot")
            .arg(sysroot)
            .arg("-o")
            .arg(libraries.join("libcompiler_builtins.rlib"))
            .arg(&builtins),
    )?;
    fs::remove_file(&builtins)?;
    let read = sources(&fs::read_to_string(&dependencies)?, source);
    fs::remove_file(&dependencies)?;
    if read.is_empty() {
        bail!("rustc does not say which files it compiled core from");
    }
    Ok(read)
}

/// rustc for a library of the sysroot, its paths recorded as a toolchain of rustup records them.
fn rustc(project: &Project, rust: &Toolchain, source: &Path, crate_name: &str) -> Command {
    let mut rustc = project.command("rustc");
    rustc
        // Recorded as the folder of the compilation.
        .current_dir(source)
        // core uses unstable features; the compiler is the one that it belongs to.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["--target", TARGET, "--edition", "2024"])
        .args(["--crate-name", crate_name, "--crate-type", "rlib"])
        .args(["-Cpanic=abort", "-Copt-level=3", "-Ccodegen-units=1"])
        .args(["-Cdebuginfo=2", "--cap-lints=allow"])
        .arg(format!(
            "--remap-path-prefix={}=/rustc/{}",
            source.display(),
            rust.commit
        ));
    rustc
}

/// The files below `source` that a Makefile written by rustc has a rule for.
fn sources(makefile: &str, source: &Path) -> BTreeSet<PathBuf> {
    makefile
        .lines()
        .filter_map(|line| line.strip_suffix(':'))
        .map(|path| path.replace("\\ ", " "))
        .filter_map(|path| {
            let path = Path::new(&path).strip_prefix(source).ok()?;
            Some(core_verify::normal(path))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_were_compiled_are_read_from_dep_info() {
        let makefile = "core.d: /a b/x.rs\n\n/a\\ b/library/core/src/x.rs:\n\
                        /a\\ b/library/core/src/../../stdarch/y.rs:\n/elsewhere/z.rs:\n\
                        # env-dep:HOME\n";
        let read = sources(makefile, Path::new("/a b"));
        assert_eq!(
            read.into_iter().collect::<Vec<_>>(),
            [
                PathBuf::from("library/core/src/x.rs"),
                PathBuf::from("library/stdarch/y.rs")
            ]
        );
    }
}
