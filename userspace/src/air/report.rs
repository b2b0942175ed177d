//! The tables: what comes out, as one document.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    Air,
    channels::ChannelState,
    hop::HopState,
    table::{Bss, Station},
};
use crate::{
    dot11::{Address, Band, Channel},
    profile::Ssid,
};

/// Version of the document.
pub const SCHEMA_VERSION: u32 = 1;

/// The air at one moment: the body of `/api/air`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `urn:airlens:schema:air`.
    pub schema: String,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// When it was made, Unix seconds; of a capture file, when its last packet was captured.
    pub time: Option<f64>,
    /// How channels are visited; `None` where the radio stays on one.
    pub hopping: Option<HopState>,
    /// By frequency.
    pub channels: Vec<ChannelEntry>,
    /// By frequency and BSSID.
    pub networks: Vec<NetworkEntry>,
    /// Senders that are no network, by address.
    pub stations: Vec<StationEntry>,
    /// What found no room.
    pub left_out: LeftOut,
}

/// A channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChannelEntry {
    /// The channel as it is written: `36`, `6g5`; `None` where the frequency is no channel's centre.
    pub channel: Option<String>,
    /// `2.4GHz`, `5GHz` or `6GHz`.
    pub band: Option<String>,
    /// Frequency in MHz; `None` for frames whose capture names none.
    pub frequency_mhz: Option<u16>,
    /// The radio is there now.
    pub tuned: bool,
    /// Busy share of the time, 0 to 1, by the radio's last survey.
    pub utilization_ratio: Option<f64>,
    /// Noise in dBm.
    pub noise_dbm: Option<i8>,
    /// Frames, those with a bad FCS included.
    pub frames: u64,
    /// Octets of those frames.
    pub bytes: u64,
    /// Management frames among them.
    pub management_frames: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// Frames with a bad FCS.
    pub bad_fcs: u64,
    /// Networks whose primary channel it is.
    pub networks: u64,
    /// Stations that were last heard on it.
    pub stations: u64,
    /// How long it was listened to, in seconds; `None` where the radio does not hop.
    pub dwell_seconds: Option<f64>,
    /// How often.
    pub visits: u64,
    /// How often the radio could not be tuned to it.
    pub failures: u64,
}

/// A network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkEntry {
    /// Its BSSID.
    pub bssid: String,
    /// Its name; `None` where it is hidden.
    pub ssid: Option<String>,
    /// The name's octets, where they are not UTF-8.
    pub ssid_hex: Option<String>,
    /// Its primary channel, by what it says.
    pub channel: Option<String>,
    /// `2.4GHz`, `5GHz` or `6GHz`.
    pub band: Option<String>,
    /// Frequency of the primary channel in MHz.
    pub frequency_mhz: Option<u16>,
    /// Width in MHz.
    pub width_mhz: Option<u16>,
    /// Centre of the width in MHz.
    pub center_mhz: Option<u16>,
    /// Centre of the second segment of 80+80 in MHz.
    pub second_center_mhz: Option<u16>,
    /// AKMs with `/` between, `WPA` with them; `WEP`; `open`.
    pub security: String,
    /// Management frame protection: `required`, `capable`, `no`.
    pub protection: Option<String>,
    /// Generation of Wi-Fi, 4 to 7; `None` for older ones.
    pub generation: Option<u8>,
    /// Spatial streams.
    pub streams: Option<u8>,
    /// Two letters.
    pub country: Option<String>,
    /// What it says of its load.
    pub load: Option<Load>,
    /// Beacon interval in TU of 1,024 µs.
    pub beacon_interval_tu: u16,
    /// By the names that people use: `k`, `r`, `v`, `H2E`, `MSCS`, `MLO`, `MBSSID`, `RNR`.
    pub features: Vec<String>,
    /// MLD address of a network of several links.
    pub mld: Option<String>,
    /// Of a network of a Multiple BSSID set, the one that sends beacons for it.
    pub transmitter: Option<String>,
    /// The maker of its address.
    pub maker: Option<String>,
    /// Signal of its last beacon or probe response in dBm.
    pub signal_dbm: Option<i8>,
    /// Beacons that were read: of a run in progress, one a second at most.
    pub beacons: u64,
    /// Probe responses that were read.
    pub probe_responses: u64,
    /// Stations that were last heard in it.
    pub stations: u64,
    /// Frames that it sent.
    pub frames: u64,
    /// Octets of those frames.
    pub bytes: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// Unix seconds.
    pub last_seen: Option<f64>,
}

