//! Vendor elements and the bits of capability elements against tshark's reading of the same packets: every probe and
//! (re)association request of the captures in `../shared/corpus`, and made ones with what those don't hold.

#[path = "tshark_vendors/compare.rs"]
mod compare;
#[path = "tshark_vendors/fields.rs"]
mod fields;
#[path = "tshark_vendors/made.rs"]
mod made;

use std::{collections::BTreeMap, collections::HashMap, fs, path::Path};

use airlens::dot11::{
    element::Elements,
    frame::{FrameError, Management},
    link::LinkType,
};
use airlens_tests::support::{corpus, tshark};
use anyhow::{Context, Result, ensure};

/// What tshark says about a packet, by field.
struct Dissection(HashMap<String, String>);

impl Dissection {
    /// All values of a field, in the order of the packet.
    fn all(&self, field: &str) -> Vec<&str> {
        let values = self.0.get(field).map(String::as_str).unwrap_or_default();
        values.split('|').filter(|value| !value.is_empty()).collect()
    }

    fn first(&self, field: &str) -> Option<&str> {
        self.all(field).first().copied()
    }

    /// The first as a number.
    fn number(&self, field: &str) -> Option<u32> {
        let text = self.first(field)?;
        match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        }
    }

    /// The first as hexadecimal digits, of which tshark may print two or more for an octet.
    fn octets(&self, field: &str) -> Option<String> {
        Some(self.first(field)?.replace(':', "").to_lowercase())
    }
}

/// Where a body's elements begin in the requests that are compared, by subtype.
fn elements_at(subtype: u8) -> Option<usize> {
    match subtype {
        0 => Some(4),
        2 => Some(10),
        4 => Some(0),
        _ => None,
    }
}

/// The elements of a packet that is a request, and was received as it was sent.
fn elements(packet: &[u8]) -> Result<Option<Elements<'_>>> {
    let link = LinkType::Radiotap.parse(packet)?;
    if link.bad_fcs {
        return Ok(None);
    }
    let header = match Management::new(link.frame(packet, packet.len())) {
        Ok(header) => header,
        Err(FrameError::OtherKind(..) | FrameError::LaterFragment(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(at) = elements_at(header.control().subtype()) else {
        return Ok(None);
    };
    Ok(Some(Elements::parse(header.body().get(at..).context("too short")?)))
}

/// By number of packet.
fn dissect(file: &Path) -> Result<BTreeMap<usize, Dissection>> {
    let fields = fields::fields();
    let requests = "wlan.fc.type_subtype==0||wlan.fc.type_subtype==2||wlan.fc.type_subtype==4";
    let mut all = BTreeMap::new();
    for values in tshark::fields(file, requests, &fields)? {
        let dissection = Dissection(fields.iter().cloned().zip(values).collect());
        let number = dissection.number("frame.number").context("frame.number")?;
        all.insert(usize::try_from(number)?, dissection);
    }
    // This one has no value but its text.
    let text = tshark::output(file, &["-Y", "wlan.supopeclass.current", "-V"])?;
    let mut number = 0;
    for line in text.lines() {
        if let Some(frame) = line.strip_prefix("Frame ") {
            number = frame.split(':').next().context("number")?.parse()?;
        }
        if let (Some((_, classes)), Some(dissection)) =
            (line.split_once("Alternate Operating Classes: "), all.get_mut(&number))
        {
            let classes = classes.replace(", ", "|");
            dissection.0.insert("wlan.supopeclass.alt".to_owned(), classes);
        }
    }
    Ok(all)
}

#[test]
fn tshark_reads_vendor_elements_and_bits_alike() -> Result<()> {
    let mut packets = made::packets();
    let made = packets.len();
    assert_eq!(made, 228);
    match corpus::folder() {
        Some(folder) => {
            for folder in ["taxonomy/pcaps", "wlanpi"].map(|name| folder.join(name)) {
                for path in corpus::captures(&folder)? {
                    packets.extend(corpus::packets(&path, corpus::LinkType::Radiotap)?);
                }
            }
        }
        None => eprintln!(
            "skipped, ../shared/corpus is not there: 2,507 requests of real devices have the vendor elements and bits that \
             tshark reads"
        ),
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("requests.pcap");
    fs::write(&file, tshark::capture(127, &packets)?)?;
    let dissections = dissect(&file)?;
    let (mut compared, mut given_up, mut differences) = (0, 0, Vec::new());
    for (number, packet) in (1..).zip(&packets) {
        let ours = elements(packet)?;
        ensure!(
            ours.is_some() == dissections.contains_key(&number),
            "packet {number}: request or not"
        );
        let (Some(ours), Some(theirs)) = (ours, dissections.get(&number)) else {
            continue;
        };
        compared += 1;
        if !theirs.all("_ws.malformed").is_empty() {
            // tshark 4.0 gives up in RSN elements without RSN capabilities, which are optional (9.4.2.24), and in elements
            // that are cut off: what follows it doesn't read.
            given_up += 1;
            continue;
        }
        differences.extend(compare::differences(number, &ours, theirs));
    }
    let mut counts = BTreeMap::<_, usize>::new();
    let mut unexplained = Vec::new();
    for difference in differences {
        match difference.explained() {
            Some(what) => *counts.entry(what).or_default() += 1,
            None => unexplained.push(difference.to_string()),
        }
    }
    assert!(
        unexplained.is_empty(),
        "{} differences in {compared} requests are not explained:\n{}",
        unexplained.len(),
        unexplained[..unexplained.len().min(20)].join("\n")
    );
    let known: Vec<_> = compare::EXPLANATIONS.into_iter().map(|(what, _)| what).collect();
    let each: Vec<_> = known
        .iter()
        .map(|what| counts.get(what).copied().unwrap_or(0))
        .collect();
    if packets.len() > made {
        assert_eq!(
            (compared, given_up, &each[..]),
            (2735, 3, &[1, 1, 4, 2][..]),
            "{known:#?}"
        );
    } else {
        assert_eq!(
            (compared, given_up, &each[..]),
            (made, 0, &[1, 1, 4, 0][..]),
            "{known:#?}"
        );
    }
    Ok(())
}
