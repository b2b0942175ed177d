//! What a user saw of a run with an access point of its own, beside what `iw`, wpa_supplicant, hostapd and a reader of QR codes
//! say of the same network.

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};
use xshell::{Shell, cmd};

use super::{BSSID, PASSPHRASE, SSID, table::Join};
use crate::vm::{
    listen::{contains, json_file, text},
    nl80211::iw,
    request,
    restore::surveyed,
    verdict::Verdict,
};

/// During which joins it was looked at: the first may be reached from elsewhere, so that the code to join is refused there.
const OPEN: &str = "ap-5-sae";
const OWN: &str = "host-5-sae";

/// What was answered over HTTP.
struct Answers(HashMap<String, (u16, String)>);

/// Prints the checks of a join during which it was looked at; the bodies of the answers are written beside them.
pub(super) fn judge(verdict: &mut Verdict, join: &Join, folder: &Path) {
    if ![OPEN, OWN].contains(&join.name.as_str()) {
        return;
    }
    let seen = folder.join("look");
    let name = |what: &str| format!("{}, seen by a user: {what}", join.name);
    let answers = match Answers::read(&seen) {
        Ok(answers) => answers,
        Err(why) => return verdict.check(&name("the API answers"), Err(why)),
    };
    verdict.check(
        &name("/api/status is what iw says"),
        status(&answers, join, &seen.join("iw.txt")),
    );
    verdict.check(&name("mon and status say the same"), programs(&answers, join, &seen));
    verdict.check(&name("the code to join"), codes(&answers, join, &seen));
    verdict.check(&name("utilisation is the survey's"), utilisation(&answers, join, &seen));
    verdict.check(
        &name("the radio is on its network's channel"),
        tuned(&answers, join, &seen),
    );
    verdict.check(&name("the client"), client(&answers, join));
    verdict.check(&name("metrics"), metrics(&answers, join));
    verdict.check(&name("the page"), page(&answers));
    if join.name == OWN {
        verdict.check(
            &name("wpa_supplicant and hostapd name the same network"),
            others(&answers, join, &seen),
        );
    }
}

impl Answers {
    fn read(seen: &Path) -> Result<Self> {
        let mut found = HashMap::new();
        for entry in fs::read_dir(seen).context("nobody looked")? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(name) = name.strip_suffix(".http") else {
                continue;
            };
            let said = text(&path)?;
            let (head, body) = said.split_once("\r\n\r\n").with_context(|| format!("{name}: {said}"))?;
            let status = head.split(' ').nth(1).context("no status")?.parse()?;
            let file = match head.contains("content-type: application/json") {
                true => seen.join(format!("{name}.json")),
                false => seen.join(name),
            };
            // `qr.svg` is what `airlens qr` wrote.
            if !file.exists() {
                fs::write(file, body)?;
            }
            found.insert(name.to_owned(), (status, body.to_owned()));
        }
        Ok(Self(found))
    }

    fn body(&self, name: &str) -> Result<&str> {
        let (status, body) = self.0.get(name).with_context(|| format!("no answer of {name}"))?;
        ensure!(*status == 200, "{name}: {status} {body}");
        Ok(body)
    }

    fn json(&self, name: &str) -> Result<Value> {
        serde_json::from_str(self.body(name)?).with_context(|| format!("{name} is no JSON"))
    }
}

/// `channel 40 (5200 MHz), width: 80 MHz, center1: 5210 MHz`
fn status(answers: &Answers, join: &Join, iw: &Path) -> Result<()> {
    let status = answers.json("status")?;
    let iw = text(iw)?;
    let tuned = iw.lines().find_map(|line| line.trim().strip_prefix("channel "));
    let tuned = tuned.context("iw tells no channel")?;
    let number = |before: &str| -> Result<u64> {
        let (_, rest) = tuned
            .split_once(before)
            .with_context(|| format!("no {before} in {tuned}"))?;
        Ok(rest.split([' ', ')']).next().unwrap_or_default().parse()?)
    };
    let expected = json!({
        "state": "running", "mode": join.mode, "ssid": SSID, "bssid": iw::value(&iw, "addr"), "security": join.security,
        "channel": join.number(), "frequency": number("(")?, "width": number("width: ")?, "country_code": "DE",
        "interfaces": { "ap": "wlan0", "monitor": "wlan0profiler" },
        "total_clients_seen": 1, "last_profile": join.address,
    });
    contains(&status, expected.as_object().context("no object")?)?;
    ensure!(iw::value(&iw, "addr") == Some(&request::written(BSSID)), "{iw}");
    ensure!(iw::value(&iw, "type") == Some("AP"), "{iw}");
    ensure!(
        tuned.starts_with(&join.number().to_string()) && iw.contains(&format!("ssid {SSID}\n")),
        "{iw}"
    );
    Ok(())
}

