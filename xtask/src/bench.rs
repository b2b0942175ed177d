//! `cargo xtask bench`: builds, then measures.

use std::{ffi::OsString, path::PathBuf};

use anyhow::Result;

use crate::{build, command, ebpf, project::Project, setup};

pub(crate) fn run(project: &Project, args: Vec<OsString>, benches: Vec<OsString>) -> Result<()> {
    build::run(project, true)?;
    let object = object(project)?;
    command::run(
        project
            .cargo("bench")
            .args(["--locked", "--package", "airlens-benches"])
            .env("AIRLENS_BENCH_OBJECT", object)
            .args(args)
            .arg("--")
            .args(benches),
    )
}

/// The kernel programs' object with those of the benches.
pub(crate) fn object(project: &Project) -> Result<PathBuf> {
    ebpf::build_bench(project, &setup::for_building(project)?)
}
