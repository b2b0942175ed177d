//! Flows of live traffic in a file, beside tshark's conversations, softflowd's flows and TLS as openssl speaks it.
//! Needs root, tcpdump and tshark; softflowd and openssl are left out where they are not installed.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens::lab::{Namespace, VethPair};
use airlens_tests::support::{flows::flows, settled, tshark};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A child that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two namespaces, and tcpdump between them.
struct Lab {
    here: Namespace,
    there: Namespace,
    pair: VethPair,
    folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Result<Self> {
        let (here, there) = (Namespace::new()?, Namespace::new()?);
        let pair = VethPair::new(&here, "data0", &there, "peer0")?;
        Ok(Self {
            here,
            there,
            pair,
            folder: tempfile::tempdir()?,
        })
    }

    fn capture(&self, traffic: impl FnOnce() -> Result<()>) -> Result<()> {
        settled(&self.here, "data0")?;
        let mut command = Command::new("tcpdump");
        command
            .args(["-i", "data0", "-Z", "root", "--immediate-mode", "-U"])
            // Its buffer holds packets in places of the snapshot length.
            .args(["-s", "24576", "-B", "32768", "-w"])
            .arg(self.file())
            .stderr(Stdio::piped());
        let child = self.here.run(|| command.spawn())?;
        let mut tcpdump = Running(child.context("tcpdump: install it (apt-get install tcpdump)")?);
        let mut errors = BufReader::new(tcpdump.0.stderr.take().context("no stderr")?);
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            ensure!(errors.read_line(&mut line)? > 0, "tcpdump ended");
        }
        traffic()?;
        // What is in the file once this is.
        const LAST: &[u8] = b"the last packet of this capture";
        let socket = self.here.run(|| UdpSocket::bind((self.pair.here.ipv4, 0)))??;
        socket.send_to(LAST, (self.pair.there.ipv4, 9999))?;
        let start = Instant::now();
        while !std::fs::read(self.file())?
            .windows(LAST.len())
            .any(|octets| octets == LAST)
        {
            ensure!(
                start.elapsed() < Duration::from_secs(20),
                "tcpdump does not write the last packet"
            );
            thread::sleep(Duration::from_millis(20));
        }
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(tcpdump.0.id().cast_signed(), libc::SIGINT) };
        tcpdump.0.wait()?;
        Ok(())
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("live.pcap")
    }
}

/// How many conversations tshark sees.
fn conversations(file: &Path, kind: &str) -> Result<usize> {
    let table = tshark::output(file, &["-q", "-n", "-z", &format!("conv,{kind}")])?;
    Ok(table.lines().filter(|line| line.contains("<->")).count())
}

fn of(flows: &[Value], protocol: u64) -> Vec<&Value> {
    flows.iter().filter(|flow| flow["protocol"] == protocol).collect()
}

/// How many flows softflowd sees.
fn of_softflowd(file: &Path) -> Result<Option<u64>> {
    // It may wait for ever at a control socket.
    let mut command = Command::new("softflowd");
    command
        .args(["-d", "-v", "9", "-p", "none", "-c", "none", "-r"])
        .arg(file);
    let Ok(output) = command.output() else {
        println!("softflowd is not installed: its number of flows is not compared");
        return Ok(None);
    };
    let said = String::from_utf8([output.stdout, output.stderr].concat())?;
    let line = said.lines().find_map(|line| line.strip_prefix("Flows expired: "));
    let number = line
        .and_then(|line| line.split(' ').next())
        .context("softflowd says no number")?;
    Ok(Some(number.parse()?))
}

/// TCP and UDP, refused connections, ICMP that says so.
///
/// What differs by design: tshark and we hold TCP connections apart that use the same ports one after the other, softflowd does
/// not; here none does. softflowd holds ICMP apart by type and code, we don't; fragments behind the first have ports 0 with
/// both, and are put together by tshark; here are none. Time-outs are longer than the capture with all three.
#[test]
fn conversations_of_live_traffic() -> Result<()> {
    let lab = Lab::new()?;
    let server = lab.pair.there.ipv4;
    lab.capture(|| {
        let listener = lab.there.run(|| TcpListener::bind((server, 8080)))??;
        let receiver = lab.there.run(|| UdpSocket::bind((server, 9000)))??;
        lab.here.run(|| -> std::io::Result<()> {
            for size in 1..=12 {
                let mut client = TcpStream::connect((server, 8080))?;
                let (mut accepted, _) = listener.accept()?;
                accepted.set_read_timeout(Some(Duration::from_secs(5)))?;
                client.write_all(&vec![7; 1000 * size])?;
                accepted.read_exact(&mut vec![0; 1000 * size])?;
                drop(client);
                accepted.read_to_end(&mut Vec::new())?;
            }
            for port in 1..5 {
                let refused = TcpStream::connect((server, port));
                assert!(refused.is_err());
                let socket = UdpSocket::bind((lab.pair.here.ipv4, 0))?;
                socket.send_to(&[1; 100], (server, port))?;
                socket.send_to(&[1; 200], (server, 9000))?;
            }
            drop(receiver);
            Ok(())
        })??;
        Ok(())
    })?;
    let flows = flows(&lab.file(), &[])?;
    let (tcp, udp) = (of(&flows, 6), of(&flows, 17));
    assert_eq!(tcp.len(), conversations(&lab.file(), "tcp")?);
    assert_eq!(udp.len(), conversations(&lab.file(), "udp")?);
    let reasons = |reason: &str| tcp.iter().filter(|flow| flow["reason"] == reason).count();
    assert_eq!((tcp.len(), reasons("fin"), reasons("rst")), (16, 12, 4));
    // Port unreachable, four times between the same two, and for the capture's last packet where the file still has it.
    let icmp = of(&flows, 1);
    assert_eq!(icmp.len(), 1);
    let unreachable = icmp[0]["packets"].as_u64().context("no packets")?;
    assert!((4..=5).contains(&unreachable), "{unreachable}");
    let packets: u64 = flows.iter().filter_map(|flow| flow["packets"].as_u64()).sum();
    let ip = tshark::fields(&lab.file(), "ip or ipv6", &["frame.number"])?.len();
    assert_eq!(packets, ip as u64);
    if let Some(theirs) = of_softflowd(&lab.file())? {
        let fields = [
            "ip.src",
            "ipv6.src",
            "icmp.type",
            "icmpv6.type",
            "icmp.code",
            "ip.dst",
            "ipv6.dst",
        ];
        let mut kinds = tshark::fields(&lab.file(), "icmp or icmpv6", &fields)?;
        kinds.sort();
        kinds.dedup();
        assert_eq!(theirs, (tcp.len() + udp.len() + kinds.len()) as u64, "{kinds:?}");
    }
    Ok(())
}

