//! The checks, in the order in which a new user would mend what they find.

use std::{fs, path::Path, time::Duration};

use caps::{CapSet, Capability};

use super::{Check, wireless};
use crate::kernel::{KernelPrograms, LoadOptions};

/// The oldest kernel that airlens is tested on.
const OLDEST: (u32, u32) = (6, 1);
/// TCX links (Linux 6.6 `kernel/bpf/tcx.c`).
const TCX: (u32, u32) = (6, 6);

pub(super) fn all() -> Vec<Check> {
    let mut checks = vec![kernel(), btf(), jit(), capabilities()];
    checks.extend(programs());
    checks.extend([hooks(), bpf_file_system(), tun()]);
    checks.extend(wireless::all());
    checks
}

fn release() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.trim().to_owned()
}

/// Major and minor number of a release such as `6.12.95+deb12-amd64`.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn kernel() -> Check {
    let release = release();
    match version(&release) {
        Some(version) if version >= OLDEST => Check::ok("kernel", format!("Linux {release}")),
        _ => Check::failed(
            "kernel",
            format!("Linux {release}"),
            format!("airlens needs Linux {}.{} or newer", OLDEST.0, OLDEST.1),
        ),
    }
}

fn btf() -> Check {
    if Path::new("/sys/kernel/btf/vmlinux").exists() {
        Check::ok("BTF", "/sys/kernel/btf/vmlinux")
    } else {
        Check::warning(
            "BTF",
            "the kernel tells no types",
            "a kernel with CONFIG_DEBUG_INFO_BTF=y lets bpftool show what maps hold",
        )
    }
}

fn jit() -> Check {
    // Readable by root only; kernels that always compile have no such file or a fixed 1.
    match fs::read_to_string("/proc/sys/net/core/bpf_jit_enable")
        .as_deref()
        .map(str::trim)
    {
        Ok("0") => Check::warning(
            "BPF JIT",
            "off: programs are interpreted, several times slower",
            "sysctl net.core.bpf_jit_enable=1",
        ),
        Ok(_) => Check::ok("BPF JIT", "on"),
        Err(_) => Check::ok("BPF JIT", "not readable without privileges"),
    }
}

fn capabilities() -> Check {
    let needed = [
        Capability::CAP_BPF,
        Capability::CAP_NET_ADMIN,
        Capability::CAP_NET_RAW,
        Capability::CAP_PERFMON,
    ];
    let held = caps::read(None, CapSet::Effective).unwrap_or_default();
    let missing: Vec<_> = needed
        .iter()
        .filter(|capability| !held.contains(capability))
        .map(ToString::to_string)
        .collect();
    if missing.is_empty() {
        Check::ok("capabilities", "CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW, CAP_PERFMON")
    } else {
        Check::failed(
            "capabilities",
            format!("missing {}", missing.join(", ")),
            "run airlens with sudo, or give these to its service; `airlens analyze` needs none",
        )
    }
}

/// Each program goes through this kernel's verifier.
fn programs() -> Vec<Check> {
    let options = LoadOptions {
        ring_bytes: 4096,
        subtypes: 0,
        urgent: 0,
        log: false,
        network_interval: Duration::ZERO,
        request_interval: Duration::ZERO,
        stations: true,
        channels: true,
        flow_capacity: 1,
        inner: false,
    };
    let mut programs = match KernelPrograms::load(&options) {
        Ok(programs) => programs,
        Err(error) => {
            return vec![Check::failed(
                "programs",
                error.to_string(),
                "mend the checks above first",
            )];
        }
    };
    let mut refused = Vec::new();
    for name in ["monitor", "data_rx"] {
        refused.extend(programs.xdp(name).err().map(|error| error.to_string()));
    }
    for name in ["monitor_tc", "data_rx_tc", "data_tx"] {
        refused.extend(programs.classifier(name).err().map(|error| error.to_string()));
    }
    if refused.is_empty() {
        return vec![Check::ok(
            "programs",
            "monitor, data_rx, data_tx and their tc variants pass the verifier",
        )];
    }
    refused
        .into_iter()
        .map(|error| Check::failed("programs", error, "report this with the kernel's version"))
        .collect()
}

fn hooks() -> Check {
    match version(&release()) {
        Some(version) if version >= TCX => Check::ok("hooks", "XDP, TCX links"),
        _ => Check::ok("hooks", "XDP, tc through clsact (TCX needs Linux 6.6)"),
    }
}

fn bpf_file_system() -> Check {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mount = mounts.lines().find_map(|line| {
        let mut fields = line.split(' ');
        let (_, folder, kind) = (fields.next()?, fields.next()?, fields.next()?);
        (kind == "bpf").then(|| folder.to_owned())
    });
    match mount {
        Some(folder) => Check::ok("bpffs", folder),
        None => Check::warning(
            "bpffs",
            "not mounted: --pin does not work",
            "mount -t bpf bpf /sys/fs/bpf",
        ),
    }
}

fn tun() -> Check {
    if Path::new("/dev/net/tun").exists() {
        Check::ok("demo", "/dev/net/tun")
    } else {
        Check::warning("demo", "no /dev/net/tun: `airlens demo` does not work", "modprobe tun")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(version("6.12.95+deb12-amd64"), Some((6, 12)));
        assert_eq!(version("6.1.0-35-amd64"), Some((6, 1)));
        assert_eq!(version("nonsense"), None);
        assert!((5, 15) < OLDEST && (6, 1) >= OLDEST && (6, 12) >= TCX);
    }

    #[test]
    fn every_check_that_is_not_ok_says_what_to_do() {
        for check in all() {
            assert_eq!(
                check.advice.is_none(),
                check.verdict == super::super::Verdict::Ok,
                "{check:?}"
            );
            assert!(!check.found.is_empty());
        }
    }
}