/// BSS Load (IEEE Std 802.11-2020 9.4.2.27).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Associated stations.
    pub stations: u16,
    /// Busy share of the channel, 0 to 1.
    pub utilization_ratio: f64,
}

/// A station.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StationEntry {
    /// Its address.
    pub mac: String,
    /// The address is made up, not given by its maker.
    pub randomised: bool,
    /// Its maker.
    pub maker: Option<String>,
    /// The network in which it last sent.
    pub bssid: Option<String>,
    /// The name of that network.
    pub ssid: Option<String>,
    /// Where it was last heard.
    pub channel: Option<String>,
    /// Frequency in MHz.
    pub frequency_mhz: Option<u16>,
    /// Signal in dBm.
    pub signal_dbm: Option<i8>,
    /// Frames that it sent.
    pub frames: u64,
    /// Octets of those frames.
    pub bytes: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// Unix seconds.
    pub last_seen: Option<f64>,
    /// It is this host.
    pub own: bool,
}

/// What found no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Networks that were forgotten for newer ones.
    pub networks: u64,
    /// Stations that were forgotten for newer ones.
    pub stations: u64,
    /// Frames of channels beyond those that are kept.
    pub frames: u64,
    /// Beacons and probe responses that can't be read.
    pub unreadable: u64,
}

impl Air {
    /// The tables now, at `time` in ns since 1970-01-01 UTC.
    #[must_use]
    pub fn report(&self, time: Option<u64>, hopping: Option<HopState>) -> Report {
        let mut members: HashMap<Address, u64> = HashMap::new();
        let mut stations = Vec::new();
        for (address, station) in self.clients() {
            if let Some(bssid) = station.heard.bssid {
                *members.entry(bssid).or_default() += 1;
            }
            stations.push(self.station(*address, station));
        }
        stations.sort_by(|a, b| a.mac.cmp(&b.mac));
        let members = |bssid: &Address| members.get(bssid).copied().unwrap_or(0);
        let networks = self.networks.iter();
        let mut networks: Vec<_> = networks
            .map(|(bssid, bss)| self.network_entry(*bssid, bss, members(bssid)))
            .collect();
        networks.sort_by(|a, b| (a.frequency_mhz, &a.bssid).cmp(&(b.frequency_mhz, &b.bssid)));
        Report {
            schema: "urn:airlens:schema:air".to_owned(),
            schema_version: SCHEMA_VERSION,
            time: time.map(seconds),
            channels: self.channels(hopping.is_some()),
            hopping,
            networks,
            stations,
            left_out: LeftOut {
                networks: self.networks.left_out,
                stations: self.stations.left_out,
                frames: self.other_channels,
                unreadable: self.unreadable,
            },
        }
    }

    /// The channels now, by frequency; `hops` where they are visited in turn.
    #[must_use]
    pub fn channels(&self, hops: bool) -> Vec<ChannelEntry> {
        let mut on: BTreeMap<u16, (u64, u64)> = self.channels.keys().map(|frequency| (*frequency, (0, 0))).collect();
        for (_, bss) in self.networks.iter() {
            on.entry(place(bss).unwrap_or(0)).or_default().0 += 1;
        }
        for (_, station) in self.clients() {
            on.entry(station.heard.frequency.unwrap_or(0)).or_default().1 += 1;
        }
        let empty = ChannelState::default();
        let state = |frequency| self.channels.get(frequency).unwrap_or(&empty);
        on.iter()
            .map(|(frequency, on)| channel(*frequency, state(frequency), *on, hops))
            .collect()
    }

    /// Stations that were heard at `time`, in ns since 1970-01-01 UTC, or later: neither networks nor this host.
    #[must_use]
    pub fn heard_since(&self, time: u64) -> u64 {
        let there = |station: &Station| !station.heard.own && station.heard.last.is_some_and(|last| last >= time);
        self.clients().filter(|(_, station)| there(station)).count() as u64
    }

