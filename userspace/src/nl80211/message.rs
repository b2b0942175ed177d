//! Messages of the generic netlink family nl80211, with their attributes as octets, and what the kernel answers.

use netlink_packet_core::{
    DecodeError, Emitable, ErrorMessage, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload, ParseableParametrized,
};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};
use wl_nl80211::Nl80211Command;

use super::{
    Nl80211Error,
    attribute::{Attribute, Attributes, attributes, find},
};

/// A command, or the answer to one, with its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) command: Nl80211Command,
    octets: Vec<u8>,
}

impl Message {
    pub(super) fn new(command: Nl80211Command, attributes: Attributes) -> Self {
        Self {
            command,
            octets: attributes.into_octets(),
        }
    }

    /// Its attributes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        attributes(&self.octets)
    }

    /// The first attribute of that number.
    pub(super) fn find(&self, number: u16) -> Option<Attribute<'_>> {
        find(&self.octets, number)
    }

    /// As a request, with these `NLM_F_…` beside `NLM_F_REQUEST`.
    pub(super) fn request(self, flags: u16) -> NetlinkMessage<GenlMessage<Self>> {
        let mut message = NetlinkMessage::from(GenlMessage::from_payload(self));
        message.header.flags = NLM_F_REQUEST | flags;
        message
    }
}

impl GenlFamily for Message {
    fn family_name() -> &'static str {
        "nl80211"
    }

    fn command(&self) -> u8 {
        self.command.into()
    }

    fn version(&self) -> u8 {
        1
    }
}

impl Emitable for Message {
    fn buffer_len(&self) -> usize {
        self.octets.len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        if let Some(to) = buffer.get_mut(..self.octets.len()) {
            to.copy_from_slice(&self.octets);
        }
    }
}

impl ParseableParametrized<[u8], GenlHeader> for Message {
    fn parse_with_param(octets: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        Ok(Self {
            command: header.cmd.into(),
            octets: octets.to_vec(),
        })
    }
}

/// What one message of the kernel means for the request that it answers.
pub(super) enum Answer {
    /// A part of the answer.
    Part(Message),
    /// The end of it.
    End,
    /// Nothing.
    Nothing,
}

impl Answer {
    /// Reads a message; a refusal of `action` is an error.
    pub(super) fn of(payload: NetlinkPayload<GenlMessage<Message>>, action: &str) -> Result<Self, Nl80211Error> {
        match payload {
            NetlinkPayload::InnerMessage(message) => Ok(Self::Part(message.payload)),
            // An acknowledgement is an error message with code 0.
            NetlinkPayload::Error(error) => match error.code {
                Some(code) => Err(Nl80211Error::refused(code.get(), said(&error).as_deref(), action)),
                None => Ok(Self::End),
            },
            NetlinkPayload::Done(done) if done.code < 0 => Err(Nl80211Error::refused(done.code, None, action)),
            NetlinkPayload::Done(_) => Ok(Self::End),
            NetlinkPayload::Overrun(_) => Err(Nl80211Error::Netlink("the kernel's answer overran".to_owned())),
            _ => Ok(Self::Nothing),
        }
    }
}

/// What the kernel says of its refusal (`NLMSGERR_ATTR_MSG`), behind the header of the request.
fn said(error: &ErrorMessage) -> Option<String> {
    const HEADER: usize = 16;
    const MSG: u16 = 1;
    let text = find(error.header.get(HEADER..)?, MSG)?.text();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use netlink_packet_core::Parseable as _;

    use super::*;

    fn answer(octets: &[u8]) -> Result<Answer, Nl80211Error> {
        let buffer = netlink_packet_core::ErrorBuffer::new_checked(&octets).unwrap();
        let error = ErrorMessage::parse(&buffer).unwrap();
        Answer::of(NetlinkPayload::Error(error), "put wlan0 on channel 36")
    }

    #[test]
    fn the_kernel_says_why() {
        let text = Attributes::default().text(1, "invalid channel definition");
        let octets = [&(-libc::EINVAL).to_ne_bytes()[..], &[0; 16], text.octets()].concat();
        let error = answer(&octets).err().unwrap().to_string();
        assert!(
            error.contains("put wlan0 on channel 36") && error.contains("invalid channel definition"),
            "{error}"
        );
        let short = answer(&octets[..8]).err().unwrap().to_string();
        assert!(!short.contains("invalid"), "{short}");
        assert!(matches!(answer(&[0; 20]), Ok(Answer::End)));
    }

    #[test]
    fn requests_are_of_the_family() {
        let message = Message::new(Nl80211Command::GetWiphy, Attributes::default().u32(1, 3));
        assert_eq!(message.find(1).and_then(Attribute::u32), Some(3));
        let mut request = message.request(libc::NLM_F_DUMP as u16);
        if let NetlinkPayload::InnerMessage(inner) = &mut request.payload {
            inner.set_resolved_family_id(0x1c);
        }
        request.finalize();
        let mut octets = vec![0; request.buffer_len()];
        request.serialize(&mut octets);
        // Length, family, flags; command 1 version 1; WIPHY 3.
        assert_eq!(octets.len(), 16 + 4 + 8);
        assert_eq!((&octets[4..8], &octets[16..18]), (&[0x1c, 0, 1, 3][..], &[1, 1][..]));
        assert_eq!(octets[20..], [8, 0, 1, 0, 3, 0, 0, 0]);
    }
}
