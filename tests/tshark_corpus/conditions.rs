//! The conditions of `differences.toml`.

use anyhow::{Result, bail};

use super::{dissection::Dissection, request::Request, rows::Difference};

/// Whether a condition holds for a request and a difference in it.
pub(crate) type Condition = fn(&Request, &Dissection, &Difference) -> bool;

/// The condition of a name.
pub(crate) fn find(name: &str) -> Result<Condition> {
    Ok(match name {
        "tshark-stopped" => tshark_stopped,
        "repeated" => repeated,
        "repeated-behind-a-short-one" => repeated_behind_a_short_one,
        "joined" => joined,
        "cut-off" => cut_off,
        "other-length" => other_length,
        "any-bit" => any_bit,
        "fragments" => fragments,
        "no-extension" => no_extension,
        "count-too-large" => count_too_large,
        "draft-element" => draft_element,
        "eight-octets" => eight_octets,
        "no-htc" => no_htc,
        "no-fragmentation" => no_fragmentation,
        other => bail!("no condition is called {other}"),
    })
}

/// Where in the frame the element is first.
fn position(ours: &Request, difference: &Difference) -> Option<usize> {
    ours.wire.iter().position(|element| element.id == difference.element)
}

/// The words and numbers of a value.
fn words(value: &str) -> Vec<&str> {
    let parts = value.split([',', '(', ')', '[', ']', ' ', '"']);
    parts.filter(|part| !["", "Some", "None"].contains(part)).collect()
}

/// One value says nothing, or less than the other: the start of a text or of a list, a smaller number.
fn says_less(less: &str, more: &str) -> bool {
    let (few, many) = (words(less), words(more));
    let mut rest = many.iter();
    let number = |words: &[&str]| words.iter().copied().next().and_then(|word| word.parse::<i64>().ok());
    ["0", "-1", "false"].contains(&less)
        || few.iter().all(|word| rest.any(|other| other == word))
        || few.len() == 1 && many.len() == 1 && many[0].starts_with(few[0])
        || few.len() <= 2 && number(&few) < number(&many)
}

/// tshark gave up at the element or before it, and says less.
fn tshark_stopped(ours: &Request, theirs: &Dissection, difference: &Difference) -> bool {
    let read = theirs.ids();
    let wire: Vec<_> = ours.wire.iter().map(|element| element.id.clone()).collect();
    let last = ours.wire.iter().rposition(|element| element.id == difference.element);
    let behind = difference.element == "*" || last.is_some_and(|at| at + 1 >= read.len());
    let less = match difference.element {
        "*" => ours.ids().starts_with(&without_fragments(read.clone())),
        _ => says_less(&difference.theirs, &difference.ours),
    };
    theirs.is_malformed() && wire.starts_with(&read) && behind && less
}

/// There are two of the kind.
fn repeated(ours: &Request, _: &Dissection, difference: &Difference) -> bool {
    ours.wire
        .iter()
        .filter(|element| element.id == difference.element)
        .count()
        > 1
}

/// There are two of the kind, and the first is not read by tshark or says nothing about this.
fn repeated_behind_a_short_one(ours: &Request, theirs: &Dissection, difference: &Difference) -> bool {
    let unread = has_other_length(ours, difference) || says_less(&difference.ours, &difference.theirs);
    repeated(ours, theirs, difference) && unread
}

/// The element is continued by a fragment, and tshark says less.
fn joined(ours: &Request, _: &Dissection, difference: &Difference) -> bool {
    let pairs = ours.wire.windows(2);
    let mut joined = pairs.filter(|pair| pair[0].id == difference.element && pair[1].id == "242");
    joined.next().is_some() && says_less(&difference.theirs, &difference.ours)
}

/// The frame ends within the element, and airlens says less.
fn cut_off(ours: &Request, theirs: &Dissection, difference: &Difference) -> bool {
    let last = ours.wire.last().filter(|element| !element.whole);
    last.is_some_and(|last| match difference.element {
        "*" => [ours.ids(), vec![last.id.clone()]].concat() == without_fragments(theirs.ids()),
        element => element == last.id && says_less(&difference.ours, &difference.theirs),
    })
}

