//! Where things are in the checkout, and clean calls of cargo from within cargo.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

/// The checkout that this xtask was built from.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// This program.
    pub(crate) xtask: PathBuf,
}

impl Project {
    pub(crate) fn new() -> Result<Self> {
        // `cargo run` names the manifest's folder; the binary run by itself remembers it.
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().unwrap_or(&manifest).to_path_buf();
        Ok(Self {
            root,
            // Asked now: once cargo has built xtask anew, the kernel says that the file is gone.
            xtask: env::current_exe().context("cannot tell the path of xtask itself")?,
        })
    }

    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// The folder of the kernel programs' crate.
    pub(crate) fn ebpf(&self) -> PathBuf {
        self.root.join("ebpf")
    }

    /// The object that `userspace/build.rs` embeds.
    pub(crate) fn object(&self) -> PathBuf {
        self.target().join("ebpf/airlens.bpf.o")
    }

    pub(crate) fn binary(&self) -> PathBuf {
        self.target().join("release/airlens")
    }

    /// A command in the project's root with the environment that the caller of `cargo xtask` had.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(set_by_cargo_run) {
                command.env_remove(name);
            }
        }
        match env::var_os("LD_LIBRARY_PATH").and_then(|path| self.callers_library_path(&path)) {
            Some(path) => command.env("LD_LIBRARY_PATH", path),
            None => command.env_remove("LD_LIBRARY_PATH"),
        };
        command
    }

    /// Cargo of the toolchain in use, with its results in the project's `target`.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = self.command(cargo);
        command.env("CARGO_TARGET_DIR", self.target()).arg(subcommand);
        command
    }

    /// The library path without what `cargo run` put in front of it.
    fn callers_library_path(&self, path: &std::ffi::OsStr) -> Option<OsString> {
        let target = self.target();
        let rest: Vec<_> = env::split_paths(path)
            .filter(|entry| !entry.starts_with(&target) && !is_toolchain_library(entry))
            .collect();
        if rest.is_empty() {
            None
        } else {
            env::join_paths(rest).ok()
        }
    }
}

/// Variables that describe the xtask package to the running xtask and nothing to anyone else.
fn set_by_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_") || ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name)
}

/// `…/lib/rustlib/TARGET/lib` and `…/lib` of a Rust toolchain.
fn is_toolchain_library(entry: &Path) -> bool {
    entry.join("rustlib").is_dir()
        || entry
            .ancestors()
            .nth(2)
            .is_some_and(|parent| parent.ends_with("rustlib"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_callers_library_path_is_kept() {
        let project = Project {
            root: PathBuf::from("/src/airlens"),
            xtask: PathBuf::from("/src/airlens/target/debug/xtask"),
        };
        let path = OsString::from("/src/airlens/target/debug:/rust/lib/rustlib/x86_64-unknown-linux-gnu/lib:/opt/lib");
        assert_eq!(project.callers_library_path(&path), Some(OsString::from("/opt/lib")));
        assert_eq!(
            project.callers_library_path(&OsString::from("/src/airlens/target/debug/deps")),
            None
        );
    }
}
