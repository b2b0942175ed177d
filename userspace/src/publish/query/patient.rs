//! A connection that is over at a set time, however it trickles.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

/// What can be told how long to wait.
pub(super) trait Waits: Read + Write {
    /// Each read and write from now on takes at most `left`.
    fn wait(&self, left: Duration) -> io::Result<()>;
}

impl Waits for TcpStream {
    fn wait(&self, left: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(left))?;
        self.set_write_timeout(Some(left))
    }
}

impl Waits for UnixStream {
    fn wait(&self, left: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(left))?;
        self.set_write_timeout(Some(left))
    }
}

/// A connection until `deadline`.
pub(super) struct Patient<S> {
    pub(super) stream: S,
    pub(super) deadline: Instant,
}

impl<S: Waits> Patient<S> {
    fn with<T>(&mut self, work: impl FnOnce(&mut S) -> io::Result<T>) -> io::Result<T> {
        let over = || io::Error::new(io::ErrorKind::TimedOut, "the time is over");
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(over());
        }
        self.stream.wait(left)?;
        // What the system calls a socket's time-out.
        work(&mut self.stream).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => over(),
            _ => error,
        })
    }
}

impl<S: Waits> Read for Patient<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(|stream| stream.read(buffer))
    }
}

impl<S: Waits> Write for Patient<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
