//! The Wi-Fi Alliance's programs that a request tells of, by its vendor elements.

use serde::Serialize;

use super::{P2p, Wps, air_text::hex, named};
use crate::dot11::{
    Bits,
    element::{Elements, RsnElement, vendor},
};

/// Each program; `None` where the frame has no element of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Alliance {
    /// WMM.
    pub wmm: Option<Uapsd>,
    /// WPA, the first version.
    pub wpa: Option<Wpa>,
    /// Wi-Fi Protected Setup.
    pub wps: Option<Wps>,
    /// Agile Multiband.
    pub mbo: Option<Mbo>,
    /// Optimized Connectivity.
    pub oce: Option<Oce>,
    /// Hotspot 2.0, Passpoint.
    pub hotspot2: Option<Hotspot2>,
    /// Wi-Fi Direct.
    pub p2p: Option<P2p>,
    /// Wi-Fi Display.
    pub wifi_display: Option<WifiDisplay>,
    /// EasyMesh.
    pub multi_ap: Option<MultiAp>,
    /// Wi-Fi Alliance Capabilities by name.
    pub wfa_capabilities: Option<Vec<String>>,
    /// Version of Cisco's compatible extensions: not the Alliance's, but of the kind.
    pub ccx_version: Option<u8>,
}

/// QoS Info of a station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Uapsd {
    /// The access categories with U-APSD.
    pub u_apsd: Vec<&'static str>,
    /// Frames in a service period at the most; `None` for no limit.
    pub max_service_period_frames: Option<u8>,
}

/// WPA's suites by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wpa {
    /// Group cipher.
    pub group_cipher: Option<String>,
    /// Pairwise ciphers.
    pub pairwise_ciphers: Vec<String>,
    /// AKMs.
    pub akms: Vec<String>,
}

/// What MBO says in a station's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mbo {
    /// `available`, `not available`, `not capable`, or its number.
    pub cellular_data: Option<String>,
    /// Channels that it would rather not, or rather, use.
    pub non_preferred_channels: Vec<ChannelReport>,
}

/// One Non-preferred Channel Report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelReport {
    /// Operating class (Annex E).
    pub operating_class: u8,
    /// Channels; none for the whole class.
    pub channels: Vec<u8>,
    /// `not operable`, `not preferred`, `preferred`, or its number.
    pub preference: String,
    /// `unspecified`, `RSSI`, `external interference`, `internal interference`, or its number.
    pub reason: String,
}

/// What OCE says in a station's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Oce {
    /// Release.
    pub release: Option<u8>,
    /// It is a configurator station.
    pub sta_cfon: Option<bool>,
}

/// What Hotspot 2.0 says in a station's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hotspot2 {
    /// Release, 1 to 3.
    pub release: Option<u8>,
    /// Identifier of the PerProviderSubscription management object.
    pub pps_mo_id: Option<u16>,
    /// Roaming consortium that it selects, as hexadecimal digits.
    pub roaming_consortium: Option<String>,
}

/// Device information of Wi-Fi Display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WifiDisplay {
    /// `source`, `primary sink`, `secondary sink`, `source or primary sink`.
    pub role: &'static str,
    /// Open for a session.
    pub available: bool,
    /// HDCP.
    pub content_protection: bool,
    /// TCP port of RTSP.
    pub rtsp_port: u16,
    /// In Mb/s.
    pub max_throughput_mbps: u16,
}

/// Multi-AP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MultiAp {
    /// It is a backhaul station.
    pub backhaul_station: Option<bool>,
    /// Profile.
    pub profile: Option<u8>,
}

