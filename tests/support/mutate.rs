//! Changes to lists of elements, as a careless or hostile sender makes them. The same seed makes the same change. Tests and
//! fuzz targets share this file.

/// Numbers that look random (SplitMix64).
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number from 0 to `end` less one; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.any() % end.max(1) as u64) as usize
    }

    /// An octet.
    pub fn octet(&mut self) -> u8 {
        self.any() as u8
    }

    /// So many octets.
    pub fn octets(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.octet()).collect()
    }
}

/// What is done to the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// One to four bits of one element's payload are flipped.
    Flip,
    /// One element loses its end, and its length says so.
    Shorten,
    /// One element gets octets at its end, and its length says so.
    Lengthen,
    /// One element's length is another than its payload's.
    Length,
    /// One element comes again, somewhere.
    Duplicate,
    /// Two elements change places.
    Swap,
    /// One element is gone.
    Remove,
    /// One element is filled up to 255 octets and continued by a fragment.
    Fragment,
    /// A fragment that continues nothing.
    Stray,
    /// A new element of a kind that airlens reads, its payload random.
    Insert,
    /// The list ends within an element.
    Cut,
}

impl Change {
    /// Every change.
    pub const ALL: [Self; 11] = [
        Self::Flip,
        Self::Shorten,
        Self::Lengthen,
        Self::Length,
        Self::Duplicate,
        Self::Swap,
        Self::Remove,
        Self::Fragment,
        Self::Stray,
        Self::Insert,
        Self::Cut,
    ];
}

/// Element ids that airlens reads, with an extension id behind 255.
pub const READ: [&[u8]; 20] = [
    &[0],
    &[1],
    &[33],
    &[36],
    &[45],
    &[48],
    &[50],
    &[54],
    &[59],
    &[70],
    &[127],
    &[191],
    &[221],
    &[244],
    &[242],
    &[255, 35],
    &[255, 56],
    &[255, 59],
    &[255, 107],
    &[255, 108],
];

/// The Fragment element (IEEE Std 802.11-2020 9.4.2.188).
const FRAGMENT: u8 = 242;

/// The elements of a list, ids and lengths included; what is left behind the last whole one is one more.
#[must_use]
pub fn split(mut octets: &[u8]) -> Vec<Vec<u8>> {
    let mut elements = Vec::new();
    while !octets.is_empty() {
        let length = octets.get(1).map_or(1, |&length| 2 + usize::from(length));
        let (element, rest) = octets.split_at(length.min(octets.len()));
        elements.push(element.to_vec());
        octets = rest;
    }
    elements
}

/// Changes the list in one way; an empty one only gets elements.
#[must_use]
pub fn changed(octets: &[u8], change: Change, numbers: &mut Numbers) -> Vec<u8> {
    let mut elements = split(octets);
    let at = numbers.below(elements.len());
    match change {
        Change::Stray => elements.insert(at, vec![FRAGMENT, 2, 1, 2]),
        Change::Insert => elements.insert(at, any_element(numbers)),
        _ if elements.is_empty() => {}
        Change::Flip => flip(&mut elements[at], numbers),
        Change::Shorten => {
            let kept = 2 + numbers.below(elements[at].len().saturating_sub(2));
            elements[at].truncate(kept);
            say_length(&mut elements[at]);
        }
        Change::Lengthen => {
            let more = 1 + numbers.below(12);
            elements[at].extend(numbers.octets(more));
            elements[at].truncate(257);
            say_length(&mut elements[at]);
        }
        Change::Length => {
            let length = numbers.octet();
            let by = [0, 1, 2, 0xff, 0xfe, length][numbers.below(6)];
            if let Some(length) = elements[at].get_mut(1) {
                *length = length.wrapping_add(by);
            }
        }
        Change::Duplicate => {
            let copy = elements[at].clone();
            let to = numbers.below(elements.len() + 1);
            elements.insert(to, copy);
        }
        Change::Swap => {
            let other = numbers.below(elements.len());
            elements.swap(at, other);
        }
        Change::Remove => {
            elements.remove(at);
        }
        Change::Fragment => {
            let filler = numbers.octets(255);
            let length = elements[at].len().max(2);
            elements[at].resize(length, 0);
            elements[at].extend(filler);
            elements[at].truncate(257);
            say_length(&mut elements[at]);
            let length = numbers.octet();
            let content = numbers.octets(length.into());
            elements.insert(at + 1, [&[FRAGMENT, length][..], &content].concat());
        }
        Change::Cut => {
            let kept = numbers.below(octets.len());
            return octets[..kept].to_vec();
        }
    }
    elements.concat()
}

fn flip(element: &mut [u8], numbers: &mut Numbers) {
    for _ in 0..1 + numbers.below(4) {
        let bit = numbers.below(8 * element.len().saturating_sub(2));
        if let Some(octet) = element.get_mut(2 + bit / 8) {
            *octet ^= 1 << (bit % 8);
        }
    }
}

fn any_element(numbers: &mut Numbers) -> Vec<u8> {
    let id = READ[numbers.below(READ.len())];
    let length = numbers.below(40);
    let payload = numbers.octets(length);
    let mut element = vec![id[0], 0];
    element.extend(&id[1..]);
    element.extend(payload);
    say_length(&mut element);
    element
}

fn say_length(element: &mut [u8]) {
    let length = element.len().saturating_sub(2).min(255);
    if let Some(octet) = element.get_mut(1) {
        *octet = length as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides() {
        let list = [0, 1, b'a', 1, 2, 3, 4, 45, 0, 9];
        assert_eq!(split(&list).concat(), list);
        for change in Change::ALL {
            let one = changed(&list, change, &mut Numbers::new(7));
            assert_eq!(one, changed(&list, change, &mut Numbers::new(7)), "{change:?}");
            let _ = changed(&[], change, &mut Numbers::new(7));
            let all = (0..50).map(|seed| changed(&list, change, &mut Numbers::new(seed)));
            assert!(all.into_iter().any(|other| other != list), "{change:?}");
        }
    }
}
