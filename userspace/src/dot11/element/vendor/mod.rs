//! Vendor Specific (9.4.2.25): whose it is, and the contents that are publicly specified.

mod attributes;
mod hotspot;
mod kinds;
mod mbo;
mod p2p;
mod suites;
mod wmm;
mod wps;
mod wps_types;

use std::borrow::Cow;

pub use hotspot::HotspotIndication;
pub use mbo::{ChannelReport, MboOce};
pub use p2p::{DeviceInfo, P2p, WifiDisplay};
pub use suites::{akm_suite_name, cipher_suite_name};
pub use wmm::{AccessCategory, QosInfo, Wmm};
pub use wps::{ConfigMethods, DeviceType, Wps};

use super::{Elements, RsnElement};
use attributes::{Attributes, Head};

/// An OUI and what its owner puts behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorElement<'a> {
    /// The owner's OUI.
    pub oui: [u8; 3],
    /// What follows: mostly a type, then content.
    pub content: &'a [u8],
}

impl<'a> VendorElement<'a> {
    /// Microsoft's OUI, under which the Wi-Fi Alliance's early elements are.
    pub const MICROSOFT: [u8; 3] = [0x00, 0x50, 0xf2];
    /// The Wi-Fi Alliance's OUI.
    pub const ALLIANCE: [u8; 3] = [0x50, 0x6f, 0x9a];
    /// Aironet's OUI, now Cisco's.
    pub const CISCO: [u8; 3] = [0x00, 0x40, 0x96];

    /// Splits the element's payload; `None` where it has no whole OUI.
    pub fn new(payload: &'a [u8]) -> Option<Self> {
        let (&oui, content) = payload.split_first_chunk()?;
        Some(Self { oui, content })
    }

    /// The type, where it is one octet, as most owners have it.
    pub fn kind(self) -> Option<u8> {
        self.content.first().copied()
    }

    /// What is behind the type, where OUI and type are these.
    pub fn body(self, oui: [u8; 3], kind: u8) -> Option<&'a [u8]> {
        match self.content {
            [first, body @ ..] if self.oui == oui && *first == kind => Some(body),
            _ => None,
        }
    }

    /// WMM (Wi-Fi Alliance, WMM Specification 1.2.0, 2.2): Microsoft's OUI, type 2.
    pub fn is_wmm(self) -> bool {
        self.body(Self::MICROSOFT, 2).is_some()
    }

    /// A WMM information or parameter element.
    pub fn wmm(self) -> Option<Wmm<'a>> {
        self.body(Self::MICROSOFT, 2).and_then(|_| Wmm::new(self))
    }

    /// WPA (Wi-Fi Alliance, WPA 2.0, 3.1), laid out as RSN is: Microsoft's OUI, type 1.
    pub fn wpa(self) -> Option<RsnElement<'a>> {
        self.body(Self::MICROSOFT, 1).map(RsnElement::new)
    }

    /// MBO and OCE: type 22.
    pub fn mbo_oce(self) -> Option<MboOce<'a>> {
        self.body(Self::ALLIANCE, 22).map(MboOce::new)
    }

    /// Hotspot 2.0 Indication: type 16.
    pub fn hotspot(self) -> Option<HotspotIndication> {
        self.body(Self::ALLIANCE, 16).and_then(HotspotIndication::new)
    }

    /// Roaming Consortium Selection of Hotspot 2.0, an organisation identifier of 3 or 5 octets: type 29.
    pub fn roaming_consortium(self) -> Option<&'a [u8]> {
        self.body(Self::ALLIANCE, 29)
    }

    /// Multi-AP (Wi-Fi EasyMesh Specification 5.0, 5.2), type 27: the extension flags, of which bit 7 is a backhaul
    /// station, and the profile.
    pub fn multi_ap(self) -> Option<(Option<u8>, Option<u8>)> {
        let attributes = Attributes::new(self.body(Self::ALLIANCE, 27)?, Head::Short);
        let octet = |id| attributes.first(id)?.first().copied();
        Some((octet(6), octet(7)))
    }

    /// Wi-Fi Alliance Capabilities (QoS Management Specification 3.0, 5.5), type 35: the capabilities field.
    pub fn alliance_capabilities(self) -> Option<&'a [u8]> {
        let (&length, rest) = self.body(Self::ALLIANCE, 35)?.split_first()?;
        Some(rest.get(..length.into()).unwrap_or(rest))
    }

    /// Version of Cisco's compatible extensions (CCX): OUI 00-40-96, type 3.
    pub fn ccx_version(self) -> Option<u8> {
        self.body(Self::CISCO, 3)?.first().copied()
    }
}

/// Names of Wi-Fi Alliance Capabilities by bit (hostapd, `WFA_CAPA_QM_…`).
pub const ALLIANCE_CAPABILITIES: [&str; 3] = [
    "DSCP policy",
    "unsolicited DSCP policy",
    "non-EHT SCS traffic description",
];

