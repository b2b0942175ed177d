//! The checks of wireless: interfaces, what each device can do, rules, switches, who else uses it.

use std::{fs, path::Path};

use super::Check;
use crate::nl80211::{Holder, Kind, Nl80211, Nl80211Error, Regulatory, Wiphy, WirelessInterface, holders, interfaces};

struct Found {
    interfaces: Vec<WirelessInterface>,
    devices: Vec<Wiphy>,
    rules: Regulatory,
}

pub(super) fn all() -> Vec<Check> {
    let answer = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(read()),
        Err(error) => return vec![Check::warning("wireless", error.to_string(), "try again")],
    };
    let found = match answer {
        Ok(found) => found,
        Err(Nl80211Error::NoWireless) => {
            return vec![Check::warning(
                "wireless",
                "this kernel has no wireless subsystem (no nl80211)",
                "load the driver of your adapter; `airlens demo`, `airlens analyze` and `airlens run --data` work without",
            )];
        }
        Err(error) => {
            return vec![Check::warning(
                "wireless",
                error.to_string(),
                "`airlens demo`, `airlens analyze` and `airlens run --data` work without",
            )];
        }
    };
    let mut checks = vec![present(&found.interfaces)];
    checks.extend(found.devices.iter().map(device));
    checks.push(regulatory(&found.rules));
    checks.extend(switched_off(Path::new("/sys/class/rfkill")));
    checks.extend(others(&holders(Path::new("/proc"), "")));
    checks
}

async fn read() -> Result<Found, Nl80211Error> {
    let nl80211 = Nl80211::connect()?;
    Ok(Found {
        interfaces: nl80211.interfaces().await?,
        devices: nl80211.wiphys().await?,
        rules: nl80211.regulatory(None).await?,
    })
}

fn present(found: &[WirelessInterface]) -> Check {
    let names: Vec<_> = found.iter().map(|interface| interface.name.as_str()).collect();
    if names.is_empty() {
        return Check::warning(
            "wireless",
            "nl80211, no interface",
            "plug in an adapter with monitor mode",
        );
    }
    let monitors: Vec<_> = interfaces()
        .into_iter()
        .filter(|interface| interface.kind == Kind::Monitor)
        .map(|interface| interface.name)
        .collect();
    let monitors = if monitors.is_empty() {
        "none".to_owned()
    } else {
        monitors.join(" ")
    };
    Check::ok("wireless", format!("{} (monitor: {monitors})", names.join(" ")))
}

/// The modes of `airlens run` that a device takes; the first lack is told.
fn device(wiphy: &Wiphy) -> Check {
    let modes = wiphy.modes();
    let able: Vec<_> = modes
        .iter()
        .filter(|mode| mode.possible)
        .map(|mode| mode.mode)
        .collect();
    let driver = wiphy.driver.as_deref().unwrap_or("driver unknown");
    let able = if able.is_empty() {
        "nothing that airlens does".to_owned()
    } else {
        able.join(", ")
    };
    let found = format!("{} ({driver}) can do {able}", wiphy.name);
    match modes.iter().find_map(|mode| Some((mode.mode, mode.note?))) {
        Some((mode, note)) => Check::warning("device", found, format!("{mode}: {note}")),
        None => Check::ok("device", found),
    }
}

fn regulatory(rules: &Regulatory) -> Check {
    if rules.country == "00" {
        return Check::warning(
            "regulatory",
            "no country set: 6 GHz and parts of 5 GHz are closed",
            "iw reg set CC, with your country's two letters",
        );
    }
    Check::ok("regulatory", rules.country.clone())
}

/// Radios that are switched off (Linux `Documentation/ABI/stable/sysfs-class-rfkill`).
fn switched_off(folder: &Path) -> Option<Check> {
    let mut off = Vec::new();
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let text = |name| fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let name = text("name");
        if text("type").trim() != "wlan" {
            continue;
        }
        if text("hard").trim() == "1" {
            off.push(format!("{} by a hardware switch", name.trim()));
        } else if text("soft").trim() == "1" {
            off.push(name.trim().to_owned());
        }
    }
    (!off.is_empty()).then(|| {
        Check::warning(
            "radio",
            format!("switched off: {}", off.join(", ")),
            "rfkill unblock wifi; for a hardware switch, the switch",
        )
    })
}

fn others(holders: &[Holder]) -> Option<Check> {
    let names: Vec<_> = holders
        .iter()
        .map(|holder| format!("{} (pid {})", holder.program, holder.pid))
        .collect();
    (!names.is_empty()).then(|| Check::ok("other users", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::doctor::Verdict, nl80211::InterfaceKind};

    #[test]
    fn what_a_device_lacks_is_told() {
        let mut wiphy = Wiphy {
            name: "phy0".to_owned(),
            ..Wiphy::default()
        };
        let check = device(&wiphy);
        assert!(check.found.contains("nothing that airlens does"), "{check:?}");
        wiphy.interface_kinds = vec![InterfaceKind::Monitor];
        let check = device(&wiphy);
        assert_eq!(check.verdict, Verdict::Warning);
        assert!(check.found.ends_with("can do listen"), "{check:?}");
        assert!(check.advice.unwrap().contains("iw reg set"));
    }

    #[test]
    fn switches() {
        let folder = tempfile::tempdir().unwrap();
        for (at, kind, soft, hard) in [("0", "wlan", "0", "0"), ("1", "bluetooth", "1", "1")] {
            let entry = folder.path().join(format!("rfkill{at}"));
            fs::create_dir(&entry).unwrap();
            for (name, value) in [("type", kind), ("soft", soft), ("hard", hard), ("name", "phy0")] {
                fs::write(entry.join(name), format!("{value}\n")).unwrap();
            }
        }
        assert!(switched_off(folder.path()).is_none());
        fs::write(folder.path().join("rfkill0/soft"), "1\n").unwrap();
        assert_eq!(switched_off(folder.path()).unwrap().found, "switched off: phy0");
        fs::write(folder.path().join("rfkill0/hard"), "1\n").unwrap();
        let check = switched_off(folder.path()).unwrap();
        assert_eq!(check.found, "switched off: phy0 by a hardware switch");
    }

    #[test]
    fn rules_of_no_country() {
        let mut rules = Regulatory {
            country: "00".to_owned(),
            ..Regulatory::default()
        };
        assert_eq!(regulatory(&rules).verdict, Verdict::Warning);
        rules.country = "DE".to_owned();
        assert_eq!(regulatory(&rules).found, "DE");
    }
}
