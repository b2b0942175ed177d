//! Crafted packets of a monitor interface: every header layout and every way to break one.

use airlens_common::monitor::MAX_PACKET;

use super::Named;

/// `FCS at end`, and `bad FCS` with it.
pub const FCS: u8 = 0x10;
/// See [`FCS`].
pub const BAD_FCS: u8 = 0x50;

/// A radiotap header under construction (radiotap.org, Linux `include/net/ieee80211_radiotap.h`).
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// MAC time.
    pub tsft: Option<u64>,
    /// Flags field.
    pub flags: Option<u8>,
    /// Rate field.
    pub rate: Option<u8>,
    /// Channel frequency in MHz.
    pub channel: Option<u16>,
    /// FHSS field.
    pub fhss: Option<u16>,
    /// Antenna signal in dBm.
    pub signal: Option<i8>,
    /// Present, with value 0, behind the others.
    pub tx_flags: bool,
    /// Present words behind the first, the bit for another word is set by [`Header::octets`].
    pub words: Vec<u32>,
    /// Octets behind the fields.
    pub tail: usize,
}

impl Header {
    /// What most drivers give.
    #[must_use]
    pub fn usual(flags: u8) -> Self {
        Self {
            tsft: Some(0x0102_0304_0506_0708),
            flags: Some(flags),
            rate: Some(12),
            channel: Some(5180),
            signal: Some(-61),
            ..Self::default()
        }
    }

    /// The header's octets.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let mut words = vec![0u32];
        words.extend(&self.words);
        let last = words.len() - 1;
        for word in &mut words[..last] {
            *word |= 1 << 31;
        }
        let mut fields = Fields {
            octets: vec![0; 4 + 4 * words.len()],
            present: words[0],
        };
        fields.put(0, 8, self.tsft.map(|value| value.to_le_bytes().to_vec()));
        fields.put(1, 1, self.flags.map(|value| vec![value]));
        fields.put(2, 1, self.rate.map(|value| vec![value]));
        let channel = |value: u16| [value.to_le_bytes(), [0x40, 1]].concat();
        fields.put(3, 2, self.channel.map(channel));
        fields.put(4, 2, self.fhss.map(|value| value.to_le_bytes().to_vec()));
        fields.put(5, 1, self.signal.map(|value| value.to_le_bytes().to_vec()));
        fields.put(15, 2, self.tx_flags.then(|| vec![0, 0]));
        let Fields { mut octets, present } = fields;
        words[0] = present;
        for (index, word) in words.iter().enumerate() {
            octets[4 + 4 * index..8 + 4 * index].copy_from_slice(&word.to_le_bytes());
        }
        octets.resize(octets.len() + self.tail, 0xa5);
        let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
        octets[2..4].copy_from_slice(&length.to_le_bytes());
        octets
    }

    /// The header with a frame behind it.
    #[must_use]
    pub fn with(&self, frame: &[u8]) -> Vec<u8> {
        [&self.octets()[..], frame].concat()
    }
}

struct Fields {
    octets: Vec<u8>,
    present: u32,
}

impl Fields {
    fn put(&mut self, bit: u32, alignment: usize, value: Option<Vec<u8>>) {
        if let Some(value) = value {
            self.present |= 1 << bit;
            self.octets.resize(self.octets.len().next_multiple_of(alignment), 0);
            self.octets.extend(value);
        }
    }
}

/// An 802.11 frame of `length` octets whose frame control says type `kind`, `subtype` and the retry bit.
#[must_use]
pub fn frame(kind: u8, subtype: u8, retry: bool, length: usize) -> Vec<u8> {
    let mut frame: Vec<u8> = (0..=u8::MAX).cycle().take(length.max(2)).collect();
    frame[0] = subtype << 4 | kind << 2;
    frame[1] = if retry { 0x08 } else { 0 };
    frame
}

/// An association request, 160 octets: long enough for its elements.
#[must_use]
pub fn association_request() -> Vec<u8> {
    frame(0, 0, false, 160)
}