impl Elements<'_> {
    /// What the first vendor element that the reader takes says.
    pub fn vendor<'a, T>(&'a self, read: impl FnMut(VendorElement<'a>) -> Option<T>) -> Option<T> {
        self.vendors().find_map(read)
    }

    /// The contents behind the type of all elements of this OUI and type, joined: some owners' attributes go on in the next
    /// element. `None` where there is none.
    fn joined(&self, oui: [u8; 3], kind: u8) -> Option<Cow<'_, [u8]>> {
        let mut bodies = self.vendors().filter_map(|vendor| vendor.body(oui, kind));
        let mut joined = Cow::Borrowed(bodies.next()?);
        for body in bodies {
            joined.to_mut().extend_from_slice(body);
        }
        Some(joined)
    }

    /// The joined contents of WPS elements (Microsoft's OUI, type 4), for [`Wps::new`].
    pub fn wps(&self) -> Option<Cow<'_, [u8]>> {
        self.joined(VendorElement::MICROSOFT, 4)
    }

    /// The joined contents of P2P elements (type 9), for [`P2p::new`].
    pub fn p2p(&self) -> Option<Cow<'_, [u8]>> {
        self.joined(VendorElement::ALLIANCE, 9)
    }

    /// Device information of Wi-Fi Display (type 10).
    pub fn wifi_display(&self) -> Option<WifiDisplay> {
        WifiDisplay::new(&self.joined(VendorElement::ALLIANCE, 10)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn splits_the_oui_off() {
        let vendor = VendorElement::new(&[0x00, 0x50, 0xf2, 2]).unwrap();
        assert_eq!((vendor.oui, vendor.content), ([0x00, 0x50, 0xf2], &[2][..]));
        assert_eq!((vendor.kind(), vendor.is_wmm()), (Some(2), true));
        assert_eq!(VendorElement::new(&[0, 0x50]), None);
        assert_eq!(VendorElement::new(&[0, 0x50, 0xf2]).unwrap().kind(), None);
    }

    #[test]
    fn attributes_go_on_in_the_next_element() {
        let octets = [
            221, 8, 0x00, 0x50, 0xf2, 4, 0x10, 0x11, 0, 2, 221, 2, 1, 1, 221, 6, 0x00, 0x50, 0xf2, 4, b'T', b'V',
        ];
        let elements = Elements::parse(&octets);
        let joined = elements.wps().unwrap();
        assert_eq!(Wps::new(&joined).device_name(), Some(&b"TV"[..]));
        assert!(elements.p2p().is_none() && elements.wifi_display().is_none());
    }

    #[test]
    fn small_ones() {
        let read = |content: &'static [u8]| VendorElement {
            oui: VendorElement::ALLIANCE,
            content,
        };
        assert_eq!(read(&[27, 6, 1, 0x80, 7, 1, 2]).multi_ap(), Some((Some(0x80), Some(2))));
        assert_eq!(read(&[35, 1, 5, 9, 9]).alliance_capabilities(), Some(&[5][..]));
        assert_eq!(read(&[35, 9, 5]).alliance_capabilities(), Some(&[5][..]));
        assert_eq!(read(&[35]).alliance_capabilities(), None);
        assert_eq!(read(&[29, 1, 2, 3]).roaming_consortium(), Some(&[1, 2, 3][..]));
        assert_eq!(read(&[3, 5]).ccx_version(), None);
        let wpa = VendorElement::new(&[0x00, 0x50, 0xf2, 1, 1, 0, 0x00, 0x50, 0xf2, 2]).unwrap();
        assert_eq!(
            wpa.wpa().and_then(RsnElement::group).map(cipher_suite_name).as_deref(),
            Some("TKIP")
        );
    }

    proptest! {
        #[test]
        fn any_octets(
            oui in prop::sample::select(vec![VendorElement::MICROSOFT, VendorElement::ALLIANCE, VendorElement::CISCO]),
            kind in prop::sample::select(vec![1u8, 2, 3, 4, 9, 10, 16, 22, 27, 29, 35]),
            body in prop::collection::vec(any::<u8>(), 0..240),
        ) {
            let mut octets = vec![221, body.len() as u8 + 4];
            octets.extend(oui);
            octets.push(kind);
            octets.extend(&body);
            let elements = Elements::parse(&octets);
            for vendor in elements.vendors() {
                let _ = (vendor.name(), vendor.hotspot(), vendor.multi_ap(), vendor.alliance_capabilities());
                prop_assert!(vendor.wmm().map_or(0, |wmm| wmm.categories().count()) <= body.len() / 4);
                if let Some(mbo) = vendor.mbo_oce() {
                    prop_assert!(mbo.channel_reports().count() <= body.len() / 5);
                    let _ = (mbo.retry_delay_s(), mbo.rssi_rejection(), mbo.complete_neighbours());
                }
            }
            if let Some(wps) = elements.wps() {
                let wps = Wps::new(&wps);
                prop_assert!(wps.attributes().count() <= body.len() / 4);
                prop_assert!(wps.secondary_device_types().count() <= 16);
                let _ = (wps.version2(), wps.primary_device_type().map(DeviceType::names), wps.uuid());
            }
            if let Some(p2p) = elements.p2p() {
                let p2p = P2p::new(&p2p);
                let _ = (p2p.device_info().is_some(), p2p.listen_channel(), p2p.capability_names().count());
            }
            let _ = elements.wifi_display();
        }
    }
}
