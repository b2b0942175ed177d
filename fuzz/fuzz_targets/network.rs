//! The elements of an AP: what is read of one, written and read again, is the same.

#![no_main]

use airlens::dot11::{
    element::{
        ApChannelReport, BssLoad, ChannelSwitch, Country, DsssParameterSet, EhtOperation, Elements,
        ExtendedChannelSwitch, FastBssTransition, HeOperation, HtOperation, MobilityDomain, MuEdca, MultipleBssid,
        NeighborReport, PowerConstraint, QosCapability, ReducedNeighborReport, SpatialReuse, Tim, TimeoutInterval,
        TransmitPowerEnvelope, VhtOperation,
    },
    emit::{ElementWriter, Payload},
};
use airlens_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

/// Reads, writes and reads again.
fn check<T: Payload + PartialEq + std::fmt::Debug>(payload: &[u8], read: fn(&[u8]) -> Option<T>) {
    let Some(value) = bounded(payload.len(), 128, 1024, || read(payload)) else {
        return;
    };
    assert_eq!(read(payload).as_ref(), Some(&value));
    let mut writer = ElementWriter::new();
    writer.put(&value);
    let elements = Elements::parse(writer.octets());
    let written = elements.first(T::ID).expect("it was written");
    assert_eq!(read(written), Some(value), "{written:02x?} of {payload:02x?}");
}

fuzz_target!(|payload: &[u8]| {
    check(payload, ApChannelReport::read);
    check(payload, BssLoad::read);
    check(payload, ChannelSwitch::read);
    check(payload, Country::read);
    check(payload, DsssParameterSet::read);
    check(payload, EhtOperation::read);
    check(payload, ExtendedChannelSwitch::read);
    check(payload, FastBssTransition::read);
    check(payload, HeOperation::read);
    check(payload, HtOperation::read);
    check(payload, MobilityDomain::read);
    check(payload, MuEdca::read);
    check(payload, MultipleBssid::read);
    check(payload, NeighborReport::read);
    check(payload, PowerConstraint::read);
    check(payload, QosCapability::read);
    check(payload, ReducedNeighborReport::read);
    check(payload, SpatialReuse::read);
    check(payload, Tim::read);
    check(payload, TimeoutInterval::read);
    check(payload, TransmitPowerEnvelope::read);
    check(payload, VhtOperation::read);
});
