//! The machine itself: nl80211, the link layer, `NetworkManager`.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Seen, System, Tuned};
use crate::{
    dot11::{Address, Tuning},
    nl80211::{InterfaceKind, NewInterface, Nl80211, Nl80211Error, WirelessInterface, link},
    session::{SessionError, network_manager::NetworkManager},
};

/// How long the kernel may take to bring new rules into force: it asks for them in user space where they are not built in.
const RULES: Duration = Duration::from_secs(3);

/// The machine.
#[derive(Debug)]
pub(crate) struct Live {
    nl80211: Nl80211,
    /// Asked for once it is needed; the inner one is none where it does not run.
    network_manager: Option<Option<NetworkManager>>,
}

impl Live {
    /// Call it within a tokio runtime.
    pub(crate) fn connect() -> Result<Self, SessionError> {
        Ok(Self {
            nl80211: Nl80211::connect()?,
            network_manager: None,
        })
    }

    async fn network_manager(&mut self) -> Option<&NetworkManager> {
        if self.network_manager.is_none() {
            self.network_manager = Some(NetworkManager::connect().await);
        }
        self.network_manager.as_ref()?.as_ref()
    }
}

fn seen(found: WirelessInterface) -> Option<Seen> {
    let link = link::link(&found.name)?;
    let tuned = found.frequency.map(|frequency| Tuned {
        frequency,
        width: found.width.unwrap_or_default().mhz(),
    });
    Some(Seen {
        index: found.index,
        address: link.address,
        kind: found.kind,
        up: link.up,
        wiphy: found.wiphy,
        name: found.name,
        tuned,
    })
}

/// The link layer goes by names, which others may change meanwhile.
fn name(index: u32, action: &str) -> Result<String, SessionError> {
    link::name(index).ok_or_else(|| {
        SessionError::Nl80211(Nl80211Error::Gone {
            action: action.to_owned(),
        })
    })
}

impl System for Live {
    async fn interfaces(&mut self) -> Result<Vec<Seen>, SessionError> {
        let found = match self.nl80211.interfaces().await {
            // The last adapter was unplugged, and its driver went.
            Err(Nl80211Error::NoWireless) => Vec::new(),
            found => found?,
        };
        Ok(found.into_iter().filter_map(seen).collect())
    }

    async fn add(
        &mut self,
        wiphy: u32,
        name: &str,
        kind: InterfaceKind,
        new: NewInterface,
    ) -> Result<u32, SessionError> {
        Ok(self.nl80211.add_interface(wiphy, name, kind, new).await?)
    }

    async fn remove(&mut self, index: u32) -> Result<(), SessionError> {
        Ok(self.nl80211.remove(index).await?)
    }

    async fn set_up(&mut self, index: u32, up: bool) -> Result<(), SessionError> {
        let name = name(index, "bring the interface up or down")?;
        let set = if up { link::set_up } else { link::set_down };
        Ok(set(&name)?)
    }

    async fn set_kind(&mut self, index: u32, kind: InterfaceKind) -> Result<(), SessionError> {
        Ok(self.nl80211.set_kind(index, kind).await?)
    }

    async fn set_address(&mut self, index: u32, address: Address) -> Result<(), SessionError> {
        Ok(link::set_address(&name(index, "set the address")?, address)?)
    }

    async fn set_channel(&mut self, index: u32, tuning: Tuning) -> Result<(), SessionError> {
        Ok(self.nl80211.set_channel(index, tuning).await?)
    }

    async fn country(&mut self) -> Result<String, SessionError> {
        match self.nl80211.regulatory(None).await {
            Err(Nl80211Error::NoWireless) => Ok(String::new()),
            rules => Ok(rules?.country),
        }
    }

    async fn set_country(&mut self, country: &str) -> Result<(), SessionError> {
        self.nl80211.set_country(country).await?;
        let end = Instant::now() + RULES;
        while self.country().await? != country && Instant::now() < end {
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    async fn managed(&mut self, name: &str) -> Result<Option<bool>, SessionError> {
        match self.network_manager().await {
            Some(manager) => Ok(manager.managed(name).await?),
            None => Ok(None),
        }
    }

    async fn set_managed(&mut self, name: &str, managed: bool) -> Result<(), SessionError> {
        match self.network_manager().await {
            Some(manager) => Ok(manager.set_managed(name, managed).await?),
            None => Ok(()),
        }
    }
}
