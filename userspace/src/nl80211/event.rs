//! What happens to devices and interfaces, as the kernel tells everyone.

use std::collections::VecDeque;

use netlink_packet_core::NetlinkPayload;
use tokio::io::unix::AsyncFd;
use wl_nl80211::Nl80211Command;

use super::{
    Initiator, InterfaceKind, Nl80211Error,
    attribute::Attribute,
    message::Message,
    number,
    socket::{Socket, failed},
    wireless::{WirelessInterface, width_of},
};
use crate::dot11::ChannelWidth;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An interface came, or its kind changed.
    InterfaceAdded {
        /// Its index.
        index: u32,
        /// Its name.
        name: String,
        /// The index of its device.
        wiphy: u32,
        /// Its kind.
        kind: InterfaceKind,
    },
    /// An interface went.
    InterfaceRemoved {
        /// Its index.
        index: u32,
        /// Its name.
        name: String,
        /// The index of its device.
        wiphy: u32,
    },
    /// Other regulatory rules are in force.
    RegulatoryChanged {
        /// Of which country, two letters; `None` where they are no country's.
        country: Option<String>,
        /// Who asked for them.
        initiator: Option<Initiator>,
        /// The device whose own rules they are; `None`: everyone's.
        wiphy: Option<u32>,
    },
    /// A driver told something of radar.
    Radar {
        /// The index of the device.
        wiphy: u32,
        /// The channel's frequency in MHz.
        frequency: u32,
        /// 0: radar was heard; others as `enum nl80211_radar_event` has them.
        kind: u32,
    },
    /// The kernel stopped an access point.
    ApStopped {
        /// Its interface.
        index: u32,
    },
    /// An interface is on another channel.
    ChannelSwitched {
        /// Its index.
        index: u32,
        /// The frequency of its primary channel in MHz.
        frequency: u32,
        /// The width; `None` if it is one that airlens does not use.
        width: Option<ChannelWidth>,
    },
    /// A scan ended.
    ScanDone {
        /// The interface that scanned.
        index: u32,
        /// It was cut short.
        aborted: bool,
    },
    /// The kernel had more to tell than there was room for: so many events are missing before this one.
    Lost(u64),
    /// Something else.
    Other,
}

/// The events of the current network namespace from the moment of [`Events::subscribe`] on.
pub struct Events {
    socket: AsyncFd<Socket>,
    waiting: VecDeque<Event>,
    /// Told as lost already.
    lost: u64,
}

impl Events {
    /// Joins the groups `config`, `mlme`, `regulatory` and `scan`; call it within a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::NoWireless`] where the kernel has no cfg80211.
    pub fn subscribe() -> Result<Self, Nl80211Error> {
        Self::of(&["config", "mlme", "regulatory", "scan"])
    }

    pub(super) fn of(groups: &[&str]) -> Result<Self, Nl80211Error> {
        let socket = Socket::open(groups)?;
        // SAFETY: the socket owns its descriptor and keeps it open and the same for as long as it is registered.
        let socket = unsafe { AsyncFd::register(socket) };
        Ok(Self {
            socket: socket.map_err(|error| failed(error.into()))?,
            waiting: VecDeque::new(),
            lost: 0,
        })
    }

    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// The socket failed.
    pub async fn next(&mut self) -> Result<Event, Nl80211Error> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(event);
            }
            let mut ready = self.socket.readable_mut().await.map_err(failed)?;
            let Ok(found) = ready.try_io(|socket| socket.get_mut().take()) else {
                continue;
            };
            let lost = self.socket.get_ref().dropped();
            if lost > self.lost {
                self.waiting.push_back(Event::Lost(lost - self.lost));
                self.lost = lost;
            }
            for (_, payload) in found.map_err(failed)? {
                if let NetlinkPayload::InnerMessage(message) = payload {
                    self.waiting.push_back(Event::read(&message.payload));
                }
            }
        }
    }
}

