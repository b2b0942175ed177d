use super::*;

fn vector<const N: usize>(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&length[4 - N..], content].concat()
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [vec![kind], vector::<3>(body)].concat()
}

fn record(content: &[u8]) -> Vec<u8> {
    [vec![22, 3, 1], vector::<2>(content)].concat()
}

fn extensions(all: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let all: Vec<u8> = all
        .iter()
        .flat_map(|(kind, value)| [kind.to_be_bytes().to_vec(), vector::<2>(value)].concat())
        .collect();
    vector::<2>(&all)
}

/// The ClientHello of the example in JA4's specification: Chrome, with GREASE in every list.
fn client_hello() -> Vec<u8> {
    let ciphers = [
        0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
        0x002f, 0x0035,
    ];
    let mut all = vec![(0x8a8a, vec![])];
    for kind in [
        0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b,
        0x000a, 0x0015,
    ] {
        let value = match kind {
            0x0000 => vector::<2>(&[vec![0], vector::<2>(b"example.org")].concat()),
            0x0010 => vector::<2>(&[vector::<1>(b"h2"), vector::<1>(b"http/1.1")].concat()),
            0x000d => vector::<2>(&words(&[
                0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
            ])),
            0x002b => vector::<1>(&words(&[0xdada, 0x0304, 0x0303])),
            _ => vec![0; 7],
        };
        all.push((kind, value));
    }
    all.push((0x1a1a, vec![0]));
    let body = [
        words(&[0x0303]),
        vec![7; 32],
        vector::<1>(&[9; 32]),
        vector::<2>(&words(&ciphers)),
        vector::<1>(&[0]),
        extensions(&all),
    ];
    message(1, &body.concat())
}

fn segment(sequence: u32, flags: u8, payload: &[u8]) -> Segment<'_> {
    Segment {
        sequence,
        acknowledgement: 0,
        flags,
        window: 1,
        payload,
        length: payload.len() as u32,
    }
}

#[test]
fn hellos_in_pieces() {
    let hello = client_hello();
    // In two records, in segments of every size, the first two in the wrong order.
    let stream = [record(&hello[..100]), record(&hello[100..])].concat();
    for size in 1..stream.len() {
        // More gaps than are waited for come of one octet each.
        let mut tls = Tls::default();
        tls.segment(1, &segment(u32::MAX - 7, SYN, &[]));
        let mut parts: Vec<_> = stream
            .chunks(size)
            .scan(u32::MAX - 6, |sequence, part| {
                let start = *sequence;
                *sequence = sequence.wrapping_add(part.len() as u32);
                Some((start, part))
            })
            .collect();
        let last = parts.len().min(2);
        parts[..last].reverse();
        for (sequence, part) in parts {
            tls.segment(1, &segment(sequence, 0x18, part));
        }
        let report = tls.report().unwrap();
        assert_eq!(
            report.ja4.as_deref(),
            Some("t13d1516h2_8daaf6152771_e5627efa2ab1"),
            "{size}"
        );
        assert_eq!(report.sni.as_deref(), Some("example.org"));
        assert_eq!(
            (report.alpn, report.version_offered),
            (vec!["h2".into(), "http/1.1".into()], Some("1.3".into()))
        );
        assert!(matches!(tls.ways[1], Way::Done));
    }
}

#[test]
fn the_server_chooses() {
    let hello = |chosen: &[(u16, Vec<u8>)]| {
        let body = [
            words(&[0x0303]),
            vec![1; 32],
            vec![0],
            words(&[0xc02f]),
            vec![0],
            extensions(chosen),
        ];
        record(&message(2, &body.concat()))
    };
    let read = |octets: &[u8]| {
        let mut tls = Tls::default();
        tls.segment(0, &segment(5, 0x18, octets));
        tls.report().unwrap()
    };
    let report = read(&hello(&[(16, vector::<2>(&vector::<1>(b"h2")))]));
    assert_eq!((report.version.as_deref(), report.cipher), (Some("1.2"), Some(0xc02f)));
    assert_eq!(report.alpn_chosen.as_deref(), Some("h2"));
    let report = read(&hello(&[(43, words(&[0x0304]))]));
    assert_eq!((report.version.as_deref(), report.ja4), (Some("1.3"), None));
}

#[test]
fn bare_hellos_and_none() {
    let read = |octets: &[u8]| {
        let mut tls = Tls::default();
        tls.segment(0, &segment(5, 0x18, octets));
        (tls.report(), matches!(tls.ways[0], Way::Done))
    };
    let bare = [
        words(&[0x0301]),
        vec![1; 32],
        vec![0],
        vector::<2>(&words(&[0x002f])),
        vector::<1>(&[0]),
    ]
    .concat();
    let (report, _) = read(&record(&message(1, &bare)));
    let ja4 = report.unwrap().ja4.unwrap();
    assert!(
        ja4.starts_with("t10i010000_") && ja4.ends_with("_000000000000"),
        "{ja4}"
    );
    for other in [
        &b"GET / HTTP/1.1\r\n"[..],
        &[22, 3, 1, 0, 0],
        &record(&message(11, &bare)),
        &record(&message(1, &bare[..30])),
    ] {
        assert_eq!(read(other), (None, true), "{other:x?}");
    }
    assert_eq!(read(&[22, 3]), (None, false));
}
