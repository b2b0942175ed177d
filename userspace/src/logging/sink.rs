//! Where a log's lines end up.

use std::{
    env,
    io::{self, IsTerminal as _},
    os::{fd::AsFd as _, unix::net::UnixDatagram},
    path::Path,
};

use super::{
    FileOptions, Form, JOURNAL_SOCKET, LineFormat, LogError, LogFile, LogOptions, LogOutput, is_journal, journal,
    queue::Batch,
};

/// Lines that could not be written, and why.
#[derive(Debug, Default)]
pub(super) struct Lost {
    pub(super) lines: u64,
    pub(super) error: Option<io::Error>,
}

#[derive(Debug)]
pub(super) enum Sink {
    Stderr,
    Journal(UnixDatagram),
    File(Box<LogFile>),
}

impl Sink {
    /// What the options ask for, and the form of its lines.
    pub(super) fn open(options: &LogOptions) -> Result<(Self, Form), LogError> {
        let json = options.format == LineFormat::Json;
        let stderr = io::stderr();
        let plain = |colour| if json { Form::Json } else { Form::Text { colour } };
        Ok(match &options.output {
            LogOutput::Auto if is_journal(env::var("JOURNAL_STREAM").ok().as_deref(), stderr.as_fd()) => {
                (Self::Stderr, Form::Prefixed { json })
            }
            LogOutput::Auto | LogOutput::Stderr => {
                // https://no-color.org
                let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
                (Self::Stderr, plain(wanted && stderr.is_terminal()))
            }
            LogOutput::Journald => {
                let path = Path::new(JOURNAL_SOCKET);
                let error = |source| LogError::Journal {
                    path: path.to_owned(),
                    source,
                };
                (Self::Journal(journal::connect(path).map_err(error)?), Form::Native)
            }
            LogOutput::File(path) => {
                let file = FileOptions {
                    path: path.clone(),
                    ..options.rotation.clone()
                };
                (Self::file(file)?, plain(false))
            }
        })
    }

    pub(super) fn file(options: FileOptions) -> Result<Self, LogError> {
        Ok(Self::File(Box::new(LogFile::open(options)?)))
    }

    /// Lines of an earlier process that were cut off.
    pub(super) fn torn(&self) -> u64 {
        match self {
            Self::File(file) => u64::from(file.was_torn()),
            _ => 0,
        }
    }

    /// The log in words.
    pub(super) fn what(&self, name: &str) -> String {
        match self {
            Self::Stderr => format!("{name} on standard error"),
            Self::Journal(_) => format!("{name} in the journal"),
            Self::File(file) => format!("{name} {}", file.path().display()),
        }
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Lost {
        match self {
            Self::Stderr => {
                let mut written = 0;
                let error = write_some(&mut io::stderr().lock(), &batch.octets, &mut written).err();
                Lost {
                    lines: batch.ends.iter().filter(|end| **end > written).count() as u64,
                    error,
                }
            }
            Self::Journal(socket) => {
                let mut lost = Lost::default();
                let mut from = 0;
                for &end in &batch.ends {
                    if let Err(error) = send(socket, &batch.octets[from..end]) {
                        lost.lines += 1;
                        lost.error = Some(error);
                    }
                    from = end;
                }
                lost
            }
            Self::File(file) => file.write(batch),
        }
    }

    /// Another file may have the name now.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.reopen(),
            _ => Ok(()),
        }
    }

    /// Looks after what others may have done meanwhile.
    pub(super) fn look(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.look(),
            _ => Ok(()),
        }
    }
}

/// Sends a datagram; once more to a journal that was started anew.
fn send(socket: &mut UnixDatagram, octets: &[u8]) -> io::Result<()> {
    let Err(error) = socket.send(octets) else {
        return Ok(());
    };
    let gone = [
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::NotConnected,
        io::ErrorKind::NotFound,
    ];
    if !gone.contains(&error.kind()) {
        return Err(error);
    }
    *socket = journal::connect(Path::new(JOURNAL_SOCKET))?;
    socket.send(octets).map(|_| ())
}

/// Writes as much as can be; `written` tells how much, whatever comes.
pub(super) fn write_some(out: &mut impl io::Write, octets: &[u8], written: &mut usize) -> io::Result<()> {
    while *written < octets.len() {
        match out.write(&octets[*written..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(more) => *written += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    out.flush()
}
