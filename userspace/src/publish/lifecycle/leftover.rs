//! What a run that ended without a word left behind.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::RunPaths;
use crate::publish::documents::{
    Exit, ExitStatus, InfoDocument, Radio, Reason, RunState, StateDocument, StatusDocument,
};

/// Documents are about 1 KiB; what is much longer is none of ours.
const MAX_DOCUMENT: u64 = 64 << 10;

/// The record of an interrupted run and its last info, if the status file tells of one. To be called with the lock held: the lock, and
/// not the process number, which the system may have given to another process since, says that the run is over.
pub(super) fn find(paths: &RunPaths, now: Timestamp) -> Option<(StateDocument, InfoDocument)> {
    let status: StatusDocument = read(&paths.status)?;
    if !matches!(status.state, RunState::Starting | RunState::Running) {
        return None;
    }
    // The info of this very run: it cannot have started after its last status.
    let info = read::<InfoDocument>(&paths.info).filter(|info| info.started_at <= status.timestamp);
    let info = info.unwrap_or_else(|| InfoDocument::new("", Radio::default(), status.timestamp));
    let alive_until = info
        .started_at
        .plus(info.uptime_seconds)
        .max(status.timestamp)
        .min(now.into());
    let doing = if status.state == RunState::Starting {
        "starting"
    } else {
        "running"
    };
    let message = format!("process {} ended without a word while {doing}", status.pid);
    let exit = Exit {
        status: ExitStatus::Interrupted,
        code: 1,
        reason: Some(Reason::UnknownError),
        message: Some(message),
    };
    Some((StateDocument::new(&info, alive_until, exit), info))
}

/// A document, or `None` where there is none that can be read: nothing true can then be recorded.
fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    // Non-blocking: a FIFO under that name must not hold up the start.
    let file = File::options()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
        .ok()?;
    let mut text = Vec::new();
    file.take(MAX_DOCUMENT).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