/// `airlens mon --once`, `--json`, `airlens status` and its JSON.
fn programs(answers: &Answers, join: &Join, seen: &Path) -> Result<()> {
    let status = answers.json("status")?;
    // All but what goes on.
    let moves = |key: &&String| !["uptime_seconds", "profile_count", "last_profile_timestamp"].contains(&key.as_str());
    let fixed = status.as_object().context("no object")?.clone();
    let fixed = fixed
        .iter()
        .filter(|(key, _)| moves(key))
        .map(|(key, value)| (key.clone(), value.clone()));
    let fixed: Map<_, _> = fixed.collect();
    let mon = json_file(&seen.join("mon.json"))?;
    contains(&mon["status"], &fixed).context("mon --json")?;
    ensure!(mon["connected"] == true && mon["clients"]["total"] == 1, "{mon}");
    ensure!(mon["list"][0]["client_id"] == join.address, "{mon}");
    let told = json_file(&seen.join("told.json"))?;
    contains(&told["run"], &fixed).context("status --json")?;
    ensure!(told["info"]["passphrase"] == PASSPHRASE, "{told}");
    let (channel, frequency, width) = (&status["channel"], &status["frequency"], &status["width"]);
    has(
        &seen.join("mon.txt"),
        &[
            "running",
            SSID,
            &join.mode,
            &format!("{channel}, {frequency} MHz, {width} wide, DE"),
            &join.address,
            "1 active, 1 total",
        ],
    )?;
    let of = |key: &str, value: &str| format!("  {key:<17}{value}\n");
    has(
        &seen.join("status.txt"),
        &[
            &of("mode", &join.mode),
            &of("network", SSID),
            &of("bssid", &request::written(BSSID)),
            &of("channel", &channel.to_string()),
            &of("frequency (MHz)", &frequency.to_string()),
            &of("width (MHz)", &width.to_string()),
            &of("security", &join.security),
            &of("clients seen", "1"),
        ],
    )
}

/// As ZBar reads it, of every picture. Whoever may come from elsewhere gets none.
fn codes(answers: &Answers, join: &Join, seen: &Path) -> Result<()> {
    let joining = format!("WIFI:S:{SSID};T:WPA;P:{PASSPHRASE};;");
    let told = text(&seen.join("qr.txt"))?;
    ensure!(told.trim_end() == joining, "airlens qr --text: {told}");
    let own = answers.body("qr-own.svg")?;
    let (code, body) = answers.0.get("qr.svg").context("no answer of qr.svg")?;
    if join.name == OPEN {
        ensure!(
            *code == 403 && !body.contains("svg"),
            "/qr.svg for everybody: {code} {body}"
        );
    } else {
        ensure!(
            *code == 200 && body == own,
            "/qr.svg is another than over the run's socket"
        );
    }
    ensure!(
        text(&seen.join("qr.svg"))? == own,
        "airlens qr draws another than /qr.svg"
    );
    let sh = Shell::new()?;
    let there = |program: &str| {
        cmd!(sh, "{program} --version")
            .quiet()
            .ignore_stdout()
            .ignore_stderr()
            .run()
            .is_ok()
    };
    if !there("zbarimg") || !there("rsvg-convert") {
        println!("left out: the code to join read by ZBar, for zbar-tools or librsvg2-bin is not installed");
        return Ok(());
    }
    let (svg, drawn, png) = (seen.join("qr-own.svg"), seen.join("drawn.png"), seen.join("qr.png"));
    cmd!(sh, "rsvg-convert --zoom=2 --output {drawn} {svg}").quiet().run()?;
    for picture in [drawn, png] {
        let read = cmd!(sh, "zbarimg --quiet --raw {picture}")
            .quiet()
            .ignore_stderr()
            .read()?;
        ensure!(read == joining, "{}: {read}", picture.display());
    }
    Ok(())
}

fn utilisation(answers: &Answers, join: &Join, seen: &Path) -> Result<()> {
    let air = answers.json("air")?;
    let survey = text(&seen.join("survey.txt"))?;
    let held = surveyed(&air, &survey)?;
    println!(
        "information: {}: utilisation of {held} channels held against the radio's survey",
        join.name
    );
    let metrics = answers.body("metrics")?;
    for channel in list(&air, "channels")? {
        let (Some(number), Some(ratio)) = (channel["channel"].as_str(), channel["utilization_ratio"].as_f64()) else {
            continue;
        };
        let band = channel["band"].as_str().unwrap_or_default();
        let sample = format!("airlens_channel_utilization_ratio{{band=\"{band}\",channel=\"{number}\"}} {ratio}\n");
        ensure!(metrics.contains(&sample), "no {sample} in /metrics");
        has(&seen.join("channels.txt"), &[&format!("{:.1}%", ratio * 100.0)])?;
    }
    // hostapd scans before it begins, and mac80211_hwsim measures while it scans.
    ensure!(held > 0 || join.name != OWN, "the radio has measured nothing: {survey}");
    let ours = list(&air, "networks")?
        .iter()
        .find(|network| network["bssid"] == request::written(BSSID));
    let ours = ours.context("the run's own network is not on the air")?;
    let number = join.number().to_string();
    ensure!(
        ours["ssid"] == SSID && ours["channel"].as_str() == Some(&*number) && ours["country"] == "DE",
        "{ours}"
    );
    Ok(())
}