impl Alliance {
    /// Reads the vendor elements of a request.
    pub fn of(elements: &Elements<'_>) -> Self {
        let mbo_oce = elements.vendor(vendor::VendorElement::mbo_oce);
        Self {
            wmm: elements
                .vendor(vendor::VendorElement::wmm)
                .map(|wmm| Uapsd::of(wmm.qos_info)),
            wpa: elements.vendor(vendor::VendorElement::wpa).map(Wpa::of),
            wps: elements.wps().map(|octets| Wps::of(vendor::Wps::new(&octets))),
            mbo: mbo_oce.filter(|element| element.has_mbo()).map(Mbo::of),
            oce: mbo_oce.filter(|element| element.has_oce()).map(Oce::of),
            hotspot2: Hotspot2::of(elements),
            p2p: elements.p2p().map(|octets| P2p::of(vendor::P2p::new(&octets))),
            wifi_display: elements.wifi_display().map(|display| WifiDisplay {
                role: display.role(),
                available: display.available(),
                content_protection: display.content_protection(),
                rtsp_port: display.rtsp_port,
                max_throughput_mbps: display.max_throughput_mbps,
            }),
            multi_ap: elements
                .vendor(vendor::VendorElement::multi_ap)
                .map(|(flags, profile)| MultiAp {
                    backhaul_station: flags.map(|flags| flags & 0x80 != 0),
                    profile,
                }),
            wfa_capabilities: elements
                .vendor(vendor::VendorElement::alliance_capabilities)
                .map(wfa_capabilities),
            ccx_version: elements.vendor(vendor::VendorElement::ccx_version),
        }
    }
}

impl Uapsd {
    pub(super) fn of(info: vendor::QosInfo) -> Self {
        Self {
            u_apsd: info.u_apsd().collect(),
            max_service_period_frames: info.max_service_period_frames(),
        }
    }
}

impl Wpa {
    fn of(wpa: RsnElement<'_>) -> Self {
        Self {
            group_cipher: wpa.group().map(vendor::cipher_suite_name),
            pairwise_ciphers: wpa.pairwise().map(vendor::cipher_suite_name).collect(),
            akms: wpa.akms().map(vendor::akm_suite_name).collect(),
        }
    }
}

impl Mbo {
    fn of(element: vendor::MboOce<'_>) -> Self {
        let reports = element.channel_reports().map(|report| ChannelReport {
            operating_class: report.operating_class,
            channels: report.channels.to_vec(),
            preference: named(
                report.preference,
                &[(0, "not operable"), (1, "not preferred"), (255, "preferred")],
            ),
            reason: named(
                report.reason,
                &[
                    (0, "unspecified"),
                    (1, "RSSI"),
                    (2, "external interference"),
                    (3, "internal interference"),
                ],
            ),
        });
        let cellular = |value| named(value, &[(1, "available"), (2, "not available"), (3, "not capable")]);
        Self {
            cellular_data: element.cellular_data().map(cellular),
            non_preferred_channels: reports.collect(),
        }
    }
}

impl Oce {
    fn of(element: vendor::MboOce<'_>) -> Self {
        let capability = element.oce_capability();
        Self {
            release: capability.map(|octet| octet & 7),
            sta_cfon: capability.map(|octet| octet & 8 != 0),
        }
    }
}

impl Hotspot2 {
    fn of(elements: &Elements<'_>) -> Option<Self> {
        let indication = elements.vendor(vendor::VendorElement::hotspot);
        let roaming_consortium = elements.vendor(vendor::VendorElement::roaming_consortium).map(hex);
        (indication.is_some() || roaming_consortium.is_some()).then(|| Self {
            release: indication.map(vendor::HotspotIndication::release),
            pps_mo_id: indication.and_then(|indication| indication.pps_mo_id),
            roaming_consortium,
        })
    }
}

fn wfa_capabilities(octets: &[u8]) -> Vec<String> {
    let bits = (0..8 * octets.len()).filter(|&bit| Bits(octets).get(bit) == Some(true));
    bits.map(|bit| match vendor::ALLIANCE_CAPABILITIES.get(bit) {
        Some(&name) => name.to_owned(),
        None => format!("bit {bit}"),
    })
    .collect()
}
