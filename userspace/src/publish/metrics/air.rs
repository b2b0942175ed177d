//! Channels as metric families. Labels are bounded: a band has its channels, and nothing is by address.

use prometheus::proto::MetricType::{COUNTER, GAUGE};

use super::families::Families;
use crate::air::ChannelEntry;

/// Adds all families of `channels`.
pub(super) fn collect(families: &mut Families, channels: &[ChannelEntry]) {
    channels.iter().for_each(|entry| channel(families, entry));
}

fn channel(families: &mut Families, entry: &ChannelEntry) {
    // Frames of other frequencies are together in one series.
    let labels = [
        (
            "band",
            entry
                .band
                .as_deref()
                .filter(|_| entry.channel.is_some())
                .unwrap_or("unknown"),
        ),
        ("channel", entry.channel.as_deref().unwrap_or("unknown")),
    ];
    for (name, help, value) in [
        (
            "channel_frames_total",
            "802.11 frames seen on the channel.",
            entry.frames,
        ),
        (
            "channel_bytes_total",
            "Octets of the 802.11 frames seen on the channel.",
            entry.bytes,
        ),
        (
            "channel_management_frames_total",
            "802.11 management frames seen on the channel.",
            entry.management_frames,
        ),
        (
            "channel_retries_total",
            "802.11 frames seen on the channel with the retry bit.",
            entry.retries,
        ),
        (
            "channel_bad_fcs_total",
            "802.11 frames seen on the channel with a bad frame check sequence.",
            entry.bad_fcs,
        ),
        (
            "channel_visits_total",
            "Times that the channel was visited while hopping.",
            entry.visits,
        ),
        (
            "channel_refusals_total",
            "Times that the radio could not be tuned to the channel.",
            entry.failures,
        ),
    ] {
        families.counter(name, help, &labels, value);
    }
    let help = "Networks whose primary channel it is.";
    families.gauge("channel_networks", help, &labels, entry.networks);
    let help = "Stations that were last heard on the channel.";
    families.gauge("channel_stations", help, &labels, entry.stations);
    if let Some(dwell) = entry.dwell_seconds {
        let help = "Time for which the channel was listened to while hopping.";
        families.real("channel_dwell_seconds_total", help, COUNTER, &labels, dwell);
    }
    // What is measured can't be added up.
    if entry.channel.is_none() {
        return;
    }
    if let Some(busy) = entry.utilization_ratio {
        let help = "Busy share of the channel's time by the radio's survey, 0 to 1.";
        families.real("channel_utilization_ratio", help, GAUGE, &labels, busy);
    }
    if let Some(noise) = entry.noise_dbm {
        let help = "Noise on the channel by the radio's survey, in dBm.";
        families.real("channel_noise_dbm", help, GAUGE, &labels, noise.into());
    }
}
