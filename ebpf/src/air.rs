//! The monitor program's tables: frames by channel, frames by transmitter, and what is repeated.
#![expect(
    clippy::needless_borrows_for_generic_args,
    reason = "by value, keys and values would be copied once more on a stack of 512 octets"
)]

use airlens_common::{
    Count,
    air::{
        CHANNEL_SLOTS, ChannelCount, MAX_STATIONS, Sender, StationCount, StationCounter, channel_slot, limit_key,
        station_flags,
    },
    ieee80211::FrameControl,
    monitor::Verdict,
    radiotap::flags,
};
use aya_ebpf::{
    macros::map,
    maps::{LruHashMap, LruPerCpuHashMap, PerCpuArray},
};

#[map]
static MONITOR_CHANNELS: PerCpuArray<ChannelCount> = PerCpuArray::with_max_entries(CHANNEL_SLOTS, 0);
/// By the transmitter's packed address. Per CPU: nothing is lost between two CPUs, without an atomic operation.
#[map]
static MONITOR_STATIONS: LruPerCpuHashMap<u64, StationCount> = LruPerCpuHashMap::with_max_entries(MAX_STATIONS, 0);
#[map]
static MONITOR_STATION_COUNTS: PerCpuArray<Count> = PerCpuArray::with_max_entries(StationCounter::ALL.len() as u32, 0);
/// When a kind of frame of a transmitter was handed over last.
#[map]
static MONITOR_LIMITS: LruHashMap<u64, u64> = LruHashMap::with_max_entries(MAX_STATIONS, 0);

#[inline(always)]
pub(crate) fn count_channel(verdict: &Verdict, octets: u32) {
    let radiotap = &verdict.radiotap;
    if let Some(count) = MONITOR_CHANNELS.get_ptr_mut(channel_slot(radiotap.frequency)) {
        // SAFETY: this CPU's own slot, and programs on one CPU do not interrupt each other here (softirq).
        unsafe {
            (*count).frames += 1;
            (*count).bytes += u64::from(octets);
            (*count).management += u64::from(verdict.control.kind() == FrameControl::MANAGEMENT);
            (*count).retries += u64::from(verdict.control.retry());
            (*count).bad_fcs += u64::from(radiotap.flags & flags::BAD_FCS != 0);
            (*count).frequency = u64::from(radiotap.frequency);
        }
    }
}

#[inline(always)]
pub(crate) fn count_station(verdict: &Verdict, sender: Sender, octets: u32, now: u64) {
    if sender.address == 0 || verdict.radiotap.flags & flags::BAD_FCS != 0 {
        return count(StationCounter::Nameless, octets);
    }
    if let Some(station) = MONITOR_STATIONS.get_ptr_mut(&sender.address) {
        // SAFETY: this CPU's own value.
        unsafe { update(station, verdict, sender, octets, now) };
        return;
    }
    let mut station = StationCount::default();
    // SAFETY: a place of our own.
    unsafe { update(&raw mut station, verdict, sender, octets, now) };
    match MONITOR_STATIONS.insert(&sender.address, &station, 0) {
        Ok(()) => count(StationCounter::Added, octets),
        Err(_) => count(StationCounter::NoRoom, octets),
    }
}

/// # Safety
///
/// `station` is valid, and nobody else writes it.
#[inline(always)]
unsafe fn update(station: *mut StationCount, verdict: &Verdict, sender: Sender, octets: u32, now: u64) {
    let radiotap = &verdict.radiotap;
    // SAFETY: the caller's promise.
    unsafe {
        (*station).frames += 1;
        (*station).bytes += u64::from(octets);
        (*station).retries += u64::from(verdict.control.retry());
        (*station).last = now;
        if sender.bssid != 0 {
            (*station).bssid = sender.bssid;
        }
        if radiotap.frequency != 0 {
            (*station).frequency = radiotap.frequency;
        }
        let mut bits = (*station).flags & station_flags::SIGNAL;
        if radiotap.has_signal {
            (*station).signal = radiotap.signal;
            bits = station_flags::SIGNAL;
        }
        if radiotap.transmitted {
            bits |= station_flags::TRANSMITTED;
        }
        (*station).flags = bits;
    }
}

/// Whether one of this kind and transmitter was handed over less than `interval` ns ago; if not, this one is now.
#[inline(always)]
pub(crate) fn is_limited(sender: Sender, subtype: u8, now: u64, interval: u64) -> bool {
    let key = limit_key(sender.address, subtype);
    if let Some(last) = MONITOR_LIMITS.get_ptr_mut(&key) {
        // SAFETY: a live map value; two CPUs at once hand one more over at the worst.
        unsafe {
            if now.wrapping_sub(*last) < interval {
                return true;
            }
            *last = now;
        }
        return false;
    }
    // Where there is no room, nothing is limited.
    let _ = MONITOR_LIMITS.insert(&key, &now, 0);
    false
}

#[inline(always)]
fn count(counter: StationCounter, octets: u32) {
    if let Some(count) = MONITOR_STATION_COUNTS.get_ptr_mut(counter as u32) {
        // SAFETY: this CPU's own slot.
        unsafe {
            (*count).packets += 1;
            (*count).bytes += u64::from(octets);
        }
    }
}