    /// Senders that are no network.
    fn clients(&self) -> impl Iterator<Item = (&Address, &Station)> {
        self.stations
            .iter()
            .filter(|(address, station)| station.heard.bssid != Some(**address) && self.networks.get(address).is_none())
    }

    fn network_entry(&self, bssid: Address, bss: &Bss, members: u64) -> NetworkEntry {
        let network = &bss.network;
        let operation = network.operation;
        let count = self.stations.get(&bssid).map(|station| station.heard);
        let sent = count.map(|heard| heard.count).unwrap_or_default();
        let frequency = place(bss);
        NetworkEntry {
            bssid: bssid.to_string(),
            ssid: network.ssid.as_ref().map(ToString::to_string),
            ssid_hex: network.ssid.as_ref().and_then(Ssid::hex),
            channel: frequency.and_then(channel_name),
            band: frequency.and_then(band_name),
            frequency_mhz: frequency,
            width_mhz: operation.width_mhz,
            center_mhz: operation.center_mhz,
            second_center_mhz: operation.second_center_mhz,
            security: network.security.clone(),
            protection: network.protection.map(str::to_owned),
            generation: network.generation,
            streams: network.streams,
            country: network
                .country
                .map(|letters| String::from_utf8_lossy(&letters).into_owned()),
            load: network.load.map(|load| Load {
                stations: load.stations,
                utilization_ratio: f64::from(load.utilization) / 255.0,
            }),
            beacon_interval_tu: network.interval,
            features: network.features.iter().map(|&name| name.to_owned()).collect(),
            mld: network.mld.map(|mld| mld.to_string()),
            transmitter: network.transmitter.map(|transmitter| transmitter.to_string()),
            maker: self.maker(bssid),
            signal_dbm: bss.signal,
            beacons: bss.beacons,
            probe_responses: bss.responses,
            stations: members,
            frames: sent.frames,
            bytes: sent.bytes,
            retries: sent.retries,
            last_seen: count.and_then(|heard| heard.last).max(bss.last).map(seconds),
        }
    }

    fn station(&self, address: Address, station: &Station) -> StationEntry {
        let heard = &station.heard;
        let network = heard.bssid.and_then(|bssid| self.networks.get(&bssid));
        StationEntry {
            mac: address.to_string(),
            randomised: address.is_local(),
            maker: self.maker(address),
            bssid: heard.bssid.map(|bssid| bssid.to_string()),
            ssid: network
                .and_then(|bss| bss.network.ssid.as_ref())
                .map(ToString::to_string),
            channel: heard.frequency.and_then(channel_name),
            frequency_mhz: heard.frequency,
            signal_dbm: heard.signal,
            frames: heard.count.frames,
            bytes: heard.count.bytes,
            retries: heard.count.retries,
            last_seen: heard.last.map(seconds),
            own: heard.own,
        }
    }

    fn maker(&self, address: Address) -> Option<String> {
        if address.is_local() {
            return None;
        }
        self.identity
            .registry
            .short_name(address)
            .map(std::borrow::Cow::into_owned)
    }
}

fn channel(frequency: u16, state: &ChannelState, (networks, stations): (u64, u64), hops: bool) -> ChannelEntry {
    let count = &state.count;
    ChannelEntry {
        channel: channel_name(frequency),
        band: band_name(frequency),
        frequency_mhz: (frequency != 0).then_some(frequency),
        tuned: state.tuned,
        utilization_ratio: state.utilisation,
        noise_dbm: state.noise,
        frames: count.frames,
        bytes: count.bytes,
        management_frames: count.management,
        retries: count.retries,
        bad_fcs: count.bad_fcs,
        networks,
        stations,
        dwell_seconds: hops.then_some(state.dwelt.as_secs_f64()),
        visits: state.visits,
        failures: state.failures,
    }
}

/// The frequency of a network's primary channel.
fn place(bss: &Bss) -> Option<u16> {
    bss.network.operation.primary.map(Channel::frequency).or(bss.frequency)
}

fn channel_name(frequency: u16) -> Option<String> {
    Some(Channel::at(frequency.into()).ok()?.to_string())
}

fn band_name(frequency: u16) -> Option<String> {
    Band::of_frequency(frequency).name().map(str::to_owned)
}

#[expect(clippy::cast_precision_loss, reason = "microseconds are enough")]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}
