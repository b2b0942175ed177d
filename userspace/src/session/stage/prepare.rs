//! The preparation for each mode.

use std::path::Path;

use super::{Stage, StageOptions, find, sequence};
use crate::{
    config::Radio,
    dot11::Tuning,
    nl80211::{
        ChannelRefusal, Interface, InterfaceKind, Kind, Nl80211Error, Wiphy, WirelessInterface, holders, interface,
    },
    publish::documents::Mode,
    session::{
        SessionError,
        journal::{Ledger, Live, System as _},
        modes::{Device, Intent},
    },
};

impl Stage {
    pub(super) async fn prepare(
        &mut self,
        named: Interface,
        options: &StageOptions,
        intent: &mut Intent,
    ) -> Result<(), SessionError> {
        if !matches!(named.kind, Kind::Monitor | Kind::Wireless) {
            return Err(SessionError::NotWireless { name: named.name });
        }
        let mode = intent.mode;
        if let (Some(message), false) = (&options.hindrance, mode == Mode::Listen) {
            let message = message.clone();
            return Err(SessionError::Settings { message });
        }
        let Some(device) = &mut intent.device else {
            if named.kind != Kind::Monitor || named.phy.is_some() {
                return Err(SessionError::NotWireless { name: named.name });
            }
            // A TAP in a monitor's place (the demo's): there is nothing to prepare.
            if options.channel.is_some() || options.country.is_some() {
                tracing::warn!(interface = %named.name, "there is no radio to tune: channel and country are not used");
            }
            self.monitor = Some(named);
            return Ok(());
        };
        let phy = device.wiphy.name.clone();
        self.lease = Some(options.journals.lease(&phy, options.pid)?);
        let (journal, file) = options.journals.open(&phy, options.pid);
        self.phy = Some(phy);
        let mut ledger = Ledger::new(journal, Live::connect()?, file);
        let result = self.change(&mut ledger, &named, mode, device, options).await;
        if let Ok(slot) = self.ledger.get_mut() {
            *slot = Some(ledger);
        }
        result?;
        self.describe(device).await;
        Ok(())
    }

    async fn change(
        &mut self,
        ledger: &mut super::RunLedger,
        named: &Interface,
        mode: Mode,
        device: &mut Device,
        options: &StageOptions,
    ) -> Result<(), SessionError> {
        if let Some(country) = options.country.filter(|_| options.prepare) {
            let asked = country.to_string();
            ledger.set_country(&asked).await?;
            let in_force = ledger.system().country().await?;
            if in_force != asked {
                tracing::warn!(
                    asked,
                    in_force,
                    "the kernel did not take the country over: is its regulatory database installed?"
                );
            }
            device.look_again().await?;
        }
        self.tuning = match tuning(&device.wiphy, mode, options) {
            Ok(tuning) => tuning,
            Err(refused) => return Err(of_no_country(refused, &ledger.system().country().await?)),
        };
        let device = &device.interface;
        if !options.prepare {
            self.monitor = Some(prepared_monitor(ledger, named, device).await?);
            self.ap = (mode != Mode::Listen).then(|| named.clone());
            self.bssid = Some(device.address);
            return Ok(());
        }
        let stays = mode == Mode::Listen && self.tuning.is_none() && !options.hops;
        if !stays && named.kind != Kind::Monitor {
            free(ledger, &named.name).await?;
        }
        let device = ledger.now(device.index).await?;
        match mode {
            Mode::Listen => {
                let monitor = sequence::listen(ledger, &device, self.tuning, options.hops).await?;
                self.monitor = Some(by_index(monitor)?);
            }
            Mode::Ap | Mode::Hostapd => {
                let monitor = sequence::access_point(ledger, &device).await?;
                self.monitor = Some(by_index(monitor)?);
                self.ap = Some(by_index(device.index)?);
                self.bssid = Some(ledger.now(device.index).await?.address);
            }
            Mode::Fakeap => {
                let made = sequence::fake_access_point(ledger, &device, self.tuning).await?;
                self.monitor = Some(by_index(made.monitor)?);
                self.ap = Some(by_index(made.active)?);
                self.bssid = Some(made.bssid);
            }
        }
        Ok(())
    }

