//! Hooks of interfaces that come, go and are many, and what is left behind: in namespaces, on TAPs. Needs root, tun, ip and tc.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::{
        fd::{AsFd as _, AsRawFd as _},
        unix::net::UnixStream,
    },
    process::Command,
    time::Duration,
};

use airlens::{
    kernel::{Direction, FlowDrain, HookChoice, KernelPrograms},
    lab::{LinkType, Namespace, Tap},
};
use airlens_common::{Count, data::INTERFACES, flow::FlowKey};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::{tcp, tcp6, udp},
    settled,
};
use anyhow::{Context as _, Result, ensure};
use aya::programs::{
    TcAttachType,
    tc::{NlOptions, TcAttachOptions},
};

const OCTETS: usize = 100;
const CHOICES: [HookChoice; 4] = [
    HookChoice::Native,
    HookChoice::Generic,
    HookChoice::Tc,
    HookChoice::Clsact,
];

/// A namespace with the TAP `data0`, and the programs, which know it.
struct Bench {
    here: Namespace,
    tap: Tap,
    programs: KernelPrograms,
    drain: FlowDrain,
}

impl Bench {
    fn new() -> Result<Self> {
        let here = Namespace::new()?;
        let tap = here.run(|| Tap::new("data0", LinkType::Ethernet))??;
        settled(&here, "data0")?;
        let mut programs = KernelPrograms::load(&EVERYTHING)?;
        programs.announce(tap.index())?;
        let (drain, _) = programs.flow_drain()?;
        Ok(Self {
            here,
            tap,
            programs,
            drain,
        })
    }

    fn attach(&mut self, choice: HookChoice) -> Result<()> {
        let Self { here, programs, .. } = self;
        here.run(|| programs.attach_data("data0", choice))??;
        Ok(())
    }

    /// Lets three frames come in, and says how many were counted since the programs were loaded.
    fn three_more(&self) -> Result<u64> {
        for flow in 0..3 {
            self.tap.write(&udp(flow, OCTETS))?;
        }
        received(&self.programs)
    }

    fn tc(&self, arguments: &[&str]) -> Result<String> {
        command(&self.here, "tc", arguments)
    }
}

fn received(programs: &KernelPrograms) -> Result<u64> {
    let counters = programs.counters()?;
    ensure!(counters.flows.holds(), "{:?}", counters.flows);
    let ours = counters
        .data
        .iter()
        .filter(|count| count.direction == Direction::Receive);
    Ok(ours.map(|count| count.count.packets).sum())
}

