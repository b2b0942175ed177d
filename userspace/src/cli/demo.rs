//! `airlens demo`: a whole run without a Wi-Fi adapter.

use std::{
    collections::BTreeMap,
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context as _;
use tokio::{sync::broadcast::error::RecvError, task::spawn_blocking};

use super::{
    Exit, logging,
    run::{FRESH, Signals, engine_options, identity, runtime, stage_options},
};
use crate::{
    config::{self, Config, Hook, Layer, MonitoringLayer},
    demo::{Amount, CAPTURE, DemoError, Network, PacketBalance, Replay, Summary, frames},
    profile::{Identity, Profile},
    publish::{
        atomic::AtomicWriter,
        http::{AccessOptions, MetricsPath, bind_tcp},
        lifecycle::RunPaths,
        metrics::DEFAULT_NAMESPACE,
        snapshot::Snapshot,
    },
    session::{Listen, Run, RunOptions, SessionError, Telemetry},
};

/// Show a whole run without a Wi-Fi adapter: replay a capture through the kernel programs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Frames a second
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,
    /// Seconds that the replay lasts
    #[arg(long, value_name = "SECONDS", default_value_t = 8.0, value_parser = seconds)]
    duration: f64,
    /// Frames to replay, instead of a duration
    #[arg(long, value_name = "FRAMES", conflicts_with = "duration")]
    count: Option<u64>,
    /// Address of the HTTP API and of /metrics
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9474")]
    listen: SocketAddr,
    /// Where packets are received: auto (native XDP, else TCX, else generic XDP), native, generic or tc
    #[arg(long, default_value = "auto", value_parser = config::parse::<Hook>)]
    hook: Hook,
    /// What metric names start with
    #[arg(long, value_name = "NAME", default_value = DEFAULT_NAMESPACE)]
    metrics_namespace: String,
    /// Let the kernel measure what its programs cost: runs and time of each as metrics
    #[arg(long)]
    program_stats: bool,
    /// Keep the files that the run writes
    #[arg(long)]
    keep: bool,
    /// Print the summary as one JSON document
    #[arg(long)]
    json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("give seconds from 0.1 to 86400".to_owned()),
    }
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let log = logging::warnings()?;
    // Bound before the private network is entered: whoever scrapes is outside of it.
    let listener = bind_tcp(args.listen).map_err(SessionError::from)?;
    let folder = tempfile::Builder::new()
        .prefix("airlens-demo-")
        .tempdir()
        .context("can't make a temporary folder: set TMPDIR to one that can be written")?;
    let mut options = options(args, folder.path(), Listen::Bound(listener))?;
    options.telemetry.log = log.control();
    let network = Network::enter().map_err(permission)?;
    let summary = runtime()?.block_on(show(args, options, &network, folder.path(), out))?;
    if args.keep {
        let kept = folder.keep();
        writeln!(std::io::stderr(), "files kept in {}", kept.display())?;
    }
    if args.json {
        crate::json::to_writer(&mut *out, &summary)?;
        writeln!(out)?;
    } else {
        print(&summary, out)?;
    }
    if summary.balanced() {
        return Ok(Exit::Success);
    }
    writeln!(
        std::io::stderr(),
        "airlens: the balance fails: something vanished without a counter; please report this"
    )?;
    Ok(Exit::Failure)
}

/// The private network asks for more than a run does.
fn permission(error: DemoError) -> anyhow::Error {
    anyhow::Error::new(error).context("can't make the demonstration's private network")
}

fn options(args: &Args, folder: &Path, listen: Listen) -> anyhow::Result<RunOptions> {
    let layer = Layer {
        interface: Some(Network::MONITOR.to_owned()),
        data: Some(vec![Network::DATA.to_owned()]),
        hook: Some(args.hook),
        journal_path: Some(folder.to_owned()),
        monitoring: MonitoringLayer {
            namespace: Some(args.metrics_namespace.clone()),
            program_stats: Some(args.program_stats),
            ..MonitoringLayer::default()
        },
        ..Layer::default()
    };
    let (config, _) = Config::load(None, [], layer)?;
    Ok(RunOptions {
        radio: config.radio.clone(),
        stage: stage_options(&config),
        engine: engine_options(&config),
        paths: RunPaths::new(&folder.join("airlens"), &folder.join("state.json")),
        files: folder.to_owned(),
        writer: AtomicWriter::for_system(),
        identity: identity(),
        known: Arc::new(Identity::shipped()?),
        namespace: config.metrics_namespace,
        metrics_path: MetricsPath::default(),
        metrics_age: FRESH,
        listen,
        access: AccessOptions::default(),
        attempt_timeout: config.attempt_timeout,
        hop: None,
        telemetry: Telemetry::default(),
    })
}

