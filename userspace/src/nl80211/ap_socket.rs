//! The socket of an access point: it starts and stops the AP, takes the frames that it registered for and sends frames.
//! All of it ends with the socket, however the process ends.

use std::{
    collections::BTreeSet,
    fmt,
    time::{Duration, Instant},
};

use netlink_packet_core::{NLM_F_ACK, NetlinkPayload};
use wl_nl80211::Nl80211Command;

use super::{
    Nl80211Error,
    ap_event::{ApEvent, Waiting},
    attribute::Attributes,
    message::Message,
    number,
    socket::Socket,
    wireless::{named, tuned},
};
use crate::dot11::Tuning;

/// The most key managements that drivers take by default (`NL80211_MAX_NR_AKM_SUITES`).
const LONGEST_AKMS: usize = 2;

/// What an access point is started with.
#[derive(Clone, Copy, Debug)]
pub struct StartAp<'a> {
    /// The beacon from its header to the element before the TIM.
    pub head: &'a [u8],
    /// The elements after the TIM.
    pub tail: &'a [u8],
    /// Time units (1024 µs) between beacons.
    pub beacon_interval: u16,
    /// Beacons from one DTIM to the next.
    pub dtim_period: u8,
    /// The network's name, 1 to 32 octets.
    pub ssid: &'a [u8],
    /// Where.
    pub tuning: Tuning,
    /// Data would be encrypted.
    pub privacy: bool,
    /// The security, for drivers that want to know: `None` if open.
    pub rsn: Option<Rsn<'a>>,
    /// Seconds after which the driver asks whether a silent station is there, where the driver can do that.
    pub inactivity: Option<u16>,
}

/// Suites of an access point by their selectors, such as `0x000f_ac04` (IEEE Std 802.11-2020 9.4.2.24).
#[derive(Clone, Copy, Debug)]
pub struct Rsn<'a> {
    /// The group cipher.
    pub group: u32,
    /// The pairwise ciphers.
    pub pairwise: &'a [u32],
    /// The key managements. More than two are not told to the driver: it takes no more, and the beacon has them all.
    pub akms: &'a [u32],
}

/// What a socket could not keep since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApLost {
    /// Events that came while a request was made, when 4,096 waited already.
    pub queue_full: u64,
    /// Messages that the kernel found no room for in the socket's buffer.
    pub buffer_full: u64,
}

/// A blocking nl80211 socket for one access point, for a thread of its own.
pub struct ApSocket {
    socket: Socket,
    /// The interfaces that it started or registered on: events of others are not ours.
    indices: BTreeSet<u32>,
    waiting: Waiting,
}

impl fmt::Debug for ApSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApSocket")
            .field("indices", &self.indices)
            .finish_non_exhaustive()
    }
}

impl ApSocket {
    /// Opens the socket in the current network namespace.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::NoWireless`] where the kernel has no cfg80211.
    pub fn open() -> Result<Self, Nl80211Error> {
        Ok(Self {
            socket: Socket::open(&["mlme", "config"])?,
            indices: BTreeSet::new(),
            waiting: Waiting::default(),
        })
    }

    /// Starts an access point on an interface of kind [`super::InterfaceKind::Ap`] that is up. The kernel beacons from now
    /// on; authentication is left to who reads the frames. It ends with the socket (`NL80211_ATTR_SOCKET_OWNER`).
    ///
    /// # Errors
    ///
    /// The driver is no AP, the channel is closed, needs a check for radar or is for listening only
    /// ([`super::Wiphy::refusal`] tells beforehand), or another AP runs on the interface.
    pub fn start_ap(&mut self, index: u32, start: &StartAp<'_>) -> Result<(), Nl80211Error> {
        let action = format!("start an access point on {}, {}", named(index), start.tuning);
        let attributes = start.attributes(index);
        self.request(Nl80211Command::StartAp, attributes, index, &action)
            .map(drop)
    }

    /// Replaces the beacon.
    ///
    /// # Errors
    ///
    /// No AP runs there, or the driver refuses the elements.
    pub fn set_beacon(&mut self, index: u32, head: &[u8], tail: &[u8]) -> Result<(), Nl80211Error> {
        let action = format!("change the beacon of {}", named(index));
        let attributes = beacon(Attributes::default().u32(number::IFINDEX, index), head, tail);
        self.request(Nl80211Command::SetBeacon, attributes, index, &action)
            .map(drop)
    }

    /// Stops the access point.
    ///
    /// # Errors
    ///
    /// None runs there.
    pub fn stop_ap(&mut self, index: u32) -> Result<(), Nl80211Error> {
        let action = format!("stop the access point on {}", named(index));
        let attributes = Attributes::default().u32(number::IFINDEX, index);
        self.request(Nl80211Command::StopAp, attributes, index, &action)
            .map(drop)
    }

    /// Takes management frames of a type, by the octets of its frame control field as a number (0x40: probe requests, 0xb0:
    /// authentication), whose body starts with `prefix`, for this socket.
    ///
    /// # Errors
    ///
    /// The driver does not give that type out ([`super::Wiphy`] tells which), or another program took it.
    pub fn register_frames(&mut self, index: u32, frame_type: u16, prefix: &[u8]) -> Result<(), Nl80211Error> {
        let action = format!("take frames of type {frame_type:#04x} on {}", named(index));
        let attributes = Attributes::default()
            .u32(number::IFINDEX, index)
            .u16(number::FRAME_TYPE, frame_type)
            .put(number::FRAME_MATCH, prefix);
        self.request(Nl80211Command::RegisterFrame, attributes, index, &action)
            .map(drop)
    }

