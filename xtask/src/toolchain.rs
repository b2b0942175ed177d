//! Facts about the Rust toolchain in use.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::{command, project::Project};

/// What `rustc -vV` and `rustc --print sysroot` say.
pub(crate) struct Toolchain {
    /// The host's target triple.
    pub(crate) host: String,
    /// The version, as in `1.95.0`.
    pub(crate) release: String,
    /// The commit that rustc and its `core` were built from.
    pub(crate) commit: String,
    /// The version of LLVM that rustc brings, as in `22.1.2`.
    pub(crate) llvm: String,
    /// Where the toolchain is installed.
    pub(crate) sysroot: PathBuf,
}

impl Toolchain {
    pub(crate) fn detect(project: &Project) -> Result<Self> {
        let version = command::output(project.command("rustc").arg("-vV"))?;
        let sysroot = command::output(project.command("rustc").args(["--print", "sysroot"]))?;
        Ok(Self {
            host: field(&version, "host")?,
            release: field(&version, "release")?,
            commit: field(&version, "commit-hash")?,
            llvm: field(&version, "LLVM version")?,
            sysroot: PathBuf::from(sysroot.trim_end()),
        })
    }

    /// The major version of rustc's LLVM.
    pub(crate) fn llvm_major(&self) -> &str {
        self.llvm.split('.').next().unwrap_or(&self.llvm)
    }
}

fn field(version: &str, name: &str) -> Result<String> {
    version
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .filter(|value| *value != "unknown")
        .map(str::to_owned)
        .with_context(|| format!("`rustc -vV` does not say its {name}: use a toolchain of rustup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_whole_name() {
        let version = "rustc 1.95.0\ncommit-hash: 5980\nhost: x86_64-unknown-linux-gnu\n";
        assert_eq!(field(version, "commit-hash").unwrap(), "5980");
        assert!(field(version, "commit").is_err());
        assert!(field("commit-hash: unknown", "commit-hash").is_err());
    }
}
