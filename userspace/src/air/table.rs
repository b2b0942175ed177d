//! The tables: what goes in.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use airlens_common::{
    air::{ChannelCount, Sender},
    ieee80211::FrameControl,
};

use super::{
    Network, SurveyReading,
    bounded::{Bounded, Seen},
    channels::ChannelState,
};
use crate::{
    dot11::{
        Address,
        frame::{Beacon, Frame},
        link::{Link, LinkType},
    },
    profile::{Capture, Identity},
};

/// Channels that are kept; there are some 120.
const MOST_CHANNELS: usize = 512;

/// How many addresses are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Networks.
    pub networks: usize,
    /// Stations, access points that only count included.
    pub stations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            networks: 2048,
            stations: 4096,
        }
    }
}

/// Frames of one sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Frames.
    pub frames: u64,
    /// Octets of those, FCS included where it was captured.
    pub bytes: u64,
    /// Those with the retry bit.
    pub retries: u64,
}

/// A sender as somebody else has counted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The sender.
    pub address: Address,
    /// The network in which it last sent.
    pub bssid: Option<Address>,
    /// Frames since it was first heard, or was heard again by a counter that had forgotten it.
    pub count: Count,
    /// When it was last heard, in ns since 1970-01-01 UTC.
    pub last: Option<u64>,
    /// On which frequency in MHz.
    pub frequency: Option<u16>,
    /// Signal in dBm.
    pub signal: Option<i8>,
    /// It is this host.
    pub own: bool,
}

/// A network with what was heard of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Bss {
    pub(super) network: Network,
    pub(super) beacons: u64,
    pub(super) responses: u64,
    /// The last frequency, where no element tells.
    pub(super) frequency: Option<u16>,
    pub(super) signal: Option<i8>,
    pub(super) last: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) heard: Heard,
    /// What the other counter said last.
    counted: Count,
}

impl Seen for Bss {
    fn last_seen(&self) -> Option<u64> {
        self.last
    }
}

impl Seen for Station {
    fn last_seen(&self) -> Option<u64> {
        self.heard.last
    }
}

/// Channels, networks and stations.
#[derive(Clone, Debug)]
pub struct Air {
    pub(super) identity: Arc<Identity>,
    pub(super) networks: Bounded<Bss>,
    pub(super) stations: Bounded<Station>,
    pub(super) channels: BTreeMap<u16, ChannelState>,
    /// Frames of channels that found no room.
    pub(super) other_channels: u64,
    /// Beacons and probe responses that can't be read.
    pub(super) unreadable: u64,
}

impl Air {
    /// Empty tables; makers are told by `identity`.
    #[must_use]
    pub fn new(identity: Arc<Identity>, limits: Limits) -> Self {
        Self {
            identity,
            networks: Bounded::new(limits.networks),
            stations: Bounded::new(limits.stations),
            channels: BTreeMap::new(),
            other_channels: 0,
            unreadable: 0,
        }
    }

    /// Takes a packet of a capture, and counts it.
    pub fn packet(&mut self, link_type: LinkType, packet: &[u8], capture: Capture) {
        let Ok(link) = link_type.parse(packet) else { return };
        let Some(control) = FrameControl::parse(packet, link.frame_at) else {
            return;
        };
        let octets = capture.original_length.unwrap_or(packet.len());
        let octets = octets.saturating_sub(link.frame_at) as u64;
        let frequency = link.frequency.unwrap_or(0);
        let one = ChannelCount {
            frames: 1,
            bytes: octets,
            management: u64::from(control.kind() == FrameControl::MANAGEMENT),
            retries: u64::from(control.retry()),
            bad_fcs: u64::from(link.bad_fcs),
            frequency: frequency.into(),
        };
        match self.channel(frequency) {
            Some(channel) => channel.count += one,
            None => self.other_channels += 1,
        }
        if link.bad_fcs {
            return;
        }
        if let Some(sender) = Sender::of(packet, link.frame_at, control) {
            let heard = Heard {
                address: unpacked(sender.address),
                bssid: (sender.bssid != 0).then(|| unpacked(sender.bssid)),
                count: Count {
                    frames: 1,
                    bytes: octets,
                    retries: u64::from(control.retry()),
                },
                last: capture.time,
                frequency: link.frequency,
                signal: link.signal,
                own: false,
            };
            self.add(heard, Count::default());
        }
        if is_of_network(control) {
            self.network(&link, link.frame(packet, octets as usize + link.frame_at), capture.time);
        }
    }

    /// Takes a frame that somebody else counts: of beacons and probe responses, what they say.
    pub fn frame(&mut self, link_type: LinkType, packet: &[u8], capture: Capture) {
        let Ok(link) = link_type.parse(packet) else { return };
        let control = FrameControl::parse(packet, link.frame_at);
        if !link.bad_fcs && control.is_some_and(is_of_network) {
            let original = capture.original_length.unwrap_or(packet.len());
            self.network(&link, link.frame(packet, original), capture.time);
        }
    }

