//! What happens to an access point, and the events of it that wait.

use std::collections::{BTreeSet, VecDeque};

use wl_nl80211::Nl80211Command;

use super::{attribute::Attribute, message::Message, number};

/// Events that wait while a request is made.
const WAITING: usize = 4096;

/// What happens to an access point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApEvent {
    /// A frame that was registered for.
    Frame {
        /// The frame from its header, without FCS.
        octets: Vec<u8>,
        /// The frequency in MHz that it was heard on.
        frequency: u32,
        /// In dBm, where the driver tells.
        signal: Option<i8>,
    },
    /// What became of a frame that was sent.
    Status {
        /// As [`ApSocket::send_frame`] gave it.
        cookie: u64,
        /// An acknowledgement was heard.
        acknowledged: bool,
    },
    /// The kernel stopped the AP: the interface was taken down, the channel closed or the radio switched off.
    Stopped,
    /// The interface was removed.
    InterfaceGone,
}

/// Events in their order.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) events: VecDeque<ApEvent>,
    /// Events that found no room.
    pub(super) lost: u64,
}

impl Waiting {
    /// Takes what a message means for these interfaces. An end is kept in any case: stations don't cause it.
    pub(super) fn take(&mut self, message: &Message, indices: &BTreeSet<u32>) {
        let Some(event) = event(message, indices) else {
            return;
        };
        if self.events.len() < WAITING || matches!(event, ApEvent::Stopped | ApEvent::InterfaceGone) {
            self.events.push_back(event);
        } else {
            self.lost += 1;
        }
    }
}

/// What a message means for the access points of these interfaces.
fn event(message: &Message, indices: &BTreeSet<u32>) -> Option<ApEvent> {
    let number = |number| message.find(number).and_then(Attribute::u32);
    if !indices.contains(&number(number::IFINDEX)?) {
        return None;
    }
    match message.command {
        Nl80211Command::Frame => Some(ApEvent::Frame {
            octets: message.find(number::FRAME)?.octets.to_vec(),
            frequency: number(number::WIPHY_FREQ).unwrap_or_default(),
            signal: number(number::RX_SIGNAL_DBM).and_then(|signal| i8::try_from(signal.cast_signed()).ok()),
        }),
        Nl80211Command::FrameTxStatus => Some(ApEvent::Status {
            cookie: message.find(number::COOKIE)?.u64()?,
            acknowledged: message.find(number::ACK).is_some(),
        }),
        Nl80211Command::StopAp => Some(ApEvent::Stopped),
        Nl80211Command::DelInterface => Some(ApEvent::InterfaceGone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::nl80211::attribute::Attributes;

    fn told(command: Nl80211Command, attributes: Attributes) -> Option<ApEvent> {
        event(&Message::new(command, attributes), &BTreeSet::from([4]))
    }

    #[test]
    fn events_of_our_interface() {
        let ours = Attributes::default().u32(number::IFINDEX, 4);
        let frame = ours
            .clone()
            .u32(number::WIPHY_FREQ, 5180)
            .u32(number::RX_SIGNAL_DBM, (-30i32).cast_unsigned())
            .put(number::FRAME, &[0x40, 0]);
        let expected = ApEvent::Frame {
            octets: vec![0x40, 0],
            frequency: 5180,
            signal: Some(-30),
        };
        assert_eq!(told(Nl80211Command::Frame, frame), Some(expected));
        let status = ours.clone().put(number::COOKIE, &9u64.to_ne_bytes());
        for acknowledged in [false, true] {
            let status = status.clone().flag_if(acknowledged, number::ACK);
            let expected = ApEvent::Status {
                cookie: 9,
                acknowledged,
            };
            assert_eq!(told(Nl80211Command::FrameTxStatus, status), Some(expected));
        }
        assert_eq!(told(Nl80211Command::StopAp, ours.clone()), Some(ApEvent::Stopped));
        assert_eq!(
            told(Nl80211Command::DelInterface, ours.clone()),
            Some(ApEvent::InterfaceGone)
        );
        assert_eq!(told(Nl80211Command::NewInterface, ours), None);
        let others = Attributes::default().u32(number::IFINDEX, 5);
        assert_eq!(told(Nl80211Command::StopAp, others), None);
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let (mut waiting, indices) = (Waiting::default(), BTreeSet::from([4]));
        let ours = Attributes::default().u32(number::IFINDEX, 4);
        let frame = Message::new(Nl80211Command::Frame, ours.clone().put(number::FRAME, &[0x40, 0]));
        for _ in 0..WAITING + 7 {
            waiting.take(&frame, &indices);
        }
        waiting.take(&Message::new(Nl80211Command::StopAp, ours), &indices);
        assert_eq!((waiting.events.len(), waiting.lost), (WAITING + 1, 7));
        assert_eq!(waiting.events.back(), Some(&ApEvent::Stopped));
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..64), command in any::<u8>(), at in 0u16..400) {
            let attributes = Attributes::default().u32(number::IFINDEX, 4).put(at, &octets);
            let _ = told(command.into(), attributes);
        }
    }
}
