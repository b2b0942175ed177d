//! What there is to be read: files, folders with all below them, standard input.

use std::{
    fs::{self, File, FileType},
    io::{self, IsTerminal as _, Read},
    os::unix::fs::FileTypeExt as _,
    path::{Path, PathBuf},
};

use super::fifo;
use crate::profile::printable;

/// The argument that stands for standard input.
const STANDARD: &str = "-";

/// Why there is nothing to be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    #[error("is a terminal: give a file, or pipe a capture in (`tcpdump -i mon0 -U -w - | airlens analyze -`)")]
    Terminal,
    #[error("is a pipe that nobody writes to: start its writer first, or pipe the capture in and give `-`")]
    Unwritten,
}

/// One thing to be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// As it was named, or found.
    pub(super) path: PathBuf,
    /// Whether a folder was named, and not this file: it may be of any kind.
    pub(super) found: bool,
}

impl Input {
    /// Whether `path` stands for standard input.
    pub(super) fn is_standard(path: &Path) -> bool {
        path.as_os_str() == STANDARD
    }

    /// For messages.
    pub(super) fn name(&self) -> String {
        if Self::is_standard(&self.path) && !self.found {
            "standard input".to_owned()
        } else {
            printable(&self.path.to_string_lossy())
        }
    }

    /// Opens it; the length is that of a regular file.
    pub(super) fn open(&self) -> Result<(Box<dyn Read>, Option<u64>), InputError> {
        if Self::is_standard(&self.path) && !self.found {
            let standard = io::stdin().lock();
            if standard.is_terminal() {
                return Err(InputError::Terminal);
            }
            return Ok((Box::new(standard), None));
        }
        if fs::metadata(&self.path)?.file_type().is_fifo() {
            return Ok((Box::new(fifo::open(&self.path)?), None));
        }
        let file = File::open(&self.path)?;
        if file.is_terminal() {
            return Err(InputError::Terminal);
        }
        let metadata = file.metadata()?;
        Ok((Box::new(file), metadata.is_file().then_some(metadata.len())))
    }
}

/// The inputs in the order of the arguments, those of a folder by path. A folder is listed when its turn comes.
///
/// Within a folder, links to files are followed and links to folders are not, so there is no way round in circles; pipes,
/// sockets and devices are not opened.
pub(super) struct Inputs {
    /// What is to come, the next one last.
    ahead: Vec<Input>,
    /// How many entries of folders were not opened.
    passed: u64,
}

impl Inputs {
    pub(super) fn new(arguments: &[PathBuf]) -> Self {
        let ahead = arguments.iter().rev().map(|path| Input {
            path: path.clone(),
            found: false,
        });
        Self {
            ahead: ahead.collect(),
            passed: 0,
        }
    }

    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    /// Puts a folder's entries in front.
    fn expand(&mut self, folder: &Path) -> io::Result<()> {
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
        for entry in entries {
            let path = entry.path();
            if is_of_interest(&path, entry.file_type()?) {
                self.ahead.push(Input { path, found: true });
            } else {
                self.passed += 1;
            }
        }
        Ok(())
    }
}

impl Iterator for Inputs {
    type Item = (Input, Result<(), InputError>);

    /// The next input; with an error, a folder that can't be listed.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let input = self.ahead.pop()?;
            let standard = !input.found && Input::is_standard(&input.path);
            if standard || !input.path.is_dir() {
                return Some((input, Ok(())));
            }
            if let Err(error) = self.expand(&input.path) {
                return Some((input, Err(error.into())));
            }
        }
    }
}

/// Whether an entry of a folder is a folder, a regular file or a link to one.
fn is_of_interest(path: &Path, kind: FileType) -> bool {
    if kind.is_symlink() {
        // One that leads nowhere, or round in circles, leads to no file.
        return fs::metadata(path).is_ok_and(|target| target.is_file());
    }
    kind.is_dir() || kind.is_file()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_gives_its_files_by_path() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs::create_dir_all(path("b/below")).unwrap();
        for name in ["c", "b/z", "b/below/y", "a"] {
            fs::write(path(name), "").unwrap();
        }
        symlink(path("c"), path("d")).unwrap();
        symlink(path("b"), path("b/below/round")).unwrap();
        symlink(path("e"), path("e")).unwrap();
        symlink("nowhere", path("f")).unwrap();
        let mut inputs = Inputs::new(&[root.path().to_owned(), "-".into()]);
        let found: Vec<_> = inputs
            .by_ref()
            .map(|(input, result)| {
                result.unwrap();
                input.name()
            })
            .collect();
        let mut expected = ["a", "b/below/y", "b/z", "c", "d"]
            .map(|name| path(name).display().to_string())
            .to_vec();
        expected.push("standard input".to_owned());
        assert_eq!((found, inputs.passed()), (expected, 3));
    }

    #[test]
    fn a_file_named_like_standard_input_in_a_folder_is_a_file() {
        let input = Input {
            path: STANDARD.into(),
            found: true,
        };
        assert_eq!(input.name(), "-");
    }
}
