//! Network namespaces. One lives as long as a descriptor of it, a thread in it, or an interface moved into it is used.

use std::{
    fs::{self, File},
    io,
    os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd},
    panic::resume_unwind,
    thread::{self, JoinHandle},
};

use super::{LabError, link};

/// What keeps a new interface from talking by itself (Linux `Documentation/networking/ip-sysctl.rst`).
const QUIET: [(&str, &str); 3] = [
    // No link-local address: no router solicitations.
    ("/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1"),
    // Multicast listener reports: one, and at once.
    ("/proc/sys/net/ipv6/mld_qrv", "1"),
    ("/proc/sys/net/ipv6/conf/default/mldv2_unsolicited_report_interval", "1"),
];

/// A network namespace.
#[derive(Debug)]
pub struct Namespace {
    descriptor: OwnedFd,
}

impl Namespace {
    /// A new namespace with its loopback interface up. The calling thread stays where it is. Interfaces that join it later
    /// speak only when they are used, so that two readings of counters can be compared.
    ///
    /// # Errors
    ///
    /// CAP_SYS_ADMIN is missing, or the kernel has no network namespaces.
    pub fn new() -> Result<Self, LabError> {
        on_a_thread(|| {
            // SAFETY: concerns this short-lived thread alone.
            if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
                return Err(system("make a network namespace")(io::Error::last_os_error()));
            }
            for (path, value) in QUIET {
                // Not there: no IPv6, quiet already.
                let _ = fs::write(path, value);
            }
            link::up("lo")?;
            Self::current()
        })
    }

    /// The namespace of the calling thread.
    ///
    /// # Errors
    ///
    /// `/proc` is not mounted.
    pub fn current() -> Result<Self, LabError> {
        let file = File::open("/proc/thread-self/ns/net").map_err(system("open /proc/thread-self/ns/net"))?;
        Ok(Self {
            descriptor: file.into(),
        })
    }

    /// Moves the calling thread into the namespace, for good. Sockets that it has stay where they were made.
    ///
    /// # Errors
    ///
    /// CAP_SYS_ADMIN is missing.
    pub fn enter(&self) -> Result<(), LabError> {
        // SAFETY: a valid descriptor; the call changes this thread's namespace and nothing else.
        if unsafe { libc::setns(self.descriptor.as_raw_fd(), libc::CLONE_NEWNET) } < 0 {
            return Err(system("enter a network namespace")(io::Error::last_os_error()));
        }
        Ok(())
    }

    /// Runs `work` inside, on a thread of its own, and waits for it. A panic of `work` goes on in the caller.
    ///
    /// # Errors
    ///
    /// As [`Namespace::enter`].
    pub fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> Result<R, LabError> {
        on_a_thread(|| {
            self.enter()?;
            Ok(work())
        })
    }

    /// Starts `work` inside, on a thread of its own.
    ///
    /// # Errors
    ///
    /// As [`Namespace::enter`]; or no thread can be made.
    pub fn spawn<R: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<JoinHandle<Result<R, LabError>>, LabError> {
        let descriptor = self
            .descriptor
            .try_clone()
            .map_err(system("copy a namespace's descriptor"))?;
        let inside = Self { descriptor };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                inside.enter()?;
                // The thread itself keeps the namespace alive from here.
                drop(inside);
                Ok(work())
            })
            .map_err(system("start a thread"))
    }
}

impl AsFd for Namespace {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

fn system(action: &'static str) -> impl Fn(io::Error) -> LabError {
    LabError::system(action, "CAP_SYS_ADMIN")
}

fn on_a_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| resume_unwind(panic))
}
