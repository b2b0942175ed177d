//! Recorded frames and elements, read and written again: the same octets.

use std::path::Path;

use airlens::dot11::{
    element::*,
    emit::{Body, ElementWriter, Header},
    frame::Frame,
    link,
};
use airlens_tests::support::corpus;
use anyhow::{Result, ensure};

/// The frame as the emitter writes it, from what its views say.
fn rewritten(frame: Frame<'_>) -> Option<Vec<u8>> {
    let body = Body::of(frame)?;
    let header = frame.header();
    let mut elements = ElementWriter::new();
    for element in Elements::parse(frame.elements()).iter() {
        elements.raw(element.id, &element.payload);
    }
    let emitted = Header {
        flags: (header.control().0 >> 8) as u8,
        duration: header.duration(),
        destination: header.destination(),
        source: header.source(),
        bssid: header.bssid(),
        sequence: header.sequence(),
        ht_control: None,
    };
    Some(emitted.frame(&body, elements.octets()))
}

/// Checks every element that has a value of its own; how many there were.
fn rewrite_elements(elements: &Elements<'_>) -> Result<usize> {
    let mut count = 0;
    macro_rules! same {
        ($($type:ident $id:ident,)*) => {
            $(for payload in elements.all(ElementId::$id) {
                let Some(value) = $type::read(payload) else { continue };
                let (mut theirs, mut ours) = (ElementWriter::new(), ElementWriter::new());
                theirs.raw(ElementId::$id, payload);
                ours.put(&value);
                ensure!(ours == theirs, "{value:?}: {:02x?} of {payload:02x?}", ours.octets());
                count += 1;
            })*
        };
    }
    same!(
        DsssParameterSet DSSS_PARAMETER_SET,
        Tim TIM,
        Country COUNTRY,
        BssLoad BSS_LOAD,
        PowerConstraint POWER_CONSTRAINT,
        HtOperation HT_OPERATION,
        VhtOperation VHT_OPERATION,
        HeOperation HE_OPERATION,
        MuEdca MU_EDCA,
        SpatialReuse SPATIAL_REUSE,
        EhtOperation EHT_OPERATION,
        TransmitPowerEnvelope TRANSMIT_POWER_ENVELOPE,
        ReducedNeighborReport REDUCED_NEIGHBOR_REPORT,
        MobilityDomain MOBILITY_DOMAIN,
        FastBssTransition FAST_BSS_TRANSITION,
        TimeoutInterval TIMEOUT_INTERVAL,
        ApChannelReport AP_CHANNEL_REPORT,
        QosCapability QOS_CAPABILITY,
    );
    Ok(count)
}

/// Frames and elements that came back the same.
fn rewrite(packets: &[Vec<u8>]) -> Result<[usize; 2]> {
    let (mut counts, mut differing) = ([0; 2], Vec::new());
    for (number, packet) in packets.iter().enumerate() {
        let Ok(link) = link::LinkType::Radiotap.parse(packet) else {
            continue;
        };
        let octets = link.frame(packet, packet.len());
        let Ok(frame) = Frame::new(octets) else { continue };
        let elements = Elements::parse(frame.elements());
        if link.bad_fcs || !elements.notes().is_empty() {
            continue;
        }
        match rewrite_elements(&elements) {
            Ok(count) => counts[1] += count,
            Err(error) => differing.push(format!("packet {}: {error}", number + 1)),
        }
        match rewritten(frame) {
            Some(ours) if ours == octets => counts[0] += 1,
            Some(ours) => differing.push(format!("packet {}: {ours:02x?} of {octets:02x?}", number + 1)),
            None => {}
        }
    }
    ensure!(
        differing.is_empty(),
        "{} differ:\n{}",
        differing.len(),
        differing[..differing.len().min(10)].join("\n")
    );
    Ok(counts)
}

#[test]
fn hwsim_frames_are_written_again() -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hwsim.pcap");
    let counts = rewrite(&corpus::packets(&path, corpus::LinkType::Radiotap)?)?;
    // All but nine protected frames and the action frames.
    assert_eq!(counts, [210, 476]);
    Ok(())
}

#[test]
fn corpus_frames_are_written_again() -> Result<()> {
    let Some(folder) = corpus::folder() else {
        eprintln!("skipped, ../shared/corpus is not there: its frames are written as they were read");
        return Ok(());
    };
    let mut packets = Vec::new();
    for path in corpus::captures(&folder)? {
        packets.extend(corpus::packets(&path, corpus::LinkType::Radiotap)?);
    }
    assert_eq!(rewrite(&packets)?, [7653, 9240]);
    Ok(())
}