/// Also where the driver's survey does not say where it is, as that of mac80211_hwsim.
fn tuned(answers: &Answers, join: &Join, seen: &Path) -> Result<()> {
    let air = answers.json("air")?;
    let tuned = list(&air, "channels")?
        .iter()
        .filter(|channel| channel["tuned"] == true);
    let tuned: Vec<_> = tuned.map(|channel| &channel["channel"]).collect();
    ensure!(tuned == [&json!(join.number().to_string())], "{tuned:?}");
    has(&seen.join("channels.txt"), &[&format!("*{} ", join.number())])
}

fn client(answers: &Answers, join: &Join) -> Result<()> {
    let clients = answers.json("clients")?;
    let entry = list(&clients, "clients")?.first().context("no client")?;
    let document = answers.json("client")?;
    let profile = &list(&document, "profiles")?.first().context("no profile")?["features"];
    ensure!(profile["akm"] == 8 && document["address"] == join.address, "{document}");
    let expected = json!({
        "client_id": join.address, "type": "device", "platform": document["manuf"], "generation": document["generation"],
        "ssid": SSID, "security": "SAE", "bands": [join.band()], "status_code": if join.name == OWN { 0 } else { 17 },
    });
    contains(entry, expected.as_object().context("no object")?)?;
    let flows = answers.json("flows")?;
    ensure!(flows["active"] == 0, "flows without a data interface: {flows}");
    Ok(())
}

fn metrics(answers: &Answers, join: &Join) -> Result<()> {
    let metrics = answers.body("metrics")?;
    let value = |name: &str| -> Result<f64> {
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.with_context(|| format!("no {name}"))?.parse()?)
    };
    ensure!(value("airlens_clients")? == 1.0, "not one client");
    ensure!(value("airlens_profiles_total{source=\"own\"}")? >= 1.0, "no profile");
    let joined = if join.name == OWN { 1.0 } else { 0.0 };
    ensure!(
        value("airlens_sessions_active{state=\"established\"}")? == joined,
        "stations that are joined"
    );
    ensure!(
        value("airlens_handshake_duration_seconds_count")? == joined,
        "stations that came in"
    );
    let took = value("airlens_handshake_duration_seconds_sum")?;
    ensure!((took > 0.0) == (joined > 0.0) && took < 60.0, "it took {took} s");
    // What /api/stats says, which was asked before.
    let stats = answers.json("stats")?;
    let seen = stats["balance"]["seen"].as_f64().context("no frames")?;
    let counted: Result<Vec<f64>, _> = metrics
        .lines()
        .filter(|line| line.starts_with("airlens_frames_total{"))
        .filter_map(|line| Some(line.rsplit_once(' ')?.1.parse()))
        .collect();
    let counted: f64 = counted?.iter().sum();
    ensure!(seen > 0.0 && counted >= seen, "{counted} frames, {seen} before");
    Ok(())
}

fn page(answers: &Answers) -> Result<()> {
    let page = answers.body("page")?;
    ensure!(
        page.starts_with("<!doctype html>") && page.contains("src=\"/app.js\""),
        "{page}"
    );
    let script = answers.body("app.js")?;
    ensure!(script.contains("/api/air"), "{script}");
    Ok(())
}

fn others(answers: &Answers, join: &Join, seen: &Path) -> Result<()> {
    let status = answers.json("status")?;
    let (bssid, frequency, channel) = (&request::written(BSSID), &status["frequency"], &status["channel"]);
    has(
        &seen.join("wpa.txt"),
        &[
            &format!("bssid={bssid}\n"),
            &format!("freq={frequency}\n"),
            &format!("ssid={SSID}\n"),
            "key_mgmt=SAE\n",
            "wpa_state=COMPLETED\n",
        ],
    )?;
    has(
        &seen.join("hostapd.txt"),
        &[
            "state=ENABLED\n",
            &format!("freq={frequency}\n"),
            &format!("channel={channel}\n"),
            &format!("bssid[0]={bssid}\n"),
            &format!("ssid[0]={SSID}\n"),
            "num_sta[0]=1\n",
            &format!("{}\nflags=[AUTH][ASSOC][AUTHORIZED]", join.address),
        ],
    )
}

/// The file has every one of these words.
fn has(file: &Path, words: &[&str]) -> Result<()> {
    let text = text(file)?;
    match words.iter().find(|word| !text.contains(**word)) {
        Some(word) => bail!("no {word:?} in {}: {text}", file.display()),
        None => Ok(()),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("no {key}: {value}"))
}
