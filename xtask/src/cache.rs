//! What set-up makes once for a toolchain, outside the checkout.

use std::{
    env,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// The cache folder, held by one set-up at a time.
pub(crate) struct Cache {
    root: PathBuf,
    _lock: File,
}

impl Cache {
    /// Opens `$AIRLENS_CACHE`, else `$XDG_CACHE_HOME/airlens`, else `~/.cache/airlens`, and waits
    /// for another set-up that has it open.
    pub(crate) fn open() -> Result<Self> {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let root = location(|name| variable(name).map(PathBuf::from))
            .context("no place for a cache: set AIRLENS_CACHE to a folder (HOME is not set either)")?;
        Self::open_at(&root)
    }

    fn open_at(root: &Path) -> Result<Self> {
        fs::create_dir_all(root)
            .and_then(|()| File::create(root.join("lock")))
            .and_then(locked)
            .with_context(|| {
                format!(
                    "cannot use the cache {}: set AIRLENS_CACHE to a folder that you can write to",
                    root.display()
                )
            })
            .and_then(|lock| {
                Ok(Self {
                    root: root.canonicalize()?,
                    _lock: lock,
                })
            })
    }

    /// The path of the entry `name`, whether it exists or not.
    pub(crate) fn entry(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Fills an empty folder with `make`, then renames it to the entry `name`: an entry is whole
    /// or it is not there. An old one is replaced.
    pub(crate) fn store<T>(&self, name: &str, make: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        let staging = self.root.join("staging");
        remove(&staging)?;
        fs::create_dir_all(&staging)?;
        let made = make(&staging)?;
        let entry = self.entry(name);
        remove(&entry)?;
        if let Some(parent) = entry.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(&staging, &entry).with_context(|| format!("cannot move {} into place", entry.display()))?;
        Ok(made)
    }
}

fn locked(lock: File) -> io::Result<File> {
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!("cache: waiting for another set-up that uses it");
            lock.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(lock)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

fn location(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("AIRLENS_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("airlens")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/airlens")))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn the_most_particular_variable_wins() {
        let all = |name: &str| Some(Path::new("/").join(name));
        assert_eq!(location(all), Some(PathBuf::from("/AIRLENS_CACHE")));
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/a"));
        assert_eq!(location(home), Some(PathBuf::from("/home/a/.cache/airlens")));
        assert_eq!(location(|_| None), None);
    }

    #[test]
    fn an_entry_is_whole_or_absent() {
        let root = env::temp_dir().join(format!("airlens-xtask-cache-{}", std::process::id()));
        let cache = Cache::open_at(&root).unwrap();
        let failed: Result<()> = cache.store("a/b", |folder| {
            fs::write(folder.join("half"), "")?;
            bail!("stopped")
        });
        assert!(failed.is_err());
        assert!(!cache.entry("a/b").exists());
        cache
            .store("a/b", |folder| Ok(fs::write(folder.join("whole"), "")?))
            .unwrap();
        assert!(cache.entry("a/b/whole").exists());
        assert!(!cache.entry("a/b/half").exists());
        fs::remove_dir_all(root).unwrap();
    }
}
