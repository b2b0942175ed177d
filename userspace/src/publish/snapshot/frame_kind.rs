//! Names of frame types and subtypes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Type and subtype of a frame (IEEE Std 802.11-2020 Table 9-1), shown by name: `management`, `association-request`.
/// Subtypes that the standard reserves are shown as `reserved-N`, so that there are 64 kinds and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameKind {
    frame_type: u8,
    subtype: u8,
}

const TYPES: [&str; 4] = ["management", "control", "data", "extension"];

#[rustfmt::skip]
const SUBTYPES: [[&str; 16]; 4] = [
    [
        "association-request", "association-response", "reassociation-request", "reassociation-response",
        "probe-request", "probe-response", "timing-advertisement", "reserved-7",
        "beacon", "atim", "disassociation", "authentication",
        "deauthentication", "action", "action-no-ack", "reserved-15",
    ],
    [
        "reserved-0", "reserved-1", "trigger", "tack",
        "beamforming-report-poll", "vht-he-ndp-announcement", "control-frame-extension", "control-wrapper",
        "block-ack-request", "block-ack", "ps-poll", "rts",
        "cts", "ack", "cf-end", "reserved-15",
    ],
    [
        "data", "reserved-1", "reserved-2", "reserved-3",
        "null", "reserved-5", "reserved-6", "reserved-7",
        "qos-data", "qos-data-cf-ack", "qos-data-cf-poll", "qos-data-cf-ack-cf-poll",
        "qos-null", "reserved-13", "qos-cf-poll", "qos-cf-ack-cf-poll",
    ],
    [
        "dmg-beacon", "s1g-beacon", "reserved-2", "reserved-3",
        "reserved-4", "reserved-5", "reserved-6", "reserved-7",
        "reserved-8", "reserved-9", "reserved-10", "reserved-11",
        "reserved-12", "reserved-13", "reserved-14", "reserved-15",
    ],
];

impl FrameKind {
    /// The kind with these codes; only the low 2 and 4 bits count, as in the frame control field.
    #[must_use]
    pub fn new(frame_type: u8, subtype: u8) -> Self {
        Self {
            frame_type: frame_type & 3,
            subtype: subtype & 15,
        }
    }

    /// All 64 kinds, by type, then subtype.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..4).flat_map(|frame_type| (0..16).map(move |subtype| Self { frame_type, subtype }))
    }

    /// 0 management, 1 control, 2 data, 3 extension.
    #[must_use]
    pub fn frame_type(self) -> u8 {
        self.frame_type
    }

    /// 0 to 15.
    #[must_use]
    pub fn subtype(self) -> u8 {
        self.subtype
    }

    /// `management`, `control`, `data` or `extension`.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        TYPES[usize::from(self.frame_type)]
    }

    /// `beacon`, `probe-request` …
    #[must_use]
    pub fn subtype_name(self) -> &'static str {
        SUBTYPES[usize::from(self.frame_type)][usize::from(self.subtype)]
    }

    /// The kind with these names.
    #[must_use]
    pub fn from_names(frame_type: &str, subtype: &str) -> Option<Self> {
        Self::all().find(|kind| kind.type_name() == frame_type && kind.subtype_name() == subtype)
    }
}

#[derive(Serialize, Deserialize)]
struct Names<T> {
    r#type: T,
    subtype: T,
}

impl Serialize for FrameKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Names {
            r#type: self.type_name(),
            subtype: self.subtype_name(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FrameKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Names { r#type, subtype } = Names::<String>::deserialize(deserializer)?;
        Self::from_names(&r#type, &subtype)
            .ok_or_else(|| serde::de::Error::custom(format!("no frame kind {type} {subtype}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        let names: std::collections::BTreeSet<_> =
            FrameKind::all().map(|k| (k.type_name(), k.subtype_name())).collect();
        assert_eq!(names.len(), 64);
        for kind in FrameKind::all() {
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(serde_json::from_str::<FrameKind>(&json).unwrap(), kind);
        }
        assert_eq!(FrameKind::new(0, 8).subtype_name(), "beacon");
        assert_eq!(FrameKind::new(1, 13).subtype_name(), "ack");
        assert!(serde_json::from_str::<FrameKind>(r#"{"type":"data","subtype":"beacon"}"#).is_err());
    }
}
