//! `cargo xtask bench`: builds, then measures.

use std::ffi::OsString;

use anyhow::Result;

use crate::{build, command, project::Project};

pub(crate) fn run(project: &Project, args: Vec<OsString>, benches: Vec<OsString>) -> Result<()> {
    build::run(project, true)?;
    command::run(
        project
            .cargo("bench")
            .args(["--locked", "--package", "airlens-benches"])
            .args(args)
            .arg("--")
            .args(benches),
    )
}
