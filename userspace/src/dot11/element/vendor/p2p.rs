//! Wi-Fi Direct (Wi-Fi Peer-to-Peer Technical Specification 1.7, 4.1), 50-6F-9A type 9, and Wi-Fi Display (Wi-Fi Display
//! Technical Specification 2.1, 5.1), type 10.

use super::{
    attributes::{Attributes, Head},
    wps::{ConfigMethods, DeviceType},
};
use crate::dot11::Address;

/// The attributes of all P2P elements of a frame, joined (4.1.1).
#[derive(Clone, Copy, Debug)]
pub struct P2p<'a>(Attributes<'a>);

/// P2P Device Info (4.1.15).
#[derive(Clone, Copy, Debug)]
pub struct DeviceInfo<'a> {
    /// P2P device address.
    pub address: Address,
    /// Configuration methods of WPS.
    pub config_methods: ConfigMethods,
    /// Primary device type of WPS.
    pub primary_device_type: DeviceType,
    /// Device name, 32 octets of UTF-8 at the most.
    pub device_name: Option<&'a [u8]>,
}

/// Names of the Device Capability Bitmap (Table 12), by bit; bit 6: hostapd's `src/common/ieee802_11_defs.h`.
const DEVICE: [&str; 7] = [
    "service discovery",
    "client discoverability",
    "concurrent operation",
    "infrastructure managed",
    "device limit",
    "invitation procedure",
    "6 GHz",
];

/// Names of the Group Capability Bitmap (Table 13), by bit.
const GROUP: [&str; 8] = [
    "group owner",
    "persistent group",
    "group limit",
    "intra-BSS distribution",
    "cross connection",
    "persistent reconnect",
    "group formation",
    "IP address allocation",
];

impl<'a> P2p<'a> {
    /// A view of the joined contents behind the type.
    pub fn new(attributes: &'a [u8]) -> Self {
        Self(Attributes::new(attributes, Head::Direct))
    }

    /// P2P Capability (2): device and group bitmap.
    pub fn capability(self) -> Option<(u8, u8)> {
        match self.0.first(2)? {
            &[device, group, ..] => Some((device, group)),
            _ => None,
        }
    }

    /// Names of the bits of [`Self::capability`] that are set, the device's first.
    pub fn capability_names(self) -> impl Iterator<Item = &'static str> {
        let (device, group) = self.capability().unwrap_or_default();
        let set = |bitmap: u8, names: &'static [&str]| {
            let bits = names.iter().enumerate();
            bits.filter_map(move |(bit, &name)| (bitmap >> bit & 1 == 1).then_some(name))
        };
        set(device, &DEVICE).chain(set(group, &GROUP))
    }

    /// Listen Channel (6): country, operating class and channel.
    pub fn listen_channel(self) -> Option<([u8; 3], u8, u8)> {
        match self.0.first(6)? {
            &[c0, c1, c2, class, channel, ..] => Some(([c0, c1, c2], class, channel)),
            _ => None,
        }
    }

    /// P2P Device Info (13).
    pub fn device_info(self) -> Option<DeviceInfo<'a>> {
        let value = self.0.first(13)?;
        let address = Address::read(value)?;
        let (&methods, rest) = value.get(6..)?.split_first_chunk()?;
        let (kind, rest) = rest.split_first_chunk()?;
        let (&secondary, rest) = rest.split_first()?;
        let name = rest.get(8 * usize::from(secondary)..).unwrap_or_default();
        let name = Attributes::new(name, Head::Wps).first(0x1011);
        Some(DeviceInfo {
            address,
            config_methods: ConfigMethods(u16::from_be_bytes(methods)),
            primary_device_type: DeviceType::new(kind),
            device_name: name.map(|name| name.get(..32).unwrap_or(name)),
        })
    }
}

/// WFD Device Information, subelement 0 (5.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WifiDisplay {
    bits: u16,
    /// TCP port of the RTSP server.
    pub rtsp_port: u16,
    /// Maximum throughput in Mb/s.
    pub max_throughput_mbps: u16,
}

impl WifiDisplay {
    /// Reads the joined contents behind the type; `None` without device information.
    pub(super) fn new(content: &[u8]) -> Option<Self> {
        let information = Attributes::new(content, Head::Display).first(0)?.first_chunk()?;
        let &[b0, b1, p0, p1, t0, t1] = information;
        Some(Self {
            bits: u16::from_be_bytes([b0, b1]),
            rtsp_port: u16::from_be_bytes([p0, p1]),
            max_throughput_mbps: u16::from_be_bytes([t0, t1]),
        })
    }

    /// Device type, bits 0 and 1.
    pub fn role(self) -> &'static str {
        ["source", "primary sink", "secondary sink", "source or primary sink"][usize::from(self.bits & 3)]
    }

    /// Session available, bits 4 and 5 equal 1.
    pub fn available(self) -> bool {
        self.bits >> 4 & 3 == 1
    }

    /// Content protection (HDCP) supported, bit 8.
    pub fn content_protection(self) -> bool {
        self.bits & 0x100 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capability_and_device_info() {
        let mut octets = vec![2, 2, 0, 0x25, 0x80, 6, 5, 0, b'D', b'E', 4, 81, 6, 13, 30, 0];
        octets.extend([2, 0, 0, 0, 0, 9, 0x01, 0x88, 0, 10, 0, 0x50, 0xf2, 4, 0, 5, 1]);
        octets.extend([0; 8]);
        octets.extend([0x10, 0x11, 0, 1, b'n']);
        let p2p = P2p::new(&octets);
        let names: Vec<_> = p2p.capability_names().collect();
        assert_eq!(
            names,
            [
                "service discovery",
                "concurrent operation",
                "invitation procedure",
                "IP address allocation"
            ]
        );
        assert_eq!(p2p.listen_channel(), Some(([b'D', b'E', 4], 81, 6)));
        let info = p2p.device_info().unwrap();
        assert_eq!((info.address.0[5], info.device_name), (9, Some(&b"n"[..])));
        assert_eq!(info.config_methods, ConfigMethods(0x188));
        assert_eq!(info.primary_device_type.names().0, Some("Telephone"));
        let mut many_types = octets.clone();
        many_types[32] = 200;
        assert_eq!(P2p::new(&many_types).device_info().unwrap().device_name, None);
        assert!(P2p::new(&[13, 4, 0, 1, 2, 3, 4]).device_info().is_none());
        assert_eq!(P2p::new(&[2, 1, 0, 1]).capability_names().count(), 0);
    }

    #[test]
    fn display() {
        let display = WifiDisplay::new(&[0, 0, 6, 0x01, 0x11, 0x1c, 0x44, 0, 15]).unwrap();
        assert_eq!((display.role(), display.available()), ("primary sink", true));
        assert!(display.content_protection());
        assert_eq!((display.rtsp_port, display.max_throughput_mbps), (7236, 15));
        assert_eq!(WifiDisplay::new(&[0, 0, 5, 0, 0, 0, 0, 0]), None);
    }
}
