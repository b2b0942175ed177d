//! Before the run: the interfaces that the user named, checked, and a monitor beside a managed one. After it: as before.

mod choice;

pub(super) use choice::choose;

use super::SessionError;
use crate::{
    kernel::KernelError,
    nl80211::{Interface, InterfaceKind, Kind, NewInterface, Nl80211, existing_names, interface, link},
};

/// The longest interface name (`IFNAMSIZ` less the terminator).
const NAME_LENGTH: usize = 15;

/// The interfaces of a run.
#[derive(Debug, Default)]
pub struct Stage {
    /// Where frames are captured.
    pub monitor: Option<Interface>,
    /// The monitor was added by this run.
    added: bool,
    /// Where packets are counted.
    pub data: Vec<Interface>,
    /// The wireless device of the monitor, such as `phy0`.
    pub phy: Option<String>,
    /// The channel frequency in MHz at the start, where one is set.
    pub frequency: Option<u32>,
    /// The regulatory domain at the start, two letters.
    pub country: Option<String>,
}

impl Stage {
    /// Checks the named interfaces and adds what is missing.
    ///
    /// # Errors
    ///
    /// An interface does not exist (the message lists those that do), carries nothing that the programs read, or its device
    /// takes no monitor.
    pub async fn set(monitor: Option<&str>, data: &[String]) -> Result<Self, SessionError> {
        let mut stage = Self::default();
        for name in data {
            let interface = find(name)?;
            if !interface.kind.carries_ethernet() {
                return Err(SessionError::NoEthernet { name: name.clone() });
            }
            stage.data.push(interface);
        }
        if let Some(name) = monitor {
            stage.set_monitor(find(name)?).await?;
        }
        Ok(stage)
    }

    async fn set_monitor(&mut self, interface: Interface) -> Result<(), SessionError> {
        match interface.kind {
            Kind::Monitor => self.describe(&interface).await,
            Kind::Wireless => return self.add_monitor(&interface).await,
            _ => return Err(SessionError::NotWireless { name: interface.name }),
        }
        self.monitor = Some(interface);
        Ok(())
    }

    /// What nl80211 knows of a monitor; a TAP in its place (the demo's) is unknown there, which is no error.
    async fn describe(&mut self, interface: &Interface) {
        let Ok(nl80211) = Nl80211::connect() else {
            return;
        };
        self.phy.clone_from(&interface.phy);
        if let Ok(found) = nl80211.interfaces().await {
            self.frequency = found
                .iter()
                .find(|found| found.index == interface.index)
                .and_then(|found| found.frequency);
        }
        self.country = nl80211.regulatory(None).await.ok().map(|rules| rules.country);
    }

    async fn add_monitor(&mut self, managed: &Interface) -> Result<(), SessionError> {
        let nl80211 = Nl80211::connect()?;
        let found = nl80211.interfaces().await?;
        let Some(device) = found.iter().find(|found| found.index == managed.index) else {
            return Err(SessionError::NotWireless {
                name: managed.name.clone(),
            });
        };
        let name = monitor_name(&managed.name);
        if let Some(left) = interface(&name) {
            // Left by a run that was killed: the name is ours alone.
            nl80211.remove(left.index).await?;
        }
        let monitor = nl80211
            .add_interface(device.wiphy, &name, InterfaceKind::Monitor, NewInterface::default())
            .await?;
        if let Err(error) = link::set_up(&name) {
            // With the radio switched off say.
            let _ = nl80211.remove(monitor).await;
            return Err(error.into());
        }
        self.added = true;
        let interface = find(&name)?;
        self.describe(&interface).await;
        self.frequency = self.frequency.or(device.frequency);
        self.monitor = Some(interface);
        Ok(())
    }

    /// Takes away what [`Stage::set`] added.
    ///
    /// # Errors
    ///
    /// The added monitor is gone already, or can't be removed.
    pub async fn restore(&self) -> Result<(), SessionError> {
        match &self.monitor {
            Some(monitor) if self.added => Ok(Nl80211::connect()?.remove(monitor.index).await?),
            _ => Ok(()),
        }
    }
}

/// The monitor beside `wlan0` is `wlan0profiler`; a long name gives up its end.
fn monitor_name(managed: &str) -> String {
    const SUFFIX: &str = "profiler";
    let keep = managed.len().min(NAME_LENGTH - SUFFIX.len());
    format!("{}{SUFFIX}", managed.get(..keep).unwrap_or_default())
}

fn find(name: &str) -> Result<Interface, SessionError> {
    interface(name).ok_or_else(|| {
        SessionError::Kernel(KernelError::NoInterface {
            name: name.to_owned(),
            existing: existing_names().join(" "),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit() {
        assert_eq!(monitor_name("wlan0"), "wlan0profiler");
        assert_eq!(monitor_name("wlx00c0cab0dead"), "wlx00c0profiler");
    }

    #[test]
    fn a_missing_interface_lists_the_others() {
        let error = find("mon7").unwrap_err().to_string();
        assert!(error.contains("no interface mon7") && error.contains("lo"), "{error}");
    }
}
