//! The radiotap header in full: every present word and namespace, every defined field.
//!
//! The kernel program's short form, [`airlens_common::radiotap`], decides what is malformed: user space must not find a frame
//! that the kernel counts as malformed, nor the other way round. What is wrong behind the fields that the short form reads
//! ends the walk ([`End`]), and what was read before stands: the frame starts where the header's length says.

mod values;
mod walk;

use airlens_common::{
    Octets,
    radiotap::{Malformed, Radiotap as Short},
};

pub use values::{AmpduStatus, Antenna, Channel, Eht, He, HeMu, Mcs, Timestamp, USig, Vht, XChannel};
pub use walk::{End, Vendor};
use walk::{Item, Walk};

/// Antennas, and vendors' parts, that are kept of a header.
const MOST: usize = 32;

/// What a header says about its frame. Of a field that comes several times, the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Radiotap {
    /// Octets of the whole header: the 802.11 frame starts here.
    pub length: u16,
    /// MAC time at the frame's first bit in µs.
    pub tsft: Option<u64>,
    /// Flags ([`airlens_common::radiotap::flags`]).
    pub flags: Option<u8>,
    /// Legacy rate in units of 500 kb/s.
    pub rate: Option<u8>,
    /// The channel.
    pub channel: Option<Channel>,
    /// The channel in its extended form.
    pub xchannel: Option<XChannel>,
    /// Signal and noise, in order: most often of all antennas together first.
    pub antennas: Vec<Antenna>,
    /// TX power in dBm.
    pub tx_power: Option<i8>,
    /// RX flags; 2: the PLCP's check failed.
    pub rx_flags: Option<u16>,
    /// TX flags: the copy of a frame that this host sent.
    pub tx_flags: Option<u16>,
    /// How often RTS was repeated.
    pub rts_retries: Option<u8>,
    /// How often the frame was repeated.
    pub data_retries: Option<u8>,
    /// HT rate.
    pub mcs: Option<Mcs>,
    /// Which A-MPDU the frame was in.
    pub ampdu: Option<AmpduStatus>,
    /// VHT rate.
    pub vht: Option<Vht>,
    /// The hardware's time.
    pub timestamp: Option<Timestamp>,
    /// HE rate.
    pub he: Option<He>,
    /// HE rate of an MU PPDU.
    pub he_mu: Option<HeMu>,
    /// Why the frame has no octets.
    pub zero_length_psdu: Option<u8>,
    /// L-SIG: which parts are known, rate and length.
    pub l_sig: Option<[u16; 2]>,
    /// U-SIG of EHT and later.
    pub u_sig: Option<USig>,
    /// EHT rate.
    pub eht: Option<Eht>,
    /// Vendors' parts, in order.
    pub vendors: Vec<Vendor>,
    /// Fields that are stepped over because nothing here uses them, those of unknown TLVs among them.
    pub others: u16,
    /// Where the reading ended.
    pub end: End,
}

impl Radiotap {
    /// Reads the header at the packet's start.
    ///
    /// # Errors
    ///
    /// As [`airlens_common::radiotap::Radiotap::parse`]: nothing of such a packet can be located.
    pub fn parse(packet: &[u8]) -> Result<Self, Malformed> {
        let length = Short::parse(packet)?.length;
        let header = packet.get(..length.into()).ok_or(Malformed::Truncated)?;
        let mut radiotap = Self {
            length,
            ..Self::default()
        };
        let mut walk = Walk::new(header);
        // Which present word the last antenna belongs to.
        let mut group = None;
        for item in walk.by_ref() {
            match item {
                Item::Vendor(vendor) if radiotap.vendors.len() < MOST => radiotap.vendors.push(vendor),
                Item::Vendor(_) => {}
                Item::Field { kind, word, octets } => match kind {
                    5 | 6 | 11 => radiotap.hear(kind, octets, &mut group, word),
                    _ => radiotap.take(kind, octets),
                },
            }
        }
        radiotap.end = walk.end();
        Ok(radiotap)
    }

    /// The channel's frequency in MHz, in whichever form.
    pub fn frequency(&self) -> Option<u16> {
        let forms = [
            self.channel.map(|channel| channel.frequency),
            self.xchannel.map(|channel| channel.frequency),
        ];
        forms.into_iter().flatten().find(|&frequency| frequency != 0)
    }

    /// The best antenna's signal in dBm.
    pub fn best_signal(&self) -> Option<i8> {
        self.antennas.iter().filter_map(|antenna| antenna.signal).max()
    }

    /// Signal, noise and number of an antenna, which share a present word.
    fn hear(&mut self, kind: u16, octets: &[u8], group: &mut Option<usize>, word: usize) {
        let Some(value) = octets.u8(0) else { return };
        let is_new = *group != Some(word)
            || self.antennas.last().is_none_or(|antenna| match kind {
                5 => antenna.signal.is_some(),
                6 => antenna.noise.is_some(),
                _ => antenna.number.is_some(),
            });
        if is_new && self.antennas.len() == MOST {
            return;
        }
        if is_new {
            self.antennas.push(Antenna::default());
            *group = Some(word);
        }
        if let Some(antenna) = self.antennas.last_mut() {
            match kind {
                5 => antenna.signal = Some(value.cast_signed()),
                6 => antenna.noise = Some(value.cast_signed()),
                _ => antenna.number = Some(value),
            }
        }
    }

    fn take(&mut self, kind: u16, octets: &[u8]) {
        fn first<T>(field: &mut Option<T>, value: Option<T>) {
            if field.is_none() {
                *field = value;
            }
        }
        match kind {
            0 => first(&mut self.tsft, octets.u64_le(0)),
            1 => first(&mut self.flags, octets.u8(0)),
            2 => first(&mut self.rate, octets.u8(0)),
            3 => first(&mut self.channel, Channel::new(octets)),
            10 => first(&mut self.tx_power, octets.u8(0).map(u8::cast_signed)),
            14 => first(&mut self.rx_flags, octets.u16_le(0)),
            15 => first(&mut self.tx_flags, octets.u16_le(0)),
            16 => first(&mut self.rts_retries, octets.u8(0)),
            17 => first(&mut self.data_retries, octets.u8(0)),
            18 => first(&mut self.xchannel, XChannel::new(octets)),
            19 => first(&mut self.mcs, Mcs::new(octets)),
            20 => first(&mut self.ampdu, AmpduStatus::new(octets)),
            21 => first(&mut self.vht, Vht::new(octets)),
            22 => first(&mut self.timestamp, Timestamp::new(octets)),
            23 => first(&mut self.he, He::new(octets)),
            24 => first(&mut self.he_mu, HeMu::new(octets)),
            26 => first(&mut self.zero_length_psdu, octets.u8(0)),
            27 => first(
                &mut self.l_sig,
                octets.u16_le(0).zip(octets.u16_le(2)).map(<[u16; 2]>::from),
            ),
            33 => first(&mut self.u_sig, Some(USig::new(octets))),
            34 => first(&mut self.eht, Some(Eht::new(octets))),
            _ => self.others += 1,
        }
    }
}

#[cfg(test)]
mod tests;
