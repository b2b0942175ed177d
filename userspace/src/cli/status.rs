//! `airlens status`: what the run with these files is doing, or how the last one ended.

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Exit,
    files::{RunFiles, read_json},
    print_json,
};

/// Show what a run is doing, or how the last one ended
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    files: RunFiles,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let paths = args.files.paths();
    let status = read_json(&paths.status)?;
    let info = read_json(&paths.info)?;
    let state = read_json(&paths.state)?;
    let alive = status.as_ref().is_some_and(is_alive);
    // What the files do not tell; a run that starts or ends does not answer.
    let ask = |target| alive.then(|| args.files.ask::<Value>(target).ok()).flatten();
    let (run, health) = (ask("/api/status"), ask("/api/health"));
    if args.json {
        let document =
            json!({ "alive": alive, "status": status, "info": info, "run": run, "health": health, "last": state });
        print_json(out, &document)?;
    } else {
        print(status.as_ref(), info.as_ref(), alive, out)?;
        if let Some(run) = &run {
            print_run(run, health.as_ref(), out)?;
        }
        print_last(state.as_ref(), out)?;
    }
    let running = alive && status.is_some_and(|status| status["state"] == "running" || status["state"] == "starting");
    Ok(if running { Exit::Success } else { Exit::Failure })
}

/// Process numbers are used again: the process that wrote `status` started before it did so.
fn is_alive(status: &Value) -> bool {
    let pid = status["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
    let written = status["timestamp"]
        .as_str()
        .and_then(|time| time.parse::<Timestamp>().ok());
    let (Some(pid), Some(written)) = (pid, written) else {
        return false;
    };
    let started = || {
        let ticks = procfs::process::Process::new(pid)?.stat()?.starttime;
        Ok::<_, procfs::ProcError>(procfs::boot_time_secs()? + ticks / procfs::ticks_per_second())
    };
    // Both are whole seconds, cut.
    started().is_ok_and(|started| started <= written.as_second().unsigned_abs() + 1)
}

fn print(status: Option<&Value>, info: Option<&Value>, alive: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    match status {
        None => writeln!(out, "not running")?,
        Some(status) => {
            let state = text(&status["state"]);
            let pid = &status["pid"];
            match state.as_str() {
                "starting" | "running" if !alive => {
                    writeln!(
                        out,
                        "interrupted: process {pid} is gone, it was {state}; the next start records it"
                    )?;
                }
                "failed" => writeln!(out, "failed: {}", text(&status["error"]))?,
                _ => writeln!(out, "{state} (pid {pid}, since {})", text(&status["timestamp"]))?,
            }
        }
    }
    if let Some(info) = info {
        row(out, "mode", &info["mode"])?;
        row(out, "network", &info["ssid"])?;
        row(out, "access point", &info["interfaces"]["ap"])?;
        row(out, "bssid", &info["bssid"])?;
        row(out, "interface", &info["interfaces"]["monitor"])?;
        row(out, "frequency (MHz)", &info["frequency"])?;
        row(out, "channel", &info["channel"])?;
        row(out, "country", &info["country_code"])?;
        row(out, "up (s)", &info["uptime_seconds"])?;
        row(out, "profiles", &info["profile_count"])?;
        row(out, "failed", &info["failed_profile_count"])?;
        row(out, "clients seen", &info["total_clients_seen"])?;
        row(out, "last profile", &info["last_profile"])?;
    }
    Ok(())
}

/// What a run in progress tells of itself.
fn print_run(run: &Value, health: Option<&Value>, out: &mut dyn Write) -> std::io::Result<()> {
    row(out, "width (MHz)", &run["width"])?;
    row(out, "security", &run["security"])?;
    row(out, "packets of", &joined(&run["data"], text))?;
    let listener = |listener: &Value| {
        let kind = if listener["tls"] == true { "https" } else { "http" };
        let token = if listener["token"] == true { " (token)" } else { "" };
        format!("{kind}://{}{token}", text(&listener["address"]))
    };
    row(out, "API", &joined(&run["listeners"], listener))?;
    row(out, "viewers", &run["viewers"])?;
    row(out, "started by", &run["startup_method"])?;
    match health {
        Some(health) => row(out, "health", &health["status"]),
        None => Ok(()),
    }
}

/// In a line.
fn joined(list: &Value, shown: impl Fn(&Value) -> String) -> Value {
    let list = list.as_array().into_iter().flatten().map(shown);
    Value::String(list.collect::<Vec<_>>().join(", "))
}

fn print_last(last: Option<&Value>, out: &mut dyn Write) -> std::io::Result<()> {
    if let Some(last) = last {
        let exit = &last["exit"];
        let ended = text(&last["session"]["ended_at"]);
        writeln!(out, "last run: {} at {ended}{}", text(&exit["status"]), because(exit))?;
    }
    Ok(())
}

fn because(exit: &Value) -> String {
    exit["message"]
        .as_str()
        .map(|message| format!(": {message}"))
        .unwrap_or_default()
}

/// Where 0 stands for what is not known.
const UNKNOWN_AT_0: [&str; 2] = ["frequency (MHz)", "channel"];

fn row(out: &mut dyn Write, label: &str, value: &Value) -> std::io::Result<()> {
    let value = text(value);
    // Not known, or not yet.
    if value.is_empty() || value == "null" || (value == "0" && UNKNOWN_AT_0.contains(&label)) {
        return Ok(());
    }
    writeln!(out, "  {label:<16} {value}")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
