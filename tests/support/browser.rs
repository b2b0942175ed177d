//! Debian's Chromium without a window, told what to do through two pipes (the DevTools protocol, messages that end with NUL).

mod input;

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page. It ends with this value.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    commands: Option<ChildStdin>,
    messages: Receiver<Value>,
    number: u64,
    session: String,
    /// What the page said beside answers: requests, messages of its console, errors.
    seen: Vec<Value>,
    _home: TempDir,
}

impl Browser {
    /// Starts one, with an empty page.
    ///
    /// # Errors
    ///
    /// There is no Chromium: the message says how to get it.
    pub fn start() -> Result<Self> {
        let home = TempDir::new()?;
        // The pipes are descriptors 3 and 4 of Chromium.
        let script = "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null";
        let mut child = Command::new("sh")
            .args([
                "-c",
                script,
                "sh",
                "--headless",
                "--no-sandbox",
                "--remote-debugging-pipe",
            ])
            .args([
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-extensions",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--force-color-profile=srgb",
            ])
            .arg(format!("--user-data-dir={}", home.path().display()))
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let commands = child.stdin.take();
        let mut out = BufReader::new(child.stdout.take().context("no stdout")?);
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while out.read_until(0, &mut message).is_ok_and(|octets| octets > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else {
                    break;
                };
                if sender.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut browser = Self {
            child,
            commands,
            messages,
            number: 0,
            session: String::new(),
            seen: Vec::new(),
            _home: home,
        };
        let made = browser
            .tell("Target.createTarget", &json!({ "url": "about:blank" }))
            .context("no Chromium: `cargo xtask setup` installs it (Debian's package chromium)")?;
        let attached = browser.tell(
            "Target.attachToTarget",
            &json!({ "targetId": made["targetId"], "flatten": true }),
        )?;
        browser.session = text(&attached["sessionId"]).to_owned();
        for domain in ["Page", "Runtime", "Network", "Log", "DOM"] {
            browser.tell(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(browser)
    }

    /// Gives a command of the protocol and waits for its answer.
    ///
    /// # Errors
    ///
    /// It is refused, or does not come in time.
    pub fn tell(&mut self, method: &str, parameters: &Value) -> Result<Value> {
        self.number += 1;
        let mut command = json!({ "id": self.number, "method": method, "params": parameters });
        if !self.session.is_empty() {
            command["sessionId"] = json!(self.session);
        }
        let mut octets = serde_json::to_vec(&command)?;
        octets.push(0);
        let commands = self.commands.as_mut().context("the browser is closed")?;
        commands.write_all(&octets)?;
        commands.flush()?;
        let start = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let message = match self.messages.recv_timeout(left) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => bail!("no answer to {method}"),
                Err(RecvTimeoutError::Disconnected) => bail!("the browser ended at {method}"),
            };
            if message["id"] == self.number {
                ensure!(message["error"].is_null(), "{method}: {}", message["error"]);
                return Ok(message["result"].clone());
            }
            if message["id"].is_null() {
                self.seen.push(message);
            }
        }
    }

    /// Goes to an address.
    ///
    /// # Errors
    ///
    /// Nobody answers there.
    pub fn open(&mut self, url: &str) -> Result<()> {
        let went = self.tell("Page.navigate", &json!({ "url": url }))?;
        ensure!(went["errorText"].is_null(), "{url}: {}", went["errorText"]);
        Ok(())
    }

    /// The value of an expression in the page; a promise is waited for.
    ///
    /// # Errors
    ///
    /// It throws.
    pub fn value(&mut self, expression: &str) -> Result<Value> {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.tell("Runtime.evaluate", &parameters)?;
        let thrown = &answer["exceptionDetails"];
        ensure!(thrown.is_null(), "{expression}: {thrown}");
        Ok(answer["result"]["value"].clone())
    }

    /// Waits until an expression is true.
    ///
    /// # Errors
    ///
    /// It does not become so; the message holds the page's text.
    pub fn until(&mut self, expression: &str) -> Result<()> {
        let start = Instant::now();
        // Where something is not there yet, it throws.
        let asked = format!("(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()");
        while self.value(&asked)? != true {
            if start.elapsed() > PATIENCE {
                let page = self.value("document.body.innerText")?;
                bail!(
                    "not in time: {expression}; the page: {}; {:?}",
                    text(&page),
                    self.complaints()
                );
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The text of the first element that a selector finds.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn text(&mut self, selector: &str) -> Result<String> {
        let selector = json!(selector);
        let value = self.value(&format!("document.querySelector({selector})?.innerText ?? null"))?;
        value
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("no {selector}"))
    }

    /// Makes the window so many CSS pixels wide and high, of a phone or not.
    ///
    /// # Errors
    ///
    /// The browser is gone.
    pub fn size(&mut self, width: u32, height: u32, phone: bool) -> Result<()> {
        let scale = if phone { 2 } else { 1 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone });
        self.tell("Emulation.setDeviceMetricsOverride", &size)?;
        Ok(())
    }

    /// What the system prefers: `("prefers-color-scheme", "dark")`.
    ///
    /// # Errors
    ///
    /// The browser is gone.
    pub fn prefer(&mut self, preferences: &[(&str, &str)]) -> Result<()> {
        let features = preferences
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }));
        let features: Vec<_> = features.collect();
        self.tell("Emulation.setEmulatedMedia", &json!({ "features": features }))?;
        Ok(())
    }

    /// Keeps what is seen now as `NAME.png` in [`pictures`].
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn picture(&mut self, name: &str) -> Result<PathBuf> {
        let shot = self.tell("Page.captureScreenshot", &json!({ "format": "png" }))?;
        let octets = base64::engine::general_purpose::STANDARD.decode(text(&shot["data"]))?;
        let path = pictures()?.join(format!("{name}.png"));
        fs::write(&path, octets)?;
        Ok(path)
    }

    /// The addresses that were asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<&str> {
        let requests = self
            .seen
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        requests.map(|event| text(&event["params"]["request"]["url"])).collect()
    }

    /// Octets that came over the wire for each address so far, heads included.
    #[must_use]
    pub fn received(&self) -> Vec<(&str, u64)> {
        let of = |method: &'static str| self.seen.iter().filter(move |event| event["method"] == method);
        let loaded = of("Network.loadingFinished").map(|event| &event["params"]);
        let url = |id: &Value| {
            of("Network.requestWillBeSent")
                .map(|event| &event["params"])
                .find(|sent| sent["requestId"] == *id)
                .map_or("", |sent| text(&sent["request"]["url"]))
        };
        let octets = |length: &Value| length.as_f64().unwrap_or_default() as u64;
        loaded
            .map(|done| (url(&done["requestId"]), octets(&done["encodedDataLength"])))
            .collect()
    }

    /// What the console holds of errors and warnings, refusals by the content security policy among them.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let bad = |level: &Value| matches!(level.as_str(), Some("error" | "warning" | "assert"));
        let complaint = |event: &Value| {
            let parameters = &event["params"];
            match text(&event["method"]) {
                "Runtime.exceptionThrown" => Some(parameters["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" if bad(&parameters["type"]) => Some(parameters["args"].to_string()),
                "Log.entryAdded" if bad(&parameters["entry"]["level"]) => Some(parameters["entry"].to_string()),
                _ => None,
            }
        };
        self.seen.iter().filter_map(complaint).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when its pipe does, and writes its profile before.
        drop(self.commands.take());
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The folder of pictures, `page` in the target folder: to be looked at, and kept by CI.
///
/// # Errors
///
/// It can't be made.
pub fn pictures() -> Result<PathBuf> {
    let test = env::current_exe()?;
    let target = test.ancestors().nth(3).context("a test is in target/PROFILE/deps")?;
    let folder = target.join("page");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// axe-core, the rules of accessibility that Deque Systems writes, as the Python package of `cargo xtask setup` has it.
///
/// # Errors
///
/// The package is not installed.
pub fn axe() -> Result<String> {
    let cache = env::var_os("AIRLENS_CACHE")
        .map(PathBuf::from)
        .or_else(|| env::var_os("XDG_CACHE_HOME").map(|cache| PathBuf::from(cache).join("airlens")))
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/airlens")))
        .context("no HOME")?;
    let missing = "no axe-core: `cargo xtask setup` installs it";
    let library = cache.join("python/lib");
    let versions = fs::read_dir(&library).with_context(|| format!("{missing} in {}", library.display()))?;
    for version in versions {
        let file = version?.path().join("site-packages/axe_playwright_python/axe.min.js");
        if let Ok(mut file) = fs::File::open(file) {
            let mut script = String::new();
            file.read_to_string(&mut script)?;
            return Ok(script);
        }
    }
    bail!("{missing} in {}", library.display())
}
