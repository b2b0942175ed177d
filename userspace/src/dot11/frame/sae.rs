//! Simultaneous Authentication of Equals: what its messages carry (12.4.7).

use crate::dot11::element::{ElementId, Elements};

/// A commit message (12.4.7.3, Table 9-41): the group, then by status an anti-clogging token, or scalar and element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaeCommit<'a> {
    /// Finite Cyclic Group (9.4.1.42), a number of the IANA registry of RFC 2409: 19 is P-256.
    pub group: u16,
    /// The password element is found by hashing, not by hunting and pecking: status 126, or 127 with SAE-PK.
    pub hash_to_element: bool,
    /// Anti-Clogging Token (9.4.1.38) in front of the scalar, or asked for with status 76; none where the group's size is
    /// unknown.
    pub token: Option<&'a [u8]>,
    /// Scalar (9.4.1.39) and Finite Field Element (9.4.1.40), where the group's size is known and both are there.
    pub scalar_and_element: Option<(&'a [u8], &'a [u8])>,
    /// The elements behind them; all that follows the group where its size is unknown.
    pub elements: &'a [u8],
}

impl<'a> SaeCommit<'a> {
    /// The receiver asks for an anti-clogging token.
    pub const TOKEN_REQUIRED: u16 = 76;
    /// The receiver doesn't do this group.
    pub const GROUP_UNSUPPORTED: u16 = 77;
    /// Hash to element.
    pub const HASH_TO_ELEMENT: u16 = 126;
    /// Hash to element with SAE-PK.
    pub const SAE_PK: u16 = 127;

    /// Reads the fields behind the status code; `None` where there is no group.
    pub fn new(status: u16, rest: &'a [u8]) -> Option<Self> {
        let (&group, rest) = rest.split_first_chunk()?;
        let mut commit = Self {
            group: u16::from_le_bytes(group),
            hash_to_element: matches!(status, Self::HASH_TO_ELEMENT | Self::SAE_PK),
            token: None,
            scalar_and_element: None,
            elements: rest,
        };
        match status {
            // Hash to element puts the token into a container (12.4.6); the other way it is what is left.
            Self::TOKEN_REQUIRED if !starts_with_container(rest) => {
                commit.token = Some(rest);
                commit.elements = &[];
            }
            0 | Self::HASH_TO_ELEMENT | Self::SAE_PK => commit.read_key(rest),
            _ => {}
        }
        Some(commit)
    }

    fn read_key(&mut self, rest: &'a [u8]) {
        let Some((scalar, element)) = group_octets(self.group) else {
            return;
        };
        let Some(surplus) = rest.len().checked_sub(scalar + element) else {
            return;
        };
        let (mut at, mut tail) = (0, surplus);
        // With hunting and pecking the token has no length: it is what the group's sizes leave, unless elements follow.
        if !self.hash_to_element && surplus > 0 && !are_elements(&rest[scalar + element..]) {
            (at, tail) = (surplus, 0);
            self.token = Some(&rest[..surplus]);
        }
        let (key, elements) = rest[at..].split_at(rest.len() - at - tail);
        self.scalar_and_element = Some(key.split_at(scalar));
        self.elements = elements;
    }

    /// The token of an Anti-Clogging Token Container element (9.4.2.247), or the one without a container.
    pub fn anti_clogging_token(self) -> Option<Vec<u8>> {
        let contained = || {
            let elements = Elements::parse(self.elements);
            elements.first(ElementId::ANTI_CLOGGING_TOKEN).map(<[u8]>::to_vec)
        };
        self.token.map(<[u8]>::to_vec).or_else(contained)
    }

    /// Groups that the sender was refused with before, of a Rejected Groups element (9.4.2.246).
    pub fn rejected_groups(self) -> Vec<u16> {
        let elements = Elements::parse(self.elements);
        let list = elements.first(ElementId::REJECTED_GROUPS).unwrap_or_default();
        list.as_chunks().0.iter().copied().map(u16::from_le_bytes).collect()
    }
}

/// A confirm message (12.4.7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaeConfirm<'a> {
    /// Send-Confirm (9.4.1.37): how often the sender confirmed.
    pub send_confirm: u16,
    /// Confirm (9.4.1.41), as long as the group's hash, then elements of SAE-PK.
    pub confirm: &'a [u8],
}

impl<'a> SaeConfirm<'a> {
    /// Reads the fields behind the status code; `None` where there is no Send-Confirm.
    pub fn new(rest: &'a [u8]) -> Option<Self> {
        let (&send_confirm, confirm) = rest.split_first_chunk()?;
        Some(Self {
            send_confirm: u16::from_le_bytes(send_confirm),
            confirm,
        })
    }
}

/// Octets of scalar and element of the groups that are in use (RFC 5114, RFC 5903, RFC 6954, RFC 3526): the order's size,
/// and twice the prime's on a curve, once in a field of numbers.
fn group_octets(group: u16) -> Option<(usize, usize)> {
    let curve = |octets| (octets, 2 * octets);
    Some(match group {
        // P-256 and brainpoolP256r1, P-384 and brainpoolP384r1, P-521, brainpoolP512r1, P-192, P-224, brainpoolP224r1.
        19 | 28 => curve(32),
        20 | 29 => curve(48),
        21 => curve(66),
        30 => curve(64),
        25 => curve(24),
        26 | 27 => curve(28),
        // MODP groups of safe primes: 1536, 2048, 3072, 4096, 6144, 8192 bits.
        5 => (192, 192),
        14 => (256, 256),
        15 => (384, 384),
        16 => (512, 512),
        17 => (768, 768),
        18 => (1024, 1024),
        // MODP groups with subgroups of prime order: 160, 224, 256 bits.
        22 => (20, 128),
        23 => (28, 256),
        24 => (32, 256),
        _ => return None,
    })
}

fn starts_with_container(octets: &[u8]) -> bool {
    matches!(*octets, [255, length, 93, ..] if usize::from(length) + 2 == octets.len())
}

/// Whole elements to the end, the first of them an extended or a vendor specific one, as a commit message has.
fn are_elements(octets: &[u8]) -> bool {
    matches!(octets.first(), Some(255 | 221)) && Elements::parse(octets).notes().is_empty()
}
