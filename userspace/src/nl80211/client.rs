//! A connection to nl80211: wireless interfaces, monitors beside them, the regulatory domain.

use futures_util::StreamExt as _;
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload, Nla as _};
use netlink_packet_generic::GenlMessage;
use tokio::task::JoinHandle;
use wl_nl80211::{
    Nl80211Attr, Nl80211Command, Nl80211Handle, Nl80211InterfaceType, Nl80211Message, Nl80211NewInterface,
};

use super::{Nl80211Error, link};

/// `NL80211_ATTR_REG_ALPHA2`.
const REG_ALPHA2: u16 = 33;

/// A wireless interface as nl80211 knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WirelessInterface {
    /// Interface index.
    pub index: u32,
    /// Interface name.
    pub name: String,
    /// Index of the wireless device.
    pub wiphy: u32,
    /// Channel frequency in MHz where one is set.
    pub frequency: Option<u32>,
    /// A monitor interface.
    pub monitor: bool,
}

/// A connection to nl80211 in the current network namespace. Dropping it closes it.
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
        let (connection, handle, _) =
            wl_nl80211::new_connection().map_err(|error| Nl80211Error::Netlink(error.to_string()))?;
        Ok(Self {
            handle,
            connection: tokio::spawn(connection),
        })
    }

    /// Every wireless interface.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::NoWireless`] where the kernel has no cfg80211.
    pub async fn interfaces(&self) -> Result<Vec<WirelessInterface>, Nl80211Error> {
        let answers = self
            .request(
                Nl80211Command::GetInterface,
                Vec::new(),
                NLM_F_DUMP,
                "list wireless interfaces",
            )
            .await?;
        Ok(answers
            .iter()
            .map(|attributes| wireless_interface(attributes))
            .collect())
    }

    /// Adds a monitor interface to the wireless device `wiphy` and brings it up. It captures on the channel that the
    /// device is on.
    ///
    /// # Errors
    ///
    /// The driver has no monitor type, the device is busy or switched off.
    pub async fn add_monitor(&self, wiphy: u32, name: &str) -> Result<(), Nl80211Error> {
        let attributes = Nl80211NewInterface::new(wiphy, Nl80211InterfaceType::Monitor, name.to_owned()).build();
        let action = format!("add monitor interface {name}");
        self.request(Nl80211Command::NewInterface, attributes, NLM_F_ACK, &action)
            .await?;
        link::set_up(name).map_err(|error| {
            Nl80211Error::from_code(error.raw_os_error().unwrap_or(libc::EIO), &format!("bring {name} up"))
        })
    }

    /// Removes an interface that was added.
    ///
    /// # Errors
    ///
    /// There is none of that name any more.
    pub async fn remove(&self, name: &str) -> Result<(), Nl80211Error> {
        let action = format!("remove interface {name}");
        let Some(link) = link::link(name) else {
            return Err(Nl80211Error::from_code(libc::ENODEV, &action));
        };
        let attributes = vec![Nl80211Attr::IfIndex(link.index)];
        self.request(Nl80211Command::DelInterface, attributes, NLM_F_ACK, &action)
            .await?;
        Ok(())
    }

    /// The regulatory domain in force, two letters (`00`: the world's common rules).
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::NoWireless`] where the kernel has no cfg80211.
    pub async fn country(&self) -> Result<Option<String>, Nl80211Error> {
        let answers = self
            .request(Nl80211Command::GetReg, Vec::new(), 0, "read the regulatory domain")
            .await?;
        Ok(answers.iter().flatten().find_map(|attribute| match attribute {
            Nl80211Attr::Other(other) if other.kind() == REG_ALPHA2 => {
                let mut octets = vec![0; other.value_len()];
                other.emit_value(&mut octets);
                let letters = octets.split(|octet| *octet == 0).next()?;
                String::from_utf8(letters.to_vec()).ok()
            }
            _ => None,
        }))
    }

    /// Sends one command and collects the attributes of every answer.
    async fn request(
        &self,
        command: Nl80211Command,
        attributes: Vec<Nl80211Attr>,
        flags: u16,
        action: &str,
    ) -> Result<Vec<Vec<Nl80211Attr>>, Nl80211Error> {
        let message = Nl80211Message {
            cmd: command,
            attributes,
        };
        let mut message = NetlinkMessage::from(GenlMessage::from_payload(message));
        message.header.flags = NLM_F_REQUEST | flags;
        // The family's number is asked first: without cfg80211 there is none.
        let mut handle = self.handle.clone();
        let mut stream = handle.request(message).await.map_err(|_| Nl80211Error::NoWireless)?;
        let mut answers = Vec::new();
        while let Some(answer) = stream.next().await {
            match answer
                .map_err(|error| Nl80211Error::Netlink(error.to_string()))?
                .payload
            {
                NetlinkPayload::InnerMessage(message) => answers.push(message.payload.attributes),
                NetlinkPayload::Error(error) => {
                    // An acknowledgement is an error message with code 0.
                    if let Some(code) = error.code {
                        return Err(Nl80211Error::from_code(code.get(), action));
                    }
                }
                _ => {}
            }
        }
        Ok(answers)
    }
}

fn wireless_interface(attributes: &[Nl80211Attr]) -> WirelessInterface {
    let mut found = WirelessInterface::default();
    for attribute in attributes {
        match attribute {
            Nl80211Attr::IfIndex(index) => found.index = *index,
            Nl80211Attr::IfName(name) => found.name.clone_from(name),
            Nl80211Attr::Wiphy(wiphy) => found.wiphy = *wiphy,
            Nl80211Attr::WiphyFreq(frequency) => found.frequency = Some(*frequency),
            Nl80211Attr::IfType(kind) => found.monitor = *kind == Nl80211InterfaceType::Monitor,
            _ => {}
        }
    }
    found
}
