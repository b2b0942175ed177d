//! `monitor`: counts 802.11 frames by kind and hands the selected management frames to user space, whole.

use airlens_common::{
    Count,
    air::Sender,
    ieee80211::{FrameControl, KINDS},
    monitor::{Config, Counter, FrameHeader, KindCount, MAX_PACKET, Verdict, config_flags},
    radiotap::{Radiotap, flags},
};
use aya_ebpf::{
    bindings::{TC_ACT_UNSPEC, xdp_action},
    helpers::generated as helpers,
    macros::{classifier, map, xdp},
    maps::{Array, PerCpuArray, RingBuf},
    programs::{TcContext, XdpContext},
};
use aya_log_ebpf::debug;

use crate::{
    air,
    packet::{HEADERS, Packet, pull_all, pull_headers},
    ring::wakeup,
    verifier::opaque,
};

/// One record on its way to the ring: the verifier refuses a ring `output` straight from packet memory.
#[repr(C)]
struct Record {
    header: FrameHeader,
    packet: [u8; MAX_PACKET],
}

#[map]
static MONITOR_CONFIG: Array<Config> = Array::with_max_entries(1, 0);
#[map]
static MONITOR_KINDS: PerCpuArray<KindCount> = PerCpuArray::with_max_entries(KINDS, 0);
#[map]
static MONITOR_COUNTS: PerCpuArray<Count> = PerCpuArray::with_max_entries(Counter::ALL.len() as u32, 0);
#[map]
static MONITOR_SCRATCH: PerCpuArray<Record> = PerCpuArray::with_max_entries(1, 0);
/// Its size is set when it is loaded.
/// Of the packet at hand, for [`forget`].
#[map]
static MONITOR_HEADERS: PerCpuArray<[u64; 3]> = PerCpuArray::with_max_entries(1, 0);
#[map]
static MONITOR_RING: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

/// XDP on a monitor interface.
#[xdp(frags)]
pub fn monitor(context: XdpContext) -> u32 {
    let config = config();
    let verdict = Verdict::of(&context.memory(), config.subtypes);
    if verdict.is_none() {
        debug!(&context, "malformed packet of {} octets", context.length());
    }
    account(&context, &config, verdict);
    xdp_action::XDP_PASS
}

/// The same on tc ingress.
#[classifier]
pub fn monitor_tc(context: TcContext) -> i32 {
    pull_headers(&context);
    let config = config();
    let mut verdict = Verdict::of(&context.memory(), config.subtypes);
    // The addresses are to be readable too.
    let whole = verdict.is_some_and(|verdict| u32::from(verdict.radiotap.length) + 24 <= HEADERS);
    if !whole && pull_all(&context) {
        verdict = Verdict::of(&context.memory(), config.subtypes);
    }
    account(&context, &config, verdict);
    TC_ACT_UNSPEC
}

#[inline(always)]
fn config() -> Config {
    MONITOR_CONFIG.get(0).copied().unwrap_or_default()
}

/// The same verdict by way of a map, which the verifier takes for any: else it follows all that comes after once for each way
/// in which a radiotap header can be read (460,000 instructions instead of 30,000).
#[inline(always)]
fn forget(verdict: Verdict, subtypes: u16) -> Verdict {
    let Some(place) = MONITOR_HEADERS.get_ptr_mut(0) else {
        return verdict;
    };
    let [first, second] = verdict.radiotap.to_words();
    // SAFETY: this CPU's own slot; volatile, so that LLVM does not see that what is read is what was written.
    let [first, second, control] = unsafe {
        place.write_volatile([first, second, u64::from(verdict.control.0)]);
        place.read_volatile()
    };
    Verdict::on(
        Radiotap::from_words([first, second]),
        FrameControl(control as u16),
        subtypes,
    )
}

