//! The page at `/` in Debian's Chromium, clicked through while `airlens demo` or a run is behind it. Its pictures are in
//! `target/page`; with `AIRLENS_PICTURES=1` the one of the README is made anew.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, ChildStdout, Stdio},
    thread,
};

use airlens_tests::support::{
    browser::{Browser, axe},
    cli::airlens,
    run::{Network, PORT, Place, Running},
};
use anyhow::{Context as _, Result, ensure};

#[path = "web_page/access_point.rs"]
mod access_point;
#[path = "web_page/alike.rs"]
mod alike;
#[path = "web_page/hostile.rs"]
mod hostile;
#[path = "web_page/picture.rs"]
mod picture;
#[path = "web_page/renewed.rs"]
mod renewed;

/// Stations of the capture that the demonstration replays.
const CLIENTS: usize = 34;

/// A demonstration in progress. It is ended with this value.
struct Demo {
    child: Child,
    out: Option<BufReader<ChildStdout>>,
    address: String,
}

impl Demo {
    fn start() -> Result<Self> {
        let mut command = airlens(["demo", "--duration", "600", "--rate", "300", "--listen", "127.0.0.1:0"])?;
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("no stdout")?);
        let mut said = String::new();
        while !said.contains("metrics  http://") {
            ensure!(out.read_line(&mut said)? > 0, "no address: {said}");
        }
        let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = format!("http://{}", address.context("no address")?);
        Ok(Self {
            child,
            out: Some(out),
            address,
        })
    }

    /// What it prints further is of no interest, but it has to be read.
    fn drain(&mut self) {
        if let Some(mut out) = self.out.take() {
            thread::spawn(move || out.read_to_end(&mut Vec::new()));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(self.child.id().cast_signed(), libc::SIGINT) };
        let _ = self.child.wait();
    }
}

/// A browser at the page of a demonstration whose clients are all there.
fn opened() -> Result<(Demo, Browser)> {
    let mut demo = Demo::start()?;
    demo.drain();
    let mut browser = Browser::start()?;
    browser.size(1440, 900, false)?;
    browser.prefer(&[("prefers-color-scheme", "light"), ("prefers-reduced-motion", "reduce")])?;
    browser.open(&format!("{}/", demo.address))?;
    browser.until("document.body.dataset.link === 'live'")?;
    browser.until(&format!("document.querySelectorAll('#rows tr').length === {CLIENTS}"))?;
    Ok((demo, browser))
}

/// Nothing was asked for elsewhere, and the console is empty: no error, no refusal by the policy.
fn is_quiet(browser: &Browser, address: &str) -> Result<()> {
    let elsewhere: Vec<_> = browser
        .asked()
        .into_iter()
        .filter(|url| !url.starts_with(address))
        .collect();
    ensure!(elsewhere.is_empty(), "{elsewhere:?}");
    ensure!(browser.complaints().is_empty(), "{:?}", browser.complaints());
    Ok(())
}

/// Column `key` of all rows, from the top.
fn column(browser: &mut Browser, key: &str) -> Result<Vec<String>> {
    let cells = format!("[...document.querySelectorAll('#rows .{key}')].map((cell) => cell.innerText.trim())");
    let cells = browser.value(&cells)?;
    let cells = cells.as_array().context("no cells")?;
    Ok(cells
        .iter()
        .map(|cell| cell.as_str().unwrap_or_default().to_owned())
        .collect())
}

