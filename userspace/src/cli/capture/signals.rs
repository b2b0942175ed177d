//! Signals on a thread of their own: they are heard even while a pipe takes nothing.

use std::{
    io::{self, PipeReader, PipeWriter, Read as _, Write as _, pipe},
    os::fd::{AsRawFd as _, RawFd},
    thread,
    time::Instant,
};

use crate::exit::{Exit, ONE_SIGNAL};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// SIGINT, SIGTERM, SIGHUP.
    End,
    /// SIGUSR1.
    Snapshot,
}

/// Signals of this process, from now on.
pub(super) struct Signals {
    reader: PipeReader,
}

impl Signals {
    /// Before any other thread is made: threads inherit which signals wait.
    pub(super) fn new() -> io::Result<Self> {
        let (reader, writer) = pipe()?;
        // SAFETY: the set is initialised before it is used; blocking signals concerns this thread and those it makes.
        let set = unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGUSR1] {
                libc::sigaddset(&raw mut set, signal);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
            set
        };
        thread::Builder::new()
            .name("airlens-signals".to_owned())
            .spawn(move || listen(&set, writer))?;
        Ok(Self { reader })
    }

    /// Readable once there is something to read.
    pub(super) fn descriptor(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    /// The next; waits for it.
    pub(super) fn read(&mut self) -> Asked {
        let mut octet = [0];
        match self.reader.read(&mut octet) {
            Ok(1) if octet == [SNAPSHOT] => Asked::Snapshot,
            _ => Asked::End,
        }
    }
}

const END: u8 = b'e';
const SNAPSHOT: u8 = b's';

fn listen(set: &libc::sigset_t, mut writer: PipeWriter) {
    let mut first: Option<Instant> = None;
    loop {
        let mut signal = 0;
        // SAFETY: an initialised set and a place for the answer.
        if unsafe { libc::sigwait(set, &raw mut signal) } != 0 {
            continue;
        }
        let octet = if signal == libc::SIGUSR1 { SNAPSHOT } else { END };
        if octet == END {
            match first {
                None => first = Some(Instant::now()),
                Some(first) if first.elapsed() < ONE_SIGNAL => continue,
                // Whatever it waits for: the second one does not.
                Some(_) => std::process::exit(Exit::Interrupted as i32),
            }
        }
        if writer.write_all(&[octet]).is_err() {
            return;
        }
    }
}
