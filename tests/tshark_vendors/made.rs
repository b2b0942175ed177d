//! Requests with elements that the captures don't hold.

/// Radiotap without fields, and an association request of a station with these elements.
fn request(elements: &[u8]) -> Vec<u8> {
    let mut packet = vec![0, 0, 8, 0, 0, 0, 0, 0];
    packet.extend([
        0, 0, 0x3c, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x50, 0,
    ]);
    packet.extend([0x31, 0x04, 10, 0, 0, 4, b'm', b'a', b'd', b'e']);
    packet.extend(elements);
    packet
}

/// A vendor element.
fn vendor(oui: [u8; 3], content: &[u8]) -> Vec<u8> {
    let mut element = vec![221, content.len() as u8 + 3];
    element.extend(oui);
    element.extend(content);
    element
}

/// An attribute of WPS.
fn wps(id: u16, value: &[u8]) -> Vec<u8> {
    let mut attribute = id.to_be_bytes().to_vec();
    attribute.extend((value.len() as u16).to_be_bytes());
    attribute.extend(value);
    attribute
}

/// Each one a request.
pub(crate) fn packets() -> Vec<Vec<u8>> {
    let microsoft = |content: &[u8]| request(&vendor([0x00, 0x50, 0xf2], content));
    let alliance = |content: &[u8]| request(&vendor([0x50, 0x6f, 0x9a], content));
    let cisco = |content: &[u8]| request(&vendor([0x00, 0x40, 0x96], content));
    let mut all_of_wps = vec![4];
    for (id, value) in [
        (0x104a, &[0x10][..]),
        (0x103a, &[1]),
        (0x1008, &[0x31, 0x48]),
        (0x1047, &[7; 16]),
        (0x1054, &[0, 7, 0, 0x50, 0xf2, 4, 0, 1]),
        (0x103c, &[3]),
        (0x1012, &[0, 4]),
        (0x1021, b"Maker"),
        (0x1023, b"Model"),
        (0x1024, b"12"),
        (0x1011, "Fernsehger\u{e4}t".as_bytes()),
        (0x1042, b"S/N 1"),
        (0x1049, &[0, 0x37, 0x2a, 0, 1, 0x20]),
    ] {
        all_of_wps.extend(wps(id, value));
    }
    let mut packets = vec![microsoft(&all_of_wps)];
    packets.extend((0..=255).step_by(5).map(|info| microsoft(&[2, 0, 1, info])));
    packets.push(microsoft(&[
        1, 1, 0, 0, 0x50, 0xf2, 2, 2, 0, 0, 0x50, 0xf2, 2, 0, 0x50, 0xf2, 4, 1, 0, 0, 0x50, 0xf2, 2,
    ]));
    packets.push(alliance(&[22, 3, 1, 1, 2, 5, 115, 36, 40, 0, 2, 2, 4, 81, 6, 255, 0]));
    packets.push(alliance(&[22, 3, 1, 3, 101, 1, 0x09, 2, 4, 128, 42, 1, 1]));
    packets.push(alliance(&[22, 101, 1, 0x02]));
    for configuration in [0x00, 0x10, 0x12, 0x22, 0x26, 0x14, 0x01] {
        let mut content = vec![16, configuration];
        if configuration & 2 != 0 {
            content.extend([0x34, 0x12]);
        }
        if configuration & 4 != 0 {
            content.extend([0x78, 0x56]);
        }
        packets.push(alliance(&content));
    }
    packets.extend((0..4).map(|role| alliance(&[10, 0, 0, 6, 1, role | 0x10, 0x1c, 0x44, 0, 40])));
    packets.extend((1..=6).map(|version| cisco(&[3, version])));
    // HE 6 GHz Band Capabilities, bit by bit; tshark reads them beside HE Capabilities.
    packets.extend((0..16).map(|bit| {
        let [low, high] = (1u16 << bit).to_le_bytes();
        request(&[255, 3, 59, low, high])
    }));
    packets.push(request(&[244, 1, 0x30]));
    packets.push(request(&[59, 6, 131, 131, 132, 133, 134, 135]));
    packets.extend((0..40).map(|bit| {
        let mut element = [70, 5, 0, 0, 0, 0, 0];
        element[2 + bit / 8] = 1 << (bit % 8);
        request(&element)
    }));
    packets.extend((0..96).map(|bit| {
        let mut element = [127, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        element[2 + bit / 8] = 1 << (bit % 8);
        request(&element)
    }));
    packets
}
