//! A client's profile: what its association request says that it can do.
//!
//! A profile is a value, a pure function of a packet and of what its capture says about it. Renderings of it are pure
//! functions too; files and sockets are elsewhere.

mod changes;
mod clients;
mod details;
mod features;
pub mod identity;
mod listener;
mod note;
mod phy;
mod probes;
mod radio;
mod rate;
mod recent;
mod render;
mod signature;
mod vendor;

use std::{borrow::Cow, fmt};

pub use crate::dot11::{Band, channel_of};
pub(crate) use changes::capabilities;
pub use changes::{Change, changes, label};
pub use clients::{
    Answer, Authenticated, Client, Clients, Ending, Known, Leave, LeftOut, Limits, Origin, Request, Side,
};
pub use details::{
    AirText, Alliance, ChannelReport, Details, DeviceType, Hotspot2, Mbo, MultiAp, Oce, P2p, SixGhz, SixGhzBand, Uapsd,
    VendorContent, WifiDisplay, Wpa, Wps,
};
pub use features::Features;
pub use identity::{
    DeviceKind, Devices, How, Identity, LookupCounts, Lookups, Owner, Recognised, Registry, RegistryError,
};
pub use listener::Listener;
pub use note::Note;
pub use phy::{EhtPhy, HePhy};
pub use probes::Probes;
pub use radio::{Highest, Ht, Radio, Vht, Width};
pub use rate::{Best, channel_widths, fastest};
pub use render::{Block, Cell, PageLine, Tone, change_text, client_blocks, page_lines};
pub use render::{
    Difference, PageStyle, Pcapng, SCHEMA_VERSION, client_json, client_page, client_pcap, client_pcapng, client_record,
    client_stem, client_text, csv_header, csv_row, history_line, printable, record,
};
pub use signature::{Signature, signature_of};
pub use vendor::VendorTag;

use airlens_common::ieee80211::FrameControl;

use crate::dot11::{
    Address,
    element::{ElementId, Elements, MultiLink, RsnElement, Suite, akm_name},
    frame::{AssociationRequest, FrameError, Management, RequestKind},
    link::{LinkError, LinkType},
};

/// What is known about a packet beside its octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// When it was captured, in ns since 1970-01-01 UTC.
    pub time: Option<u64>,
    /// Its length on the wire in octets, where the capture may have cut it.
    pub original_length: Option<usize>,
    /// Who sent the AP's side.
    pub source: CaptureSource,
}

/// Who the client wanted to associate with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaptureSource {
    /// Another AP: heard on the air or read from a file.
    #[default]
    External,
    /// This host's own.
    Internal,
}

/// Why a packet that holds a request gives no profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Its frame can't be found.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Its frame is cut short or a later fragment.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Its FCS was wrong: what it says is not what the client sent.
    #[error("the frame was received with a wrong FCS")]
    BadFcs,
    /// Its sender is a group address or none: no station has such a one (IEEE Std 802-2014 8.2.2).
    #[error("its sender {0} is the address of no station")]
    Sender(Address),
}

/// The network's name, as sent (9.4.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ssid(pub Vec<u8>);

impl Ssid {
    /// As hexadecimal digits where it is not UTF-8, and [`fmt::Display`] shows a replacement.
    pub fn hex(&self) -> Option<String> {
        std::str::from_utf8(&self.0)
            .is_err()
            .then(|| self.0.iter().map(|octet| format!("{octet:02x}")).collect())
    }
}

impl fmt::Display for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// The suites of OUI 00-0F-AC that a client offers, by type, and its management frame protection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// Group data cipher.
    pub group: Option<u8>,
    /// Pairwise ciphers.
    pub pairwise: Vec<u8>,
    /// AKMs.
    pub akms: Vec<u8>,
    /// Management frame protection capable (MFPC).
    pub protection_capable: Option<bool>,
    /// Management frame protection required (MFPR).
    pub protection_required: Option<bool>,
}

/// One more link of a multi-link client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherLink {
    /// The link's id at the AP.
    pub id: u8,
    /// The client's address on it.
    pub mac: Option<Address>,
    /// The band that its elements tell.
    pub band: Band,
    /// Its capabilities, inherited ones included; those of the device (Multi-Link) are not reported again.
    pub features: Features,
    /// Its numbers, inherited ones included.
    pub radio: Radio,
}