#[test]
fn an_engineer_reads_it() -> Result<()> {
    let (demo, mut browser) = opened()?;
    // What is told of the run, and that it is live: frames come in, each is accounted for.
    ensure!(browser.text("#state")? == "running");
    browser.until("document.querySelector('#facts').innerText.includes('listen')")?;
    browser.until("document.querySelector('#join').innerText.includes('no network of its own')")?;
    browser.until("document.querySelector('#subtypes').innerText.includes('beacon')")?;
    browser.until("document.querySelectorAll('#balance .verdict.good').length === 2")?;
    browser.until("document.querySelector('#channels').innerText.includes('5 GHz')")?;
    browser.until("document.querySelectorAll('#flows tbody tr').length > 3")?;
    browser.until("document.querySelector('#frames-chart .data').getAttribute('d').length > 100")?;
    let figures = browser.text("#figures")?;
    ensure!(figures.contains("Clients\n34"), "{figures}");
    browser.until("/: [\\d.]+ MB of memory \\([\\d.]+ MB the table of flows\\), [\\d.]+ % of a CPU$/.test(document.querySelector('#takes').innerText)")?;

    // Sorted by streams, the most first, then the least.
    browser.click("#columns .streams button")?;
    browser.until("document.querySelector('#columns .streams').getAttribute('aria-sort') === 'descending'")?;
    let streams = column(&mut browser, "streams")?;
    ensure!(
        streams.len() == CLIENTS && streams[0] == "8" && streams.is_sorted_by(|a, b| a >= b),
        "{streams:?}"
    );
    browser.click("#columns .streams button")?;
    let streams = column(&mut browser, "streams")?;
    ensure!(
        streams[0] == "1" && streams.last().is_some_and(|most| most == "8"),
        "{streams:?}"
    );

    // Filtered by words of several columns, and by those that nobody has.
    browser.click("#filter")?;
    browser.write("6ghz owe")?;
    browser.until("document.querySelectorAll('#rows tr').length === 1")?;
    ensure!(column(&mut browser, "security")? == ["OWE"]);
    ensure!(browser.text("#count")? == "1 of 34");
    browser.write(" nobody")?;
    browser.until("!document.querySelector('#nobody').hidden")?;
    browser.value("document.querySelector('#filter').value = ''")?;
    browser.write(" ")?;
    browser.until(&format!("document.querySelectorAll('#rows tr').length === {CLIENTS}"))?;

    // The profile of one, by the mouse.
    browser.click("#rows tr[data-id='3c:28:6d:10:00:30'] .maker")?;
    browser.until("document.querySelector('#detail-body').innerText.includes('802.11ax HE, Wi-Fi 6')")?;
    let profile = browser.text("#detail-body")?;
    for words in [
        "Google",
        "Wi-Fi 6 · 2 streams · 6 GHz · 160 MHz",
        "WPA3-Personal",
        "RADIOS",
        "HISTORY",
        "its first profile there",
    ] {
        ensure!(profile.contains(words), "{words}: {profile}");
    }
    browser.picture("client")?;
    browser.press("Escape")?;
    browser.until("document.querySelector('#detail').hidden")?;
    is_quiet(&browser, &demo.address)
}

#[test]
fn what_comes_late_is_no_burst() -> Result<()> {
    let (demo, mut browser) = opened()?;
    let figures = "document.querySelector('#figures').innerText";
    browser.until(&format!("/Frames\\/s\\s+\\d/.test({figures})"))?;
    // What came while the page had no time for it comes at once, and has the rate that it was counted with.
    let stalled = format!(
        "new Promise((done) => {{ \
           const until = performance.now() + 2500; \
           while (performance.now() < until); \
           setTimeout(() => done({figures}), 100); \
         }})"
    );
    let figures = browser.value(&stalled)?;
    let figures = figures.as_str().context("no text")?;
    let rate: f64 = figures
        .split_once("Frames/s")
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .and_then(|rate| rate.replace(',', "").parse().ok())
        .with_context(|| figures.to_owned())?;
    ensure!((1.0..900.0).contains(&rate), "{figures}");
    is_quiet(&browser, &demo.address)
}

#[test]
fn a_row_that_changes_under_the_mouse_is_clicked() -> Result<()> {
    let (demo, mut browser) = opened()?;
    browser.value(
        "window.changes = 0; new MutationObserver((all) => { \
           changes += all.filter(({ target }) => !target.closest('.seen')).length; \
         }).observe(document.querySelector('#rows tr'), { childList: true, subtree: true })",
    )?;
    browser.click_slowly("#rows .open", |browser| browser.until("changes > 2"))?;
    browser.until("document.querySelector('#detail-body').innerText.includes('IDENTITY')")?;
    is_quiet(&browser, &demo.address)
}

