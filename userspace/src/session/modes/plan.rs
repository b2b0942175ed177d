//! What a run is going to be, before anything is changed: the mode, the channel, the access point.

use std::{fs, path::Path};

use super::{ap::FRAMES, start::Plan};
use crate::{
    ap::{ApOptions, ResponderSettings},
    config::{CaptureMode, Radio, Ssid},
    dot11::{Address, Band},
    nl80211::{InterfaceKind, Kind, Nl80211, Wiphy, WirelessInterface, interface},
    publish::documents::Mode,
    session::{
        SessionError, Stage,
        hostapd::{Hardware, HostapdOptions},
    },
};

/// A run's mode, and by what.
#[derive(Debug)]
pub(in crate::session) struct Intent {
    pub(in crate::session) mode: Mode,
    /// The interface that was named; `None` where it is no wireless one, such as a TAP.
    pub(in crate::session) device: Option<Device>,
}

/// A wireless interface, as it was before anything was changed.
#[derive(Debug)]
pub(in crate::session) struct Device {
    pub(in crate::session) nl80211: Nl80211,
    pub(in crate::session) interface: WirelessInterface,
    /// What it belongs to: its channels are those of the rules at the last [`Device::look_again`].
    pub(in crate::session) wiphy: Wiphy,
}

impl Device {
    async fn find(index: u32) -> Result<Option<Self>, SessionError> {
        let nl80211 = Nl80211::connect()?;
        let found = nl80211.interfaces().await?;
        let Some(interface) = found.into_iter().find(|found| found.index == index) else {
            return Ok(None);
        };
        let wiphy = nl80211.wiphy(interface.wiphy).await?;
        Ok(Some(Self {
            nl80211,
            interface,
            wiphy,
        }))
    }

    /// The rules may have changed.
    pub(in crate::session) async fn look_again(&mut self) -> Result<(), SessionError> {
        self.wiphy = self.nl80211.wiphy(self.interface.wiphy).await?;
        Ok(())
    }
}

impl Intent {
    /// Looks at the interface and decides. Nothing is changed.
    ///
    /// # Errors
    ///
    /// The device can't do what is asked, or the radio is switched off.
    pub(in crate::session) async fn find(name: Option<&str>, radio: &Radio) -> Result<Self, SessionError> {
        let found = name.and_then(interface);
        let device = match &found {
            // A TAP in place of a monitor is unknown to nl80211.
            Some(found) if found.phy.is_some() => Device::find(found.index).await?,
            _ => None,
        };
        let is_monitor = found.is_some_and(|found| found.kind == Kind::Monitor);
        let mode = decide(radio.mode, is_monitor, device.as_ref().map(|device| &device.wiphy))?;
        if mode != Mode::Listen
            && let Some(device) = &device
        {
            radio_is_on(Path::new("/sys/class/ieee80211"), &device.wiphy.name)?;
        }
        Ok(Self { mode, device })
    }

    /// The access point.
    pub(in crate::session) fn access_point(&self, radio: &Radio, stage: &Stage) -> Option<ApOptions> {
        let (bssid, tuning) = (stage.bssid?, stage.tuning?);
        let device = self.device.as_ref().filter(|_| self.mode != Mode::Listen)?;
        let channel = device.wiphy.channel(tuning.channel().frequency().into());
        let mut options = ApOptions::new(bssid, network(radio, bssid).as_bytes(), tuning);
        let country = stage.country.as_deref().unwrap_or_default();
        if let Ok(country) = <[u8; 2]>::try_from(country.as_bytes()) {
            options.country = country;
        }
        if let Some(channel) = channel {
            options.max_power = u8::try_from(channel.max_power_mbm / 100).unwrap_or(options.max_power);
            options.psd = channel.psd.unwrap_or(options.psd);
        }
        options.security = radio.security_mode;
        radio.passphrase.expose().clone_into(&mut options.passphrase);
        (options.ax, options.be) = (radio.ax, radio.be);
        // A client says what it can do on several links to an access point that is an MLD, and joins such a one by SAE alone.
        options.multi_link = radio.multi_link && options.eht() && options.security.sae(options.band());
        options.version_element = radio
            .profiler_element
            .then(|| concat!("airlens ", env!("CARGO_PKG_VERSION")).to_owned());
        Some(options)
    }

