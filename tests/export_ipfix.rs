//! IPFIX as other programs read it: nfdump's nfcapd and tshark, field by field.

mod export_ipfix {
    mod collectors;
    pub(crate) mod sent;
    mod wire;
}