fn command(namespace: &Namespace, program: &str, arguments: &[&str]) -> Result<String> {
    let output = namespace
        .run(|| Command::new(program).args(arguments).output())?
        .with_context(|| program.to_owned())?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {arguments:?}: {error}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Moves `data0` and sets it up there.
fn move_to(from: &Namespace, to: &Namespace) -> Result<()> {
    let path = format!("/proc/{}/fd/{}", std::process::id(), to.as_fd().as_raw_fd());
    command(from, "ip", &["link", "set", "data0", "netns", &path])?;
    command(to, "ip", &["link", "set", "data0", "up"])?;
    settled(to, "data0")?;
    Ok(())
}

/// XDP and TCX programs go to another namespace with their interface, filters of clsact do not.
#[test]
fn an_interface_that_leaves_and_returns_counts_once() -> Result<()> {
    for choice in CHOICES {
        let away = Namespace::new()?;
        let mut bench = Bench::new()?;
        bench.attach(choice)?;
        assert_eq!(bench.three_more()?, 3, "{choice:?}");
        move_to(&bench.here, &away)?;
        let with_it = if choice == HookChoice::Clsact { 3 } else { 6 };
        assert_eq!(bench.three_more()?, with_it, "{choice:?}");
        bench.programs.detach_from("data0")?;
        assert_eq!(bench.three_more()?, with_it, "{choice:?}");
        move_to(&away, &bench.here)?;
        assert_eq!(bench.three_more()?, with_it, "{choice:?}");
        bench.attach(choice)?;
        assert_eq!(bench.three_more()?, with_it + 3, "{choice:?}");
        let mut drained = 0;
        bench
            .drain
            .drain(|_, value| drained += value.packets.iter().sum::<u64>())?;
        assert_eq!(drained, with_it + 3, "{choice:?}");
    }
    Ok(())
}

#[test]
fn programs_of_an_interface_that_is_gone_are_let_go() -> Result<()> {
    for choice in CHOICES {
        let mut bench = Bench::new()?;
        bench.attach(choice)?;
        command(&bench.here, "ip", &["link", "del", "data0"])?;
        bench
            .programs
            .detach_from("data0")
            .with_context(|| format!("{choice:?}"))?;
        bench.programs.detach().with_context(|| format!("{choice:?}"))?;
    }
    Ok(())
}

#[test]
fn clsact_goes_with_its_filters() -> Result<()> {
    let mut bench = Bench::new()?;
    bench.attach(HookChoice::Clsact)?;
    let qdiscs = bench.tc(&["qdisc", "show", "dev", "data0"])?;
    ensure!(qdiscs.contains("clsact"), "{qdiscs}");
    for side in ["ingress", "egress"] {
        let filters = bench.tc(&["filter", "show", "dev", "data0", side])?;
        ensure!(filters.contains("data_"), "{side}: {filters}");
    }
    bench.programs.detach()?;
    let qdiscs = bench.tc(&["qdisc", "show", "dev", "data0"])?;
    ensure!(!qdiscs.contains("clsact"), "{qdiscs}");
    // Dropped, not detached.
    bench.attach(HookChoice::Clsact)?;
    bench.programs = KernelPrograms::load(&EVERYTHING)?;
    let qdiscs = bench.tc(&["qdisc", "show", "dev", "data0"])?;
    ensure!(!qdiscs.contains("clsact"), "{qdiscs}");
    Ok(())
}

#[test]
fn clsact_of_others_stays() -> Result<()> {
    let mut bench = Bench::new()?;
    // Made by somebody else, and empty.
    bench.tc(&["qdisc", "add", "dev", "data0", "clsact"])?;
    bench.attach(HookChoice::Clsact)?;
    bench.programs.detach()?;
    let qdiscs = bench.tc(&["qdisc", "show", "dev", "data0"])?;
    ensure!(qdiscs.contains("clsact"), "{qdiscs}");
    bench.tc(&["qdisc", "del", "dev", "data0", "clsact"])?;

    // Our own, on which somebody else hung a filter.
    bench.attach(HookChoice::Clsact)?;
    let mut other = KernelPrograms::load(&EVERYTHING)?;
    let theirs = other.classifier("monitor_tc")?;
    let options = TcAttachOptions::Netlink(NlOptions::default());
    bench.here.run(|| {
        theirs
            .attach_with_options("data0", TcAttachType::Egress, options)
            .map(drop)
    })??;
    bench.programs.detach()?;
    let filters = bench.tc(&["filter", "show", "dev", "data0", "egress"])?;
    ensure!(
        filters.contains("monitor_tc") && !filters.contains("data_tx"),
        "{filters}"
    );
    Ok(())
}

/// The filters of a process that lives stay beside ours; what it leaves when it is killed is taken away by the next, with the qdisc.
#[test]
fn ghosts_of_clsact_are_taken_away() -> Result<()> {
    let mut bench = Bench::new()?;
    let mut theirs = KernelPrograms::load(&EVERYTHING)?;
    theirs.announce(bench.tap.index())?;
    let (there, attached) = UnixStream::pair()?;
    // SAFETY: the child only attaches what is loaded, tells so and sleeps until it is killed.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let result = bench.here.run(|| theirs.attach_data("data0", HookChoice::Clsact));
        let told = (&there).write_all(&[u8::from(matches!(result, Ok(Ok(_))))]);
        while told.is_ok() {
            // SAFETY: waits for a signal.
            unsafe { libc::pause() };
        }
        std::process::abort();
    }
    attached.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut word = [0];
    let heard = (&attached).read_exact(&mut word);
    let filters = |bench: &Bench| -> Result<usize> {
        let shown = bench.tc(&["filter", "show", "dev", "data0", "ingress"])?;
        Ok(shown.matches("direct-action").count())
    };
    let beside = || -> Result<()> {
        heard?;
        ensure!(word == [1], "the other process can't attach");
        bench.attach(HookChoice::Clsact)?;
        ensure!(filters(&bench)? == 2, "one of two is gone");
        ensure!(bench.three_more()? == 3 && received(&theirs)? == 3);
        bench.programs.detach()?;
        ensure!(filters(&bench)? == 1, "that of the other is gone");
        Ok(())
    };
    let result = beside();
    // SAFETY: our own child, which was not waited for yet.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, std::ptr::null_mut(), 0);
    }
    result?;
    ensure!(filters(&bench)? == 1, "no ghost is left");
    bench.attach(HookChoice::Clsact)?;
    ensure!(filters(&bench)? == 1, "the ghost is there");
    assert_eq!(bench.three_more()?, 6);
    assert_eq!(received(&theirs)?, 3);
    bench.programs.detach()?;
    let qdiscs = bench.tc(&["qdisc", "show", "dev", "data0"])?;
    ensure!(!qdiscs.contains("clsact"), "{qdiscs}");
    Ok(())
}

/// The qdisc goes with the last filter of airlens, whosever that is.
#[test]
fn the_last_one_takes_the_qdisc_away() -> Result<()> {
    let mut bench = Bench::new()?;
    let mut other = KernelPrograms::load(&EVERYTHING)?;
    other.announce(bench.tap.index())?;
    bench.attach(HookChoice::Clsact)?;
    bench.here.run(|| other.attach_data("data0", HookChoice::Clsact))??;
    // It made the qdisc.
    bench.programs.detach()?;
    let qdiscs = bench.tc(&["qdisc", "show", "dev", "data0"])?;
    ensure!(qdiscs.contains("clsact"), "{qdiscs}");
    assert_eq!(bench.three_more()?, 0);
    assert_eq!(received(&other)?, 3);
    other.detach()?;
    let qdiscs = bench.tc(&["qdisc", "show", "dev", "data0"])?;
    ensure!(!qdiscs.contains("clsact"), "{qdiscs}");
    Ok(())
}

