//! hostapd as a child that never outlives this process.

use std::{
    collections::VecDeque,
    io::{self, PipeReader, Read as _, pipe},
    os::{
        fd::{AsRawFd as _, RawFd},
        unix::process::CommandExt as _,
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{HostapdError, HostapdOptions};

/// Lines of output that are kept, and octets of each.
const MOST_LINES: usize = 8;
const MOST_OCTETS: usize = 200;
/// As the threads that answer stations in other modes.
const NICE: libc::c_int = -15;
/// How long it may take to end in order.
const LAST_WORDS: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    output: PipeReader,
    lines: VecDeque<String>,
    part: Vec<u8>,
}

impl Process {
    pub(super) fn start(options: &HostapdOptions, configuration: &Path) -> Result<Self, HostapdError> {
        let (output, theirs) = pipe().map_err(HostapdError::Run)?;
        // SAFETY: plain calls on a descriptor that is ours.
        unsafe { libc::fcntl(output.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
        let again = theirs.try_clone().map_err(HostapdError::Run)?;
        let mut command = Command::new(&options.program);
        command
            .args(&options.arguments)
            .arg(configuration)
            .stdin(Stdio::null())
            .stdout(theirs)
            .stderr(again)
            // A terminal's Ctrl-C is for us: we end it when we are done with it.
            .process_group(0);
        let parent = std::process::id();
        // SAFETY: only system calls that are safe between fork and exec.
        unsafe {
            command.pre_exec(move || {
                if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) != 0 {
                    return Err(io::Error::last_os_error());
                }
                // Stations wait for its answers only milliseconds; where that is not permitted, it stays as it is.
                libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
                // Who died before that call can't be waited for by it.
                if u32::try_from(libc::getppid()) != Ok(parent) {
                    return Err(io::Error::from_raw_os_error(libc::ESRCH));
                }
                Ok(())
            });
        }
        let child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => HostapdError::Missing {
                program: options.program.display().to_string(),
            },
            _ => HostapdError::Run(error),
        })?;
        Ok(Self {
            child,
            output,
            lines: VecDeque::new(),
            part: Vec::new(),
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.output.as_raw_fd()
    }

    /// Reads what it has said.
    pub(super) fn read(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = self.output.read(&mut buffer) {
            for &octet in buffer.iter().take(length) {
                match octet {
                    b'\n' => self.line(),
                    octet if self.part.len() < MOST_OCTETS => self.part.push(octet),
                    _ => {}
                }
            }
        }
    }

    fn line(&mut self) {
        let line = String::from_utf8_lossy(&self.part).escape_debug().to_string();
        self.part.clear();
        if line.is_empty() {
            return;
        }
        tracing::debug!(line, "hostapd");
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Its last lines.
    pub(super) fn last_lines(&mut self) -> Vec<String> {
        self.read();
        self.line();
        self.lines.iter().cloned().collect()
    }

    /// Whether it has ended, and how.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end, and makes it.
    pub(super) fn stop(&mut self) {
        let Ok(group) = i32::try_from(self.child.id()) else {
            return;
        };
        if self.ended().is_some() {
            return;
        }
        // SAFETY: a child that has not been waited for: the number is still its own.
        unsafe { libc::kill(group, libc::SIGTERM) };
        let begun = Instant::now();
        while begun.elapsed() < LAST_WORDS {
            self.read();
            if self.ended().is_some() {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        // SAFETY: as above; its group is its own, made at its start.
        unsafe { libc::kill(-group, libc::SIGKILL) };
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}
