//! What a handshake and an answer cost: SAE's parts, and frames through the responder.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use airlens::{
    ap::{
        Announcement, ApOptions, Responder, ResponderSettings,
        sae::{
            Admission, Entropy, Exchange, GROUP, Parties, PasswordElement, PasswordToken, PeerCommit, SaeMethod,
            SaeServer, Secrets,
        },
    },
    dot11::{
        Address, Channel, Tuning,
        emit::{Body, Header},
    },
};
use airlens_benches::{Table, median, wanted};
use anyhow::{Context as _, Result, ensure};

const RUNS: usize = 9;
const PARTIES: Parties = Parties {
    own: Address([2, 0, 0, 0, 0, 1]),
    peer: Address([2, 0, 0, 0, 0, 2]),
};

fn main() -> Result<()> {
    if !wanted("sae") {
        return Ok(());
    }
    let mut table = Table::new(["what", "ns"]);
    let mut row = |what: &str, time: Duration| table.row([what.to_owned(), time.as_nanos().to_string()]);
    let (own, peer) = (PARTIES.own, PARTIES.peer);
    let token = PasswordToken::new(b"profiler", b"profiler");
    row(
        "PT of SSID and passphrase",
        time(50, || PasswordToken::new(black_box(b"profiler"), b"profiler")),
    );
    row(
        "password element, hash to element",
        time(50, || token.element(own, peer)),
    );
    row(
        "password element, hunting and pecking",
        time(50, || PasswordElement::by_looping(b"profiler", own, peer)),
    );
    for (name, method) in [
        ("hash to element", SaeMethod::HashToElement),
        ("looping", SaeMethod::Looping),
    ] {
        let [commit, confirm] = handshake(method)?;
        row(&format!("commit answered, {name}"), commit);
        row(&format!("confirm answered, {name}"), confirm);
    }
    let announcement = announcement()?;
    row(
        "probe response through the responder",
        responses(&announcement, &Body::ProbeRequest, &[0, 0])?,
    );
    let open = Body::Authentication {
        algorithm: 0,
        transaction: 1,
        status: 0,
        fields: &[],
    };
    row(
        "open authentication through the responder",
        responses(&announcement, &open, &[])?,
    );
    table.print("The access point's answers (median of 9 runs)");
    Ok(())
}

/// The median time of one of `count` calls.
fn time<T>(count: u32, mut work: impl FnMut() -> T) -> Duration {
    let run = |_| {
        let start = Instant::now();
        for _ in 0..count {
            black_box(work());
        }
        start.elapsed() / count
    };
    median((0..RUNS).map(run).collect())
}

/// Commit and confirm of a station that comes for the first time.
fn handshake(method: SaeMethod) -> Result<[Duration; 2]> {
    let element = match method {
        SaeMethod::HashToElement => PasswordToken::new(b"profiler", b"profiler").element(PARTIES.own, PARTIES.peer),
        SaeMethod::Looping => {
            PasswordElement::by_looping(b"profiler", PARTIES.own, PARTIES.peer).context("there is an element")?
        }
    };
    let station = Exchange::new(element, Secrets::draw(&mut Entropy::new([2; 32])));
    let commit = [&GROUP.to_le_bytes()[..], station.octets()].concat();
    let mut server = SaeServer::new(b"profiler", b"profiler", true, Entropy::new([1; 32]));
    let (mut commits, mut confirms) = (Vec::new(), Vec::new());
    for _ in 0..RUNS * 5 {
        let mut session = None;
        let start = Instant::now();
        let message = (method.status(), &commit[..]);
        let (answer, _) = server.commit(&mut session, PARTIES, message, Duration::ZERO, |_| Admission::Compute);
        commits.push(start.elapsed());
        let answer = answer.context("the commit is answered")?.fields;
        let peer = PeerCommit::new(&answer[2..34], &answer[34..])?;
        let proof = station
            .keys(&peer, &[0; 32])?
            .confirm(1, station.octets(), peer.octets());
        let confirm = [&1_u16.to_le_bytes()[..], &proof].concat();
        let start = Instant::now();
        server.confirm(&mut session, (0, &confirm));
        confirms.push(start.elapsed());
        ensure!(
            session.is_some_and(|session| session.accepted()),
            "the station is accepted"
        );
    }
    Ok([median(commits), median(confirms)])
}

fn announcement() -> Result<Announcement> {
    let channel: Channel = "36".parse()?;
    Ok(Announcement::new(&ApOptions::new(
        PARTIES.own,
        b"profiler",
        Tuning::narrow(channel),
    ))?)
}

/// A frame and its answer; the clock runs fast enough that no limit is met.
fn responses(announcement: &Announcement, body: &Body<'_>, elements: &[u8]) -> Result<Duration> {
    let header = Header {
        destination: PARTIES.own,
        source: PARTIES.peer,
        bssid: PARTIES.own,
        ..Header::default()
    };
    let frame = header.frame(body, elements);
    let mut responder = Responder::new(
        announcement.clone(),
        ResponderSettings::default(),
        Entropy::new([1; 32]),
    );
    let mut now = Duration::ZERO;
    let mut answered = 0;
    let taken = time(10_000, || {
        now += Duration::from_secs(1);
        let replies = responder.frame(black_box(&frame), now);
        answered += replies.len();
        replies
    });
    ensure!(answered == 10_000 * RUNS, "every frame is answered");
    Ok(taken)
}
