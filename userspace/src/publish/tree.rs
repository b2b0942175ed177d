//! The tree of client files: `clients/<aa-bb-cc-dd-ee-ff>/<stem>.{json,txt,pcap}` and `history.jsonl` beside them, below the files path.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{
    atomic::{At as _, AtomicWriter, Step, WriteError},
    room::Reserve,
};

/// Name of a client's history. No stem of a profile is like it: they start with the address.
const HISTORY: &str = "history.jsonl";

/// Kinds of file that a profile gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The profile for programs.
    Json,
    /// The profile for people.
    Text,
    /// The frame that it was made from.
    Pcap,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "txt",
            Self::Pcap => "pcap",
        }
    }
}

/// Files that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A stem that could leave the client's folder or hide in it.
    #[error("client file name {0:?} refused: use letters, digits and `._-`, starting with a letter or digit")]
    Stem(String),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A client's address as its folder's name. Made from six octets: it cannot hold anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientFolder(pub [u8; 6]);

impl fmt::Display for ClientFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}-{b:02x}-{c:02x}-{d:02x}-{e:02x}-{g:02x}")
    }
}

/// The tree below a files path. The path itself is made at the first write.
#[derive(Clone, Debug)]
pub struct ClientTree {
    root: PathBuf,
    writer: AtomicWriter,
    reserve: Reserve,
}

impl ClientTree {
    /// The tree below `files_path`.
    #[must_use]
    pub fn new(files_path: impl Into<PathBuf>, writer: AtomicWriter) -> Self {
        Self {
            root: files_path.into(),
            writer,
            reserve: Reserve::default(),
        }
    }

    /// The folder that holds the clients' folders.
    #[must_use]
    pub fn clients(&self) -> PathBuf {
        self.root.join("clients")
    }

    /// The file that holds a client's history.
    #[must_use]
    pub fn history(&self, client: [u8; 6]) -> PathBuf {
        self.clients().join(ClientFolder(client).to_string()).join(HISTORY)
    }

    /// Replaces a client's history.
    ///
    /// # Errors
    /// The folder or the file could not be written, or little space is left and the client is new.
    pub(super) fn write_history(&self, client: [u8; 6], content: &[u8]) -> Result<(), WriteError> {
        self.folder(client)?;
        self.writer.write(&self.history(client), content)
    }

    /// Writes the files of one profile, whole files that replace older ones, and returns their paths in order.
    ///
    /// # Errors
    /// A stem that is no plain file name, or the first file that could not be written; that of a new client is not where
    /// little space is left.
    pub fn write(&self, client: [u8; 6], stem: &str, files: &[(Kind, &[u8])]) -> Result<Vec<PathBuf>, TreeError> {
        if !is_plain(stem) {
            return Err(TreeError::Stem(stem.to_owned()));
        }
        let folder = self.folder(client)?;
        let mut written = Vec::with_capacity(files.len());
        for (kind, content) in files {
            let path = folder.join(format!("{stem}.{}", kind.extension()));
            self.writer.write(&path, content)?;
            written.push(path);
        }
        Ok(written)
    }

    /// A client's folder; it is made where there is none and the file system has room for more than those that are known.
    fn folder(&self, client: [u8; 6]) -> Result<PathBuf, WriteError> {
        let folder = self.clients().join(ClientFolder(client).to_string());
        if !folder.is_dir() {
            let clients = self.clients();
            self.writer.create_directory(&clients)?;
            self.reserve.check(&clients).at(&folder, Step::CreateDirectory)?;
            self.writer.create_directory(&folder)?;
        }
        Ok(folder)
    }

    /// Whether the tree can be written: makes its folder and a file in it, and removes the file.
    ///
    /// # Errors
    /// The step that failed.
    pub fn probe(&self) -> Result<(), WriteError> {
        let probe = self.clients().join("writable");
        self.writer.create_directory(probe.parent().unwrap_or(Path::new(".")))?;
        self.writer.write(&probe, b"")?;
        self.writer.remove(&probe)
    }
}

/// A name that is one path component, not hidden, and short enough for its extension.
fn is_plain(stem: &str) -> bool {
    stem.len() <= 100
        && stem.starts_with(|first: char| first.is_ascii_alphanumeric())
        && stem
            .chars()
            .all(|other| other.is_ascii_alphanumeric() || "._-".contains(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: [u8; 6] = [0xaa, 0xbb, 0xcc, 0x0d, 0xee, 0xff];

    #[test]
    fn writes_below_the_clients_folder() {
        let root = tempfile::tempdir().unwrap();
        let tree = ClientTree::new(root.path().join("files"), AtomicWriter::default());
        tree.probe().unwrap();
        let files: [(Kind, &[u8]); 3] = [(Kind::Json, b"{}"), (Kind::Text, b"text"), (Kind::Pcap, b"pcap")];
        let written = tree.write(MAC, "aa-bb-cc-0d-ee-ff_5GHz", &files).unwrap();
        let folder = root.path().join("files/clients/aa-bb-cc-0d-ee-ff");
        for (path, extension) in written.iter().zip(["json", "txt", "pcap"]) {
            assert_eq!(*path, folder.join(format!("aa-bb-cc-0d-ee-ff_5GHz.{extension}")));
        }
        assert_eq!(std::fs::read(&written[1]).unwrap(), b"text");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 3);
        assert_eq!(std::fs::read_dir(tree.clients()).unwrap().count(), 1);
    }

    #[test]
    fn new_clients_leave_some_space() {
        let root = tempfile::tempdir().unwrap();
        let tree = ClientTree::new(root.path(), AtomicWriter::default());
        let files: [(Kind, &[u8]); 1] = [(Kind::Json, b"{}")];
        tree.write(MAC, "known", &files).unwrap();
        let full = ClientTree {
            reserve: Reserve::EVERYTHING,
            ..tree
        };
        full.write(MAC, "known", &files).unwrap();
        full.write_history(MAC, b"{}\n").unwrap();
        let refused = full.write([2; 6], "new", &files).unwrap_err().to_string();
        assert!(
            refused.contains("are kept") && refused.ends_with("free some space on that file system"),
            "{refused}"
        );
        full.write_history([2; 6], b"{}\n").unwrap_err();
        assert_eq!(std::fs::read_dir(full.clients()).unwrap().count(), 1);
    }

    #[test]
    fn hostile_stems_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let tree = ClientTree::new(root.path(), AtomicWriter::default());
        let long = "a".repeat(101);
        for stem in [
            "", ".", "..", "../x", "a/b", "/etc/x", ".hidden", "a\0b", "a b", "-rf", "é", &long,
        ] {
            assert!(
                matches!(tree.write(MAC, stem, &[]), Err(TreeError::Stem(_))),
                "{stem:?}"
            );
        }
        assert!(!tree.clients().exists());
    }
}
