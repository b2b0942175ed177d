//! What the monitor program counted by channel and by transmitter.

use std::collections::HashMap;

use airlens_common::{
    Count,
    air::{CHANNEL_SLOTS, ChannelCount, MAX_STATIONS, StationCount, StationCounter, channel_slot, station_flags},
};
use aya::maps::PerCpuHashMap;

use super::{KernelError, KernelPrograms, counters::sum};
use crate::dot11::Address;

/// Frames of one channel, since the programs were loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Frequency in MHz; 0 for frames that name none, or one outside the bands.
    pub frequency: u16,
    /// The counts.
    pub count: ChannelCount,
}

/// Frames of one transmitter, since it was first heard or was heard again after it was forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Station {
    /// The transmitter.
    pub address: Address,
    /// The network in which it last sent.
    pub bssid: Option<Address>,
    /// Frames.
    pub frames: u64,
    /// Octets of those frames.
    pub bytes: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// `CLOCK_MONOTONIC` in ns of the last frame, to some milliseconds.
    pub last: u64,
    /// Frequency in MHz.
    pub frequency: Option<u16>,
    /// Signal in dBm.
    pub signal: Option<i8>,
    /// It is this host.
    pub own: bool,
}

/// A reading of both maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AirCounts {
    /// Channels with frames, by frequency.
    pub channels: Vec<Channel>,
    /// Transmitters, in no order.
    pub stations: Vec<Station>,
    /// Transmitters that found a place, again and again where they were forgotten: `added - stations.len()` are forgotten.
    pub added: u64,
    /// Frames of transmitters that found none.
    pub no_room: Count,
    /// Frames that name no transmitter.
    pub nameless: Count,
}

impl KernelPrograms {
    /// Management frames on the channel at a frequency in MHz, and transmitters that found a place, since the start.
    ///
    /// # Errors
    ///
    /// A map can't be read.
    pub fn heard(&self, frequency: u16) -> Result<(u64, u64), KernelError> {
        let channel: ChannelCount = self.one("MONITOR_CHANNELS", channel_slot(frequency))?;
        let added: Count = self.one("MONITOR_STATION_COUNTS", StationCounter::Added as u32)?;
        Ok((channel.management, added.packets))
    }

    /// Reads the counts by channel and transmitter. Takes some milliseconds where there are thousands.
    ///
    /// # Errors
    ///
    /// A map can't be read.
    pub fn air(&self) -> Result<AirCounts, KernelError> {
        const STATIONS: &str = "MONITOR_STATIONS";
        let channels = self.sums::<ChannelCount>("MONITOR_CHANNELS", CHANNEL_SLOTS)?;
        let counts = self.sums::<Count>("MONITOR_STATION_COUNTS", StationCounter::ALL.len() as u32)?;
        let map: PerCpuHashMap<_, u64, StationCount> =
            PerCpuHashMap::try_from(self.map(STATIONS)?).map_err(KernelError::map(STATIONS))?;
        let mut stations = HashMap::new();
        // Where an entry is forgotten in the midst of the reading, the kernel begins anew.
        for (address, values) in map.iter().flatten().take(2 * MAX_STATIONS as usize) {
            stations.insert(address, station(address, sum(values.iter())));
        }
        let channels = (0..).zip(channels).filter(|(_, count)| count.frames > 0);
        Ok(AirCounts {
            channels: channels.map(|(slot, count)| channel(slot, count)).collect(),
            stations: stations.into_values().collect(),
            added: counts[StationCounter::Added as usize].packets,
            no_room: counts[StationCounter::NoRoom as usize],
            nameless: counts[StationCounter::Nameless as usize],
        })
    }
}

fn channel(slot: u32, mut count: ChannelCount) -> Channel {
    if slot == 0 {
        // It is of many.
        count.frequency = 0;
    }
    Channel {
        frequency: u16::try_from(count.frequency).unwrap_or(0),
        count,
    }
}

fn station(address: u64, count: StationCount) -> Station {
    Station {
        address: unpacked(address),
        bssid: (count.bssid != 0).then(|| unpacked(count.bssid)),
        frames: count.frames,
        bytes: count.bytes,
        retries: count.retries,
        last: count.last,
        frequency: (count.frequency != 0).then_some(count.frequency),
        signal: (count.flags & station_flags::SIGNAL != 0).then_some(count.signal),
        own: count.flags & station_flags::TRANSMITTED != 0,
    }
}

fn unpacked(address: u64) -> Address {
    let [a, b, c, d, e, f, ..] = address.to_le_bytes();
    Address([a, b, c, d, e, f])
}
