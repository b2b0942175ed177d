//! What looking costs: `airlens mon` in a terminal, a listener to the API's events, the page in Chromium, beside a run with a
//! thousand clients and flows. Needs root and tun; Chromium for the page.

use std::{
    fs::File,
    io::Write as _,
    net::TcpStream,
    os::fd::{FromRawFd as _, OwnedFd},
    process::{Child, Command},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use airlens_benches::{Run, Table, binary, median, ticks, wanted};
use airlens_tests::support::browser::Browser;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

const FLOWS: u32 = 1000;
const CLIENTS: u16 = 1000;
const TIME: Duration = Duration::from_secs(20);
const ADDRESS: &str = "127.0.0.1:9474";
/// Until the page tells minutes instead of seconds.
const MINUTE: Duration = Duration::from_secs(60);
/// Clients that the page lists unless asked for all (`MOST` of its `clients.js`).
const LISTED: u16 = 250;
/// Loads of the page.
const LOADS: usize = 15;

fn main() -> Result<()> {
    if !wanted("viewers") && !wanted("page") {
        return Ok(());
    }
    let run = Run::start(&["--listen", ADDRESS])?;
    run.fill(FLOWS, CLIENTS)?;
    if wanted("viewers") {
        viewers(&run)?;
    }
    if wanted("page") {
        page(&run)?;
    }
    run.end()
}

fn viewers(run: &Run) -> Result<()> {
    let mut table = Table::new(["viewer", "of a CPU, %", "the run, %", "octets a second"]);
    let mut row = |name: &str, viewer: Option<u32>, octets: &AtomicU64| {
        thread::sleep(Duration::from_secs(2));
        let used = |pid: u32| Ok::<_, anyhow::Error>(ticks(pid)?.iter().sum::<f64>());
        let all = || Ok::<_, anyhow::Error>((viewer.map(used).transpose()?, used(run.pid())?));
        let (before, begun) = (all()?, Instant::now());
        octets.store(0, Ordering::Relaxed);
        thread::sleep(TIME);
        let (after, time) = (all()?, begun.elapsed().as_secs_f64());
        let percent = |used: f64| format!("{:.1}", used / time * 100.0);
        let own = after.0.zip(before.0).map(|(after, before)| percent(after - before));
        let octets = octets.load(Ordering::Relaxed) as f64 / time;
        table.row([
            name.to_owned(),
            own.unwrap_or_default(),
            percent(after.1 - before.1),
            format!("{octets:.0}"),
        ]);
        Ok::<_, anyhow::Error>(())
    };
    row("none", None, &AtomicU64::default())?;
    for (name, rows, columns) in [("mon, 80×24", 24, 80), ("mon, 200×60", 60, 200)] {
        let (mut viewer, octets) = in_terminal(run, rows, columns)?;
        let measured = row(name, Some(viewer.id()), &octets);
        // SAFETY: a signal to our own child, which was not waited for yet.
        unsafe { libc::kill(viewer.id().cast_signed(), libc::SIGTERM) };
        viewer.wait()?;
        measured?;
    }
    let mut stream = TcpStream::connect(ADDRESS)?;
    write!(stream, "GET /api/events HTTP/1.1\r\nHost: {ADDRESS}\r\n\r\n")?;
    let octets = counted(stream.try_clone()?);
    row("events of the API", None, &octets)?;
    stream.shutdown(std::net::Shutdown::Both)?;
    table.print("What a viewer takes, beside a run with 1,000 clients and 1,000 flows");
    Ok(())
}

/// `airlens mon` in a terminal of its own, and the octets that it has written there.
fn in_terminal(run: &Run, rows: u16, columns: u16) -> Result<(Child, Arc<AtomicU64>)> {
    let size = libc::winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let (mut master, mut slave) = (-1, -1);
    // SAFETY: both numbers are ours; name and settings may be null (openpty(3)).
    let opened = unsafe {
        libc::openpty(
            &raw mut master,
            &raw mut slave,
            std::ptr::null_mut(),
            std::ptr::null(),
            &raw const size,
        )
    };
    if opened != 0 {
        return Err(std::io::Error::last_os_error()).context("no pseudo terminal");
    }
    // SAFETY: openpty has given us both.
    let (master, slave) = unsafe { (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
    let viewer = Command::new(binary()?)
        .args(["mon", "--interval", "1s", "--run-stem"])
        .arg(run.stem())
        .env("TERM", "xterm-256color")
        .stdin(slave.try_clone()?)
        .stdout(slave.try_clone()?)
        .stderr(slave)
        .spawn()?;
    Ok((viewer, counted(File::from(master))))
}

/// Reads on and on; the octets so far.
fn counted(mut from: impl std::io::Read + Send + 'static) -> Arc<AtomicU64> {
    let octets = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&octets);
    thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            count.fetch_add(read as u64, Ordering::Relaxed);
        }
    });
    octets
}

