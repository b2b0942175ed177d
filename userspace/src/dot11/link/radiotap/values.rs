//! What fields hold, of those that a profiler uses (radiotap.org; Linux `include/net/ieee80211_radiotap.h`).

use airlens_common::Octets;

/// The channel, field 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// MHz.
    pub frequency: u16,
    /// 0x20 CCK, 0x40 OFDM, 0x80 2 GHz, 0x100 5 GHz…
    pub flags: u16,
}

/// The extended channel, field 18, as FreeBSD and macOS write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XChannel {
    /// Those of [`Channel`]; 0x1_0000 HT20, 0x2_0000 HT40+, 0x4_0000 HT40−.
    pub flags: u32,
    /// MHz.
    pub frequency: u16,
    /// Channel number.
    pub channel: u8,
    /// The highest power that is allowed there, in units of 0.5 dBm.
    pub max_power: u8,
}

/// What one antenna, or all together, received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Antenna {
    /// The antenna's number, from 0; `None` for all together.
    pub number: Option<u8>,
    /// Signal in dBm.
    pub signal: Option<i8>,
    /// Noise in dBm.
    pub noise: Option<i8>,
}

/// HT rate, field 19.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mcs {
    /// Which of the others hold: 1 bandwidth, 2 index, 4 guard interval, 8 format, 0x10 FEC, 0x20 STBC.
    pub known: u8,
    /// 3 bandwidth (0: 20 MHz, 1: 40 MHz, 2 and 3: 20 MHz in the lower and upper half), 4 short GI, 8 greenfield, 0x10 LDPC,
    /// 0x60 STBC streams.
    pub flags: u8,
    /// MCS index.
    pub index: u8,
}

/// A-MPDU status, field 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmpduStatus {
    /// The same for all frames of an A-MPDU.
    pub reference: u32,
    /// 4 last is known, 8 this is the last…
    pub flags: u16,
}

/// VHT rate, field 21.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vht {
    /// Which of the others hold: 1 STBC, 4 guard interval, 0x20 beamformed, 0x40 bandwidth, 0x80 group, 0x100 partial AID…
    pub known: u16,
    /// 1 STBC, 4 short GI, 0x20 beamformed…
    pub flags: u8,
    /// Code of the bandwidth: 0 20 MHz, 1 40 MHz, 4 80 MHz, 11 160 MHz…
    pub bandwidth: u8,
    /// Of up to four users: MCS in the upper half, spatial streams in the lower (0: no such user).
    pub mcs_nss: [u8; 4],
    /// Bit n: user n is coded with LDPC.
    pub coding: u8,
    /// Group id.
    pub group: u8,
    /// Partial AID.
    pub partial_aid: u16,
}

/// The hardware's time, field 22.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// In the unit that is named.
    pub value: u64,
    /// In the same unit, where flag 2 says so.
    pub accuracy: u16,
    /// Lower half: 0 ms, 1 µs, 3 ns; upper half: which moment of the frame.
    pub unit_position: u8,
    /// 1: the value has 32 bits, 2: the accuracy is known.
    pub flags: u8,
}

/// HE rate, field 23: `data1` to `data6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct He(pub [u16; 6]);

/// HE-MU, field 24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeMu {
    /// `flags1` and `flags2`.
    pub flags: [u16; 2],
    /// The resource units of both content channels.
    pub units: [[u8; 4]; 2],
}

/// U-SIG, TLV 33.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct USig {
    /// What every PHY version has.
    pub common: u32,
    /// What this version has.
    pub value: u32,
    /// Which bits of it hold.
    pub mask: u32,
}

/// EHT, TLV 34.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Eht {
    /// Which parts of the data hold.
    pub known: u32,
    /// `data0` to `data8`.
    pub data: [u32; 9],
    /// One word a user.
    pub users: Vec<u32>,
}

/// `N` octets at `at`.
fn array<const N: usize>(octets: &[u8], at: usize) -> Option<[u8; N]> {
    octets.get(at..)?.first_chunk().copied()
}

/// The value of a TLV may be cut at its end: what is missing is 0.
fn word(octets: &[u8], index: usize) -> u32 {
    let value = octets.get(4 * index..).unwrap_or_default();
    let mut word = [0; 4];
    for (octet, value) in word.iter_mut().zip(value) {
        *octet = *value;
    }
    u32::from_le_bytes(word)
}

impl Channel {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        Some(Self {
            frequency: octets.u16_le(0)?,
            flags: octets.u16_le(2)?,
        })
    }
}