fn without_fragments(mut ids: Vec<String>) -> Vec<String> {
    ids.retain(|id| id != "242");
    ids
}

/// The lists are the same but for fragments.
fn fragments(ours: &Request, theirs: &Dissection, _: &Difference) -> bool {
    ours.ids() == without_fragments(theirs.ids())
}

/// There is an element 255 that ends before its extension id; the others are the same.
fn no_extension(ours: &Request, theirs: &Dissection, _: &Difference) -> bool {
    let plain = |ids: Vec<String>| -> Vec<_> { ids.into_iter().filter(|id| !id.starts_with("255")).collect() };
    let bare = ours.wire.iter().any(|element| element.id == "255/");
    let read = plain(without_fragments(theirs.ids()));
    bare && (plain(ours.ids()).starts_with(&read) || read.starts_with(&plain(ours.ids())))
}

/// The first of its kind has a length that tshark refuses to read, and tshark says less.
fn other_length(ours: &Request, _: &Dissection, difference: &Difference) -> bool {
    has_other_length(ours, difference) && says_less(&difference.theirs, &difference.ours)
}

fn has_other_length(ours: &Request, difference: &Difference) -> bool {
    let Some(at) = position(ours, difference) else {
        return false;
    };
    let length = ours.wire[at].payload.len();
    match difference.element {
        "33" | "255/59" => length != 2,
        "36" => length % 2 == 1,
        "45" => length != 26,
        "54" => length != 3,
        "59" => length < 2,
        "70" => length != 5,
        "191" => length != 12,
        _ => false,
    }
}

/// tshark shows 1 for a number that is not 0.
fn any_bit(_: &Request, _: &Dissection, difference: &Difference) -> bool {
    difference.theirs == "Some(1)" && !["Some(0)", "None"].contains(&&difference.ours[..])
}

/// A count of the first RSN element names more suites or PMKIDs than there is room for.
fn count_too_large(ours: &Request, _: &Dissection, _: &Difference) -> bool {
    // Behind version and group cipher: pairwise ciphers, AKMs, capabilities, PMKIDs.
    let mut rest = ours
        .first("48")
        .and_then(|payload| payload.get(6..))
        .unwrap_or_default();
    for (before, size) in [(0, 4), (0, 4), (2, 16)] {
        rest = rest.get(before..).unwrap_or_default();
        let Some((count, behind)) = rest.split_first_chunk() else {
            return false;
        };
        let Some(behind) = behind.get(size * usize::from(u16::from_le_bytes(*count))..) else {
            return true;
        };
        rest = behind;
    }
    false
}

/// There is a vendor element of 00-90-4C that holds an HT or VHT element of the drafts.
fn draft_element(ours: &Request, _: &Dissection, difference: &Difference) -> bool {
    let kind = match difference.element {
        "45" => 0x33,
        "191" => 0x04,
        _ => return false,
    };
    let mut vendors = ours.all("221");
    vendors.any(|payload| payload.starts_with(&[0x00, 0x90, 0x4c, kind]))
}

/// The element has no more than eight octets.
fn eight_octets(ours: &Request, _: &Dissection, difference: &Difference) -> bool {
    ours.first(difference.element).is_some_and(|payload| payload.len() == 8)
}

/// HE MAC Capabilities bit 0, +HTC HE Support, is 0.
fn no_htc(ours: &Request, _: &Dissection, _: &Difference) -> bool {
    he_bits(ours).is_some_and(|octet| octet & 0x01 == 0)
}

/// HE MAC Capabilities bits 3 and 4, Dynamic Fragmentation Support, are 0.
fn no_fragmentation(ours: &Request, _: &Dissection, _: &Difference) -> bool {
    he_bits(ours).is_some_and(|octet| octet & 0x18 == 0)
}

fn he_bits(ours: &Request) -> Option<u8> {
    ours.first("255/35").and_then(<[u8]>::first).copied()
}
