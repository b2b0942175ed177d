//! A bounded exchange over TCP and UDP between two namespaces.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    thread,
    time::Duration,
};

use super::{LabError, Namespace};

/// Nothing in a private network takes longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much to exchange.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Messages over one TCP connection, and as many UDP datagrams; each is answered in kind.
    pub exchanges: u32,
    /// Octets of each message and datagram, 1 to 1,400.
    pub size: usize,
    /// Rest between two exchanges.
    pub pause: Duration,
}

/// What both ends together sent, as their sockets saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// UDP datagrams, each one packet.
    pub udp_datagrams: u64,
    /// Octets of UDP payload.
    pub udp_octets: u64,
    /// TCP connections that were opened and closed.
    pub tcp_connections: u64,
    /// Octets of TCP payload.
    pub tcp_octets: u64,
}

impl std::ops::AddAssign for Sent {
    fn add_assign(&mut self, other: Self) {
        self.udp_datagrams += other.udp_datagrams;
        self.udp_octets += other.udp_octets;
        self.tcp_connections += other.tcp_connections;
        self.tcp_octets += other.tcp_octets;
    }
}

/// Lets `client` exchange messages and datagrams with an echo at `address` in `server`, and says what was sent.
///
/// # Errors
///
/// A namespace can't be entered, the address is not one of `server`, or an answer stays out for 5 seconds.
pub fn exchange(client: &Namespace, server: &Namespace, address: IpAddr, plan: Plan) -> Result<Sent, LabError> {
    let plan = Plan {
        size: plan.size.clamp(1, 1400),
        ..plan
    };
    let failed = LabError::system("exchange packets", "CAP_NET_RAW");
    let local = SocketAddr::new(address, 0);
    let (listener, datagrams) = server
        .run(|| -> io::Result<_> { Ok((TcpListener::bind(local)?, UdpSocket::bind(local)?)) })?
        .map_err(&failed)?;
    let caller = client
        .run(|| Caller::connect(&listener, &datagrams))?
        .map_err(&failed)?;
    // Sockets stay in the namespace in which they were made: no thread has to be inside from here. The connection waits in
    // the listener's backlog, so nothing below waits without end.
    thread::scope(|scope| {
        let tcp = scope.spawn(|| echo_stream(&listener, plan));
        let udp = scope.spawn(|| echo_datagrams(&datagrams, plan));
        let sent = caller.call(plan);
        let panicked = |_| Err(io::Error::other("an echo panicked"));
        let echoes = [tcp.join(), udp.join()].map(|result| result.unwrap_or_else(panicked));
        // The caller's error tells more than what it did to the echoes.
        let sent = sent.map_err(&failed)?;
        for echo in echoes {
            echo.map_err(&failed)?;
        }
        Ok(sent)
    })
}

fn echo_stream(listener: &TcpListener, plan: Plan) -> io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(PATIENCE + plan.pause))?;
    let mut message = vec![0; plan.size];
    for _ in 0..plan.exchanges {
        stream.read_exact(&mut message)?;
        stream.write_all(&message)?;
    }
    // Until the client closes, so that it does not meet a reset.
    stream.read(&mut message).map(drop)
}

fn echo_datagrams(socket: &UdpSocket, plan: Plan) -> io::Result<()> {
    socket.set_read_timeout(Some(PATIENCE + plan.pause))?;
    let mut datagram = vec![0; plan.size];
    for _ in 0..plan.exchanges {
        let (octets, from) = socket.recv_from(&mut datagram)?;
        socket.send_to(&datagram[..octets], from)?;
    }
    Ok(())
}

struct Caller {
    stream: TcpStream,
    socket: UdpSocket,
}

impl Caller {
    fn connect(listener: &TcpListener, datagrams: &UdpSocket) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let to = datagrams.local_addr()?;
        let any: IpAddr = match to {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
        socket.connect(to)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, socket })
    }

    /// Takes itself, so that the connection is closed at the end.
    fn call(mut self, plan: Plan) -> io::Result<Sent> {
        let message: Vec<u8> = (0..=u8::MAX).cycle().take(plan.size).collect();
        let mut answer = vec![0; plan.size];
        let mut sent = Sent {
            tcp_connections: 1,
            ..Sent::default()
        };
        for _ in 0..plan.exchanges {
            self.stream.write_all(&message)?;
            self.stream.read_exact(&mut answer)?;
            self.socket.send(&message)?;
            let octets = self.socket.recv(&mut answer)?;
            if octets != plan.size || answer != message {
                return Err(io::Error::other("an answer is not what was sent"));
            }
            sent += Sent {
                udp_datagrams: 2,
                udp_octets: 2 * plan.size as u64,
                tcp_connections: 0,
                tcp_octets: 2 * plan.size as u64,
            };
            thread::sleep(plan.pause);
        }
        Ok(sent)
    }
}
