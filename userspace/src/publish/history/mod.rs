//! A client's history, `clients/<mac>/history.jsonl`: a line for each profile that says something else than the last one
//! of the client on that band.
//!
//! One program writes it, whole and by renaming; what a reader finds there may yet be cut or foreign, and is left out.

mod file;

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
};

use serde_json::Value;

pub use file::read;

use super::{atomic::WriteError, tree::ClientTree};
use crate::profile::capabilities;

/// Lines that a client's file holds; the oldest go, but never the only one of a band.
pub const MAX_LINES: usize = 100;

/// Clients and bands of which the last line is remembered. Addresses are free to an attacker; memory is not.
const MAX_REMEMBERED: usize = 65_536;

/// Writes the histories of all clients.
#[derive(Debug)]
pub struct History {
    tree: ClientTree,
    hasher: RandomState,
    /// What the last line of a client on a band says, as a digest.
    last: HashMap<([u8; 6], String), u64>,
}

impl History {
    /// Histories in this tree.
    #[must_use]
    pub fn new(tree: ClientTree) -> Self {
        Self {
            tree,
            hasher: RandomState::new(),
            last: HashMap::new(),
        }
    }

    /// Adds those of `lines`, in their order, that say something else than the line before them on their band, and returns
    /// how many that are. Reads the file if a band is new to this run, and writes it, once, if there is something to add.
    ///
    /// # Errors
    /// The file could not be read or written; then none of the lines was added, and the next call begins anew.
    pub fn add(&mut self, client: [u8; 6], lines: Vec<Value>) -> Result<usize, WriteError> {
        let mut kept = None;
        let mut fresh = HashMap::new();
        let mut new = Vec::new();
        for line in lines {
            let key = (client, band(&line).to_owned());
            let digest = self.digest(&line);
            let before = match fresh.get(&key).or_else(|| self.last.get(&key)) {
                Some(before) => Some(*before),
                None => {
                    let kept = self.read_once(client, &mut kept)?;
                    let last = kept.iter().rfind(|other| band(other) == key.1);
                    last.map(|last| self.digest(last))
                }
            };
            if before != Some(digest) {
                new.push(line);
            }
            fresh.insert(key, digest);
        }
        let count = new.len();
        if count > 0 {
            self.read_once(client, &mut kept)?;
            let mut all = kept.unwrap_or_default();
            all.append(&mut new);
            bound(&mut all);
            self.tree.write_history(client, &file::text(&all))?;
        }
        if self.last.len() >= MAX_REMEMBERED {
            // To forget costs a read of the file at the next profile, no more.
            self.last.clear();
        }
        self.last.extend(fresh);
        Ok(count)
    }

    fn read_once<'a>(&self, client: [u8; 6], kept: &'a mut Option<Vec<Value>>) -> Result<&'a [Value], WriteError> {
        if kept.is_none() {
            let path = self.tree.history(client);
            *kept = Some(read(&path).map_err(|source| WriteError::read(path, source))?);
        }
        Ok(kept.as_deref().unwrap_or_default())
    }

    /// Of what counts as a change. Keys stand in the file in the order in which they were written.
    fn digest(&self, line: &Value) -> u64 {
        let mut said = String::new();
        for (key, value) in capabilities(line) {
            said.push_str(&format!("{key}={value}\n"));
        }
        self.hasher.hash_one(said)
    }
}

/// The band of a line, empty where it has none.
fn band(line: &Value) -> &str {
    line["band"].as_str().unwrap_or_default()
}

/// Lets the oldest lines go that are not the newest of their band.
fn bound(lines: &mut Vec<Value>) {
    while lines.len() > MAX_LINES {
        let followed = (0..lines.len()).find(|&index| {
            let later = &lines[index + 1..];
            later.iter().any(|other| band(other) == band(&lines[index]))
        });
        lines.remove(followed.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests;
