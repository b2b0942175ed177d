//! Elements of beacons and responses.

use super::Payload;
use crate::dot11::element::{
    ApChannelReport, BssLoad, ChannelSwitch, Country, DsssParameterSet, EhtOperation, ElementId, ExtendedChannelSwitch,
    FastBssTransition, HeOperation, HtOperation, MobilityDomain, MuEdca, MultipleBssid, NeighborReport,
    PowerConstraint, QosCapability, ReducedNeighborReport, SpatialReuse, Tim, TimeoutInterval, TransmitPowerEnvelope,
    VhtOperation,
};

/// `Payload` of a type: its element, then what it appends.
macro_rules! payload {
    ($type:ty, $id:ident, |$self:ident, $out:ident| $write:expr) => {
        impl Payload for $type {
            const ID: ElementId = ElementId::$id;

            fn write(&self, $out: &mut Vec<u8>) {
                let $self = self;
                $write
            }
        }
    };
}

payload!(DsssParameterSet, DSSS_PARAMETER_SET, |set, out| out.push(set.channel));
payload!(PowerConstraint, POWER_CONSTRAINT, |constraint, out| out
    .push(constraint.decibels));
payload!(QosCapability, QOS_CAPABILITY, |capability, out| out
    .push(capability.info));
payload!(Tim, TIM, |tim, out| {
    out.extend([tim.dtim_count, tim.dtim_period, tim.control]);
    out.extend(&tim.bitmap);
});
payload!(BssLoad, BSS_LOAD, |load, out| {
    out.extend(load.stations.to_le_bytes());
    out.push(load.utilization);
    out.extend(load.admission_capacity.to_le_bytes());
});
payload!(TimeoutInterval, TIMEOUT_INTERVAL, |interval, out| {
    out.push(interval.kind);
    out.extend(interval.value.to_le_bytes());
});
payload!(Country, COUNTRY, |country, out| {
    out.extend(country.string);
    country.triplets.iter().for_each(|triplet| out.extend(triplet.octets()));
    // The length is even: an octet of 0 where it would not be (9.4.2.8).
    if country.triplets.len().is_multiple_of(2) {
        out.push(0);
    }
});
payload!(TransmitPowerEnvelope, TRANSMIT_POWER_ENVELOPE, |envelope, out| {
    out.push(envelope.count & 7 | (envelope.interpretation & 7) << 3 | envelope.category << 6);
    out.extend(envelope.powers.iter().map(|power| power.cast_unsigned()));
    out.extend(&envelope.extension);
});
payload!(ChannelSwitch, CHANNEL_SWITCH, |switch, out| {
    out.extend([switch.mode, switch.channel, switch.count]);
});
payload!(ExtendedChannelSwitch, EXTENDED_CHANNEL_SWITCH, |switch, out| {
    out.extend([switch.mode, switch.class, switch.channel, switch.count]);
});
payload!(HtOperation, HT_OPERATION, |operation, out| {
    out.push(operation.primary);
    out.extend(operation.information);
    out.extend(operation.basic_mcs);
});
payload!(VhtOperation, VHT_OPERATION, |operation, out| {
    out.extend(operation.channel.0);
    out.extend(operation.basic_mcs.to_le_bytes());
});
payload!(HeOperation, HE_OPERATION, |operation, out| {
    let present = [
        (HeOperation::VHT, operation.vht.is_some()),
        (HeOperation::CO_HOSTED, operation.co_hosted.is_some()),
        (HeOperation::SIX_GHZ, operation.six_ghz.is_some()),
    ];
    let parameters = present
        .into_iter()
        .fold(operation.parameters, |parameters, (bit, there)| {
            if there { parameters | bit } else { parameters & !bit }
        });
    out.extend(&parameters.to_le_bytes()[..3]);
    out.push(operation.color);
    out.extend(operation.basic_mcs.to_le_bytes());
    out.extend(operation.vht.into_iter().flat_map(|channel| channel.0));
    out.extend(operation.co_hosted);
    if let Some(channel) = operation.six_ghz {
        let [segment_0, segment_1] = channel.segments;
        out.extend([
            channel.primary,
            channel.control,
            segment_0,
            segment_1,
            channel.minimum_rate,
        ]);
    }
});
payload!(MuEdca, MU_EDCA, |edca, out| {
    out.push(edca.qos_info);
    out.extend(edca.records.as_flattened());
});
payload!(SpatialReuse, SPATIAL_REUSE, |reuse, out| {
    let non_srg = u8::from(reuse.non_srg_max_offset.is_some()) * SpatialReuse::NON_SRG;
    let srg = u8::from(reuse.group.is_some()) * SpatialReuse::SRG;
    out.push(reuse.control & !(SpatialReuse::NON_SRG | SpatialReuse::SRG) | non_srg | srg);
    out.extend(reuse.non_srg_max_offset);
    if let Some(group) = reuse.group {
        out.extend(group.offsets);
        out.extend(group.colors.to_le_bytes());
        out.extend(group.bssids.to_le_bytes());
    }
});
payload!(EhtOperation, EHT_OPERATION, |operation, out| {
    let disabled = operation.channel.and_then(|channel| channel.disabled);
    let channel = u8::from(operation.channel.is_some()) * EhtOperation::CHANNEL;
    let bitmap = u8::from(disabled.is_some()) * EhtOperation::DISABLED;
    out.push(operation.parameters & !(EhtOperation::CHANNEL | EhtOperation::DISABLED) | channel | bitmap);
    out.extend(operation.basic_mcs);
    if let Some(channel) = operation.channel {
        out.push(channel.control);
        out.extend(channel.segments);
    }
    out.extend(disabled.into_iter().flat_map(u16::to_le_bytes));
});
payload!(MobilityDomain, MOBILITY_DOMAIN, |domain, out| {
    out.extend(domain.id.to_le_bytes());
    out.push(domain.capability);
});
payload!(FastBssTransition, FAST_BSS_TRANSITION, |transition, out| {
    out.extend(transition.control.to_le_bytes());
    out.extend(&transition.mic);
    out.extend(transition.anonce);
    out.extend(transition.snonce);
    for (id, content) in &transition.subelements {
        let content = &content[..content.len().min(255)];
        out.extend([*id, content.len() as u8]);
        out.extend(content);
    }
});
payload!(NeighborReport, NEIGHBOR_REPORT, |report, out| {
    out.extend(report.bssid.0);
    out.extend(report.information.to_le_bytes());
    out.extend([report.class, report.channel, report.phy]);
    out.extend(&report.subelements);
});
payload!(ApChannelReport, AP_CHANNEL_REPORT, |report, out| {
    out.push(report.class);
    out.extend(&report.channels);
});
payload!(ReducedNeighborReport, REDUCED_NEIGHBOR_REPORT, |report, out| {
    for channel in &report.channels {
        // All fields of a channel have the length of the first; the header counts 1 to 16 of them.
        let length = channel.aps.first().map_or(0, |ap| ap.0.len().min(255));
        let aps = channel.aps.iter().filter(|ap| ap.0.len() == length).take(16);
        let Some(more) = aps.clone().count().checked_sub(1) else {
            continue;
        };
        let filtered = u8::from(channel.filtered) << 2;
        out.push((channel.kind & 3) | filtered | ((more as u8) << 4));
        out.extend([length as u8, channel.class, channel.channel]);
        aps.for_each(|ap| out.extend(&ap.0));
    }
});
payload!(MultipleBssid, MULTIPLE_BSSID, |element, out| {
    out.push(element.indicator);
    for profile in &element.profiles {
        let profile = &profile[..profile.len().min(255)];
        out.extend([0, profile.len() as u8]);
        out.extend(profile);
    }
});
