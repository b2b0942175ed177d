//! Files that are read again when they change: tokens, certificates.

use std::{
    fmt,
    fs::{self, Metadata},
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often it is looked for a change, at the most.
const LOOK: Duration = Duration::from_secs(2);

/// What tells one content of a file from another.
type Stamp = Option<(u64, u64, i64, i64)>;

/// What was made from files, as they are now.
pub(super) struct Watched<T> {
    paths: Vec<PathBuf>,
    state: Mutex<State<T>>,
}

struct State<T> {
    value: Arc<T>,
    stamps: Vec<Stamp>,
    looked: Instant,
}

impl<T> Watched<T> {
    /// What `read` makes of the files now.
    ///
    /// # Errors
    ///
    /// Whatever `read` says.
    pub(super) fn new<E>(paths: Vec<PathBuf>, read: impl FnOnce() -> Result<T, E>) -> Result<Self, E> {
        // Stamps first: a file that changes meanwhile is read again.
        let stamps = stamps(&paths);
        let value = Arc::new(read()?);
        Ok(Self {
            paths,
            state: Mutex::new(State {
                value,
                stamps,
                looked: Instant::now(),
            }),
        })
    }

    /// What was made of the files, or of new ones by `read`. Where that fails, the log says so and the last holds.
    pub(super) fn get<E: fmt::Display>(&self, read: impl FnOnce() -> Result<T, E>) -> Arc<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.elapsed() < LOOK {
            return Arc::clone(&state.value);
        }
        state.looked = Instant::now();
        let now = stamps(&self.paths);
        if now != state.stamps {
            let files = self.paths.iter().map(|path| path.display().to_string());
            let files = files.collect::<Vec<_>>().join(", ");
            match read() {
                Ok(value) => {
                    tracing::info!(files, "read again");
                    state.value = Arc::new(value);
                }
                Err(error) => tracing::error!(%error, "the last good one stays in use"),
            }
            state.stamps = now;
        }
        Arc::clone(&state.value)
    }
}

fn stamps(paths: &[PathBuf]) -> Vec<Stamp> {
    let of = |file: Metadata| (file.ino(), file.len(), file.mtime(), file.mtime_nsec());
    paths.iter().map(|path| fs::metadata(path).ok().map(of)).collect()
}
