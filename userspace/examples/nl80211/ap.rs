//! An access point that the kernel makes beacon: probe requests answered, the beacon changed halfway, all taken away.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use airlens::{
    ap::{Announcement, ApOptions},
    dot11::{Address, Channel, ChannelWidth, Tuning},
    nl80211::{ApEvent, ApSocket, Event, Events, InterfaceKind, NewInterface, Nl80211, StartAp, link},
};
use serde_json::json;

use crate::{Outcome, say};

const ADDRESS: Address = Address([2, 0, 0, 0, 9, 0]);
const PROBE_REQUEST: u16 = 0x40;

struct Arguments {
    phy: String,
    name: String,
    tuning: Tuning,
    seconds: u64,
    abandon: bool,
}

impl Arguments {
    fn read(words: &[String]) -> Outcome<Self> {
        let [phy, name, channel, width, seconds, rest @ ..] = words else {
            return Err("usage: nl80211 ap PHY IFACE CHANNEL MHZ SECONDS [abandon]".into());
        };
        let channel: Channel = channel.parse()?;
        let width: u16 = width.parse()?;
        let width = ChannelWidth::DOWN.into_iter().find(|known| known.mhz() == width);
        Ok(Self {
            phy: phy.clone(),
            name: name.clone(),
            tuning: width
                .and_then(|width| Tuning::new(channel, width))
                .ok_or("no such width there")?,
            seconds: seconds.parse()?,
            abandon: rest.iter().any(|word| word == "abandon"),
        })
    }
}

pub(crate) async fn run(words: &[String]) -> Outcome<()> {
    let arguments = Arguments::read(words)?;
    let mut events = Events::subscribe()?;
    let follow = tokio::spawn(async move {
        while let Ok(event) = events.next().await {
            if event != Event::Other {
                say("event", &json!(format!("{event:?}")));
            }
        }
    });
    let nl80211 = Nl80211::connect()?;
    let wiphys = nl80211.wiphys().await?;
    let wiphy = wiphys.iter().find(|wiphy| wiphy.name == arguments.phy);
    let wiphy = wiphy.ok_or("no such wireless device")?;
    let widest = wiphy.widest(arguments.tuning.channel(), InterfaceKind::Ap);
    say("widest", &json!(widest.to_string()));
    if let Some(refusal) = wiphy.refusal(arguments.tuning, true) {
        say("refusal", &json!(refusal.to_string()));
    }
    let band = wiphy.band(arguments.tuning.channel().band()).ok_or("no such band")?;
    let announced = (
        band.caps(InterfaceKind::Ap).any(|caps| caps.he.is_some()),
        band.caps(InterfaceKind::Ap).any(|caps| caps.eht.is_some()),
    );
    say("announced", &json!({ "he": announced.0, "eht": announced.1 }));
    let new = NewInterface {
        address: Some(ADDRESS),
        active_monitor: false,
    };
    let index = nl80211
        .add_interface(wiphy.index, &arguments.name, InterfaceKind::Ap, new)
        .await?;
    if let Err(error) = link::set_up(&arguments.name) {
        nl80211.remove(index).await?;
        return Err(error.into());
    }
    let made = nl80211
        .interfaces()
        .await?
        .into_iter()
        .find(|found| found.index == index);
    say("interface", &json!(made.map(|found| format!("{found:?}"))));

    let served = {
        let (tuning, seconds, abandon) = (arguments.tuning, arguments.seconds, arguments.abandon);
        tokio::task::spawn_blocking(move || serve(index, tuning, announced, seconds, abandon)).await?
    };
    // Whatever came of it, the interface goes, except where the process is to vanish.
    if !arguments.abandon {
        nl80211.remove(index).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    follow.abort();
    served
}

/// The access point, on a thread of its own; `announced`: HE, EHT.
fn serve(index: u32, tuning: Tuning, announced: (bool, bool), seconds: u64, abandon: bool) -> Outcome<()> {
    let begin = Instant::now();
    let mut options = ApOptions::new(ADDRESS, b"airlens example", tuning);
    options.passphrase = "correct horse".to_owned();
    (options.ax, options.be) = announced;
    let announcement = Announcement::new(&options)?;
    let mut socket = ApSocket::open()?;
    let start = start(&announcement, &options);
    socket.start_ap(index, &start)?;
    say("started", &json!({ "ms": begin.elapsed().as_millis() }));
    said(socket.start_ap(index, &start), "started twice");
    socket.register_frames(index, PROBE_REQUEST, &[])?;
    said(socket.register_frames(index, PROBE_REQUEST, &[]), "registered twice");
    let elsewhere = socket.send_frame(index, 2412, &announcement.probe_response(ADDRESS, 0, 0));
    said(elsewhere, "sent elsewhere");

    let half = begin + Duration::from_secs(seconds) / 2;
    let end = begin + Duration::from_secs(seconds);
    let mut changed = false;
    let mut heard = 0;
    while Instant::now() < end {
        if !changed && Instant::now() >= half {
            // BSS Load (IEEE Std 802.11-2020 9.4.2.27): 7 stations.
            let tail = [announcement.beacon_tail(), &[11, 5, 7, 0, 0, 0, 0]].concat();
            socket.set_beacon(index, announcement.beacon_head(), &tail)?;
            say("beacon changed", &json!(tail.len()));
            changed = true;
        }
        match socket.next(Duration::from_millis(100))? {
            Some(ApEvent::Frame {
                octets,
                frequency,
                signal,
            }) => {
                let Some(station) = octets.get(10..).and_then(Address::read) else {
                    continue;
                };
                heard += 1;
                let response = announcement.probe_response(station, 0, heard);
                let cookie = socket.send_frame(index, frequency, &response)?;
                say(
                    "probe request",
                    &json!({ "from": station.to_string(), "signal": signal, "cookie": cookie }),
                );
            }
            Some(ApEvent::Status { cookie, acknowledged }) => {
                say("status", &json!({ "cookie": cookie, "acknowledged": acknowledged }));
            }
            Some(event @ (ApEvent::Stopped | ApEvent::InterfaceGone)) => {
                say("over", &json!(format!("{event:?}")));
                return Ok(());
            }
            None => {}
        }
    }
    if abandon {
        say("abandoned", &json!(heard));
        std::process::exit(0);
    }
    socket.stop_ap(index)?;
    said(socket.stop_ap(index), "stopped twice");
    say("stopped", &json!(heard));
    Ok(())
}

fn start<'a>(announcement: &'a Announcement, options: &'a ApOptions) -> StartAp<'a> {
    StartAp {
        head: announcement.beacon_head(),
        tail: announcement.beacon_tail(),
        beacon_interval: options.beacon_interval,
        dtim_period: options.dtim_period,
        ssid: &options.ssid,
        tuning: options.tuning,
        privacy: true,
        rsn: None,
        inactivity: None,
    }
}

/// What the kernel said to something that it should refuse.
fn said<T>(outcome: Result<T, impl Display>, step: &str) {
    match outcome {
        Ok(_) => say(step, &json!("taken")),
        Err(error) => say(step, &json!(error.to_string())),
    }
}
