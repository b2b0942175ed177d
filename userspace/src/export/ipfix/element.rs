//! Information elements (IANA registry "IPFIX Information Elements") in the order of each template.

/// The enterprise number under which RFC 5103 6.1 puts the elements of a biflow's way back.
pub(super) const REVERSE: u32 = 29305;

/// A field of a template (RFC 7011 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) id: u16,
    pub(super) length: u16,
    pub(super) enterprise: Option<u32>,
}

const fn field(id: u16, length: u16) -> Field {
    Field {
        id,
        length,
        enterprise: None,
    }
}

const fn reverse(id: u16, length: u16) -> Field {
    Field {
        id,
        length,
        enterprise: Some(REVERSE),
    }
}

/// A template: its identifier, how many of its fields are the scope of options (RFC 7011 3.4.2.2), its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template {
    pub(super) id: u16,
    pub(super) scope: u16,
    pub(super) fields: &'static [Field],
}

impl Template {
    /// Octets of a record; no field has a variable length.
    pub(super) const fn record_length(&self) -> usize {
        let (mut length, mut index) = (0, 0);
        while index < self.fields.len() {
            length += self.fields[index].length as usize;
            index += 1;
        }
        length
    }
}

macro_rules! flow_template {
    ($id:literal, $source:literal, $destination:literal, $length:literal) => {
        Template {
            id: $id,
            scope: 0,
            fields: &[
                field(152, 8),           // flowStartMilliseconds
                field(153, 8),           // flowEndMilliseconds
                field($source, $length), // sourceIPv4Address, sourceIPv6Address
                field($destination, $length),
                field(7, 2),   // sourceTransportPort
                field(11, 2),  // destinationTransportPort
                field(4, 1),   // protocolIdentifier
                field(136, 1), // flowEndReason
                field(239, 1), // biflowDirection
                field(10, 4),  // ingressInterface
                field(58, 2),  // vlanId
                // The way back first: nfdump 1.7.1 has one place for both ways' flags and service, where the last stays.
                reverse(2, 8),
                reverse(1, 8),
                reverse(352, 8),
                reverse(6, 2),
                reverse(5, 1),
                reverse(25, 2),
                reverse(26, 2),
                field(2, 8),   // packetDeltaCount
                field(1, 8),   // octetDeltaCount
                field(352, 8), // layer2OctetDeltaCount
                field(6, 2),   // tcpControlBits
                field(5, 1),   // ipClassOfService
                field(25, 2),  // minimumIpTotalLength
                field(26, 2),  // maximumIpTotalLength
            ],
        }
    };
}

/// Flows of IPv4.
pub(super) const IPV4: Template = flow_template!(256, 8, 12, 4);

/// Flows of IPv6.
pub(super) const IPV6: Template = flow_template!(257, 27, 28, 16);

/// What was exported and what is missing: the options of RFC 7011 4.1 to 4.3 in one record.
pub(super) const STATISTICS: Template = Template {
    id: 258,
    scope: 1,
    fields: &[
        field(149, 4), // observationDomainId
        field(40, 8),  // exportedOctetTotalCount
        field(41, 8),  // exportedMessageTotalCount
        field(42, 8),  // exportedFlowRecordTotalCount
        field(163, 8), // observedFlowTotalCount
        field(166, 8), // notSentFlowTotalCount
        field(167, 8), // notSentPacketTotalCount
        field(168, 8), // notSentOctetTotalCount
        field(164, 8), // ignoredPacketTotalCount
        field(165, 8), // ignoredOctetTotalCount
        field(160, 8), // systemInitTimeMilliseconds
    ],
};

/// That every packet is looked at (RFC 5477 8.2): systematic count-based sampling of one packet, then a space of none.
pub(super) const SAMPLING: Template = Template {
    id: 259,
    scope: 1,
    fields: &[
        field(302, 8), // selectorId
        field(304, 2), // selectorAlgorithm
        field(305, 4), // samplingPacketInterval
        field(306, 4), // samplingPacketSpace
    ],
};

/// Every template that is announced.
pub(super) const TEMPLATES: [&Template; 4] = [&IPV4, &IPV6, &STATISTICS, &SAMPLING];
