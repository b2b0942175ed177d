//! `cargo xtask build-ebpf`: the kernel programs, then the binary that embeds them.

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
