//! `cargo xtask demo`: builds, then becomes `airlens demo`.

use std::{ffi::OsString, os::unix::process::CommandExt as _};

use anyhow::{Context as _, Result};

use crate::{build, project::Project};

/// Returns only if the demo cannot be started; its exit status is that of this process.
pub(crate) fn run(project: &Project, args: Vec<OsString>) -> Result<()> {
    build::run(project, true)?;
    let error = project.command(project.binary()).arg("demo").args(args).exec();
    Err(error).with_context(|| format!("cannot run {}", project.binary().display()))
}
