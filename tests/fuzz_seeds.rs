//! The first inputs of each fuzz target are those that the project's own fixture makes, and nothing else.
//! `AIRLENS_WRITE_SEEDS=1` writes them.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use airlens::{
    capture::Reader,
    dot11::{element::Elements, frame::Frame, link::LinkType},
    profile::{Capture, Profile, client_pcap},
};
use anyhow::{Result, ensure};

/// Inputs by target and name.
type Seeds = BTreeMap<&'static str, BTreeMap<String, Vec<u8>>>;

#[test]
fn seeds_are_the_fixtures() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = fs::read(root.join("fixtures/hwsim.pcap"))?;
    let mut seeds = Seeds::new();
    let mut kinds = BTreeSet::new();
    let mut reader = Reader::new(&fixture[..])?;
    while let Some(packet) = reader.next_packet()? {
        let link = LinkType::Radiotap.parse(packet.octets)?;
        let frame = link.frame(packet.octets, packet.original_length);
        // One of each kind: subtype, length of the header and the ids of the elements.
        if kinds.insert((frame.first().copied(), link.frame_at, ids(frame))) {
            let radiotap = &packet.octets[..link.frame_at];
            add(&mut seeds, packet.number, packet.octets, radiotap, frame)?;
        }
    }
    crafted(&mut seeds);
    let write = env::var_os("AIRLENS_WRITE_SEEDS").is_some();
    for (target, inputs) in seeds {
        let folder = root.join("../fuzz/corpus").join(target);
        for (name, octets) in inputs {
            let path = folder.join(name);
            if write {
                fs::create_dir_all(&folder)?;
                fs::write(&path, &octets)?;
            }
            ensure!(
                fs::read(&path).is_ok_and(|there| there == octets),
                "{} is another one: AIRLENS_WRITE_SEEDS=1 writes it anew",
                path.display()
            );
        }
    }
    Ok(())
}

fn elements(frame: &[u8]) -> &[u8] {
    Frame::new(frame).map_or(&[], Frame::elements)
}

fn ids(frame: &[u8]) -> Vec<String> {
    let elements = Elements::parse(elements(frame));
    elements.iter().map(|element| element.id.to_string()).collect()
}

fn add(seeds: &mut Seeds, number: u64, packet: &[u8], radiotap: &[u8], frame: &[u8]) -> Result<()> {
    let name = format!("hwsim-{number}");
    let mut put = |target, part: &str, octets: Vec<u8>| {
        let inputs = seeds.entry(target).or_default();
        if !inputs.values().any(|other| *other == octets) {
            inputs.insert(format!("{name}{part}"), octets);
        }
    };
    let header = packet[..packet.len().min(radiotap.len() + 2)].to_vec();
    put("radiotap", "", header);
    put("link", "", [&[0], packet].concat());
    put("air", "", [&[0], packet].concat());
    put("frame", "", frame.to_vec());
    let elements = elements(frame);
    if elements.is_empty() {
        return Ok(());
    }
    for target in ["elements", "signature", "vendor"] {
        put(target, "", elements.to_vec());
    }
    for element in Elements::parse(elements).iter() {
        let id = element.id.to_string();
        let target = match &id[..] {
            "48" => "rsn",
            "45" | "191" | "255/35" | "255/108" => "radio",
            "36" | "59" => "capabilities",
            "255/107" => "multi_link",
            "0" | "1" | "50" | "33" | "70" | "127" | "221" | "244" => continue,
            _ => "network",
        };
        put(
            target,
            &format!("-element-{}", id.replace('/', ".")),
            element.payload.to_vec(),
        );
    }
    if let Some(profile) = Profile::from_packet(LinkType::Radiotap, packet, Capture::default())? {
        put("profile", "", [&[0, 0, 0, 0, 0, 0x50], packet].concat());
        put("pcap", "", client_pcap(&profile));
        put("pcapng", "", pcapng(packet));
    }
    Ok(())
}

