//! Wireless interfaces: which there are, adding and removing them, their kind and channel.

use wl_nl80211::Nl80211Command;

use super::{
    InterfaceKind, Nl80211, Nl80211Error,
    attribute::{Attribute, Attributes},
    link,
    message::Message,
    number,
};
use crate::dot11::{Address, ChannelWidth, Tuning};

/// `NL80211_MNTR_FLAG_ACTIVE`.
const MONITOR_ACTIVE: u16 = 6;

/// A wireless interface as nl80211 knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WirelessInterface {
    /// Interface index; 0 where there is no network interface (P2P device).
    pub index: u32,
    /// Interface name; empty where there is no network interface.
    pub name: String,
    /// Index of the wireless device.
    pub wiphy: u32,
    /// What it is used as.
    pub kind: InterfaceKind,
    /// Its address.
    pub address: Address,
    /// Frequency of its primary channel in MHz, where it has one.
    pub frequency: Option<u32>,
    /// The width around it; `None` also for widths that airlens does not use (5, 10, 80+80 MHz …).
    pub width: Option<ChannelWidth>,
    /// Centre of the whole width in MHz.
    pub center: Option<u32>,
    /// The network's name, where it is in one or makes one.
    pub ssid: Option<Vec<u8>>,
}

/// What a new interface is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewInterface {
    /// Its address; the driver's choice if `None`.
    pub address: Option<Address>,
    /// A monitor that acknowledges frames to its address (`NL80211_MNTR_FLAG_ACTIVE`).
    pub active_monitor: bool,
}

impl Nl80211 {
    /// Every wireless interface, by its index.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::NoWireless`] where the kernel has no cfg80211.
    pub async fn interfaces(&self) -> Result<Vec<WirelessInterface>, Nl80211Error> {
        let answers = self
            .dump(
                Nl80211Command::GetInterface,
                Attributes::default(),
                "list wireless interfaces",
            )
            .await?;
        let mut found: Vec<_> = answers.iter().map(WirelessInterface::read).collect();
        found.sort_by_key(|interface| interface.index);
        Ok(found)
    }

    /// Adds an interface to the wireless device `wiphy` and leaves it down; its index. It stays until it is removed.
    ///
    /// # Errors
    ///
    /// The driver has no such kind, the name is taken, or the device takes no more interfaces.
    pub async fn add_interface(
        &self,
        wiphy: u32,
        name: &str,
        kind: InterfaceKind,
        new: NewInterface,
    ) -> Result<u32, Nl80211Error> {
        let mut attributes = Attributes::default()
            .u32(number::WIPHY, wiphy)
            .text(number::IFNAME, name)
            .u32(number::IFTYPE, kind.number());
        if let Some(address) = new.address {
            attributes = attributes.put(number::MAC, &address.0);
        }
        if new.active_monitor {
            attributes = attributes.nest(number::MNTR_FLAGS, &Attributes::default().flag(MONITOR_ACTIVE));
        }
        let action = format!("add the {kind} interface {name}");
        let answer = self.ask(Nl80211Command::NewInterface, attributes, &action).await?;
        let made = WirelessInterface::read(&answer);
        // Some drivers give their own (without NL80211_FEATURE_MAC_ON_CREATE).
        if let Some(address) = new.address
            && address != made.address
            && let Err(error) = link::set_address(name, address)
        {
            let _ = self.remove(made.index).await;
            return Err(error);
        }
        Ok(made.index)
    }

    /// Removes an interface.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::Gone`] where there is none of that index any more.
    pub async fn remove(&self, index: u32) -> Result<(), Nl80211Error> {
        let action = format!("remove {}", named(index));
        let attributes = Attributes::default().u32(number::IFINDEX, index);
        self.command(Nl80211Command::DelInterface, attributes, &action).await
    }

    /// Makes an interface another kind. Take it down before.
    ///
    /// # Errors
    ///
    /// The driver has no such kind, or the interface is up or used.
    pub async fn set_kind(&self, index: u32, kind: InterfaceKind) -> Result<(), Nl80211Error> {
        let action = format!("make {} of kind {kind}", named(index));
        let attributes = Attributes::default()
            .u32(number::IFINDEX, index)
            .u32(number::IFTYPE, kind.number());
        self.command(Nl80211Command::SetInterface, attributes, &action).await
    }

    /// Tunes an interface: a monitor that is up, or an AP that does not beacon.
    ///
    /// # Errors
    ///
    /// The device has no such channel, the regulatory domain closes it, or another interface of the device holds it
    /// elsewhere. [`super::Wiphy::refusal`] tells beforehand.
    pub async fn set_channel(&self, index: u32, tuning: Tuning) -> Result<(), Nl80211Error> {
        let action = format!("put {} on {tuning}", named(index));
        let attributes = tuned(Attributes::default().u32(number::IFINDEX, index), tuning);
        self.command(Nl80211Command::SetWiphy, attributes, &action).await
    }
}

