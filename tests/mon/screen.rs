//! `airlens mon` in tmux, on a demonstration.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens_tests::support::{
    cli::{Said, airlens, binary},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// A demonstration for as long as this value lives.
struct Demo {
    child: Child,
    folder: TempDir,
    stem: PathBuf,
}

impl Demo {
    fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let mut child = airlens(["demo", "--duration", "600", "--rate", "200", "--listen", "127.0.0.1:0"])?
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        // A profile stands behind the empty line.
        let begun = lines
            .by_ref()
            .find(|line| line.as_ref().is_ok_and(|line| line.contains(" ss ")));
        begun.context("the demonstration ended")??;
        // It goes on talking.
        thread::spawn(move || lines.count());
        let below = fs::read_dir(folder.path())?.next().context("no folder")??.path();
        Ok(Self {
            child,
            stem: below.join("airlens"),
            folder,
        })
    }

    fn mon(&self, arguments: &[&str]) -> Result<Said> {
        Said::by(airlens(["mon", "--run-stem"])?.arg(&self.stem).args(arguments))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(self.child.id().cast_signed(), libc::SIGTERM) };
        let _ = self.child.wait();
    }
}

/// A terminal with a shell, in a server of its own.
struct Tmux {
    socket: PathBuf,
}

impl Tmux {
    fn start(folder: &Path, columns: u16, lines: u16) -> Result<Self> {
        let tmux = Self {
            socket: folder.join("tmux"),
        };
        let size = [columns.to_string(), lines.to_string()];
        tmux.run(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &size[0],
            "-y",
            &size[1],
            "env PS1='$ ' bash --norc",
        ])?;
        tmux.until("a prompt", |screen| screen.starts_with('$'))?;
        Ok(tmux)
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("tmux");
        command
            .arg("-S")
            .arg(&self.socket)
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm-256color");
        let output = command.stdin(Stdio::null()).output().context("can't run tmux")?;
        ensure!(output.status.success(), "{arguments:?}: {output:?}");
        Ok(String::from_utf8(output.stdout)?)
    }

    fn keys(&self, keys: &[&str]) -> Result<()> {
        self.run(&[&["send-keys"], keys].concat()).map(drop)
    }

    fn screen(&self) -> Result<String> {
        self.run(&["capture-pane", "-p"])
    }

    fn value(&self, format: &str) -> Result<String> {
        Ok(self.run(&["display-message", "-p", format])?.trim().to_owned())
    }

    fn until(&self, what: &str, reached: impl Fn(&str) -> bool) -> Result<String> {
        let start = Instant::now();
        loop {
            let screen = self.screen()?;
            if reached(&screen) {
                return Ok(screen);
            }
            ensure!(start.elapsed() < PATIENCE, "not in time: {what}\n{screen}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The shell is back as it was: its screen, its cursor, its echo.
    fn is_restored(&self) -> Result<()> {
        let screen = self.until("the shell's screen", |screen| {
            screen.contains("back=") && !screen.contains("╭─")
        })?;
        assert_eq!(self.value("#{alternate_on} #{cursor_flag}")?, "0 1", "{screen}");
        self.keys(&["stty -a | grep -o ' icanon' ; clear", "Enter"])?;
        self.until("a clear screen", |screen| screen.trim() == "$").map(drop)
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.run(&["kill-server"]);
    }
}

/// Into the shell: `airlens mon` on that run, and then how it ended.
fn command(stem: &Path, more: &str) -> Result<String> {
    Ok(format!(
        "{} mon --run-stem {} {more}; echo back=$?",
        binary()?.display(),
        stem.display()
    ))
}

/// A screen with one space where there are several.
fn words(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_person_at_a_terminal() -> Result<()> {
    let demo = Demo::start()?;
    let tmux = Tmux::start(demo.folder.path(), 80, 24)?;
    tmux.keys(&[&command(&demo.stem, "--interval 500ms")?, "Enter"])?;
    let screen = tmux.until("rates", |screen| {
        let words = words(screen);
        // Whoever came last is shown: this one comes again and again.
        let rates = words.contains("Frames 1") && words.contains("% ") && words.contains("CPU ");
        rates && !words.contains("CPU ?") && words.contains("Espressif")
    })?;
    for part in [
        "Run on demo-mon",
        "Mode listen",
        "Throughput ↑",
        "Losses none",
        "Recent clients",
        "q quit",
    ] {
        ensure!(words(&screen).contains(part), "{part}\n{screen}");
    }
    ensure!(
        screen
            .lines()
            .all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80),
        "{screen}"
    );
    tmux.keys(&["2"])?;
    tmux.until("clients", |screen| screen.contains("by last seen"))?;
    tmux.keys(&["s"])?;
    tmux.until("another order", |screen| screen.contains("by signal"))?;
    tmux.keys(&["Down", "Enter"])?;
    tmux.until("a client", |screen| {
        screen.contains("Client ") && screen.contains("Esc back") && screen.contains("SEEN")
    })?;
    tmux.keys(&["Escape"])?;
    tmux.until("the list", |screen| screen.contains("by signal"))?;
    tmux.keys(&["3"])?;
    tmux.until("flows", |screen| {
        screen.contains("SOURCE") && screen.contains("192.0.2.1:")
    })?;
    tmux.keys(&["4"])?;
    tmux.until("channels", |screen| {
        screen.contains("UTILISATION") && screen.contains("5GHz")
    })?;
    tmux.keys(&["Tab"])?;
    tmux.until("frames", |screen| screen.contains("association-request"))?;
    tmux.keys(&["?"])?;
    tmux.until("help", |screen| screen.contains("hold the picture"))?;
    tmux.keys(&["x", "1"])?;
    tmux.until("the overview", |screen| screen.contains("Recent clients"))?;
    // Other sizes, the smallest with dignity.
    for (columns, lines, words) in [
        ("120", "40", "Frames by type"),
        ("40", "12", "Uptime"),
        ("80", "24", "Recent clients"),
    ] {
        tmux.run(&["resize-window", "-x", columns, "-y", lines])?;
        let screen = tmux.until("the new size", |screen| {
            screen.contains(words) && screen.contains("q quit")
        })?;
        let columns: usize = columns.parse()?;
        ensure!(
            screen
                .lines()
                .all(|line| unicode_width::UnicodeWidthStr::width(line) <= columns),
            "{screen}"
        );
    }
    tmux.keys(&["q"])?;
    tmux.until("a good end", |screen| screen.contains("back=0"))?;
    tmux.is_restored()
}

#[test]
fn the_terminal_is_given_back_however_it_ends() -> Result<()> {
    let demo = Demo::start()?;
    let tmux = Tmux::start(demo.folder.path(), 80, 24)?;
    for (end, code) in [("C-c", 0), ("TERM", 0), ("HUP", 0)] {
        tmux.keys(&[&command(&demo.stem, "--ascii")?, "Enter"])?;
        let screen = tmux.until("a picture", |screen| {
            screen.contains("Recent clients") && screen.contains("+--")
        })?;
        ensure!(screen.lines().all(str::is_ascii), "{screen}");
        assert_eq!(tmux.value("#{alternate_on}")?, "1");
        if end == "C-c" {
            tmux.keys(&[end])?;
        } else {
            let shell = tmux.value("#{pane_pid}")?;
            let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"))?;
            let pid = children.split(' ').next().context("no child")?;
            ensure!(Command::new("kill").arg(format!("-{end}")).arg(pid).status()?.success());
        }
        tmux.until("its end", |screen| screen.contains(&format!("back={code}")))?;
        tmux.is_restored()?;
    }
    Ok(())
}

#[test]
fn a_run_that_goes_and_another_that_comes() -> Result<()> {
    let demo = Demo::start()?;
    let folder = TempDir::new()?;
    let tmux = Tmux::start(folder.path(), 80, 24)?;
    // The second demonstration takes the place of the first one.
    let stem = folder.path().join("airlens");
    let link = |demo: &Demo| std::os::unix::fs::symlink(demo.stem.with_extension("sock"), stem.with_extension("sock"));
    link(&demo)?;
    tmux.keys(&[&command(&stem, "--interval 200ms")?, "Enter"])?;
    tmux.until("a picture", |screen| {
        screen.contains("Recent clients") && screen.contains("/s ")
    })?;
    drop(demo);
    tmux.until("that it is gone", |screen| {
        screen.contains("no answer for") && screen.contains("no run")
    })?;
    fs::remove_file(stem.with_extension("sock"))?;
    let demo = Demo::start()?;
    link(&demo)?;
    tmux.until("the new one", |screen| screen.contains("the run was started again"))?;
    tmux.keys(&["q"])?;
    tmux.is_restored()
}

#[test]
fn scripts_get_text_and_documents() -> Result<()> {
    let demo = Demo::start()?;
    let said = demo.mon(&["--once", "--interval", "300ms"])?;
    ensure!(said.code == Some(0) && said.err.is_empty(), "{said:?}");
    ensure!(
        !said.out.contains('\u{1b}') && said.out.lines().count() == 24,
        "{}",
        said.out
    );
    for words in ["Losses", "Throughput", "Espressif", "bit/s"] {
        ensure!(said.out.contains(words), "{words}\n{}", said.out);
    }
    let begun = Instant::now();
    loop {
        let flows = demo
            .mon(&["--once", "--json", "--interval", "100ms", "--view", "flows"])?
            .json()?;
        if flows["list"].as_array().is_some_and(|list| !list.is_empty()) {
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "no flows: {flows:#}");
    }
    for view in ["overview", "clients", "flows", "channels", "frames"] {
        let document: Value = demo
            .mon(&["--once", "--json", "--interval", "300ms", "--view", view])?
            .json()?;
        valid("mon", [&document])?;
        ensure!(
            document["connected"] == true && document["view"] == view,
            "{document:#}"
        );
        ensure!(
            document["list"].as_array().is_some_and(|list| !list.is_empty()),
            "{view}: {document:#}"
        );
        ensure!(
            document["rates"]["frames_per_second"]
                .as_f64()
                .is_some_and(|rate| rate > 10.0),
            "{document:#}"
        );
        ensure!(
            document["process"]["resident_bytes"].as_u64() > Some(1 << 20),
            "{document:#}"
        );
    }
    // A line each interval, until nobody reads.
    let mut child = airlens(["mon", "--json", "--interval", "100ms", "--run-stem"])?
        .arg(&demo.stem)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
    for _ in 0..3 {
        let line: Value = serde_json::from_str(&lines.next().context("no line")??)?;
        valid("mon", [&line])?;
    }
    drop(lines);
    ensure!(child.wait()?.success());
    let said = demo.mon(&[])?;
    ensure!(
        said.code == Some(2) && said.err.contains("use --once or --json"),
        "{said:?}"
    );
    Ok(())
}
