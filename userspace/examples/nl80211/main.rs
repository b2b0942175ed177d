//! The library's nl80211 by itself; each thing that happens is a line of JSON on standard output. The VM test holds it against
//! `iw` and against what other radios hear.
//!
//! - `nl80211 ap phy0 air0 36 80 20` adds the interface air0 to the device phy0, lets the kernel beacon on channel 36 with
//!   80 MHz for 20 s and answers probe requests. With `abandon` behind it, it ends without a word to the kernel, as a process
//!   that is killed does.
//! - `nl80211 facts wlan0 [scan [MHZ…]]` tells stations, survey and what a scan found.
//! - `nl80211 kind wlan0 monitor` makes an interface another kind.

mod ap;

use std::{error::Error, process::ExitCode};

use airlens::nl80211::{InterfaceKind, Nl80211, ScanRequest, link};
use serde_json::{Value, json};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) fn say(step: &str, what: &Value) {
    println!("{}", json!({ "step": step, "what": what }));
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.split_first() {
        Some((verb, words)) if verb == "ap" => ap::run(words).await,
        Some((verb, words)) if verb == "facts" => facts(words).await,
        Some((verb, words)) if verb == "kind" => kind(words).await,
        _ => Err("usage: nl80211 ap|facts|kind …".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say("error", &json!(error.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn index_of(name: &str) -> Outcome<u32> {
    Ok(link::link(name).ok_or("no such interface")?.index)
}

async fn facts(words: &[String]) -> Outcome<()> {
    let [name, rest @ ..] = words else {
        return Err("usage: nl80211 facts IFACE [scan [MHZ…]]".into());
    };
    let index = index_of(name)?;
    let nl80211 = Nl80211::connect()?;
    if let [_, frequencies @ ..] = rest {
        let request = ScanRequest {
            frequencies: frequencies
                .iter()
                .map(|word| word.parse())
                .collect::<Result<_, std::num::ParseIntError>>()?,
            ..ScanRequest::default()
        };
        for bss in nl80211.scan(index, &request).await? {
            let ssid = String::from_utf8_lossy(&bss.ssid().unwrap_or_default()).into_owned();
            say(
                "bss",
                &json!({ "bssid": bss.bssid.to_string(), "frequency": bss.frequency, "ssid": ssid, "signal": bss.signal }),
            );
        }
    }
    say("stations", &json!(nl80211.stations(index).await?));
    say("survey", &json!(nl80211.survey(index).await?));
    Ok(())
}

async fn kind(words: &[String]) -> Outcome<()> {
    let [name, kind] = words else {
        return Err("usage: nl80211 kind IFACE managed|ap|monitor".into());
    };
    let known = [InterfaceKind::Managed, InterfaceKind::Ap, InterfaceKind::Monitor];
    let kind = known.into_iter().find(|known| known.to_string() == *kind);
    let nl80211 = Nl80211::connect()?;
    Ok(nl80211.set_kind(index_of(name)?, kind.ok_or("no such kind")?).await?)
}