    async fn describe(&mut self, device: &Device) {
        let Device { nl80211, interface, .. } = device;
        let monitor = self.monitor.as_ref().map(|monitor| monitor.index);
        let tuned = self.tuning.map(|tuning| u32::from(tuning.channel().frequency()));
        if let Ok(found) = nl80211.interfaces().await {
            let frequency = found.iter().find(|found| Some(found.index) == monitor);
            let frequency = frequency.and_then(|found| found.frequency);
            self.frequency = frequency.or(tuned).or(interface.frequency);
        }
        let rules = match nl80211.regulatory(Some(interface.wiphy)).await {
            Ok(rules) => Some(rules),
            Err(_) => nl80211.regulatory(None).await.ok(),
        };
        self.country = rules.map(|rules| rules.country);
    }
}

/// Where to be: checked before anything is changed for it.
fn tuning(wiphy: &Wiphy, mode: Mode, options: &StageOptions) -> Result<Option<Tuning>, SessionError> {
    let kind = match mode {
        Mode::Listen => InterfaceKind::Monitor,
        _ => InterfaceKind::Ap,
    };
    let channel = match (options.channel, mode) {
        (Some(channel), _) => channel,
        (None, Mode::Listen) => return Ok(None),
        (None, _) => Radio::CHANNEL,
    };
    let asked = options.width.and_then(|width| Tuning::new(channel, width));
    let tuning = asked.unwrap_or_else(|| wiphy.widest(channel, kind));
    match wiphy.refusal(tuning, mode != Mode::Listen) {
        None => Ok(Some(tuning)),
        Some(refusal) => Err(SessionError::Nl80211(Nl80211Error::Channel {
            action: format!("tune {}", wiphy.name),
            refusal,
        })),
    }
}

/// A channel that the rules close is the country's doing only where one is known: `00` are the world's rules, `99` a driver's own
/// (Linux `net/wireless/reg.c`, `is_world_regdom`, `is_unknown_alpha2`).
fn of_no_country(refused: SessionError, country: &str) -> SessionError {
    match refused {
        SessionError::Nl80211(
            refusal @ Nl80211Error::Channel {
                refusal: ChannelRefusal::Disabled(_) | ChannelRefusal::NoIr(_),
                ..
            },
        ) if matches!(country, "" | "00" | "99") => SessionError::NoCountry { refusal },
        other => other,
    }
}

/// The monitor that the user prepared: the named one, or one of the same device.
async fn prepared_monitor(
    ledger: &mut super::RunLedger,
    named: &Interface,
    device: &WirelessInterface,
) -> Result<Interface, SessionError> {
    if named.kind == Kind::Monitor {
        return Ok(named.clone());
    }
    let present = ledger.system().interfaces().await?;
    let monitor = present
        .iter()
        .find(|seen| seen.wiphy == device.wiphy && seen.kind == InterfaceKind::Monitor);
    match monitor {
        Some(monitor) => by_index(monitor.index),
        None => Err(SessionError::Settings {
            message: format!(
                "interface_prep: there is no monitor beside {0}: add one (`iw dev {0} interface add mon0 type monitor`), or leave --noprep out",
                named.name
            ),
        }),
    }
}

/// What holds the interface, other than `NetworkManager`, which is asked later, is named and left alone.
async fn free(ledger: &mut super::RunLedger, name: &str) -> Result<(), SessionError> {
    let managed = ledger.system().managed(name).await? == Some(true);
    let holder = holders(Path::new("/proc"), name)
        .into_iter()
        // `NetworkManager`'s wpa_supplicant names no interface; its iwd is told to let go by it.
        .find(|holder| holder.names_interface || holder.program == "iwd" && !managed);
    match holder {
        Some(holder) => Err(SessionError::Held {
            interface: name.to_owned(),
            program: holder.program,
            pid: holder.pid,
        }),
        None => Ok(()),
    }
}

fn by_index(index: u32) -> Result<Interface, SessionError> {
    let name = crate::nl80211::link::name(index);
    let found = name.as_deref().and_then(interface);
    match found {
        Some(found) => Ok(found),
        None => find(&name.unwrap_or_else(|| format!("of index {index}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dot11::{Channel, ChannelWidth},
        publish::documents::Reason,
    };

    #[test]
    fn a_closed_channel_without_a_country() {
        let tuning = Tuning::new(Channel::DEFAULT, ChannelWidth::Mhz20).unwrap();
        let reason = |refusal, country| {
            let action = "tune phy0".to_owned();
            of_no_country(Nl80211Error::Channel { action, refusal }.into(), country).reason()
        };
        let (disabled, missing) = (ChannelRefusal::Disabled(tuning), ChannelRefusal::Missing(tuning));
        assert_eq!(reason(disabled, "00"), Reason::CountryCodeDetection);
        assert_eq!(reason(disabled, "DE"), Reason::InterfaceValidation);
        assert_eq!(reason(missing, "00"), Reason::InterfaceValidation);
    }
}
