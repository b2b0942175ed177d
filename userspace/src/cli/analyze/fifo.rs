//! Named pipes: opened without waiting for ever for a writer (fifo(7)).

use std::{
    fs::{File, OpenOptions},
    io::{self, Cursor, Read},
    os::{fd::AsRawFd as _, unix::fs::OpenOptionsExt as _},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::input::InputError;

/// How long a writer may take to come.
const PATIENCE: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(20);

/// Opens a pipe once something writes to it; from then on a read waits as it does with any pipe.
pub(super) fn open(path: &Path) -> Result<impl Read + use<>, InputError> {
    let mut pipe = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    let mut first = [0; 4];
    let deadline = Instant::now() + PATIENCE;
    let length = loop {
        match pipe.read(&mut first) {
            // Nobody has it open for writing.
            Ok(0) if Instant::now() > deadline => return Err(InputError::Unwritten),
            Ok(0) => thread::sleep(STEP),
            Ok(length) => break length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break 0,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    };
    block(&pipe)?;
    Ok(Cursor::new(first).take(length as u64).chain(pipe))
}

fn block(pipe: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open as long as `pipe` is, and these commands take and give integers.
    let result = unsafe {
        let flags = libc::fcntl(pipe.as_raw_fd(), libc::F_GETFL);
        libc::fcntl(pipe.as_raw_fd(), libc::F_SETFL, flags & !libc::O_NONBLOCK)
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
