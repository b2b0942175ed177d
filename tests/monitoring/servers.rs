//! A demonstration and a Prometheus, in progress; each is ended by its process id.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens_tests::support::cli::airlens;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `reached`.
pub(crate) fn wait(what: &str, mut reached: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !reached()? {
        ensure!(begun.elapsed() < PATIENCE, "not in time: {what}");
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A port that nobody has.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The answer to a GET of `target`: head and body.
pub(crate) fn get(address: &str, target: &str, headers: &str) -> Result<(String, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {target} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no end of the head")?;
    Ok((head.to_owned(), body.to_owned()))
}

/// A process, killed with this value.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(self.0.id().cast_signed(), libc::SIGINT) };
        let _ = self.0.wait();
    }
}

/// `airlens demo` with these further arguments.
pub(crate) struct Demo {
    pub(crate) address: String,
    _process: Ended,
}

impl Demo {
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        let mut command = airlens(["demo", "--duration", "600", "--rate", "400", "--listen", "127.0.0.1:0"])?;
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("no stdout")?);
        let process = Ended(child);
        let mut said = String::new();
        while !said.contains("metrics  http://") {
            ensure!(out.read_line(&mut said)? > 0, "it ends: {said}");
        }
        // Nobody reads what else it says; a full pipe would stop it.
        thread::spawn(move || out.read_to_end(&mut Vec::new()));
        let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        Ok(Self {
            address: address.context("no address")?.to_owned(),
            _process: process,
        })
    }
}

/// A Prometheus that scrapes `targets`, each a job and an address, every second.
pub(crate) struct Prometheus {
    pub(crate) address: String,
    _process: Ended,
    _folder: TempDir,
}

impl Prometheus {
    pub(crate) fn start(targets: &[(&str, &str)], more: &str) -> Result<Self> {
        let folder = TempDir::new()?;
        let mut config = format!("global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n{more}scrape_configs:\n");
        for (job, address) in targets {
            config += &format!("  - {{job_name: {job}, static_configs: [{{targets: ['{address}']}}]}}\n");
        }
        let (file, address) = (
            folder.path().join("prometheus.yml"),
            format!("127.0.0.1:{}", free_port()?),
        );
        fs::write(&file, config)?;
        let option = |name: &str, value: &Path| format!("--{name}={}", value.display());
        let child = Command::new("prometheus")
            .arg(option("config.file", &file))
            .arg(option("storage.tsdb.path", &folder.path().join("data")))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log"))?)
            .spawn()
            .context("prometheus: `cargo xtask setup` installs it")?;
        let prometheus = Self {
            address,
            _process: Ended(child),
            _folder: folder,
        };
        wait("Prometheus", || Ok(prometheus.api("/-/ready").is_ok()))?;
        Ok(prometheus)
    }

    fn api(&self, target: &str) -> Result<String> {
        let (head, body) = get(&self.address, target, "")?;
        ensure!(head.contains(" 200 "), "{target}: {head} {body}");
        Ok(body)
    }

    /// The values of an expression now.
    pub(crate) fn values(&self, expression: &str) -> Result<Vec<f64>> {
        let encoded: String = expression.bytes().map(|octet| format!("%{octet:02X}")).collect();
        let answer: Value = serde_json::from_str(&self.api(&format!("/api/v1/query?query={encoded}"))?)?;
        let results = answer["data"]["result"].as_array().context("no result")?;
        results
            .iter()
            .map(|result| Ok(result["value"][1].as_str().context("no value")?.parse()?))
            .collect()
    }

    /// Whether an expression has a number, and not only series without any.
    pub(crate) fn has_number(&self, expression: &str) -> Result<bool> {
        Ok(self.values(expression)?.iter().any(|value| value.is_finite()))
    }

    /// Waits until each job was scraped so many times.
    pub(crate) fn scraped(&self, jobs: &[&str], times: u32) -> Result<()> {
        for job in jobs {
            let scrapes = format!("count_over_time(up{{job=\"{job}\"}}[10m]) >= {times} and up{{job=\"{job}\"}} == 1");
            wait(&scrapes, || self.has_number(&scrapes))?;
        }
        Ok(())
    }
}
