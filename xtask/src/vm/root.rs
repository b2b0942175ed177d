//! A folder of unpacked packages, and running its programs where they are, with their own loader and libraries.
use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use xshell::{Cmd, Shell, cmd};

const LIBRARIES: [&str; 2] = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"];

/// The unpacked packages of one suite.
pub(super) struct Root {
    /// The folder that stands for `/`.
    pub(super) dir: PathBuf,
}

impl Root {
    pub(super) fn open(dir: &Path) -> Result<Self> {
        // Packages that live in /usr alone expect the links that base-files makes.
        for name in ["lib", "bin", "sbin"] {
            let link = dir.join(name);
            if !link.exists() && dir.join("usr").join(name).is_dir() {
                std::os::unix::fs::symlink(format!("usr/{name}"), &link)?;
            }
        }
        Ok(Self { dir: dir.to_owned() })
    }

    /// A program by its name.
    pub(super) fn program(&self, name: &str) -> Result<PathBuf> {
        ["bin", "sbin", "usr/bin", "usr/sbin"]
            .iter()
            .map(|folder| self.dir.join(folder).join(name))
            .find(|path| path.is_file())
            .with_context(|| format!("no program {name} in {}", self.dir.display()))
    }

    /// The dynamic loader of this root's C library.
    pub(super) fn loader(&self) -> Result<PathBuf> {
        LIBRARIES
            .iter()
            .map(|folder| self.dir.join(folder).join("ld-linux-x86-64.so.2"))
            .find(|path| path.is_file())
            .with_context(|| format!("no dynamic loader in {}", self.dir.display()))
    }

    /// The folders of this root's libraries, as the loader's `--library-path`.
    pub(super) fn library_path(&self) -> String {
        LIBRARIES
            .map(|folder| self.dir.join(folder).display().to_string())
            .join(":")
    }

    /// A command that runs a program of this root on this machine.
    pub(super) fn command<'a>(&self, sh: &'a Shell, name: &str) -> Result<Cmd<'a>> {
        let (loader, program, libraries) = (self.loader()?, self.program(name)?, self.library_path());
        Ok(cmd!(sh, "{loader} --library-path {libraries} {program}").quiet())
    }

    /// The shared libraries that `program` needs, out of this root. A static program needs none.
    pub(super) fn libraries_of(&self, sh: &Shell, program: &Path) -> Result<Vec<PathBuf>> {
        let (loader, libraries) = (self.loader()?, self.library_path());
        let listed = cmd!(sh, "{loader} --library-path {libraries} --list {program}")
            .quiet()
            .ignore_status()
            .ignore_stderr()
            .read()?;
        let mut found = Vec::new();
        for line in listed.lines() {
            let Some((name, rest)) = line.trim().split_once(" => ") else {
                continue;
            };
            let path = PathBuf::from(rest.split(" (").next().unwrap_or(rest));
            anyhow::ensure!(
                path.is_file(),
                "{} needs {name}, which {} lacks",
                program.display(),
                self.dir.display()
            );
            found.push(path);
        }
        Ok(found)
    }

    /// The one kernel of this root: its release, and its image.
    pub(super) fn kernel(&self) -> Result<(String, PathBuf)> {
        let modules = self.dir.join("lib/modules");
        let release = fs::read_dir(&modules)
            .with_context(|| format!("no modules in {}", modules.display()))?
            .flatten()
            .next()
            .context("an empty lib/modules")?
            .file_name()
            .to_string_lossy()
            .into_owned();
        let image = [
            self.dir.join(format!("boot/vmlinuz-{release}")),
            modules.join(&release).join("vmlinuz"),
        ]
        .into_iter()
        .find(|path| path.is_file())
        .with_context(|| format!("no image of the kernel {release}"))?;
        Ok((release, image))
    }
}