/// What a client's (re)association request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The client's address.
    pub mac: Address,
    /// The AP's BSSID.
    pub bssid: Address,
    /// The network's name.
    pub ssid: Ssid,
    /// Association or reassociation.
    pub kind: RequestKind,
    /// The AP that a reassociating client comes from.
    pub current_ap: Option<Address>,
    /// Channel frequency in MHz.
    pub frequency: Option<u16>,
    /// The band, by frequency or else by the elements.
    pub band: Band,
    /// Channel number, 0 where unknown.
    pub channel: u8,
    /// Signal in dBm.
    pub signal: Option<i8>,
    /// Time of capture in ns since 1970-01-01 UTC.
    pub time: Option<u64>,
    /// Who the client wanted to associate with.
    pub source: CaptureSource,
    /// The client's maker in short form, where known.
    pub manuf: Option<Cow<'static, str>>,
    /// The owner of the BSSID in short form, where registered.
    pub bssid_manuf: Option<Cow<'static, str>>,
    /// The radio's maker, where a vendor element tells.
    pub chipset: Option<&'static str>,
    /// The capabilities.
    pub features: Features,
    /// The radio's numbers.
    pub radio: Radio,
    /// Whose vendor elements there are, in order.
    pub vendors: Vec<VendorTag>,
    /// The suites offered.
    pub security: Security,
    /// The MLD MAC address of a multi-link client.
    pub mld: Option<Address>,
    /// Its other links.
    pub links: Vec<OtherLink>,
    /// What its requests look like.
    pub signature: Signature,
    /// The vendor elements of a probe request of the same address, where one was heard before.
    pub probe_vendors: Option<Vec<u8>>,
    /// The kind of device, the same for devices whose requests are alike.
    pub device_kind: Option<DeviceKind>,
    /// The device, where one is known that is like it; only a [`Listener`] tells.
    pub device: Option<Recognised>,
    /// What was odd.
    pub notes: Vec<Note>,
    /// The packet as captured.
    pub packet: Vec<u8>,
    /// Its link type.
    pub link_type: LinkType,
}

impl Profile {
    /// Who the client is: the address of its multi-link device, else of the station. Linux takes a new address for the station
    /// of each link each time.
    #[must_use]
    pub fn client(&self) -> Address {
        self.mld.filter(|mld| !mld.is_group()).unwrap_or(self.mac)
    }

    /// The profile of the client that sent a packet; `None` where the packet is no association or reassociation request.
    /// Makers are those of the embedded registry; a [`Listener`] takes a newer one, and tells devices too.
    ///
    /// # Errors
    ///
    /// [`ProfileError`]: the packet may be one, but can't be used.
    pub fn from_packet(link_type: LinkType, packet: &[u8], capture: Capture) -> Result<Option<Self>, ProfileError> {
        Self::with_registry(link_type, packet, capture, &Registry::default())
    }