    /// What is to be started.
    pub(in crate::session) fn plan(&self, options: ApOptions, interface: &str, folder: &Path) -> Plan {
        let settings = ResponderSettings::default();
        match self.mode {
            Mode::Hostapd => {
                let hardware = self.hardware(options.band());
                Plan::Hostapd(Box::new(HostapdOptions::new(options, interface, hardware, folder)))
            }
            Mode::Fakeap => Plan::Fakeap(options, settings),
            Mode::Ap | Mode::Listen => Plan::Ap(options, settings),
        }
    }

    fn hardware(&self, band: Band) -> Hardware {
        let info = self.device.as_ref().and_then(|device| device.wiphy.band(band));
        let Some(info) = info else {
            return Hardware::default();
        };
        Hardware {
            ht: info.ht.as_ref().map(|ht| ht.info),
            vht: info.vht.as_ref().map(|vht| vht.info),
            he: info.caps(InterfaceKind::Ap).any(|caps| caps.he.is_some()),
            eht: info.caps(InterfaceKind::Ap).any(|caps| caps.eht.is_some()),
        }
    }
}

/// The mode for what was asked, by what the device can do.
fn decide(asked: CaptureMode, is_monitor: bool, wiphy: Option<&Wiphy>) -> Result<Mode, SessionError> {
    let Some(wiphy) = wiphy else {
        return match asked {
            CaptureMode::Auto | CaptureMode::Listen => Ok(Mode::Listen),
            asked => Err(unable(asked, "a Wi-Fi device")),
        };
    };
    let can_be_ap = wiphy.supports(InterfaceKind::Ap);
    // Where the driver answers itself, or keeps frames back, hostapd can be the access point and airlens can't.
    let answers = !wiphy.ap_sme && FRAMES.iter().all(|&kind| wiphy.gives_out(InterfaceKind::Ap, kind));
    let injects = wiphy.supports(InterfaceKind::Monitor) && wiphy.active_monitor;
    match asked {
        CaptureMode::Listen => Ok(Mode::Listen),
        CaptureMode::Auto if is_monitor => Ok(Mode::Listen),
        CaptureMode::Auto | CaptureMode::Ap if can_be_ap && answers => Ok(Mode::Ap),
        CaptureMode::Auto | CaptureMode::Hostapd if can_be_ap => Ok(Mode::Hostapd),
        CaptureMode::Auto | CaptureMode::Fakeap if injects => Ok(Mode::Fakeap),
        CaptureMode::Ap if can_be_ap => Err(unable(asked, "a driver that leaves authentication to programs")),
        CaptureMode::Auto | CaptureMode::Ap | CaptureMode::Hostapd => {
            Err(unable(asked, "a driver that can be an access point"))
        }
        CaptureMode::Fakeap => Err(unable(asked, "a driver with active monitors, which acknowledge")),
    }
}

fn unable(asked: CaptureMode, needs: &'static str) -> SessionError {
    SessionError::ModeUnsupported {
        mode: serde_json::to_value(asked)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default(),
        needs,
    }
}

/// The network's name.
fn network(radio: &Radio, address: Address) -> String {
    let wired = fs::read_to_string("/sys/class/net/eth0/address").ok();
    let wired = wired.and_then(|text| text.trim().parse().ok());
    let hostname = match radio.ssid {
        Ssid::Hostname => fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default(),
        _ => String::new(),
    };
    radio.ssid.name(wired.unwrap_or(address), hostname.trim())
}

