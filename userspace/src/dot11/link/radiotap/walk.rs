//! From field to field of a header: present words, namespaces, alignment, TLVs.
//!
//! Sources: radiotap.org; Linux `net/wireless/radiotap.c` (`ieee80211_radiotap_iterator_next`).

use airlens_common::Octets;

/// Bits of a present word that mean the same in every namespace.
const RADIOTAP_NAMESPACE: u32 = 1 << 29;
const VENDOR_NAMESPACE: u32 = 1 << 30;
const ANOTHER_WORD: u32 = 1 << 31;
/// The rest of the header is a list of type, length and value.
const TLVS: u8 = 28;
/// TLV types: padding, and a vendor's field.
const PADDING_TLV: u16 = 28;
const VENDOR_TLV: u16 = 30;

/// Alignment and octets of the fields 0 to 27. 18 (`XChannel`) and 25 (HE-MU-other-user) are radiotap.org's, not Linux'.
const LAYOUT: [(u8, u8); 28] = [
    (8, 8),  // TSFT
    (1, 1),  // flags
    (1, 1),  // rate
    (2, 4),  // channel
    (2, 2),  // FHSS
    (1, 1),  // antenna signal in dBm
    (1, 1),  // antenna noise in dBm
    (2, 2),  // lock quality
    (2, 2),  // TX attenuation
    (2, 2),  // TX attenuation in dB
    (1, 1),  // TX power in dBm
    (1, 1),  // antenna
    (1, 1),  // antenna signal in dB
    (1, 1),  // antenna noise in dB
    (2, 2),  // RX flags
    (2, 2),  // TX flags
    (1, 1),  // RTS retries
    (1, 1),  // data retries
    (4, 8),  // XChannel
    (1, 3),  // MCS
    (4, 8),  // A-MPDU status
    (2, 12), // VHT
    (8, 12), // timestamp
    (2, 12), // HE
    (2, 12), // HE-MU
    (2, 6),  // HE-MU-other-user
    (1, 1),  // zero-length PSDU
    (2, 4),  // L-SIG
];

/// A vendor's part of a header, stepped over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Whose it is.
    pub oui: [u8; 3],
    /// Which of its namespaces.
    pub sub_namespace: u8,
    /// Octets of data.
    pub length: u16,
}

/// One step of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// A field of the radiotap namespace.
    Field {
        /// Its bit number, or its type as a TLV.
        kind: u16,
        /// The present word that announces it, counted from 0.
        word: usize,
        /// Its octets; those of a TLV may be fewer or more than the field has.
        octets: &'a [u8],
    },
    Vendor(Vendor),
}

/// Where the reading of a header ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Behind all fields that are announced.
    #[default]
    Whole,
    /// Before a field of the radiotap namespace that is not defined, whose size nobody knows.
    Unknown {
        /// Its number: that of the bit, and 32 more for each present word of the namespace before.
        field: u16,
    },
    /// Before a field, or a vendor's data, that the header is too short for.
    Short {
        /// Its number.
        field: u16,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Namespace {
    Radiotap,
    Vendor,
}

/// The fields of a header, in order.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    header: &'a [u8],
    /// Offset of what comes next.
    at: usize,
    namespace: Namespace,
    /// The present word at hand, those of its bits that are still to come, and the number of its bit 0.
    word: usize,
    bits: u32,
    base: u16,
    /// The next word starts at field 0 of its namespace.
    restart: bool,
    in_tlvs: bool,
    end: Option<End>,
}

impl<'a> Walk<'a> {
    /// Of a header, from its version to its last octet, whose present words were counted.
    pub(super) fn new(header: &'a [u8]) -> Self {
        let word = |index: usize| header.u32_le(4 + 4 * index).unwrap_or_default();
        let more = (0..).take_while(|&index| word(index) & ANOTHER_WORD != 0).count();
        Self {
            header,
            at: 8 + 4 * more,
            namespace: Namespace::Radiotap,
            word: 0,
            bits: word(0),
            base: 0,
            restart: false,
            in_tlvs: false,
            end: None,
        }
    }

    /// Where it ended; to be asked behind the last item.
    pub(super) fn end(&self) -> End {
        self.end.unwrap_or_default()
    }