/// A server and a client of openssl, where it is installed.
fn speak_tls(lab: &Lab, versions: &[&str]) -> Result<bool> {
    let (key, certificate) = (lab.folder.path().join("key"), lab.folder.path().join("certificate"));
    let mut request = Command::new("openssl");
    request
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=example.org",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null());
    if !request.status().is_ok_and(|status| status.success()) {
        return Ok(false);
    }
    let mut server = Command::new("openssl");
    server
        .args(["s_server", "-accept", "443", "-quiet", "-alpn", "h2", "-key"])
        .arg(&key)
        .arg("-cert")
        .arg(&certificate)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _server = Running(lab.there.run(|| server.spawn())??);
    let address = format!("{}:443", lab.pair.there.ipv4);
    for version in versions {
        let mut client = Command::new("openssl");
        client
            .args(["s_client", "-connect", &address, version, "-alpn", "h2,http/1.1"])
            .args([
                "-servername",
                &format!("{}.example.org", version.trim_start_matches('-')),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for _ in 0..100 {
            // Until the server listens.
            if lab.here.run(|| client.status())??.success() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(true)
}

#[test]
fn hellos_of_openssl() -> Result<()> {
    let lab = Lab::new()?;
    let mut spoken = false;
    lab.capture(|| {
        spoken = speak_tls(&lab, &["-tls1_2", "-tls1_3"])?;
        Ok(())
    })?;
    if !spoken {
        println!("openssl is not installed: its hellos are not compared");
        return Ok(());
    }
    let fields = [
        "tcp.srcport",
        "tls.handshake.extensions_server_name",
        "tls.handshake.extensions_alpn_str",
        "tls.handshake.ciphersuite",
        "tls.handshake.extension.type",
    ];
    let clients = tshark::fields(&lab.file(), "tls.handshake.type == 1", &fields)?;
    let chosen = ["tcp.dstport", "tls.handshake.ciphersuite"];
    let servers = tshark::fields(&lab.file(), "tls.handshake.type == 2", &chosen)?;
    assert_eq!((clients.len(), servers.len()), (2, 2));
    let flows = flows(&lab.file(), &["--features", "tls,tcp"])?;
    for client in clients {
        let flow = flows
            .iter()
            .find(|flow| format!("{}", flow["source_port"]) == client[0]);
        let flow = &flow.context("no such flow")?["features"];
        let tls = &flow["tls"];
        assert_eq!(tls["sni"], client[1].as_str());
        let alpn: Vec<_> = client[2].split('|').collect();
        assert_eq!(tls["alpn"], serde_json::json!(alpn));
        let is_last = client[1].starts_with("tls1_3");
        assert_eq!(tls["version"], if is_last { "1.3" } else { "1.2" });
        let server = servers
            .iter()
            .find(|server| server[0] == client[0])
            .context("no answer")?;
        let cipher = u16::from_str_radix(server[1].trim_start_matches("0x"), 16)?;
        assert_eq!(tls["cipher"], cipher);
        // The readable part of JA4; its hashes are held against the specification's in the module's own tests.
        let ja4 = tls["ja4"].as_str().context("no ja4")?;
        let counts = format!(
            "t{}d{:02}{:02}h2_",
            if is_last { 13 } else { 12 },
            client[3].split('|').count(),
            client[4].split('|').count()
        );
        assert!(ja4.starts_with(&counts), "{ja4} is not {counts}…");
        let theirs = tshark::fields(
            &lab.file(),
            &format!("tcp.port == {} and tcp.analysis.initial_rtt", client[0]),
            &["tcp.analysis.initial_rtt"],
        )?;
        let theirs: f64 = theirs.first().context("no initial_rtt")?[0].parse()?;
        let ours = flow["tcp"]["handshake_rtt_ms"]
            .as_f64()
            .context("no handshake_rtt_ms")?;
        assert!((ours - theirs * 1000.0).abs() < 1e-6, "{ours} ms, {theirs} s");
    }
    Ok(())
}