/// A file of one packet: section header, interface, packet with a comment. Not airlens's own, whose comments and version
/// change.
fn pcapng(packet: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let length = (12 + body.len().next_multiple_of(4)) as u32;
        file.extend([kind, length].map(u32::to_le_bytes).concat());
        file.extend(body);
        file.resize(file.len().next_multiple_of(4), 0);
        file.extend(length.to_le_bytes());
    };
    block(
        0x0a0d_0d0a,
        &[
            0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
        ],
    );
    // Radiotap; times in ns.
    block(1, &[127, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    let length = packet.len() as u32;
    let mut body = [0, 0x17a0_0000, 0, length, length].map(u32::to_le_bytes).concat();
    body.extend(packet);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend([1, 0, 4, 0, b'W', b'i', b'F', b'i', 0, 0, 0, 0]);
    block(6, &body);
    file
}

/// What the fixture has none of: other headers, multi-link, Ethernet.
fn crafted(seeds: &mut Seeds) {
    let mut put = |target, name: &str, octets: &[u8]| {
        seeds
            .entry(target)
            .or_default()
            .insert(name.to_owned(), octets.to_vec());
    };
    let mut ppi = vec![0, 0, 0, 32, 0, 105, 0, 0, 0, 2, 0, 20, 0];
    ppi.extend([0; 8]);
    ppi.extend([1, 0, 12, 0, 0x3c, 0x14, 0, 0, 0, 0, 0xc4, 0xa0, 0x40, 0]);
    put("link", "ppi", &ppi);
    let mut prism = vec![0, 0x44, 0, 0, 0, 48, 0, 0, 0];
    prism.extend([0; 16]);
    prism.extend([
        0x44, 0, 3, 0, 0, 0, 4, 0, 6, 0, 0, 0, 0x44, 0, 6, 0, 0, 0, 4, 0, 0xc4, 0xff, 0xff, 0xff, 0x40, 0,
    ]);
    put("link", "prism", &prism);
    let mut avs = vec![0, 0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64];
    avs.extend([0; 20]);
    avs.extend([0, 0, 0, 36]);
    avs.extend([0; 12]);
    avs.extend([0, 0, 0, 2, 0xff, 0xff, 0xff, 0xc4]);
    avs.extend([0; 12]);
    avs.extend([0x40, 0]);
    put("link", "avs", &avs);

    // Two links, the first with an element and a Non-Inheritance element, the second cut off.
    let mut multi_link = vec![0x80, 0x01, 11, 2, 0, 0, 0, 0, 9, 0x81, 0, 0x21, 0x20];
    multi_link.extend([
        0, 22, 0x31, 0, 7, 2, 0, 0, 0, 0, 8, 0x31, 4, 1, 2, 12, 24, 255, 5, 56, 1, 50, 1, 35,
    ]);
    multi_link.extend([0, 9, 0x12, 0, 1]);
    put("multi_link", "two-links", &multi_link);
    let mut request = vec![0, 1, b'a', 1, 2, 2, 4, 50, 1, 12, 255, multi_link.len() as u8 + 1, 107];
    request.extend(&multi_link);
    put("elements", "two-links", &request);
    let mut packet = vec![
        0, 0, 0, 0, 0, 0x50, 0, 0, 14, 0, 0x28, 0, 0, 0, 0x3c, 0x14, 0x40, 1, 0xce, 0,
    ];
    packet[8] = 14;
    packet.extend([
        0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 0, 0x31, 4, 10, 0,
    ]);
    packet.extend(&request);
    put("profile", "two-links", &packet);
    put(
        "radio",
        "he-and-eht",
        &[
            3, 8, 0, 0, 0, 0, 0x4c, 0x30, 0, 0x60, 0, 0x81, 0, 0, 0, 0, 0, 0xfa, 0xff, 0xfa, 0xff, 0xfa, 0xff, 0xfa,
            0xff,
        ],
    );
    put("capabilities", "channels", &[1, 13, 36, 4, 100, 12, 149, 5, 1, 59]);
    put(
        "rsn",
        "no-capabilities",
        &[1, 0, 0, 0x0f, 0xac, 4, 2, 0, 0, 0x0f, 0xac, 4, 0, 0x50, 0xf2, 2],
    );

    let addresses = [0, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    let tcp = [0x9c, 0x40, 1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0, 0];
    let mut v4 = [
        &addresses[..],
        &[0x81, 0, 0x20, 7, 8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0],
    ]
    .concat();
    v4.extend([10, 0, 0, 9, 10, 0, 0, 2]);
    v4.extend(tcp);
    put("ethernet", "vlan-ipv4-tcp", &v4);
    let mut v6 = [&addresses[..], &[0x86, 0xdd, 0x60, 0, 0, 0, 0, 24, 60, 64]].concat();
    v6.extend([0x20; 32]);
    v6.extend([44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 1]);
    v6.extend([0, 53, 0, 54, 0, 8, 0, 0]);
    put("ethernet", "ipv6-options-fragment-udp", &v6);
    put("ethernet", "arp", &[&addresses[..], &[8, 6], &[1; 28]].concat());
    let files = [&v4[2..], &v6[2..]].map(|frame| [&[1, 0, 0, 0, 0][..], frame].concat());
    for (name, packet) in ["tcp", "udp"].into_iter().zip(files) {
        put("flows", name, &packet);
    }
    put("inherit", "zeros", &[0; 64]);
    put("clients", "zeros", &[0; 64]);
    let counting: Vec<u8> = (0..=255).map(|n: u8| n | 1).collect();
    for target in ["responder", "sae"] {
        put(target, "zeros", &[0; 64]);
        put(target, "counting", &counting);
    }
}