impl Event {
    fn read(message: &Message) -> Self {
        let number = |number| message.find(number).and_then(Attribute::u32);
        let index = number(number::IFINDEX).unwrap_or_default();
        let frequency = number(number::WIPHY_FREQ).unwrap_or_default();
        match message.command {
            Nl80211Command::NewInterface | Nl80211Command::SetInterface => {
                let WirelessInterface {
                    index,
                    name,
                    wiphy,
                    kind,
                    ..
                } = WirelessInterface::read(message);
                Self::InterfaceAdded {
                    index,
                    name,
                    wiphy,
                    kind,
                }
            }
            Nl80211Command::DelInterface => {
                let WirelessInterface { index, name, wiphy, .. } = WirelessInterface::read(message);
                Self::InterfaceRemoved { index, name, wiphy }
            }
            Nl80211Command::RegChange | Nl80211Command::WiphyRegChange => Self::RegulatoryChanged {
                country: message.find(number::REG_ALPHA2).map(Attribute::text),
                initiator: message
                    .find(number::REG_INITIATOR)
                    .and_then(|initiator| Initiator::of_number(initiator.u8()?)),
                wiphy: number(number::WIPHY),
            },
            Nl80211Command::RadarDetect => Self::Radar {
                wiphy: number(number::WIPHY).unwrap_or_default(),
                frequency,
                kind: number(number::RADAR_EVENT).unwrap_or_default(),
            },
            Nl80211Command::StopAp => Self::ApStopped { index },
            Nl80211Command::ChSwitchNotify => Self::ChannelSwitched {
                index,
                frequency,
                width: number(number::CHANNEL_WIDTH).and_then(width_of),
            },
            Nl80211Command::NewScanResults => Self::ScanDone { index, aborted: false },
            Nl80211Command::ScanAborted => Self::ScanDone { index, aborted: true },
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::nl80211::attribute::Attributes;

    fn read(command: Nl80211Command, attributes: Attributes) -> Event {
        Event::read(&Message::new(command, attributes))
    }

    #[test]
    fn what_happened() {
        let wlan = Attributes::default()
            .u32(number::IFINDEX, 4)
            .text(number::IFNAME, "wlan0")
            .u32(number::WIPHY, 1)
            .u32(number::WIPHY_FREQ, 5180)
            .u32(number::CHANNEL_WIDTH, 3);
        let removed = Event::InterfaceRemoved {
            index: 4,
            name: "wlan0".to_owned(),
            wiphy: 1,
        };
        assert_eq!(read(Nl80211Command::DelInterface, wlan.clone()), removed);
        assert_eq!(
            read(Nl80211Command::StopAp, wlan.clone()),
            Event::ApStopped { index: 4 }
        );
        let switched = Event::ChannelSwitched {
            index: 4,
            frequency: 5180,
            width: Some(ChannelWidth::Mhz80),
        };
        assert_eq!(read(Nl80211Command::ChSwitchNotify, wlan.clone()), switched);
        let radar = Event::Radar {
            wiphy: 1,
            frequency: 5180,
            kind: 0,
        };
        assert_eq!(read(Nl80211Command::RadarDetect, wlan), radar);
        let rules = Attributes::default()
            .u8(number::REG_INITIATOR, 1)
            .text(number::REG_ALPHA2, "DE");
        let changed = Event::RegulatoryChanged {
            country: Some("DE".to_owned()),
            initiator: Some(Initiator::User),
            wiphy: None,
        };
        assert_eq!(read(Nl80211Command::RegChange, rules), changed);
    }

    #[tokio::test]
    async fn without_cfg80211_it_says_so() {
        if let Err(error) = Events::subscribe() {
            assert!(matches!(error, Nl80211Error::NoWireless), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..64), command in any::<u8>(), at in 0u16..340) {
            let _ = read(command.into(), Attributes::default().put(at, &octets));
        }
    }
}