    /// The next `length` octets at a multiple of `alignment` from the header's start.
    fn take(&mut self, alignment: usize, length: usize) -> Option<&'a [u8]> {
        let start = self.at.next_multiple_of(alignment);
        let octets = self.header.get(start..start + length)?;
        self.at = start + length;
        Some(octets)
    }

    fn stop(&mut self, end: End) -> Option<Item<'a>> {
        self.end = Some(end);
        None
    }

    fn field(&mut self, bit: u8) -> Option<Item<'a>> {
        let field = self.base + u16::from(bit);
        let layout = LAYOUT.get(usize::from(field));
        let Some(&(alignment, length)) = layout else {
            return self.stop(End::Unknown { field });
        };
        match self.take(alignment.into(), length.into()) {
            Some(octets) => Some(Item::Field {
                kind: field,
                word: self.word,
                octets,
            }),
            None => self.stop(End::Short { field }),
        }
    }

    /// OUI 3, sub-namespace 1, octets of data 2; the data follow.
    fn vendor(&mut self) -> Option<Item<'a>> {
        let short = End::Short { field: 30 };
        let Some(&[a, b, c, sub_namespace, low, high]) = self.take(2, 6) else {
            return self.stop(short);
        };
        let length = u16::from_le_bytes([low, high]);
        if self.take(1, length.into()).is_none() {
            return self.stop(short);
        }
        Some(Item::Vendor(Vendor {
            oui: [a, b, c],
            sub_namespace,
            length,
        }))
    }

    /// Type 2, length 2, value, padding to four octets.
    fn tlv(&mut self) -> Option<Item<'a>> {
        loop {
            if self.header.len() < self.at.next_multiple_of(4) + 4 {
                return self.stop(End::Whole);
            }
            let &[t0, t1, l0, l1] = self.take(4, 4)? else {
                return None;
            };
            let kind = u16::from_le_bytes([t0, t1]);
            let Some(octets) = self.take(1, u16::from_le_bytes([l0, l1]).into()) else {
                return self.stop(End::Short { field: kind });
            };
            // A vendor's: OUI 3, sub-namespace 1, number of the field 2, reserved 2, data.
            return Some(match (kind, octets) {
                (VENDOR_TLV, &[a, b, c, sub_namespace, _, _, _, _, ref data @ ..]) => Item::Vendor(Vendor {
                    oui: [a, b, c],
                    sub_namespace,
                    length: u16::try_from(data.len()).unwrap_or(u16::MAX),
                }),
                (PADDING_TLV, _) => continue,
                _ => Item::Field {
                    kind,
                    word: self.word,
                    octets,
                },
            });
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        const FIELDS: u32 = RADIOTAP_NAMESPACE - 1;
        while self.end.is_none() {
            if self.in_tlvs {
                return self.tlv();
            }
            let fields = self.bits & FIELDS;
            if fields != 0 && self.namespace == Namespace::Radiotap {
                let bit = fields.trailing_zeros() as u8;
                self.bits &= !(1 << bit);
                if bit == TLVS && self.base == 0 {
                    self.in_tlvs = true;
                    continue;
                }
                return self.field(bit);
            }
            // What stands in a vendor's present word describes data that were stepped over.
            self.bits &= !FIELDS;
            if self.bits & RADIOTAP_NAMESPACE != 0 {
                self.bits &= !RADIOTAP_NAMESPACE;
                (self.namespace, self.restart) = (Namespace::Radiotap, true);
            }
            if self.bits & VENDOR_NAMESPACE != 0 {
                self.bits &= !VENDOR_NAMESPACE;
                (self.namespace, self.restart) = (Namespace::Vendor, true);
                return self.vendor();
            }
            if self.bits & ANOTHER_WORD == 0 {
                return self.stop(End::Whole);
            }
            self.next_word();
        }
        None
    }
}

impl Walk<'_> {
    /// A word behind one that names a namespace starts at field 0 of it, else the numbers go on.
    fn next_word(&mut self) {
        self.base = if self.restart { 0 } else { self.base + 32 };
        self.restart = false;
        self.word += 1;
        self.bits = self.header.u32_le(4 + 4 * self.word).unwrap_or_default();
    }
}
