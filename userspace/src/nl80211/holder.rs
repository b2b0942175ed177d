//! Which process of the system holds wireless interfaces: the cause of most refusals.

use std::{fs, path::Path};

/// Programs that hold wireless interfaces, by the start of their name in `/proc/PID/comm` (at most 15 octets there).
const PROGRAMS: [&str; 5] = ["NetworkManager", "wpa_supplicant", "iwd", "hostapd", "connmand"];

/// A running program that may hold an interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Its name, such as `wpa_supplicant`.
    pub program: String,
    /// Its process.
    pub pid: u32,
    /// The interface is named in its command line.
    pub names_interface: bool,
}

/// The programs that run and may hold `interface`, those that name it in their command line alone if there are any.
///
/// `proc` is where procfs is mounted.
#[must_use]
pub fn holders(proc: &Path, interface: &str) -> Vec<Holder> {
    let Ok(processes) = fs::read_dir(proc) else {
        return Vec::new();
    };
    let mut found: Vec<_> = processes
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let program = fs::read_to_string(entry.path().join("comm")).ok()?;
            let program = program.trim().to_owned();
            PROGRAMS.contains(&program.as_str()).then_some(())?;
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            Some(Holder {
                names_interface: names(&line, interface),
                program,
                pid,
            })
        })
        .collect();
    if found.iter().any(|holder| holder.names_interface) {
        found.retain(|holder| holder.names_interface);
    }
    found.sort();
    found
}

/// `-i wlan0` and `-iwlan0`.
fn names(line: &[u8], interface: &str) -> bool {
    !interface.is_empty()
        && line
            .split(|octet| *octet == 0)
            .any(|word| word.strip_prefix(b"-i").unwrap_or(word) == interface.as_bytes())
}

/// `; wpa_supplicant (pid 712) runs`, or nothing.
pub(super) fn told(holders: &[Holder]) -> String {
    match holders {
        [] => String::new(),
        [one] => format!("; {} (pid {}) runs", one.program, one.pid),
        several => {
            let names: Vec<_> = several
                .iter()
                .map(|holder| format!("{} (pid {})", holder.program, holder.pid))
                .collect();
            format!("; {} run", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(proc: &Path, pid: u32, comm: &str, line: &str) {
        let folder = proc.join(pid.to_string());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("comm"), format!("{comm}\n")).unwrap();
        fs::write(folder.join("cmdline"), line.replace(' ', "\0")).unwrap();
    }

    #[test]
    fn the_one_that_names_the_interface() {
        let proc = tempfile::tempdir().unwrap();
        let proc = proc.path();
        process(proc, 12, "NetworkManager", "/usr/sbin/NetworkManager --no-daemon");
        process(proc, 34, "sshd", "sshd -i wlan0");
        assert_eq!(told(&holders(proc, "wlan0")), "; NetworkManager (pid 12) runs");
        process(proc, 56, "wpa_supplicant", "wpa_supplicant -B -iwlan1 -c x");
        process(proc, 78, "hostapd", "hostapd -i wlan10");
        assert_eq!(told(&holders(proc, "wlan1")), "; wpa_supplicant (pid 56) runs");
        assert_eq!(
            told(&holders(proc, "wlan0")),
            "; NetworkManager (pid 12), hostapd (pid 78), wpa_supplicant (pid 56) run"
        );
        assert_eq!(told(&holders(&proc.join("none"), "wlan0")), "");
    }
}