/// Whether nothing switches the radio off: a device's own rfkill switches stand in its folder below `devices`.
fn radio_is_on(devices: &Path, phy: &str) -> Result<(), SessionError> {
    let Ok(entries) = fs::read_dir(devices.join(phy)) else {
        return Ok(());
    };
    let switches = entries.flatten().map(|entry| entry.path());
    let switches = switches.filter(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with("rfkill"))
    });
    for switch in switches {
        let is_set = |kind: &str| fs::read_to_string(switch.join(kind)).is_ok_and(|text| text.trim() == "1");
        let way_out = match (is_set("hard"), is_set("soft")) {
            (true, _) => "turn on the switch or key of the device",
            (false, true) => "`rfkill unblock wifi`",
            (false, false) => continue,
        };
        return Err(SessionError::RadioOff {
            phy: phy.to_owned(),
            way_out,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dot11::Tuning, nl80211::FrameTypes};

    fn wiphy(kinds: &[InterfaceKind], active_monitor: bool, given_out: &[u16]) -> Wiphy {
        Wiphy {
            interface_kinds: kinds.to_vec(),
            active_monitor,
            rx_frame_types: vec![FrameTypes {
                kind: InterfaceKind::Ap,
                types: given_out.to_vec(),
            }],
            ..Wiphy::default()
        }
    }

    #[test]
    fn the_mode_is_what_the_device_can_do() {
        let (ap, monitor) = (InterfaceKind::Ap, InterfaceKind::Monitor);
        let all = wiphy(&[ap, monitor], true, &FRAMES);
        let keeps = wiphy(&[ap, monitor], true, &[]);
        let injects = wiphy(&[monitor], true, &[]);
        let none = wiphy(&[monitor], false, &[]);
        let auto = |wiphy| decide(CaptureMode::Auto, false, Some(wiphy));
        assert_eq!(auto(&all).unwrap(), Mode::Ap);
        assert_eq!(auto(&keeps).unwrap(), Mode::Hostapd);
        assert_eq!(auto(&injects).unwrap(), Mode::Fakeap);
        assert!(auto(&none).unwrap_err().to_string().contains("--mode listen"));
        assert_eq!(decide(CaptureMode::Auto, true, Some(&all)).unwrap(), Mode::Listen);
        assert_eq!(decide(CaptureMode::Auto, true, None).unwrap(), Mode::Listen);
        let asked = |mode, wiphy| decide(mode, true, Some(wiphy));
        assert_eq!(asked(CaptureMode::Ap, &all).unwrap(), Mode::Ap);
        assert!(asked(CaptureMode::Ap, &keeps).is_err() && asked(CaptureMode::Fakeap, &none).is_err());
        assert!(decide(CaptureMode::Hostapd, true, None).is_err());
    }

    #[tokio::test]
    async fn several_links_where_the_settings_take_them() {
        let intent = Intent {
            mode: Mode::Ap,
            device: Some(Device {
                nl80211: Nl80211::connect().unwrap(),
                interface: WirelessInterface::default(),
                wiphy: Wiphy::default(),
            }),
        };
        let mut stage = Stage::default();
        stage.bssid = Some(Address([2, 0, 0, 0, 0, 1]));
        stage.tuning = Some(Tuning::narrow(Radio::CHANNEL));
        let is_multi_link = |radio: &Radio| intent.access_point(radio, &stage).unwrap().multi_link;
        let mut radio = Radio::default();
        assert!(is_multi_link(&radio));
        radio.multi_link = false;
        assert!(!is_multi_link(&radio));
        radio = Radio {
            be: false,
            ..Radio::default()
        };
        assert!(!is_multi_link(&radio));
    }

    #[test]
    fn a_radio_that_is_off_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let switch = folder.path().join("phy7/rfkill3");
        fs::create_dir_all(&switch).unwrap();
        fs::write(switch.join("hard"), "0\n").unwrap();
        fs::write(switch.join("soft"), "0\n").unwrap();
        let told = || radio_is_on(folder.path(), "phy7").map_err(|error| error.to_string());
        assert_eq!(told(), Ok(()));
        fs::write(switch.join("soft"), "1\n").unwrap();
        assert!(told().unwrap_err().contains("rfkill unblock"));
        fs::write(switch.join("hard"), "1\n").unwrap();
        assert!(told().unwrap_err().contains("switch or key"));
        assert!(radio_is_on(folder.path(), "phy8").is_ok());
    }
}