#[test]
fn without_a_mouse() -> Result<()> {
    let (demo, mut browser) = opened()?;
    // Tab reaches the list in a few steps, arrows move in it, Enter opens and Escape comes back.
    let mut steps = 0;
    while browser.value("document.activeElement.matches('#rows .open')")? != true {
        browser.press("Tab")?;
        steps += 1;
        ensure!(steps < 20, "the list is not reached");
        let outlined = browser.value("getComputedStyle(document.activeElement).outlineStyle")?;
        ensure!(outlined != "none", "the focus is not seen at step {steps}");
    }
    let focused = "document.activeElement.innerText";
    let ids = column(&mut browser, "client .open")?;
    browser.press("ArrowDown")?;
    browser.press("ArrowDown")?;
    browser.press("ArrowUp")?;
    ensure!(browser.value(focused)? == ids[1], "{ids:?}");
    browser.press("Enter")?;
    browser.until("document.querySelector('#detail-body').innerText.includes('IDENTITY')")?;
    ensure!(browser.value("document.activeElement.id")? == "detail-name");
    browser.press("Escape")?;
    browser.until("document.querySelector('#detail').hidden")?;
    ensure!(browser.value(focused)? == ids[1]);
    // The switch of colours, kept over a reload.
    let ground = "getComputedStyle(document.documentElement).backgroundColor";
    let light = browser.value(ground)?;
    browser.value("document.querySelector('#theme').focus()")?;
    browser.press("Enter")?;
    browser.press("Enter")?;
    ensure!(browser.text("#theme")? == "Theme: dark");
    let dark = browser.value(ground)?;
    ensure!(dark != light, "{dark}");
    browser.tell("Page.reload", &serde_json::json!({}))?;
    browser.until("document.body?.dataset.link === 'live'")?;
    ensure!(browser.value(ground)? == dark && browser.text("#theme")? == "Theme: dark");
    // And by the system's preference, where none was chosen.
    browser.value("localStorage.clear(), delete document.documentElement.dataset.theme")?;
    ensure!(browser.value(ground)? == light);
    browser.prefer(&[("prefers-color-scheme", "dark")])?;
    ensure!(browser.value(ground)? == dark);
    is_quiet(&browser, &demo.address)
}

#[test]
fn for_every_eye_and_ear() -> Result<()> {
    let (demo, mut browser) = opened()?;
    browser.until("document.querySelectorAll('#flows tbody tr').length > 3")?;
    // Charts of some minutes make a better picture; a test needs none.
    let keep = env::var_os("AIRLENS_PICTURES").is_some();
    if keep {
        thread::sleep(std::time::Duration::from_secs(200));
    }
    browser.value(&format!("{}; true", axe()?))?;
    for (name, width, height, colours) in [
        ("desktop-light", 1440, 900, "light"),
        ("desktop-dark", 1440, 900, "dark"),
        ("laptop", 1280, 800, "light"),
        ("tablet", 900, 1100, "light"),
        ("phone", 390, 844, "light"),
        ("phone-dark", 390, 844, "dark"),
    ] {
        browser.size(width, height, width < 600)?;
        browser.prefer(&[("prefers-color-scheme", colours), ("prefers-reduced-motion", "reduce")])?;
        let kept = browser.picture(name)?;
        if keep && name == "desktop-light" {
            let wanted = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/images/web.png");
            picture::with_palette(&kept, Path::new(wanted))?;
        }
        let wide = browser.value("document.documentElement.scrollWidth - innerWidth")?;
        ensure!(wide.as_i64() <= Some(0), "{name} is {wide} too wide");
        let long = browser.value("Math.ceil(document.documentElement.scrollHeight - innerHeight)")?;
        ensure!(
            width < 1400 || long.as_i64() <= Some(0),
            "{name} is {long} too long for one screen"
        );
        let cut = "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.id)";
        let cut = browser.value(cut)?;
        ensure!(
            width < 1000 || cut == serde_json::json!([]),
            "{name}: columns of {cut} are out of sight"
        );
        violations(&mut browser, name)?;
        browser.click("#rows .open")?;
        browser.until("document.querySelector('#detail-body').innerText.includes('IDENTITY')")?;
        browser.picture(&format!("{name}-client"))?;
        violations(&mut browser, name)?;
        browser.click("#close")?;
    }
    // Axe speaks in the console of what it does.
    let elsewhere: Vec<_> = browser
        .asked()
        .into_iter()
        .filter(|url| !url.starts_with(&demo.address))
        .collect();
    ensure!(elsewhere.is_empty(), "{elsewhere:?}");
    Ok(())
}

