//! The way to the collector, and whether messages went it.

use std::{
    io::{self, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket},
    os::fd::AsRawFd as _,
    time::{Duration, Instant},
};

use airlens_common::Count;

use super::{
    super::{LossCause, line::Line},
    collector::{Collector, Transport},
};
use crate::events::{ExporterLost, ExporterRegained};

/// How long a connection or a write may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts: the shortest and the longest time.
const BACKOFF: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(10)];
/// How long a datagram's refusal may take to come back.
const REFUSAL: Duration = Duration::from_secs(1);

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is on its way.
    Out,
    /// It is not, and that is counted.
    Lost,
    /// There is a new connection: to be sent once more, behind templates.
    Again,
}

#[derive(Debug)]
enum Socket {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

/// Records whose refusal may still come.
#[derive(Clone, Copy, Debug, Default)]
struct Unconfirmed {
    flows: u64,
    count: Count,
}

/// The way to the collector.
#[derive(Debug)]
pub(super) struct Sender {
    collector: Collector,
    socket: Option<Socket>,
    backoff: Duration,
    /// Those of this period, and those of the one before.
    unconfirmed: [Unconfirmed; 2],
    period: Instant,
    tried: Option<Instant>,
}

impl Sender {
    pub(super) fn new(collector: &Collector) -> Self {
        Self {
            collector: collector.clone(),
            socket: None,
            backoff: BACKOFF[0],
            unconfirmed: Default::default(),
            period: Instant::now(),
            tried: None,
        }
    }

    /// Makes sure that there is a socket; true if it is a new one. A stream is waited for.
    pub(super) fn connect(&mut self, line: &Line) -> bool {
        if let Some(Socket::Tcp(stream)) = &self.socket
            && is_closed(stream)
        {
            line.tally.failed();
            self.socket = None;
        }
        if self.socket.is_some() {
            return false;
        }
        loop {
            // A name may be served later; a datagram is not worth waiting for that.
            let waiting = self.tried.is_some_and(|at| at.elapsed() < self.backoff);
            if !waiting {
                self.tried = Some(Instant::now());
                match open(&self.collector) {
                    Ok(socket) => {
                        self.socket = Some(socket);
                        self.backoff = BACKOFF[0];
                        self.tried = None;
                        line.emit(&ExporterRegained {
                            exporter: "ipfix",
                            to: &self.collector,
                        });
                        return true;
                    }
                    Err(error) => self.failed(&error, line),
                }
            }
            if self.collector.transport == Transport::Udp || line.is_late() {
                return false;
            }
            line.sleep(self.backoff);
        }
    }

    fn failed(&mut self, error: &io::Error, line: &Line) {
        self.backoff = (self.backoff * 2).min(BACKOFF[1]);
        line.failed(&ExporterLost {
            exporter: "ipfix",
            to: &self.collector,
            error,
        });
    }

    /// Sends a message of so many flows.
    pub(super) fn send(&mut self, octets: &[u8], flows: u64, count: Count, line: &Line) -> Sent {
        match &mut self.socket {
            Some(Socket::Udp(_)) => self.send_datagram(octets, flows, count, line),
            Some(Socket::Tcp(stream)) => match stream.write_all(octets) {
                Ok(()) => {
                    line.tally.sent(flows);
                    Sent::Out
                }
                Err(error) => {
                    self.failed(&error, line);
                    self.socket = None;
                    // One that takes connections and breaks them is not asked without a pause.
                    self.tried = Some(Instant::now());
                    if !line.is_late() && self.connect(line) {
                        return Sent::Again;
                    }
                    line.tally.lost(LossCause::Unsent, flows, count);
                    Sent::Lost
                }
            },
            None => {
                let cause = match self.collector.transport {
                    Transport::Udp => LossCause::WriteFailed,
                    Transport::Tcp => LossCause::Unsent,
                };
                line.tally.lost(cause, flows, count);
                Sent::Lost
            }
        }
    }

    fn send_datagram(&mut self, octets: &[u8], flows: u64, count: Count, line: &Line) -> Sent {
        self.see_refusal(line);
        let Some(Socket::Udp(socket)) = &self.socket else {
            return Sent::Lost;
        };
        let mut sent = socket.send(octets);
        if let Err(error) = &sent
            && error.kind() == io::ErrorKind::ConnectionRefused
        {
            // Of a datagram before this one.
            let again = socket.send(octets);
            self.refused(error, line);
            sent = again;
        }
        match sent {
            Ok(_) => {
                self.unconfirmed[0].flows += flows;
                self.unconfirmed[0].count += count;
                Sent::Out
            }
            Err(error) => {
                line.tally.lost(LossCause::WriteFailed, flows, count);
                self.failed(&error, line);
                // The host may have another address by now.
                self.socket = None;
                Sent::Lost
            }
        }
    }

    fn see_refusal(&mut self, line: &Line) {
        if let Some(Socket::Udp(socket)) = &self.socket
            && let Ok(Some(error)) = socket.take_error()
        {
            self.refused(&error, line);
        }
    }

    /// What was sent since it was last known to be fine went to nobody, as far as can be told.
    fn refused(&mut self, error: &io::Error, line: &Line) {
        line.tally.failed();
        tracing::debug!(collector = %self.collector, %error, "a datagram was refused");
        for unconfirmed in std::mem::take(&mut self.unconfirmed) {
            line.tally
                .lost(LossCause::Refused, unconfirmed.flows, unconfirmed.count);
        }
    }

    /// Counts datagrams as sent that nobody refused in time; all of them at the `end`.
    pub(super) fn confirm(&mut self, line: &Line, end: bool) {
        self.see_refusal(line);
        if end {
            if self.unconfirmed.iter().any(|unconfirmed| unconfirmed.flows > 0) {
                std::thread::sleep(Duration::from_millis(50));
                self.see_refusal(line);
            }
            let all = std::mem::take(&mut self.unconfirmed);
            line.tally.sent(all.iter().map(|unconfirmed| unconfirmed.flows).sum());
        } else if self.period.elapsed() >= REFUSAL {
            self.period = Instant::now();
            let [fresh, old] = self.unconfirmed;
            line.tally.sent(old.flows);
            self.unconfirmed = [Unconfirmed::default(), fresh];
        }
    }
}

fn open(collector: &Collector) -> io::Result<Socket> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in collector.address.to_socket_addrs()? {
        let opened = match collector.transport {
            Transport::Udp => udp(address).map(Socket::Udp),
            Transport::Tcp => tcp(address).map(Socket::Tcp),
        };
        match opened {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

fn tcp(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The collector has closed it: what is written from now on is lost without a word.
fn is_closed(stream: &TcpStream) -> bool {
    let mut octet = 0u8;
    // SAFETY: room for the one octet that is asked for.
    let read = unsafe {
        libc::recv(
            stream.as_raw_fd(),
            (&raw mut octet).cast(),
            1,
            libc::MSG_PEEK | libc::MSG_DONTWAIT,
        )
    };
    let waiting = || {
        matches!(
            io::Error::last_os_error().kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
        )
    };
    read == 0 || (read < 0 && !waiting())
}
