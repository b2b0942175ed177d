//! The preparation for each mode.

use std::path::Path;

use super::{Stage, StageOptions, find, sequence};
use crate::{
    config::{CaptureMode, Radio},
    dot11::Tuning,
    nl80211::{Interface, InterfaceKind, Kind, Nl80211, Nl80211Error, Wiphy, WirelessInterface, holders, interface},
    publish::documents::Mode,
    session::{
        SessionError,
        journal::{Ledger, Live, System as _},
    },
};

impl Stage {
    pub(super) async fn prepare(&mut self, named: Interface, options: &StageOptions) -> Result<(), SessionError> {
        if !matches!(named.kind, Kind::Monitor | Kind::Wireless) {
            return Err(SessionError::NotWireless { name: named.name });
        }
        self.mode = match options.mode {
            CaptureMode::Auto if named.kind == Kind::Monitor => Mode::Listen,
            CaptureMode::Auto | CaptureMode::Ap => Mode::Ap,
            CaptureMode::Listen => Mode::Listen,
            CaptureMode::Fakeap => Mode::Fakeap,
            CaptureMode::Hostapd => Mode::Hostapd,
        };
        if let (Some(message), false) = (&options.hindrance, self.mode == Mode::Listen) {
            let message = message.clone();
            return Err(SessionError::Settings { message });
        }
        let Some((nl80211, device)) = device(&named).await? else {
            // A TAP in a monitor's place (the demo's): there is nothing to prepare.
            self.monitor = Some(named);
            return Ok(());
        };
        let wiphy = nl80211.wiphy(device.wiphy).await?;
        self.phy = Some(wiphy.name.clone());
        self.wiphy = Some(device.wiphy);
        self.lease = Some(options.journals.lease(&wiphy.name, options.pid)?);
        let (journal, file) = options.journals.open(&wiphy.name, options.pid);
        let mut ledger = Ledger::new(journal, Live::connect()?, file);
        let result = self.change(&mut ledger, &named, &device, options, &nl80211).await;
        if let Ok(slot) = self.ledger.get_mut() {
            *slot = Some(ledger);
        }
        result?;
        self.describe(&nl80211, &device).await;
        Ok(())
    }

    async fn change(
        &mut self,
        ledger: &mut super::RunLedger,
        named: &Interface,
        device: &WirelessInterface,
        options: &StageOptions,
        nl80211: &Nl80211,
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
        }
        // Its channels are those of the rules in force now.
        let wiphy = nl80211.wiphy(device.wiphy).await?;
        self.tuning = tuning(&wiphy, self.mode, options)?;
        if !options.prepare {
            self.monitor = Some(prepared_monitor(ledger, named, device).await?);
            self.ap = (self.mode != Mode::Listen).then(|| named.clone());
            self.bssid = Some(device.address);
            return Ok(());
        }
        let stays = self.mode == Mode::Listen && self.tuning.is_none() && !options.hops;
        if !stays && named.kind != Kind::Monitor {
            free(ledger, &named.name).await?;
        }
        let device = ledger.now(device.index).await?;
        match self.mode {
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

    async fn describe(&mut self, nl80211: &Nl80211, device: &WirelessInterface) {
        let monitor = self.monitor.as_ref().map(|monitor| monitor.index);
        let tuned = self.tuning.map(|tuning| u32::from(tuning.channel().frequency()));
        if let Ok(found) = nl80211.interfaces().await {
            let frequency = found.iter().find(|found| Some(found.index) == monitor);
            let frequency = frequency.and_then(|found| found.frequency);
            self.frequency = frequency.or(tuned).or(device.frequency);
        }
        let rules = match nl80211.regulatory(self.wiphy).await {
            Ok(rules) => Some(rules),
            Err(_) => nl80211.regulatory(None).await.ok(),
        };
        self.country = rules.map(|rules| rules.country);
    }
}

/// What nl80211 knows of the interface; nothing of a TAP.
async fn device(named: &Interface) -> Result<Option<(Nl80211, WirelessInterface)>, SessionError> {
    let found = match Nl80211::connect() {
        Ok(nl80211) => nl80211.interfaces().await.map(|found| (nl80211, found)),
        Err(error) => Err(error),
    };
    let tap = named.kind == Kind::Monitor && named.phy.is_none();
    let (nl80211, found) = match found {
        Ok(found) => found,
        Err(_) if tap => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match found.into_iter().find(|found| found.index == named.index) {
        Some(device) => Ok(Some((nl80211, device))),
        None if tap => Ok(None),
        None => Err(SessionError::NotWireless {
            name: named.name.clone(),
        }),
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
