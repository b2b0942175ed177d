//! Interfaces for the modes that transmit.

use super::start::Transmit;
use crate::{
    dot11::Tuning,
    nl80211::{InterfaceKind, NewInterface, Nl80211, WirelessInterface, link},
    publish::documents::Mode,
    session::SessionError,
};

/// What was changed.
#[derive(Debug)]
pub(in crate::session) struct Prepared {
    pub(in crate::session) transmit: Transmit,
    device: WirelessInterface,
    was_up: bool,
    added: Vec<u32>,
}

impl Prepared {
    pub(in crate::session) async fn make(
        mode: Mode,
        device: &WirelessInterface,
        monitor: Option<(u32, String)>,
        tuning: Tuning,
    ) -> Result<Self, SessionError> {
        let nl80211 = Nl80211::connect()?;
        let was_up = link::link(&device.name).is_some_and(|link| link.up);
        let frequency = tuning.channel().frequency().into();
        let mut prepared = Self {
            transmit: Transmit {
                index: device.index,
                name: device.name.clone(),
                frequency,
            },
            device: device.clone(),
            was_up,
            added: Vec::new(),
        };
        link::set_down(&device.name)?;
        match mode {
            Mode::Fakeap => {
                if let Some((index, name)) = monitor {
                    nl80211.set_channel(index, tuning).await?;
                    prepared.transmit.index = index;
                    prepared.transmit.name = name;
                }
                let new = NewInterface {
                    address: Some(device.address),
                    active_monitor: true,
                };
                let active = nl80211
                    .add_interface(device.wiphy, "airlensack", InterfaceKind::Monitor, new)
                    .await?;
                prepared.added.push(active);
                link::set_up("airlensack")?;
            }
            Mode::Hostapd | Mode::Listen => {}
            Mode::Ap => {
                nl80211.set_kind(device.index, InterfaceKind::Ap).await?;
                link::set_up(&device.name)?;
            }
        }
        Ok(prepared)
    }

    pub(in crate::session) async fn restore(&self) -> Result<(), SessionError> {
        let nl80211 = Nl80211::connect()?;
        for index in &self.added {
            nl80211.remove(*index).await?;
        }
        link::set_down(&self.device.name)?;
        nl80211.set_kind(self.device.index, self.device.kind).await?;
        if self.was_up {
            link::set_up(&self.device.name)?;
        }
        Ok(())
    }
}