/// Holds what is seen now against the rules of axe-core: WCAG 2.2 AA and good practice.
fn violations(browser: &mut Browser, place: &str) -> Result<()> {
    let run = "axe.run(document, { resultTypes: ['violations'] }).then((found) => ({ passes: found.passes.length, \
               violations: found.violations.map((one) => [one.id, one.impact, one.nodes.map((node) => node.failureSummary)]) }))";
    let found = browser.value(run)?;
    ensure!(
        found["passes"].as_u64() > Some(20),
        "{place}: the rules were not held against it: {found}"
    );
    let all = found["violations"].as_array().map_or(0, Vec::len);
    ensure!(all == 0, "{place}: {:#}", found["violations"]);
    Ok(())
}

#[test]
fn files_on_the_wire() -> Result<()> {
    let (_demo, browser) = opened()?;
    let is_file = |url: &str| !url.contains("/api/");
    let files: Vec<_> = browser.received().into_iter().filter(|(url, _)| is_file(url)).collect();
    let octets: u64 = files.iter().map(|(_, octets)| octets).sum();
    // Chromium may ask for the icon twice: for the page and for its tab.
    ensure!(
        (11..=12).contains(&files.len()) && octets < 40_000,
        "{octets} {files:?}"
    );
    Ok(())
}

/// A run in a private network, with a browser in it.
fn within(network: &Network) -> Result<Browser> {
    network.here.run(Browser::start)?
}

fn page() -> String {
    format!("http://127.0.0.1:{PORT}/")
}

#[test]
fn a_run_that_goes_and_comes_back() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let running = Running::start(&network, &place)?;
    let mut browser = within(&network)?;
    browser.open(&page())?;
    browser.until("document.body.dataset.link === 'live'")?;
    // Nobody is there: what to do is said.
    browser.until("document.querySelector('#nobody').innerText.includes('turn its Wi-Fi off and on')")?;
    running.stop()?;
    browser.until("document.querySelector('#link').innerText.startsWith('connection lost at')")?;
    browser.picture("lost")?;
    let running = Running::start(&network, &place)?;
    browser.until("document.body.dataset.link === 'live'")?;
    browser.until("document.querySelector('#notice').innerText.includes('A new run began')")?;
    browser.until("document.querySelector('#notice').innerText.includes('gap')")?;
    running.stop()
}

#[test]
fn a_token_is_asked_for() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let file = place.folder().join("token");
    fs::write(&file, "a-token-of-this-test-0123456789\n")?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    let mut command = airlens(["run", "-i", "mon0", "--data", "data0"])?;
    command.env("AIRLENS_MONITORING_TOKEN_FILE", &file);
    let mut running = Running::spawn(&network, &place, place.name_all(&mut command))?;
    running.until_running(&place)?;
    let mut browser = within(&network)?;
    browser.open(&page())?;
    for token in ["wrong", "a-token-of-this-test-0123456789"] {
        browser.until("document.querySelector('#ask').open")?;
        browser.click("#token")?;
        browser.write(token)?;
        browser.press("Enter")?;
        browser.until(
            "!document.querySelector('#ask').open || document.querySelector('#ask-why').innerText.includes('refused')",
        )?;
    }
    browser.until("document.body.dataset.link === 'live'")?;
    // Kept for the tab, and nowhere else.
    browser.tell("Page.reload", &serde_json::json!({}))?;
    browser.until("document.body?.dataset.link === 'live'")?;
    ensure!(browser.value("localStorage.length")? == 0 && browser.value("document.cookie")? == "");
    running.stop()
}
