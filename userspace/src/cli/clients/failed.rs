//! Clients that authenticated and never asked to associate, from `failures.json`.

use std::{io::Write, path::Path};

use anyhow::Context as _;
use comfy_table::{Table, presets::NOTHING};

use crate::{
    cli::files::read_json,
    dot11::frame::{algorithm_name, reason_name, status_name},
    publish::failures::{FailedClient, Failures, FailuresDocument},
};

/// Those below the files path; of `client` alone where one is given.
pub(super) fn read(files_path: &Path, client: Option<&str>) -> anyhow::Result<Vec<FailedClient>> {
    let path = Failures::path(files_path);
    let Some(document) = read_json(&path)? else {
        return Ok(Vec::new());
    };
    let document: FailuresDocument =
        serde_json::from_value(document).with_context(|| format!("{} is no list of failures", path.display()))?;
    let mut failed = document.failures;
    if let Some(client) = client {
        let wanted = client.to_lowercase().replace('-', ":");
        failed.retain(|failed| failed.mac == wanted);
    }
    Ok(failed)
}

pub(super) fn print(failed: &[FailedClient], below: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if failed.is_empty() {
        return Ok(());
    }
    if below {
        writeln!(out)?;
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header([
        "FAILED",
        "MAKER",
        "BSSID",
        "SOURCE",
        "MHZ",
        "AUTHENTICATION",
        "CAUSE",
        "TIMES",
        "LAST",
    ]);
    for failed in failed {
        let plain = |text: &str| text.escape_debug().to_string();
        table.add_row([
            plain(&failed.mac),
            plain(&failed.manuf),
            plain(&failed.bssid),
            super::source(!failed.observed).to_owned(),
            failed.frequency.to_string(),
            algorithm_name(failed.algorithm).map_or_else(|| failed.algorithm.to_string(), str::to_owned),
            cause(failed),
            failed.count.to_string(),
            failed.last_seen.to_string(),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

/// The cause, with what the frames said.
fn cause(failed: &FailedClient) -> String {
    let code = |code: Option<u16>, what: &str, name: fn(u16) -> Option<&'static str>| {
        code.filter(|&code| code != 0).map(|code| match name(code) {
            Some(name) => format!("{what} {code} {name}"),
            None => format!("{what} {code}"),
        })
    };
    let codes = [
        code(failed.status_code, "status", status_name),
        code(failed.reason_code, "reason", reason_name),
    ];
    let codes = Vec::from_iter(codes.into_iter().flatten()).join(", ");
    let cause = failed.cause.escape_debug();
    if codes.is_empty() {
        cause.to_string()
    } else {
        format!("{cause} ({codes})")
    }
}