#[inline(always)]
fn account<P: Packet>(packet: &P, config: &Config, verdict: Option<Verdict>) {
    let length = packet.length();
    let Some(verdict) = verdict else {
        count(Counter::Seen, length);
        count(Counter::LostMalformed, length);
        return;
    };
    let verdict = forget(verdict, config.subtypes);
    let frame = length.saturating_sub(u32::from(verdict.radiotap.length));
    count(Counter::Seen, frame);
    if let Some(kind) = MONITOR_KINDS.get_ptr_mut(verdict.control.index()) {
        // SAFETY: this CPU's own slot, and programs on one CPU do not interrupt each other here (softirq).
        unsafe {
            (*kind).frames += 1;
            (*kind).bytes += u64::from(frame);
            (*kind).retries += u64::from(verdict.control.retry());
            (*kind).bad_fcs += u64::from(verdict.radiotap.flags & flags::BAD_FCS != 0);
        }
    }
    if config.flags & config_flags::CHANNELS != 0 {
        air::count_channel(&verdict, frame);
    }
    let interval = config.interval(verdict.control.subtype());
    let limited = verdict.counter == Counter::HandedOver && interval != 0;
    let stations = config.flags & config_flags::STATIONS != 0;
    let mut handed_over_before = false;
    if limited || stations {
        let named = Sender::of(&packet.memory(), usize::from(verdict.radiotap.length), verdict.control);
        // No `Option` from here on: LLVM leaves the address of none as it finds it, and the verifier of Linux 6.1 refuses to
        // read what was never written.
        let named = named.unwrap_or(Sender::NAMELESS);
        let [address, bssid] = [named.address, named.bssid].map(|packed| opaque(packed as usize) as u64);
        let sender = Sender { address, bssid };
        // SAFETY: a helper without arguments. The coarse clock: the precise one costs more than the rest.
        let now = unsafe { helpers::bpf_ktime_get_coarse_ns() };
        if stations {
            air::count_station(&verdict, sender, frame, now);
        }
        if limited && sender.address != 0 {
            handed_over_before = air::is_limited(sender, verdict.control.subtype(), now, interval);
        }
    }
    let outcome = match verdict.counter {
        Counter::HandedOver if handed_over_before => Counter::FilteredLimited,
        Counter::HandedOver => hand_over(packet, length, config, &verdict),
        filtered => filtered,
    };
    count(outcome, frame);
}

#[inline(always)]
fn hand_over<P: Packet>(packet: &P, length: u32, config: &Config, verdict: &Verdict) -> Counter {
    // Less one: the verifier of Linux 6.1 learns no lower bound from `length != 0`, and the copy must not be of 0 octets.
    let last = opaque((length as usize).wrapping_sub(1));
    if last >= MAX_PACKET {
        return Counter::LostOversize;
    }
    let length = last + 1;
    let Some(record) = MONITOR_SCRATCH.get_ptr_mut(0) else {
        return Counter::LostCopy;
    };
    // SAFETY: `record` is this CPU's own; `length` is at most the size of `packet` and of what is output.
    unsafe {
        (*record).header = FrameHeader {
            time: helpers::bpf_ktime_get_ns(),
            ifindex: packet.ifindex(),
            length: length as u32,
            radiotap_length: verdict.radiotap.length,
            frequency: verdict.radiotap.frequency,
            flags: verdict.frame_flags(),
            signal: verdict.radiotap.signal,
            reserved: 0,
        };
        if !packet.copy(0, (&raw mut (*record).packet).cast(), length as u32) {
            return Counter::LostCopy;
        }
        let size = size_of::<FrameHeader>() + length;
        let bytes = core::slice::from_raw_parts(record.cast::<u8>(), size);
        let urgent = config.urgent >> verdict.control.subtype() & 1 != 0;
        let flags = wakeup(&MONITOR_RING, config.wakeup_bytes, size, urgent);
        match MONITOR_RING.output::<[u8]>(bytes, flags) {
            Ok(()) => Counter::HandedOver,
            Err(_) => Counter::LostRingFull,
        }
    }
}

#[inline(always)]
fn count(counter: Counter, octets: u32) {
    if let Some(count) = MONITOR_COUNTS.get_ptr_mut(counter as u32) {
        // SAFETY: this CPU's own slot.
        unsafe {
            (*count).packets += 1;
            (*count).bytes += u64::from(octets);
        }
    }
}
