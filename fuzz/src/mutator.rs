//! Mutators for libFuzzer: half of the time its own, half of the time one that keeps the structure of elements.

use libfuzzer_sys::fuzzer_mutate;

use crate::mutate::{Change, Numbers, changed};

/// Changes the elements behind `at` octets of something else. Gives the new length.
pub fn mutate_elements(data: &mut [u8], size: usize, most: usize, seed: u32, at: usize) -> usize {
    let mut numbers = Numbers::new(seed.into());
    if size <= at || numbers.below(2) == 0 {
        return fuzzer_mutate(data, size, most);
    }
    let mut elements = data[at..size].to_vec();
    for _ in 0..1 + numbers.below(3) {
        let change = Change::ALL[numbers.below(Change::ALL.len())];
        elements = changed(&elements, change, &mut numbers);
    }
    elements.truncate(most - at);
    let end = at + elements.len();
    data[at..end].copy_from_slice(&elements);
    end
}

/// Changes the elements of the (re)association request in a radiotap packet behind `at` octets of something else.
pub fn mutate_packet(data: &mut [u8], size: usize, most: usize, seed: u32, at: usize) -> usize {
    let radiotap = data
        .get(at + 2..at + 4)
        .map_or(0, |length| usize::from(length[0]) + 256 * usize::from(length[1]));
    let frame = at + radiotap;
    let fixed = match data.get(frame) {
        Some(0x00) => 28,
        Some(0x20) => 34,
        _ => 24,
    };
    mutate_elements(data, size, most, seed, frame + fixed)
}

/// Changes a pcapng file block by block: one block comes again, goes away, changes place, or gets another length at both of
/// its ends; else as libFuzzer does.
pub fn mutate_blocks(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut numbers = Numbers::new(seed.into());
    if numbers.below(3) > 0 {
        return fuzzer_mutate(data, size, most);
    }
    let mut blocks = Vec::new();
    let mut rest = &data[..size];
    while let Some(&length) = rest.get(4..8).and_then(<[u8]>::first_chunk) {
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        let (block, behind) = rest.split_at(length.clamp(8, rest.len()));
        blocks.push(block.to_vec());
        rest = behind;
    }
    let (at, other) = (numbers.below(blocks.len()), numbers.below(blocks.len()));
    match numbers.below(4) {
        _ if blocks.is_empty() => {}
        0 => blocks.insert(other, blocks[at].clone()),
        1 => drop(blocks.remove(at)),
        2 => blocks.swap(at, other),
        _ => {
            let block = &mut blocks[at];
            let end = block.len().saturating_sub(4);
            let more = numbers.below(5) * 4;
            let content = numbers.octets(more);
            block.splice(end..end, content);
            let length = (block.len() as u32).to_le_bytes();
            let end = block.len().saturating_sub(4).max(8);
            block[4..8].copy_from_slice(&length);
            if let Some(last) = block.get_mut(end..end + 4) {
                last.copy_from_slice(&length);
            }
        }
    }
    let mut changed = [blocks.concat(), rest.to_vec()].concat();
    changed.truncate(most);
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
}