    fn network(&mut self, link: &Link, frame: &[u8], time: Option<u64>) {
        let (beacon, is_beacon) = match Frame::new(frame) {
            Ok(Frame::Beacon(beacon)) => (beacon, true),
            Ok(Frame::ProbeResponse(beacon)) => (beacon, false),
            _ => {
                self.unreadable += 1;
                return;
            }
        };
        for (bssid, network) in Network::read(&beacon, link.frequency) {
            // A network has no group's address; whoever says so is none.
            if bssid.is_group() {
                self.unreadable += 1;
                continue;
            }
            let bss = self.networks.entry(bssid, Bss::default);
            let ssid = match network.ssid {
                // A hidden one tells its name in its responses.
                None => bss.network.ssid.take(),
                named => named,
            };
            bss.network = Network { ssid, ..network };
            bss.beacons += u64::from(is_beacon);
            bss.responses += u64::from(!is_beacon);
            bss.frequency = link.frequency.or(bss.frequency);
            bss.signal = link.signal.or(bss.signal);
            bss.last = time.max(bss.last);
        }
    }

    /// Takes what another counter says of a sender: its counts replace what it said before.
    pub fn heard(&mut self, heard: Heard) {
        let counted = self.stations.get(&heard.address).map(|station| station.counted);
        let before = match counted {
            // It had forgotten the sender, and began anew.
            Some(counted) if counted.frames > heard.count.frames => Count::default(),
            Some(counted) => counted,
            None => Count::default(),
        };
        let since = Count {
            frames: heard.count.frames - before.frames,
            bytes: heard.count.bytes.saturating_sub(before.bytes),
            retries: heard.count.retries.saturating_sub(before.retries),
        };
        self.add(Heard { count: since, ..heard }, heard.count);
    }

    fn add(&mut self, heard: Heard, counted: Count) {
        let station = self.stations.entry(heard.address, || Station {
            heard: Heard {
                count: Count::default(),
                ..heard
            },
            counted,
        });
        let now = &mut station.heard;
        now.count.frames += heard.count.frames;
        now.count.bytes += heard.count.bytes;
        now.count.retries += heard.count.retries;
        now.bssid = heard.bssid.or(now.bssid);
        now.last = heard.last.max(now.last);
        now.frequency = heard.frequency.or(now.frequency);
        now.signal = heard.signal.or(now.signal);
        now.own = heard.own;
        station.counted = counted;
    }

    /// Sets a channel's counts, cumulative since the start.
    pub fn channel_count(&mut self, frequency: u16, count: ChannelCount) {
        match self.channel(frequency) {
            Some(channel) => channel.count = count,
            None => self.other_channels = self.other_channels.max(count.frames),
        }
    }

    /// Takes what the radio says of its channels. Where it says on which of them it is, the others are left.
    pub fn survey(&mut self, surveys: &[SurveyReading]) {
        let on = surveys.iter().filter(|survey| survey.in_use);
        let on: Vec<_> = on.map(|survey| survey.frequency).collect();
        if !on.is_empty() {
            self.tuned(&on);
        }
        for survey in surveys {
            if let Some(channel) = self.channel(survey.frequency) {
                channel.survey(survey);
            }
        }
    }

    /// The radio is on these channels now, by their frequencies in MHz; on one, or on one for each of its interfaces.
    pub fn tuned(&mut self, frequencies: &[u16]) {
        for channel in self.channels.values_mut() {
            channel.tuned = false;
        }
        for frequency in frequencies {
            if let Some(channel) = self.channel(*frequency) {
                channel.tuned = true;
            }
        }
    }

    /// A channel was listened to; or it could not be.
    pub fn visited(&mut self, frequency: u16, lasted: Option<Duration>) {
        if let Some(channel) = self.channel(frequency) {
            match lasted {
                Some(time) => {
                    channel.dwelt += time;
                    channel.visits += 1;
                }
                None => channel.failures += 1,
            }
        }
    }

    fn channel(&mut self, frequency: u16) -> Option<&mut ChannelState> {
        if self.channels.len() >= MOST_CHANNELS && !self.channels.contains_key(&frequency) {
            return None;
        }
        Some(self.channels.entry(frequency).or_default())
    }
}

fn is_of_network(control: FrameControl) -> bool {
    control.kind() == FrameControl::MANAGEMENT && matches!(control.subtype(), Beacon::SUBTYPE | Beacon::PROBE_RESPONSE)
}

fn unpacked(address: u64) -> Address {
    let [a, b, c, d, e, f, ..] = address.to_le_bytes();
    Address([a, b, c, d, e, f])
}