impl XChannel {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        Some(Self {
            flags: octets.u32_le(0)?,
            frequency: octets.u16_le(4)?,
            channel: octets.u8(6)?,
            max_power: octets.u8(7)?,
        })
    }
}

impl Mcs {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        let [known, flags, index] = array(octets, 0)?;
        Some(Self { known, flags, index })
    }

    /// The MCS index, where known.
    pub fn index(self) -> Option<u8> {
        (self.known & 2 != 0).then_some(self.index)
    }

    /// MHz, where known.
    pub fn bandwidth(self) -> Option<u16> {
        (self.known & 1 != 0).then_some(if self.flags & 3 == 1 { 40 } else { 20 })
    }
}

impl AmpduStatus {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        Some(Self {
            reference: octets.u32_le(0)?,
            flags: octets.u16_le(4)?,
        })
    }
}

impl Vht {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        Some(Self {
            known: octets.u16_le(0)?,
            flags: octets.u8(2)?,
            bandwidth: octets.u8(3)?,
            mcs_nss: array(octets, 4)?,
            coding: octets.u8(8)?,
            group: octets.u8(9)?,
            partial_aid: octets.u16_le(10)?,
        })
    }

    /// MCS and spatial streams of each user.
    pub fn users(self) -> impl Iterator<Item = (u8, u8)> {
        let users = self.mcs_nss.into_iter().map(|user| (user >> 4, user & 0xf));
        users.filter(|&(_, streams)| streams != 0)
    }
}

impl Timestamp {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        Some(Self {
            value: octets.u64_le(0)?,
            accuracy: octets.u16_le(8)?,
            unit_position: octets.u8(10)?,
            flags: octets.u8(11)?,
        })
    }
}

impl He {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        let octets: [u8; 12] = array(octets, 0)?;
        let (data, _) = octets.as_chunks::<2>();
        Some(Self([0, 1, 2, 3, 4, 5].map(|n| u16::from_le_bytes(data[n]))))
    }

    /// The MCS, where known.
    pub fn mcs(self) -> Option<u8> {
        (self.0[0] & 0x20 != 0).then_some((self.0[2] >> 8 & 0xf) as u8)
    }

    /// Space-time streams; 0 where unknown.
    pub fn streams(self) -> u8 {
        (self.0[5] & 0xf) as u8
    }

    /// Code of bandwidth or resource unit, where known: 0 20 MHz, 1 40 MHz, 2 80 MHz, 3 160 MHz, 4 26 tones…
    pub fn bandwidth(self) -> Option<u8> {
        (self.0[0] & 0x4000 != 0).then_some((self.0[4] & 0xf) as u8)
    }
}

impl HeMu {
    pub(super) fn new(octets: &[u8]) -> Option<Self> {
        Some(Self {
            flags: [octets.u16_le(0)?, octets.u16_le(2)?],
            units: [array(octets, 4)?, array(octets, 8)?],
        })
    }
}

impl USig {
    pub(super) fn new(octets: &[u8]) -> Self {
        Self {
            common: word(octets, 0),
            value: word(octets, 1),
            mask: word(octets, 2),
        }
    }

    /// The PHY's version, where known: 0 EHT.
    pub fn version(self) -> Option<u8> {
        (self.common & 1 != 0).then_some((self.common >> 12 & 7) as u8)
    }

    /// Code of the bandwidth, where known: 0 20 MHz, 1 40, 2 80, 3 160, 4 and 5 320 MHz.
    pub fn bandwidth(self) -> Option<u8> {
        (self.common & 2 != 0).then_some((self.common >> 15 & 7) as u8)
    }
}

/// Users of an EHT PPDU that are kept: no more fit in one.
const USERS: usize = 144;

impl Eht {
    pub(super) fn new(octets: &[u8]) -> Self {
        let users = octets.len().saturating_sub(40).div_ceil(4).min(USERS);
        Self {
            known: word(octets, 0),
            data: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|index| word(octets, index)),
            users: (0..users).map(|user| word(octets, 10 + user)).collect(),
        }
    }

    /// MCS and spatial streams of each user, where known.
    pub fn rates(&self) -> impl Iterator<Item = (Option<u8>, Option<u8>)> {
        self.users.iter().map(|user| {
            (
                (user & 2 != 0).then_some((user >> 20 & 0xf) as u8),
                (user & 0x10 != 0).then_some((user >> 24 & 0xf) as u8 + 1),
            )
        })
    }
}
