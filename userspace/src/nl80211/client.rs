//! A connection to nl80211, and a request over it.

use futures_util::StreamExt as _;
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP};
use netlink_sys::AsyncSocket as _;
use tokio::task::JoinHandle;
use wl_nl80211::{Nl80211Command, Nl80211Handle};

use super::{
    Nl80211Error,
    attribute::Attributes,
    message::{Answer, Message},
    socket::PATIENCE,
};

/// A connection to nl80211 in the current network namespace. Dropping it closes it.
#[derive(Debug)]
pub struct Nl80211 {
    handle: Nl80211Handle,
    connection: JoinHandle<()>,
}

impl Drop for Nl80211 {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Nl80211 {
    /// Opens the connection; call it within a tokio runtime.
    ///
    /// # Errors
    ///
    /// No netlink socket can be made. Whether the kernel has wireless shows with the first request.
    pub fn connect() -> Result<Self, Nl80211Error> {
        let (mut connection, handle, _) =
            wl_nl80211::new_connection().map_err(|error| Nl80211Error::Netlink(error.to_string()))?;
        // The kernel's words for a refusal, and no copy of the request before them.
        let socket = connection.socket_mut().socket_mut();
        socket
            .set_ext_ack(true)
            .and_then(|()| socket.set_cap_ack(true))
            .map_err(|error| Nl80211Error::Netlink(error.to_string()))?;
        Ok(Self {
            handle,
            connection: tokio::spawn(connection),
        })
    }

    /// All that the kernel has of a kind.
    pub(super) async fn dump(
        &self,
        command: Nl80211Command,
        attributes: Attributes,
        action: &str,
    ) -> Result<Vec<Message>, Nl80211Error> {
        self.request(command, attributes, NLM_F_DUMP, action).await
    }

    /// One answer.
    pub(super) async fn ask(
        &self,
        command: Nl80211Command,
        attributes: Attributes,
        action: &str,
    ) -> Result<Message, Nl80211Error> {
        let answers = self.request(command, attributes, 0, action).await?;
        answers
            .into_iter()
            .next()
            .ok_or_else(|| Nl80211Error::Netlink(format!("the kernel did not answer: can't {action}")))
    }

    /// A command that the kernel only acknowledges.
    pub(super) async fn command(
        &self,
        command: Nl80211Command,
        attributes: Attributes,
        action: &str,
    ) -> Result<(), Nl80211Error> {
        self.request(command, attributes, NLM_F_ACK, action).await.map(drop)
    }

    /// As [`Self::exchange`], but not for ever.
    async fn request(
        &self,
        command: Nl80211Command,
        attributes: Attributes,
        flags: u16,
        action: &str,
    ) -> Result<Vec<Message>, Nl80211Error> {
        tokio::time::timeout(PATIENCE, self.exchange(command, attributes, flags, action))
            .await
            .map_err(|_| Nl80211Error::Netlink(format!("the kernel does not answer: can't {action}")))?
    }

    async fn exchange(
        &self,
        command: Nl80211Command,
        attributes: Attributes,
        flags: u16,
        action: &str,
    ) -> Result<Vec<Message>, Nl80211Error> {
        let message = Message::new(command, attributes).request(flags);
        // The family's number is asked first: without cfg80211 there is none.
        let mut handle = self.handle.handle.clone();
        let mut stream = handle.request(message).await.map_err(|_| Nl80211Error::NoWireless)?;
        let mut answers = Vec::new();
        while let Some(answer) = stream.next().await {
            let answer = answer.map_err(|error| Nl80211Error::Netlink(error.to_string()))?;
            match Answer::of(answer.payload, action)? {
                Answer::Part(message) => answers.push(message),
                Answer::End => break,
                Answer::Nothing => {}
            }
        }
        Ok(answers)
    }
}