    /// Sends a management frame on `frequency` (MHz), the channel of the interface. [`ApEvent::Status`] with the returned
    /// cookie tells later whether it was acknowledged.
    ///
    /// # Errors
    ///
    /// The frame is longer than 2304 octets, its type or address is not the interface's, or the frequency is another channel.
    pub fn send_frame(&mut self, index: u32, frequency: u32, frame: &[u8]) -> Result<u64, Nl80211Error> {
        let action = format!("send a frame on {}", named(index));
        let attributes = Attributes::default()
            .u32(number::IFINDEX, index)
            .u32(number::WIPHY_FREQ, frequency)
            .put(number::FRAME, frame);
        let answers = self.request(Nl80211Command::Frame, attributes, index, &action)?;
        answers
            .iter()
            .find_map(|answer| answer.find(number::COOKIE)?.u64())
            .ok_or_else(|| Nl80211Error::Netlink(format!("no cookie in the kernel's answer: can't {action}")))
    }

    /// Waits for the next event; `None` after `timeout`.
    ///
    /// # Errors
    ///
    /// The socket failed.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<ApEvent>, Nl80211Error> {
        let until = Instant::now() + timeout;
        loop {
            if let Some(event) = self.waiting.events.pop_front() {
                return Ok(Some(event));
            }
            let left = until.saturating_duration_since(Instant::now());
            for (_, payload) in self.socket.receive(left)? {
                if let NetlinkPayload::InnerMessage(message) = payload {
                    self.waiting.take(&message.payload, &self.indices);
                }
            }
            if left.is_zero() && self.waiting.events.is_empty() {
                return Ok(None);
            }
        }
    }

    /// What was lost since the socket was opened.
    #[must_use]
    pub fn lost(&self) -> ApLost {
        ApLost {
            queue_full: self.waiting.lost,
            buffer_full: self.socket.dropped(),
        }
    }

    fn request(
        &mut self,
        command: Nl80211Command,
        attributes: Attributes,
        index: u32,
        action: &str,
    ) -> Result<Vec<Message>, Nl80211Error> {
        self.indices.insert(index);
        let message = Message::new(command, attributes);
        let (indices, waiting) = (&self.indices, &mut self.waiting);
        self.socket
            .request(message, NLM_F_ACK, action, |message| waiting.take(&message, indices))
    }
}

impl StartAp<'_> {
    fn attributes(&self, index: u32) -> Attributes {
        let attributes = Attributes::default()
            .u32(number::IFINDEX, index)
            .flag(number::SOCKET_OWNER)
            .u32(number::BEACON_INTERVAL, self.beacon_interval.into())
            .u32(number::DTIM_PERIOD, self.dtim_period.into())
            .put(number::SSID, self.ssid)
            // NL80211_HIDDEN_SSID_NOT_IN_USE, NL80211_AUTHTYPE_OPEN_SYSTEM: SAE is in the frames.
            .u32(number::HIDDEN_SSID, 0)
            .u32(number::AUTH_TYPE, 0)
            .flag_if(self.privacy, number::PRIVACY);
        let mut attributes = beacon(tuned(attributes, self.tuning), self.head, self.tail);
        if let Some(seconds) = self.inactivity {
            attributes = attributes.u16(number::INACTIVITY_TIMEOUT, seconds);
        }
        let Some(rsn) = self.rsn else {
            return attributes;
        };
        // NL80211_WPA_VERSION_2
        let attributes = attributes
            .u32(number::WPA_VERSIONS, 1 << 1)
            .u32(number::CIPHER_SUITE_GROUP, rsn.group)
            .put(number::CIPHER_SUITES_PAIRWISE, &selectors(rsn.pairwise));
        if rsn.akms.len() > LONGEST_AKMS {
            return attributes;
        }
        attributes.put(number::AKM_SUITES, &selectors(rsn.akms))
    }
}

fn beacon(attributes: Attributes, head: &[u8], tail: &[u8]) -> Attributes {
    attributes.put(number::BEACON_HEAD, head).put(number::BEACON_TAIL, tail)
}

fn selectors(suites: &[u32]) -> Vec<u8> {
    suites.iter().flat_map(|suite| suite.to_ne_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dot11::ChannelWidth, nl80211::attribute::Attribute};

    #[test]
    fn what_an_ap_is_started_with() {
        let tuning = Tuning::new("36".parse().unwrap(), ChannelWidth::Mhz80).unwrap();
        let mut start = StartAp {
            head: &[0x80; 40],
            tail: &[221, 0],
            beacon_interval: 100,
            dtim_period: 2,
            ssid: b"airlens",
            tuning,
            privacy: true,
            rsn: Some(Rsn {
                group: 0x000f_ac04,
                pairwise: &[0x000f_ac04],
                akms: &[0x000f_ac02, 0x000f_ac08],
            }),
            inactivity: None,
        };
        let message = Message::new(Nl80211Command::StartAp, start.attributes(4));
        for (number, value) in [
            (number::IFINDEX, 4),
            (number::WIPHY_FREQ, 5180),
            (number::CENTER_FREQ1, 5210),
            (number::CHANNEL_WIDTH, 3),
            (number::CIPHER_SUITE_GROUP, 0x000f_ac04),
            (number::WPA_VERSIONS, 2),
        ] {
            assert_eq!(message.find(number).and_then(Attribute::u32), Some(value), "{number}");
        }
        assert_eq!(
            message.find(number::AKM_SUITES).map(|suites| suites.octets.len()),
            Some(8)
        );
        assert!(message.find(number::SOCKET_OWNER).is_some() && message.find(number::PRIVACY).is_some());
        start.rsn = Some(Rsn {
            group: 0,
            pairwise: &[],
            akms: &[1, 2, 3],
        });
        let message = Message::new(Nl80211Command::StartAp, start.attributes(4));
        assert_eq!(message.find(number::AKM_SUITES), None);
    }
}