/// The page with its table of clients, and what it takes while it stands open.
fn page(run: &Run) -> Result<()> {
    let mut browser = Browser::start()?;
    browser.size(1440, 900, false)?;
    browser.tell("Performance.enable", &json!({}))?;
    let moments = ["first contentful paint", "loaded", "250 of them listed"];
    let mut times = vec![Vec::new(); moments.len()];
    for _ in 0..LOADS {
        browser.open("about:blank")?;
        browser.tell("Network.clearBrowserCache", &json!({}))?;
        browser.open(&format!("http://{ADDRESS}/"))?;
        browser.until("document.body.dataset.link === 'live'")?;
        // Ends at the frame in which the rows are all there.
        let found = browser.value(&format!(
            "new Promise(done => {{ const look = () => document.querySelectorAll('#rows tr').length < {LISTED} \
             ? requestAnimationFrame(look) : done(performance.now()); look(); }})"
        ))?;
        let painted = browser.value("performance.getEntriesByName('first-contentful-paint')[0].startTime")?;
        let loaded = browser.value("performance.getEntriesByType('navigation')[0].loadEventEnd")?;
        for (times, value) in times.iter_mut().zip([painted, loaded, found]) {
            times.push(Duration::from_secs_f64(number(&value)? / 1000.0));
        }
    }
    let octets = browser.value(
        "performance.getEntries().filter(one => one.transferSize).reduce((sum, one) => sum + one.transferSize, 0)",
    )?;
    let mut table = Table::new(["until", "median, ms"]);
    for (moment, times) in moments.into_iter().zip(times) {
        table.row([
            moment.to_owned(),
            format!("{:.0}", median(times).as_secs_f64() * 1000.0),
        ]);
    }
    table.print("The page with 1,000 clients in Chromium, nothing cached (median of 15 loads)");
    println!("\n{} octets until then, headers included", number(&octets)?);

    let mut table = Table::new([
        "while the page stands open",
        "the page's thread, of a CPU, %",
        "the run, of a CPU, %",
    ]);
    let sum = |pid| Ok::<_, anyhow::Error>(ticks(pid)?.iter().sum::<f64>());
    for (what, pause) in [
        ("each client seen seconds ago", Duration::ZERO),
        ("a minute ago", MINUTE),
    ] {
        thread::sleep(pause);
        let (before, run_before, begun) = (busy(&mut browser)?, sum(run.pid())?, Instant::now());
        thread::sleep(TIME);
        let time = begun.elapsed().as_secs_f64();
        let percent = |used: f64| format!("{:.1}", used / time * 100.0);
        let (page, run) = (busy(&mut browser)? - before, sum(run.pid())? - run_before);
        table.row([what.to_owned(), percent(page), percent(run)]);
    }
    table.print("What the page takes");
    Ok(())
}

/// Seconds that the page's thread has worked.
fn busy(browser: &mut Browser) -> Result<f64> {
    let answer = browser.tell("Performance.getMetrics", &json!({}))?;
    let metrics = answer["metrics"].as_array().context("no metrics")?;
    let task = metrics.iter().find(|metric| metric["name"] == "TaskDuration");
    number(&task.context("no TaskDuration")?["value"])
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().with_context(|| format!("{value} is no number"))
}
