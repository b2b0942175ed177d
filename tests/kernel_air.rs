//! What `monitor` and `monitor_tc` count and limit by transmitter, packet by packet, without an interface. Needs root.

use std::time::{Duration, Instant};

use airlens::kernel::{KernelPrograms, LoadOptions};
use airlens_common::air::MAX_STATIONS;
use airlens_tests::support::{
    EVERYTHING,
    program::Program,
    radiotap::{Header, frame},
};
use anyhow::{Result, ensure};
use aya::maps::{MapData, RingBuf};

const HOOKS: [&str; 2] = ["monitor", "monitor_tc"];

/// A program and its ring.
struct Bench {
    programs: KernelPrograms,
    program: Program,
    ring: RingBuf<MapData>,
}

impl Bench {
    fn new(name: &'static str, options: LoadOptions) -> Result<Self> {
        let mut programs = KernelPrograms::load(&options)?;
        Ok(Self {
            program: Program::of(&mut programs, name)?,
            ring: programs.frame_ring()?.0,
            programs,
        })
    }
}

/// A beacon of the network whose number this is.
fn beacon(network: u8) -> Vec<u8> {
    let mut beacon = frame(0, 8, false, 100);
    for at in [10, 16] {
        beacon[at..at + 6].copy_from_slice(&[2, 0, 0, 0, 0, network]);
    }
    beacon
}

#[test]
fn repeated_beacons_are_limited_and_counted() -> Result<()> {
    let interval = Duration::from_millis(400);
    for hook in HOOKS {
        let mut bench = Bench::new(
            hook,
            LoadOptions {
                network_interval: interval,
                ..EVERYTHING
            },
        )?;
        let header = Header::usual(0);
        let packets = [1, 2].map(|network| header.with(&beacon(network)));
        let response = {
            let mut response = beacon(1);
            response[0] = 5 << 4;
            header.with(&response)
        };
        let start = Instant::now();
        for _ in 0..10 {
            for packet in packets.iter().chain([&response]) {
                bench.program.run(packet, 1)?;
            }
        }
        let quick = start.elapsed() < interval / 2;
        let request = header.with(&frame(0, 4, false, 60));
        for _ in 0..10 {
            bench.program.run(&request, 1)?;
        }
        let frames = bench.programs.counters()?.frames;
        ensure!(frames.holds() && frames.seen.packets == 40, "{frames:?}");
        // One of each network's beacons, one probe response, and the probe requests, which are not limited.
        ensure!(!quick || frames.filtered["limited"].packets == 27, "{frames:?}");
        let mut records = 0;
        while bench.ring.next().is_some() {
            records += 1;
        }
        ensure!(records == frames.handed_over.packets, "{records} records, {frames:?}");
        // The next is handed over once the time is over; the coarse clock ticks 100 times a second or more.
        std::thread::sleep(interval + Duration::from_millis(20));
        let before = bench.programs.counters()?.frames.handed_over.packets;
        bench.program.run(&packets[0], 2)?;
        let after = bench.programs.counters()?.frames.handed_over.packets;
        ensure!(after == before + 1, "{before}, then {after}");
    }
    Ok(())
}

#[test]
fn probe_requests_are_limited_where_it_is_asked_for() -> Result<()> {
    for hook in HOOKS {
        let bench = Bench::new(
            hook,
            LoadOptions {
                request_interval: Duration::from_secs(60),
                ..EVERYTHING
            },
        )?;
        let request = Header::usual(0).with(&frame(0, 4, false, 60));
        bench.program.run(&request, 5)?;
        let frames = bench.programs.counters()?.frames;
        assert_eq!((frames.handed_over.packets, frames.filtered["limited"].packets), (1, 4));
        assert!(frames.holds());
    }
    Ok(())
}

#[test]
fn more_transmitters_than_there_is_room_for() -> Result<()> {
    for hook in HOOKS {
        let bench = Bench::new(
            hook,
            LoadOptions {
                subtypes: 0,
                ..EVERYTHING
            },
        )?;
        let sent = 3 * MAX_STATIONS;
        for number in 0..sent {
            let mut data = frame(2, 8, false, 60);
            data[10] = 2;
            data[12..16].copy_from_slice(&number.to_be_bytes());
            bench.program.run(&Header::usual(0).with(&data), 1)?;
        }
        let air = bench.programs.air()?;
        ensure!(
            air.added == u64::from(sent) && air.no_room.packets == 0,
            "{} added",
            air.added
        );
        ensure!(
            (1..=MAX_STATIONS as usize).contains(&air.stations.len()),
            "{}",
            air.stations.len()
        );
        ensure!(
            air.stations.iter().all(|station| station.frames == 1),
            "an entry counts for another"
        );
        assert_eq!(air.channels[0].count.frames, u64::from(sent));
    }
    Ok(())
}

#[test]
fn tables_of_the_air_stay_empty_where_they_are_not_asked_for() -> Result<()> {
    for hook in HOOKS {
        let mut bench = Bench::new(
            hook,
            LoadOptions {
                stations: false,
                channels: false,
                ..EVERYTHING
            },
        )?;
        for subtype in [0, 4, 8] {
            let packet = Header::usual(0).with(&frame(0, subtype, false, 200));
            bench.program.run(&packet, 1)?;
            ensure!(bench.ring.next().is_some(), "subtype {subtype} is not handed over");
        }
        ensure!(bench.programs.air()? == airlens::kernel::AirCounts::default());
    }
    Ok(())
}
