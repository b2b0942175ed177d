//! `cargo xtask build-ebpf`: the kernel programs, then the binary that embeds them.

use std::path::PathBuf;

use anyhow::Result;

use crate::{command, ebpf, project::Project, setup};

pub(crate) fn run(project: &Project, with_binary: bool) -> Result<()> {
    let tools = setup::for_building(project)?;
    ebpf::build(project, &tools)?;
    if with_binary {
        binary(project)?;
    }
    Ok(())
}

/// Builds `target/release/airlens`.
pub(crate) fn binary(project: &Project) -> Result<()> {
    command::run(
        project
            .cargo("build")
            .args(["--release", "--locked", "--package", "airlens"]),
    )?;
    println!("binary: {}", project.binary().display());
    Ok(())
}

/// Builds an example of the library, quickly rather than for speed.
pub(crate) fn example(project: &Project, name: &str) -> Result<PathBuf> {
    command::run(
        project
            .cargo("build")
            .args(["--locked", "--package", "airlens", "--example", name]),
    )?;
    Ok(project.target().join("debug/examples").join(name))
}