/// Each of many interfaces has counters and flows of its own; one more than there is room for is counted with the unlisted.
#[test]
fn many_interfaces() -> Result<()> {
    const MANY: usize = 12;
    let here = Namespace::new()?;
    let taps = here.run(|| -> Result<Vec<Tap>> {
        (0..=MANY)
            .map(|number| Ok(Tap::new(&format!("data{number}"), LinkType::Ethernet)?))
            .collect()
    })??;
    let mut programs = KernelPrograms::load(&EVERYTHING)?;
    let (mut drain, _) = programs.flow_drain()?;
    let (last, listed) = taps.split_last().context("TAPs")?;
    for tap in listed {
        settled(&here, tap.name())?;
        programs.announce(tap.index())?;
    }
    // Interfaces that are elsewhere take the other places.
    for index in 0..INTERFACES {
        programs.announce(1_000_000 + index)?;
    }
    programs.announce(last.index())?;
    for tap in &taps {
        here.run(|| programs.attach_data(tap.name(), HookChoice::Native))??;
    }
    for (number, tap) in taps.iter().enumerate() {
        for _ in 0..=number {
            tap.write(&udp(7, OCTETS))?;
        }
    }
    let counters = programs.counters()?;
    let frames = |number: usize| Count {
        packets: number as u64 + 1,
        bytes: (OCTETS * (number + 1)) as u64,
    };
    for (number, tap) in listed.iter().enumerate() {
        let own = counters.data.iter().filter(|count| count.ifindex == tap.index());
        let sum = own.fold(Count::default(), |mut sum, count| {
            sum += count.count;
            sum
        });
        assert_eq!(sum, frames(number), "{}", tap.name());
    }
    assert_eq!(counters.unlisted, frames(MANY));
    ensure!(counters.flows.holds(), "{:?}", counters.flows);
    let mut flows = Vec::new();
    drain.drain(|key: &FlowKey, value| flows.push((key.ifindex, value.packets.iter().sum::<u64>())))?;
    flows.sort_unstable();
    let expected: Vec<_> = (1..).zip(&taps).map(|(packets, tap)| (tap.index(), packets)).collect();
    assert_eq!(flows, expected);
    Ok(())
}

/// A TAP whose frames have nothing but the Ethernet header in one piece: with a `virtio_net_hdr` that says so, of a frame of a page and
/// more (Linux `drivers/net/tun.c`, `tun_alloc_skb`).
struct Paged(File);

impl Paged {
    fn new(name: &str) -> Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/net/tun")?;
        // SAFETY: all-zero is a valid ifreq.
        let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
        for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
            *to = from.cast_signed();
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI | libc::IFF_VNET_HDR) as i16;
        // SAFETY: the command reads and writes an ifreq.
        let result = unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF, &raw mut request) };
        ensure!(result == 0, "TUNSETIFF: {}", std::io::Error::last_os_error());
        Ok(Self(file))
    }

    fn write(&self, frame: &[u8]) -> Result<()> {
        let mut octets = vec![0; 10];
        octets[2..4].copy_from_slice(&14u16.to_ne_bytes());
        octets.extend(frame);
        (&self.0).write_all(&octets)?;
        Ok(())
    }
}

#[test]
fn headers_outside_of_the_linear_part_are_read() -> Result<()> {
    // Above a page.
    const LONG: usize = 4300;
    for choice in [HookChoice::Generic, HookChoice::Tc, HookChoice::Clsact] {
        let here = Namespace::new()?;
        let tap = here.run(|| Paged::new("paged0"))??;
        command(&here, "ip", &["link", "set", "paged0", "up"])?;
        settled(&here, "paged0")?;
        let index = here
            .run(|| airlens::nl80211::interface("paged0"))?
            .context("paged0")?
            .index;
        let mut programs = KernelPrograms::load(&EVERYTHING)?;
        programs.announce(index)?;
        let (mut drain, _) = programs.flow_drain()?;
        here.run(|| programs.attach_data("paged0", choice))??;
        let frames = [udp(1, LONG), udp(2, LONG), tcp(LONG), tcp6(LONG), tcp6(2 * LONG)];
        let mut expected = Vec::new();
        for frame in &frames {
            tap.write(frame)?;
            let summary = airlens_common::ethernet::parse(&frame[..], index, 0);
            expected.push(summary.flow().context("a flow")?.key);
        }
        expected.dedup();
        let mut flows = Vec::new();
        drain.drain(|key, value| flows.push((*key, value.bytes.iter().sum::<u64>())))?;
        let octets: usize = frames.iter().map(Vec::len).sum();
        assert_eq!(
            flows.iter().map(|(_, octets)| octets).sum::<u64>(),
            octets as u64,
            "{choice:?}"
        );
        for key in expected {
            ensure!(
                flows.iter().any(|(flow, _)| *flow == key),
                "{choice:?}: {key:?} {flows:?}"
            );
        }
        assert_eq!(received(&programs)?, frames.len() as u64, "{choice:?}");
    }
    Ok(())
}