/// Every layout that a program must read: types and subtypes, subsets of fields, chains of present words, sizes.
#[must_use]
pub fn whole() -> Vec<Named> {
    let mut all = Vec::new();
    for (kind, subtype) in (0..4).flat_map(|kind| (0..16).map(move |subtype| (kind, subtype))) {
        for (flags, retry) in [(0, false), (FCS, true), (BAD_FCS, false), (BAD_FCS, true)] {
            all.push((
                format!("type {kind} subtype {subtype} flags {flags:#x} retry {retry}"),
                Header::usual(flags).with(&frame(kind, subtype, retry, 40 + usize::from(subtype))),
            ));
        }
    }
    for fields in 0u32..128 {
        let has = |bit: u32| fields >> bit & 1 != 0;
        let header = Header {
            tsft: has(0).then_some(7),
            flags: has(1).then_some(FCS),
            rate: has(2).then_some(2),
            channel: has(3).then_some(2437),
            fhss: has(4).then_some(0x0303),
            signal: has(5).then_some(-40),
            tx_flags: has(6),
            ..Header::default()
        };
        all.push((format!("fields {fields:#b}"), header.with(&association_request())));
    }
    for words in 1..32 {
        let header = Header {
            words: vec![1 << 29 | 1 << 5 | 1 << 11; words],
            tail: 2 * words,
            ..Header::usual(FCS)
        };
        all.push((
            format!("{words} more present words"),
            header.with(&association_request()),
        ));
    }
    for tail in [1, 600, 1500, 2500] {
        let header = Header {
            tail,
            ..Header::usual(FCS)
        };
        all.push((
            format!("{tail} octets behind the fields"),
            header.with(&frame(0, 11, false, 30)),
        ));
    }
    for octets in [1, 14, 63, 64, 65, 511, 512, 513, 1500, 3000] {
        all.push((
            format!("a frame of {octets} octets"),
            Header::usual(0).with(&frame(0, 8, false, octets)),
        ));
    }
    // A header of 8 octets and the shortest packet that a hook can see.
    all.push(("14 octets".to_owned(), Header::default().with(&frame(1, 13, false, 6))));
    all
}

/// Longer than a page, up to the largest packet that is handed over and beyond it.
#[must_use]
pub fn large() -> Vec<Named> {
    [4096, 8000, MAX_PACKET - 1, MAX_PACKET, MAX_PACKET + 1, 20_000]
        .map(|octets| {
            let header = Header::usual(FCS).octets();
            let frame = frame(0, 13, false, octets - header.len());
            (format!("{octets} octets"), [header, frame].concat())
        })
        .into()
}

/// Every way to break a header; all of them 14 octets and more.
#[must_use]
pub fn broken() -> Vec<Named> {
    let sound = Header::usual(FCS).with(&frame(0, 0, false, 24));
    let length = Header::usual(FCS).octets().len();
    let mut all: Vec<Named> = (14..length + 2)
        .map(|cut| (format!("cut to {cut} octets"), sound[..cut].to_vec()))
        .collect();
    for claimed in [
        0,
        1,
        7,
        8,
        12,
        length - 1,
        sound.len() - 1,
        sound.len(),
        sound.len() + 1,
        0x7fff,
        0x8000,
        0xffff,
    ] {
        let mut packet = sound.clone();
        packet[2..4].copy_from_slice(&(claimed as u16).to_le_bytes());
        all.push((format!("claims a header of {claimed} octets"), packet));
    }
    let mut packet = sound.clone();
    packet[0] = 1;
    all.push(("version 1".to_owned(), packet));
    all.push(("present words without end".to_owned(), {
        let mut packet = vec![0xff; 300];
        packet[..4].copy_from_slice(&[0, 0, 250, 0]);
        packet
    }));
    all.push(("present words beyond the packet".to_owned(), {
        let mut packet = vec![0xff; 60];
        packet[..4].copy_from_slice(&[0, 0, 60, 0]);
        packet
    }));
    all.push(("zeros".to_owned(), vec![0; 64]));
    all
}