async fn show(
    args: &Args,
    options: RunOptions,
    network: &Network,
    folder: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<Summary> {
    let mut signals = Signals::new()?;
    let mut run = Run::start(options).await?;
    let before = baseline(&run, network)?;
    let frames = frames(CAPTURE)?;
    if !args.json {
        introduce(args, &run, frames.len(), folder, out)?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let replay = Replay {
        tap: network.tap(),
        frames,
        rate: args.rate,
        amount: args
            .count
            .map_or(Amount::Duration(Duration::from_secs_f64(args.duration)), Amount::Count),
        stop: Arc::clone(&stop),
    };
    let traffic = network.traffic();
    let mut profiles = run.profiles();
    let mut replaying = spawn_blocking(move || replay.run());
    let mut shown = Shown::default();
    let sent = loop {
        tokio::select! {
            sent = &mut replaying => break sent.map_err(|_| DemoError::Thread("replay"))?,
            () = signals.next() => stop.store(true, Ordering::Relaxed),
            error = run.failed() => {
                stop.store(true, Ordering::Relaxed);
                run.stop(Some(Arc::clone(&error))).await?;
                return Err(DemoError::Run(error).into());
            }
            profile = profiles.recv() => match profile {
                Ok(profile) if !args.json => shown.profile(&profile, out)?,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => stop.store(true, Ordering::Relaxed),
            },
        }
    };
    spawn_blocking(move || traffic.stop())
        .await
        .map_err(|_| DemoError::Thread("traffic"))??;
    // The last packets are on their way; nothing starts new ones.
    thread::sleep(Duration::from_millis(50));
    let packets = network.packets()?;
    let last = run.stop(None).await?;
    while let Ok(profile) = profiles.try_recv() {
        if !args.json {
            shown.profile(&profile, out)?;
        }
    }
    let packets = PacketBalance {
        sent: packets - before.sent,
        seen: seen(&last) - before.seen,
    };
    Ok(Summary::new(sent?, packets, &last))
}

/// The kernel's count and the programs' at one moment. The interfaces have said a word or two by themselves (multicast
/// listener reports), some of it before the programs were there.
fn baseline(run: &Run, network: &Network) -> anyhow::Result<PacketBalance> {
    loop {
        let before = network.packets()?;
        let seen = seen(&run.snapshot());
        if network.packets()? == before {
            return Ok(PacketBalance { sent: before, seen });
        }
    }
}

fn seen(snapshot: &Snapshot) -> u64 {
    snapshot.data.iter().map(|count| count.packets).sum()
}

fn introduce(args: &Args, run: &Run, frames: usize, folder: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let how_long = match args.count {
        Some(count) => format!("{count} frames"),
        None => format!("{} s", args.duration),
    };
    writeln!(
        out,
        "Replaying {frames} frames of simulated radios at {} frames/s, {how_long}.",
        args.rate
    )?;
    for attachment in run.snapshot().attachments {
        writeln!(
            out,
            "  {:<10} on {:<10} {}",
            attachment.program, attachment.interface, attachment.hook
        )?;
    }
    if let Some(address) = run.address() {
        writeln!(out, "  page     http://{address}/")?;
        writeln!(out, "  metrics  http://{address}/metrics")?;
    }
    writeln!(out, "  files    {}", folder.display())?;
    let stem = folder.join("airlens");
    writeln!(out, "  air      airlens air --run-stem {}", stem.display())?;
    writeln!(out, "  watch    airlens mon --run-stem {}\n", stem.display())?;
    out.flush()?;
    Ok(())
}

/// The profiles that were shown: each client once a band.
#[derive(Default)]
struct Shown(BTreeMap<(String, &'static str), u64>);

impl Shown {
    fn profile(&mut self, profile: &Profile, out: &mut dyn Write) -> std::io::Result<()> {
        let band = profile.band.name().unwrap_or("?");
        let times = self.0.entry((profile.mac.to_string(), band)).or_default();
        *times += 1;
        if *times > 1 {
            return Ok(());
        }
        let maker = match &profile.manuf {
            Some(maker) => maker,
            None if profile.mac.is_local() => "(randomised)",
            None => "?",
        };
        let (generation, streams) = profile.features.generation().map_or_else(
            || ("legacy".to_owned(), 1),
            |(generation, streams)| (format!("Wi-Fi {generation}"), streams),
        );
        writeln!(
            out,
            "{}  {maker:<12} {band:<6} ch {:<3} {generation:<8} {streams} ss  {:<24} {}",
            profile.mac,
            profile.channel,
            profile.security.names(),
            profile.ssid.to_string().escape_debug()
        )?;
        out.flush()
    }
}

fn print(summary: &Summary, out: &mut dyn Write) -> std::io::Result<()> {
    let frames = &summary.frames;
    let verdict = |holds: bool| if holds { "balanced" } else { "NOT BALANCED" };
    writeln!(
        out,
        "\nframes    sent {} = seen {} = handed over {} + filtered {} + lost {}   {}",
        frames.sent,
        frames.seen,
        frames.handed_over,
        frames.filtered,
        frames.lost,
        verdict(frames.sent == frames.seen && frames.seen == frames.handed_over + frames.filtered + frames.lost)
    )?;
    let packets = &summary.packets;
    writeln!(
        out,
        "packets   sent {} = seen {} in {} flows   {}",
        packets.sent,
        packets.seen,
        summary.flows,
        verdict(packets.sent == packets.seen)
    )?;
    writeln!(out, "profiles  {} of {} clients", summary.profiles, summary.clients)
}
