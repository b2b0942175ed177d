//! What building and testing need beyond the toolchain: found or made, and said in a line each.

use std::path::PathBuf;

use anyhow::Result;

use crate::{build, cache::Cache, linker, packages, project::Project, python, sysroot, toolchain::Toolchain};

/// What compiles kernel programs.
pub(crate) struct EbpfTools {
    pub(crate) sysroot: PathBuf,
    pub(crate) linker: PathBuf,
}

/// `cargo xtask setup`: everything, then the build.
pub(crate) fn run(project: &Project) -> Result<()> {
    packages::provide_for_tests(project)?;
    python::provide_for_tests(project, &Cache::open()?)?;
    build::run(project, true)
}

/// Provides what the build of the kernel programs needs; no package, no root.
pub(crate) fn for_building(project: &Project) -> Result<EbpfTools> {
    let rust = Toolchain::detect(project)?;
    let cache = Cache::open()?;
    Ok(EbpfTools {
        sysroot: sysroot::provide(project, &cache, &rust)?,
        linker: linker::provide(project, &cache, &rust)?,
    })
}
