//! The packets that both read: the corpus, and variants of its requests.

use std::{fs::File, path::Path};

use airlens::{
    capture::Reader,
    dot11::{
        frame::{AssociationRequest, Management},
        link::LinkType,
    },
    profile::{Capture, Profile},
};
use airlens_tests::support::{
    corpus,
    mutate::{Change, Numbers, changed},
};
use anyhow::{Context as _, Result, ensure};

use super::{dissection::Dissection, dissection::dissect, request::Request};

/// A packet with a radiotap header.
#[derive(Clone)]
pub(crate) struct Case {
    /// Where it is from, and what was done to it.
    pub(crate) name: String,
    pub(crate) packet: Vec<u8>,
    /// In ns since 1970-01-01 UTC.
    time: u64,
    original_length: usize,
}

impl Case {
    /// Every packet of the corpus.
    pub(crate) fn corpus(folder: &Path) -> Result<Vec<Self>> {
        let mut cases = Vec::new();
        let captures = ["taxonomy/pcaps", "wlanpi"].map(|below| corpus::captures(&folder.join(below)));
        for path in captures.into_iter().collect::<Result<Vec<_>>>()?.concat() {
            let mut reader = Reader::new(File::open(&path)?)?;
            // The one truncated capture of the corpus gives what is before the cut.
            while let Ok(Some(packet)) = reader.next_packet() {
                let name = format!("{} packet {}", path.display(), packet.number);
                ensure!(packet.link_type == 127, "{name}: link type {}", packet.link_type);
                cases.push(Self {
                    packet: packet.octets.to_vec(),
                    time: packet.time.with_context(|| format!("{name}: no time"))?,
                    original_length: packet.original_length,
                    name,
                });
            }
        }
        Ok(cases)
    }

    /// The packet with its elements changed in one way; `None` where it is no request.
    pub(crate) fn changed(&self, change: Change, numbers: &mut Numbers) -> Option<Self> {
        let link = LinkType::Radiotap.parse(&self.packet).ok()?;
        let frame = link.frame(&self.packet, self.original_length);
        let request = Management::new(frame).and_then(AssociationRequest::new).ok()?;
        let behind = link.frame_at + frame.len();
        let before = behind - request.elements.len();
        let elements = changed(request.elements, change, numbers);
        let packet = [&self.packet[..before], &elements, &self.packet[behind..]].concat();
        Some(Self {
            name: format!("{}, {change:?}", self.name),
            original_length: packet.len(),
            packet,
            ..self.clone()
        })
    }

    /// `None` where it is no request.
    fn read(&self) -> Result<Option<Request>> {
        let capture = Capture {
            time: Some(self.time),
            original_length: Some(self.original_length),
            ..Capture::default()
        };
        let profile = Profile::from_packet(LinkType::Radiotap, &self.packet, capture)?;
        profile.map(Request::new).transpose()
    }
}

/// A classic capture file of the packets, times in ns.
fn pcap(cases: &[Case]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    for word in [0xa1b2_3c4du32, 4 << 16 | 2, 0, 0, 262_144, 127] {
        file.extend(word.to_le_bytes());
    }
    for case in cases {
        let (seconds, ns) = (case.time / 1_000_000_000, case.time % 1_000_000_000);
        for word in [seconds, ns, case.packet.len() as u64, case.original_length as u64] {
            file.extend(u32::try_from(word)?.to_le_bytes());
        }
        file.extend(&case.packet);
    }
    Ok(file)
}

/// The requests among the packets, as airlens and as tshark read them.
pub(crate) fn read<'a>(cases: &'a [Case], fields: &[&'static str]) -> Result<Vec<(&'a Case, Request, Dissection)>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("cases.pcap");
    std::fs::write(&path, pcap(cases)?)?;
    let mut theirs = dissect(&path, fields)?.into_iter();
    let mut both = Vec::new();
    for (number, case) in (1..).zip(cases) {
        if let Some(ours) = case.read().with_context(|| case.name.clone())? {
            let theirs = theirs
                .next()
                .with_context(|| format!("{}: no request to tshark", case.name))?;
            ensure!(
                theirs.number("frame.number") == Some(number),
                "{}: no request to tshark",
                case.name
            );
            both.push((case, ours, theirs));
        }
    }
    ensure!(theirs.next().is_none(), "more requests to tshark");
    Ok(both)
}
