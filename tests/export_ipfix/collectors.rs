//! nfdump's nfcapd and pmacct's nfacctd take flows over UDP, and say what they took.

use std::{
    fs,
    net::UdpSocket,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens::export::ipfix::Transport;
use airlens_tests::support::ended::Made;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::sent::{export, flows};

/// A collector; it is ended by its process id.
struct Collector(Child);

impl Collector {
    fn start(command: &mut Command, package: &str, port: u16) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut collector = Self(child.with_context(|| format!("apt-get install {package}"))?);
        let start = Instant::now();
        // It listens once the port is taken.
        while UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            ensure!(collector.0.try_wait()?.is_none(), "{package} has ended");
            ensure!(start.elapsed() < Duration::from_secs(20), "{package} does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        Ok(collector)
    }

    /// Ends it as a user does, so that it writes what it has.
    fn stop(&mut self) -> Result<()> {
        let id = i32::try_from(self.0.id())?;
        // SAFETY: a child of this process that is not reaped yet.
        unsafe { libc::kill(id, libc::SIGTERM) };
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Stopped already, or the test has failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn number(record: &Value, key: &str) -> u64 {
    let value = &record[key];
    value
        .as_u64()
        .or_else(|| value.as_str()?.parse().ok())
        .unwrap_or(u64::MAX)
}

/// Whether a record has the ends of a flow.
fn is_of(record: &Value, made: &Made, keys: [&str; 2]) -> bool {
    let address = |key: &str| record[key].as_str().and_then(|address| address.parse().ok());
    address(keys[0]) == Some(made.source.0) && address(keys[1]) == Some(made.destination.0)
}

/// Octets of IP each way.
fn octets(made: &Made, way: usize) -> u64 {
    let link = if made.vlan == 0 { 14 } else { 18 };
    made.packets[way] * u64::from(made.length[way].saturating_sub(link))
}

/// All records that nfdump reads in a folder.
fn nfdump(folder: &Path) -> Result<Vec<Value>> {
    let output = Command::new("nfdump")
        .arg("-R")
        .arg(folder)
        .args(["-o", "json"])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    serde_json::from_str(&text).with_context(|| format!("nfdump: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn nfcapd_takes_them() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let mut command = Command::new("nfcapd");
    command
        .arg("-w")
        .arg(folder.path())
        .args(["-b", "127.0.0.1", "-p", &port.to_string(), "-t", "60"]);
    let mut nfcapd = Collector::start(&mut command, "nfdump", port)?;
    let outcome = export(Transport::Udp, port, &flows())?;
    ensure!(outcome.sent == 5, "{outcome:?}");
    thread::sleep(Duration::from_millis(500));
    nfcapd.stop()?;
    let records = nfdump(folder.path())?;
    ensure!(records.len() == 5, "{records:#?}");
    for made in flows() {
        let version = if made.source.0.is_ipv4() { 4 } else { 6 };
        let keys = [format!("src{version}_addr"), format!("dst{version}_addr")];
        let keys = [keys[0].as_str(), keys[1].as_str()];
        let record = records.iter().find(|record| is_of(record, &made, keys));
        let record = record.with_context(|| format!("no {made:?} in {records:#?}"))?;
        for (key, expected) in [
            ("proto", u64::from(made.protocol)),
            ("in_packets", made.packets[0]),
            ("in_bytes", octets(&made, 0)),
            ("out_packets", made.packets[1]),
            ("out_bytes", octets(&made, 1)),
            ("input_snmp", 7),
            ("src_tos", u64::from(made.tos[0])),
        ] {
            let found = if record[key].is_null() { 0 } else { number(record, key) };
            ensure!(found == expected, "{key}: {found} for {expected} in {record:#}");
        }
        if made.protocol != 1 {
            ensure!(number(record, "src_port") == u64::from(made.source.1), "{record:#}");
            ensure!(
                number(record, "dst_port") == u64::from(made.destination.1),
                "{record:#}"
            );
        }
        let (first, last) = (&record["first"], &record["last"]);
        ensure!(first.is_string() && last.is_string() && first != last, "{record:#}");
    }
    Ok(())
}

/// It knows biflows not at all: of each its forward way is what it takes, and the elements of the way back it steps over.
#[test]
fn nfacctd_takes_their_forward_way() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (port, file) = (free_port()?, folder.path().join("flows.json"));
    let settings = folder.path().join("nfacctd.conf");
    fs::write(
        &settings,
        format!(
            "daemonize: false\nnfacctd_ip: 127.0.0.1\nnfacctd_port: {port}\nplugins: print\nprint_output: json\n\
             aggregate: src_host, dst_host, src_port, dst_port, proto, tos, vlan, in_iface\n\
             print_refresh_time: 2\nprint_output_file: {}\nprint_output_file_append: true\n",
            file.display()
        ),
    )?;
    let mut command = Command::new("nfacctd");
    command.arg("-f").arg(&settings);
    let nfacctd = Collector::start(&mut command, "pmacct", port)?;
    // Its plugin starts beside it.
    thread::sleep(Duration::from_secs(1));
    let outcome = export(Transport::Udp, port, &flows())?;
    ensure!(outcome.sent == 5, "{outcome:?}");
    let start = Instant::now();
    let records = loop {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let records: Vec<Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        if records.len() >= 5 {
            break records;
        }
        ensure!(start.elapsed() < Duration::from_secs(20), "{text}");
        thread::sleep(Duration::from_millis(200));
    };
    // What it has is in the file: it need not end well.
    drop(nfacctd);
    ensure!(records.len() == 5, "{records:#?}");
    for made in flows() {
        let record = records.iter().find(|record| is_of(record, &made, ["ip_src", "ip_dst"]));
        let record = record.with_context(|| format!("no {made:?} in {records:#?}"))?;
        for (key, expected) in [
            ("packets", made.packets[0]),
            ("bytes", octets(&made, 0)),
            ("tos", u64::from(made.tos[0])),
            ("vlan", u64::from(made.vlan)),
            ("iface_in", 7),
        ] {
            ensure!(number(record, key) == expected, "{key}: not {expected} in {record:#}");
        }
        if made.protocol != 1 {
            let ports = [number(record, "port_src"), number(record, "port_dst")];
            ensure!(
                ports == [made.source.1, made.destination.1].map(u64::from),
                "{record:#}"
            );
        }
    }
    Ok(())
}
