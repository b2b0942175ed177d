//! Bound sockets. They are the standard library's, so that a thread in a network namespace can make them; hand them to
//! tokio by `from_std`.

use std::fs::{self, Permissions};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program listens there.
    #[error("{0} is in use: choose another address with --listen, or stop the program that has it (`ss -ltnp`)")]
    InUse(SocketAddr),
    /// Any other refusal of a TCP address.
    #[error(
        "cannot listen on {address}: {source}; choose an address of this machine and a port that this user may take"
    )]
    Tcp {
        /// The address.
        address: SocketAddr,
        /// The system's answer.
        source: io::Error,
    },
    /// A path that cannot be bound.
    #[error("cannot make the socket {}: {source}; choose another run_stem (at most 100 characters, in a writable folder)", .path.display())]
    Unix {
        /// The path.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Listens on `address`; port 0 takes a free one.
///
/// # Errors
/// [`BindError::InUse`], [`BindError::Tcp`].
pub fn bind_tcp(address: SocketAddr) -> Result<TcpListener, BindError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse(address),
        _ => BindError::Tcp { address, source },
    })
}

/// Listens on a Unix socket, mode 0600 from its first moment. A socket that is there is replaced: the caller holds the
/// run's lock, so it belongs to a run that is over. Anything else that is there is left alone.
///
/// # Errors
/// [`BindError::Unix`].
pub fn bind_unix(path: &Path) -> Result<UnixListener, BindError> {
    let bind = || {
        if fs::symlink_metadata(path).is_ok_and(|there| !there.file_type().is_socket()) {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "another kind of file stands there",
            ));
        }
        let mut temporary = path.as_os_str().to_owned();
        temporary.push("~");
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&temporary)?;
        listener.set_nonblocking(true)?;
        fs::set_permissions(&temporary, Permissions::from_mode(0o600))?;
        fs::rename(&temporary, path)?;
        Ok(listener)
    };
    bind().map_err(|source| BindError::Unix {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named() {
        let first = bind_tcp("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = first.local_addr().unwrap();
        assert!(matches!(bind_tcp(address), Err(BindError::InUse(taken)) if taken == address));
    }

    #[test]
    fn a_stale_socket_is_replaced_and_a_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sock");
        drop(bind_unix(&path).unwrap());
        drop(bind_unix(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let file = folder.path().join("file");
        fs::write(&file, "mine").unwrap();
        assert!(matches!(bind_unix(&file), Err(BindError::Unix { .. })));
        assert_eq!(fs::read_to_string(file).unwrap(), "mine");
    }
}