impl WirelessInterface {
    /// From a message of `NL80211_CMD_NEW_INTERFACE`.
    pub(super) fn read(message: &Message) -> Self {
        let mut found = Self::default();
        // Of several links, the first one's channel.
        let links = message.find(number::MLO_LINKS).into_iter().flat_map(Attribute::nested);
        if let Some(link) = links.into_iter().next() {
            link.nested().for_each(|attribute| found.read_channel(attribute));
        }
        for attribute in message.attributes() {
            match attribute.number {
                number::IFINDEX => found.index = attribute.u32().unwrap_or_default(),
                number::IFNAME => found.name = attribute.text(),
                number::WIPHY => found.wiphy = attribute.u32().unwrap_or_default(),
                number::IFTYPE => {
                    found.kind = attribute.u32().map(InterfaceKind::of_number).unwrap_or_default();
                }
                number::MAC => found.address = attribute.address().unwrap_or_default(),
                number::SSID => found.ssid = Some(attribute.octets.to_vec()),
                _ => found.read_channel(attribute),
            }
        }
        found
    }

    fn read_channel(&mut self, attribute: Attribute<'_>) {
        match attribute.number {
            number::WIPHY_FREQ => self.frequency = attribute.u32(),
            number::CHANNEL_WIDTH => self.width = attribute.u32().and_then(width_of),
            number::CENTER_FREQ1 => self.center = attribute.u32(),
            _ => {}
        }
    }
}

/// The name of an interface for messages.
pub(super) fn named(index: u32) -> String {
    link::name(index).unwrap_or_else(|| format!("interface {index}"))
}

/// Appends the channel (`NL80211_ATTR_WIPHY_FREQ` and what belongs to it).
pub(super) fn tuned(attributes: Attributes, tuning: Tuning) -> Attributes {
    attributes
        .u32(number::WIPHY_FREQ, tuning.channel().frequency().into())
        .u32(number::CHANNEL_WIDTH, width_number(tuning.width()))
        .u32(number::CENTER_FREQ1, tuning.center().into())
}

/// `enum nl80211_chan_width`.
fn width_number(width: ChannelWidth) -> u32 {
    match width {
        ChannelWidth::Mhz20 => 1,
        ChannelWidth::Mhz40 => 2,
        ChannelWidth::Mhz80 => 3,
        ChannelWidth::Mhz160 => 5,
        ChannelWidth::Mhz320 => 13,
    }
}

pub(super) fn width_of(number: u32) -> Option<ChannelWidth> {
    // 0 is 20 MHz without HT.
    if number == 0 {
        return Some(ChannelWidth::Mhz20);
    }
    ChannelWidth::DOWN
        .into_iter()
        .find(|width| width_number(*width) == number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(attributes: Attributes) -> Message {
        Message::new(Nl80211Command::NewInterface, attributes)
    }

    #[test]
    fn an_interface_of_6_ghz() {
        let tuning = Tuning::new("6g5".parse().unwrap(), ChannelWidth::Mhz320).unwrap();
        let sent = Attributes::default()
            .u32(number::IFINDEX, 4)
            .text(number::IFNAME, "wlan0")
            .u32(number::WIPHY, 1)
            .u32(number::IFTYPE, 3)
            .put(number::MAC, &[2, 0, 0, 0, 1, 0])
            .put(number::SSID, b"a\0b");
        let found = WirelessInterface::read(&message(tuned(sent, tuning)));
        let expected = WirelessInterface {
            index: 4,
            name: "wlan0".to_owned(),
            wiphy: 1,
            kind: InterfaceKind::Ap,
            address: "02:00:00:00:01:00".parse().unwrap(),
            frequency: Some(5975),
            width: Some(ChannelWidth::Mhz320),
            center: Some(6105),
            ssid: Some(b"a\0b".to_vec()),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn an_interface_of_several_links() {
        let link = Attributes::default()
            .u32(number::WIPHY_FREQ, 5180)
            .u32(number::CHANNEL_WIDTH, 5);
        let links = Attributes::default()
            .nest(1, &link)
            .nest(2, &Attributes::default().u32(number::WIPHY_FREQ, 5975));
        let found = WirelessInterface::read(&message(Attributes::default().nest(number::MLO_LINKS, &links)));
        assert_eq!((found.frequency, found.width), (Some(5180), Some(ChannelWidth::Mhz160)));
    }

    #[test]
    fn widths() {
        for width in ChannelWidth::DOWN {
            assert_eq!(width_of(width_number(width)), Some(width));
        }
        assert_eq!((width_of(0), width_of(4)), (Some(ChannelWidth::Mhz20), None));
    }

    #[test]
    fn an_interface_without_name() {
        assert_eq!(named(u32::MAX), format!("interface {}", u32::MAX));
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..64), at in 0u16..400) {
            let _ = WirelessInterface::read(&message(Attributes::default().put(at, &octets)));
        }
    }
}