    /// As [`Self::from_packet`], with makers by this registry.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn with_registry(
        link_type: LinkType,
        packet: &[u8],
        capture: Capture,
        registry: &Registry,
    ) -> Result<Option<Self>, ProfileError> {
        Self::watched(link_type, packet, capture, registry, || {})
    }

    /// As [`Self::with_registry`]; `decoded` is called where the request is read.
    fn watched(
        link_type: LinkType,
        packet: &[u8],
        capture: Capture,
        registry: &Registry,
        decoded: impl FnOnce(),
    ) -> Result<Option<Self>, ProfileError> {
        let link = link_type.parse(packet)?;
        let original = capture.original_length.unwrap_or(packet.len());
        let wanted = FrameControl::parse(packet, link.frame_at).is_some_and(|control| {
            control.kind() == FrameControl::MANAGEMENT
                && matches!(
                    control.subtype(),
                    AssociationRequest::ASSOCIATION | AssociationRequest::REASSOCIATION
                )
        });
        if !wanted {
            return Ok(None);
        }
        if link.bad_fcs {
            return Err(ProfileError::BadFcs);
        }
        // Only now: it may take a checksum over the whole frame to tell where it ends.
        let frame = link.frame(packet, original);
        let header = Management::new(frame)?;
        let sender = header.source();
        if sender.is_group() || sender == Address::default() {
            return Err(ProfileError::Sender(sender));
        }
        let request = AssociationRequest::new(header)?;
        let elements = Elements::parse(request.elements);
        decoded();

        let mut notes: Vec<_> = elements.notes().iter().copied().map(Note::Element).collect();
        let (links, odd) = elements.multi_link().map(MultiLink::links).unwrap_or_default();
        notes.extend(odd.into_iter().map(Note::MultiLink));
        let links = links
            .iter()
            .map(|link| {
                let elements = elements.of_link(link);
                notes.extend(elements.notes().iter().map(|&note| Note::Link(link.link, note)));
                OtherLink {
                    id: link.link,
                    mac: link.address,
                    band: Band::of_elements(&elements),
                    features: Features::of(&elements),
                    radio: Radio::of(&elements),
                }
            })
            .collect();
        if original > packet.len() {
            notes.push(Note::Cut {
                captured: packet.len(),
                original,
            });
        }
        let mut band = link.frequency.map(Band::of_frequency).unwrap_or_default();
        if band == Band::Unknown {
            band = Band::of_elements(&elements);
            notes.push(Note::BandFromElements);
        }
        let (mac, bssid) = (request.header.source(), request.header.bssid());
        let vendors = VendorTag::all(&elements, registry);
        Ok(Some(Self {
            mac,
            bssid,
            ssid: Ssid(elements.first(ElementId::SSID).unwrap_or_default().to_vec()),
            kind: request.kind,
            current_ap: request.current_ap,
            frequency: link.frequency,
            band,
            channel: link.frequency.map_or(0, channel_of),
            signal: link.signal,
            time: capture.time,
            source: capture.source,
            manuf: vendor::look_up(mac, &vendors, registry),
            bssid_manuf: registry.short_name(bssid),
            chipset: vendor::chipset(&vendors),
            features: Features::of(&elements),
            radio: Radio::of(&elements),
            vendors,
            security: Security::of(&elements),
            mld: elements.multi_link().and_then(MultiLink::address),
            links,
            signature: Signature {
                assoc: signature_of(request.elements),
                probe: None,
            },
            probe_vendors: None,
            device_kind: DeviceKind::of(&elements),
            device: None,
            notes,
            packet: packet.to_vec(),
            link_type,
        }))
    }

    /// The request behind its header: what it asks for and what the client can do. Equal bodies on a band make profiles of
    /// equal capabilities.
    pub fn body(&self) -> &[u8] {
        let original = self.original_length().unwrap_or(self.packet.len());
        self.link_type
            .parse(&self.packet)
            .ok()
            .and_then(|link| Management::new(link.frame(&self.packet, original)).ok())
            .map_or(&[], |request| request.body())
    }

    /// The request's elements, as they stand in the frame.
    pub fn elements(&self) -> &[u8] {
        let fixed = match self.kind {
            RequestKind::Association => 4,
            RequestKind::Reassociation => 10,
        };
        self.body().get(fixed..).unwrap_or_default()
    }

    /// The packet's length on the wire, where the capture cut it.
    pub fn original_length(&self) -> Option<usize> {
        self.notes.iter().find_map(|note| match note {
            Note::Cut { original, .. } => Some(*original),
            _ => None,
        })
    }
}

impl Security {
    /// The AKMs by name, `no RSN` where there is none: `PSK, SAE`.
    pub fn names(&self) -> String {
        if self == &Self::default() {
            return "no RSN".to_owned();
        }
        let names: Vec<_> = self
            .akms
            .iter()
            .map(|&akm| akm_name(akm).map_or_else(|| akm.to_string(), str::to_owned))
            .collect();
        names.join(", ")
    }

    pub(crate) fn of(elements: &Elements<'_>) -> Self {
        let Some(rsn) = elements.first(ElementId::RSN).map(RsnElement::new) else {
            return Self::default();
        };
        Self {
            group: rsn.group().and_then(Suite::ieee),
            pairwise: rsn.pairwise().filter_map(Suite::ieee).collect(),
            akms: rsn.akms().filter_map(Suite::ieee).collect(),
            protection_capable: rsn.protection_capable(),
            protection_required: rsn.protection_required(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
