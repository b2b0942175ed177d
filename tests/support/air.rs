//! What the monitor program's tables of channels and transmitters ought to hold.

use std::collections::BTreeMap;

use airlens::{
    dot11::Address,
    kernel::{AirCounts, Station},
};
use airlens_common::{
    air::{ChannelCount, Sender, channel_slot},
    monitor::Verdict,
    radiotap::flags,
};
use anyhow::{Result, ensure};

/// Both tables, by the parser of user space.
#[derive(Default)]
pub struct Air {
    channels: BTreeMap<u32, ChannelCount>,
    stations: BTreeMap<[u8; 6], Station>,
    nameless: u64,
}

impl Air {
    /// Counts a packet that can be read.
    pub fn count(&mut self, packet: &[u8], verdict: &Verdict, octets: u64) {
        let radiotap = &verdict.radiotap;
        let bad_fcs = radiotap.flags & flags::BAD_FCS != 0;
        let slot = channel_slot(radiotap.frequency);
        *self.channels.entry(slot).or_default() += ChannelCount {
            frames: 1,
            bytes: octets,
            management: u64::from(verdict.control.kind() == 0),
            retries: u64::from(verdict.control.retry()),
            bad_fcs: u64::from(bad_fcs),
            frequency: if slot == 0 { 0 } else { radiotap.frequency.into() },
        };
        let sender = Sender::of(packet, radiotap.length.into(), verdict.control).filter(|_| !bad_fcs);
        let Some(sender) = sender else {
            self.nameless += 1;
            return;
        };
        let [address, bssid] = [sender.address, sender.bssid].map(octets_of);
        let station = self.stations.entry(address).or_insert(Station {
            address: Address(address),
            bssid: None,
            frames: 0,
            bytes: 0,
            retries: 0,
            last: 0,
            frequency: None,
            signal: None,
            own: false,
        });
        station.frames += 1;
        station.bytes += octets;
        station.retries += u64::from(verdict.control.retry());
        station.own = radiotap.transmitted;
        if sender.bssid != 0 {
            station.bssid = Some(Address(bssid));
        }
        if radiotap.frequency != 0 {
            station.frequency = Some(radiotap.frequency);
        }
        if radiotap.has_signal {
            station.signal = Some(radiotap.signal);
        }
    }

    /// Holds the program's tables against these.
    ///
    /// # Errors
    ///
    /// They differ.
    pub fn check(&self, kernel: &AirCounts) -> Result<()> {
        ensure!(kernel.nameless.packets == self.nameless, "{:?}", kernel.nameless);
        ensure!(kernel.no_room.packets == 0, "{:?}", kernel.no_room);
        let channels: Vec<_> = kernel.channels.iter().map(|channel| channel.count).collect();
        let ours: Vec<_> = self.channels.values().copied().collect();
        ensure!(channels == ours, "kernel {channels:?}, parser {ours:?}");
        // An entry that was forgotten and came again starts anew: then there is nothing to hold it against.
        ensure!(kernel.added >= self.stations.len() as u64, "{} added", kernel.added);
        if kernel.added > self.stations.len() as u64 {
            ensure!(
                self.stations.len() > 1000,
                "{} of {} added",
                kernel.added,
                self.stations.len()
            );
            return Ok(());
        }
        for station in &kernel.stations {
            let ours = self.stations.get(&station.address.0);
            let timeless = Station { last: 0, ..*station };
            ensure!(
                ours == Some(&timeless) && station.last != 0,
                "kernel {station:?}, parser {ours:?}"
            );
        }
        ensure!(
            self.stations.len() < 1000 || !kernel.stations.is_empty(),
            "no station is left"
        );
        Ok(())
    }
}

fn octets_of(packed: u64) -> [u8; 6] {
    let [a, b, c, d, e, f, ..] = packed.to_le_bytes();
    [a, b, c, d, e, f]
}
