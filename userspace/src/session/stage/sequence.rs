//! What is changed for each mode, in its order.

use crate::{
    dot11::{Address, Tuning},
    nl80211::{InterfaceKind, NewInterface},
    session::{
        SessionError,
        journal::{Ledger, Seen, Store, System},
    },
};

/// The longest interface name (`IFNAMSIZ` less the terminator).
const NAME_LENGTH: usize = 15;

/// The given monitor, or one beside the managed interface, tuned if asked; its index. Where the radio is to be tuned, now or
/// later, the managed interface goes down: mac80211 tunes monitors only while nothing else is up
/// (`ieee80211_set_monitor_channel` in net/mac80211/cfg.c).
pub(in crate::session) async fn listen<S: System, W: Store>(
    ledger: &mut Ledger<S, W>,
    device: &Seen,
    tuning: Option<Tuning>,
    hops: bool,
) -> Result<u32, SessionError> {
    let tunes = tuning.is_some() || hops;
    let index = if device.kind == InterfaceKind::Monitor {
        if tunes {
            ledger.set_up(device.index, true).await?;
        }
        device.index
    } else {
        if tunes {
            ledger.release(device.index).await?;
            ledger.set_up(device.index, false).await?;
        }
        add_monitor(ledger, device, "profiler", NewInterface::default()).await?
    };
    if let Some(tuning) = tuning {
        ledger.set_channel(index, tuning).await?;
    }
    Ok(index)
}

/// The interface as an access point that is down, and a monitor beside it, whose index this is.
pub(in crate::session) async fn access_point<S: System, W: Store>(
    ledger: &mut Ledger<S, W>,
    device: &Seen,
) -> Result<u32, SessionError> {
    ledger.release(device.index).await?;
    ledger.set_up(device.index, false).await?;
    ledger.set_kind(device.index, InterfaceKind::Ap).await?;
    add_monitor(ledger, device, "profiler", NewInterface::default()).await
}

/// The interfaces of an access point by injected frames.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct FakeAccessPoint {
    /// Injects and captures.
    pub(in crate::session) monitor: u32,
    /// Acknowledges.
    pub(in crate::session) active: u32,
    /// The address that frames are acknowledged to.
    pub(in crate::session) bssid: Address,
}

/// A monitor that is tuned and injects, and another one that acknowledges frames to the access point's address. It goes up
/// once the channel is set, which it would not get by itself (mac80211 of Linux 6.12).
pub(in crate::session) async fn fake_access_point<S: System, W: Store>(
    ledger: &mut Ledger<S, W>,
    device: &Seen,
    tuning: Option<Tuning>,
) -> Result<FakeAccessPoint, SessionError> {
    let monitor = if device.kind == InterfaceKind::Monitor {
        ledger.set_up(device.index, true).await?;
        device.index
    } else {
        ledger.release(device.index).await?;
        ledger.set_up(device.index, false).await?;
        add_monitor(ledger, device, "profiler", NewInterface::default()).await?
    };
    if let Some(tuning) = tuning {
        ledger.set_channel(monitor, tuning).await?;
    }
    let bssid = ledger.now(device.index).await?.address;
    let active = NewInterface {
        address: Some(bssid),
        active_monitor: true,
    };
    let active = add_monitor(ledger, device, "active", active).await?;
    Ok(FakeAccessPoint { monitor, active, bssid })
}

/// A monitor of the device, up; its index.
async fn add_monitor<S: System, W: Store>(
    ledger: &mut Ledger<S, W>,
    device: &Seen,
    suffix: &str,
    new: NewInterface,
) -> Result<u32, SessionError> {
    let present = ledger.system().interfaces().await?;
    let mut name = String::new();
    for number in 1..=9u8 {
        name = beside(&device.name, suffix, number);
        match present.iter().find(|seen| seen.name == name) {
            None => break,
            // Left by a run without a journal: this run has the device, and the name is airlens's.
            Some(left) if left.wiphy == device.wiphy && left.kind == InterfaceKind::Monitor => {
                ledger.system().remove(left.index).await?;
                break;
            }
            // Another device's, whose long name gave up its end too.
            Some(_) => {}
        }
    }
    let index = ledger.create(device.wiphy, &name, InterfaceKind::Monitor, new).await?;
    // Not written down: it goes with the interface.
    ledger.system().set_up(index, true).await?;
    Ok(index)
}

/// `wlan0profiler` beside `wlan0`; a long name gives up its end.
fn beside(managed: &str, suffix: &str, number: u8) -> String {
    let number = if number > 1 { number.to_string() } else { String::new() };
    let mut keep = managed.len().min(NAME_LENGTH - suffix.len() - number.len());
    while !managed.is_char_boundary(keep) {
        keep -= 1;
    }
    format!("{}{suffix}{number}", managed.get(..keep).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit() {
        assert_eq!(beside("wlan0", "profiler", 1), "wlan0profiler");
        assert_eq!(beside("wlan0", "active", 1), "wlan0active");
        assert_eq!(beside("wlx00c0cab0dead", "profiler", 1), "wlx00c0profiler");
        assert_eq!(beside("wlx00c0cab0dead", "profiler", 2), "wlx00cprofiler2");
        assert_eq!(beside("wlan00é0000", "profiler", 1), "wlan00profiler");
    }
}
