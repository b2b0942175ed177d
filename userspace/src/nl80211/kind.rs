//! The kinds of wireless interfaces.

use std::fmt;

use serde::Serialize;

/// What a wireless interface is used as (`enum nl80211_iftype`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InterfaceKind {
    /// Left to the driver.
    #[default]
    Unspecified,
    /// A member of an IBSS.
    AdHoc,
    /// A station of an access point's network.
    Managed,
    /// An access point.
    Ap,
    /// A VLAN of an access point.
    ApVlan,
    /// A wireless bridge, of old drivers.
    Wds,
    /// Hears all that is on the channel.
    Monitor,
    /// A member of a mesh.
    MeshPoint,
    /// A client of a P2P group.
    P2pClient,
    /// The owner of a P2P group.
    P2pOwner,
    /// The device that P2P groups are made of; no network interface.
    P2pDevice,
    /// Outside the context of a BSS.
    Ocb,
    /// Neighbor awareness networking; no network interface.
    Nan,
    /// Another number.
    Other(u32),
}

impl InterfaceKind {
    /// By its number.
    #[must_use]
    pub fn of_number(number: u32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::AdHoc,
            2 => Self::Managed,
            3 => Self::Ap,
            4 => Self::ApVlan,
            5 => Self::Wds,
            6 => Self::Monitor,
            7 => Self::MeshPoint,
            8 => Self::P2pClient,
            9 => Self::P2pOwner,
            10 => Self::P2pDevice,
            11 => Self::Ocb,
            12 => Self::Nan,
            number => Self::Other(number),
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::Unspecified => 0,
            Self::AdHoc => 1,
            Self::Managed => 2,
            Self::Ap => 3,
            Self::ApVlan => 4,
            Self::Wds => 5,
            Self::Monitor => 6,
            Self::MeshPoint => 7,
            Self::P2pClient => 8,
            Self::P2pOwner => 9,
            Self::P2pDevice => 10,
            Self::Ocb => 11,
            Self::Nan => 12,
            Self::Other(number) => number,
        }
    }
}

/// `managed`, `ap`, `monitor` …
impl fmt::Display for InterfaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::AdHoc => "ad-hoc",
            Self::Managed => "managed",
            Self::Ap => "ap",
            Self::ApVlan => "ap-vlan",
            Self::Wds => "wds",
            Self::Monitor => "monitor",
            Self::MeshPoint => "mesh-point",
            Self::P2pClient => "p2p-client",
            Self::P2pOwner => "p2p-owner",
            Self::P2pDevice => "p2p-device",
            Self::Ocb => "ocb",
            Self::Nan => "nan",
            Self::Other(number) => return write!(f, "type-{number}"),
        })
    }
}

impl Serialize for InterfaceKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_kernel() {
        for number in 0..16 {
            assert_eq!(InterfaceKind::of_number(number).number(), number);
        }
        assert_eq!(InterfaceKind::of_number(6), InterfaceKind::Monitor);
        assert_eq!(InterfaceKind::of_number(13).to_string(), "type-13");
        assert_eq!(
            serde_json::to_string(&InterfaceKind::MeshPoint).unwrap(),
            r#""mesh-point""#
        );
    }
}
