//! The VM's file system: busybox, the named programs with their libraries, modules, scenario.
use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use super::root::Root;

/// Packages of the VM's user space; kmod serves here to order the modules.
pub(super) const PACKAGES: [&str; 10] = [
    "bpftool",
    "busybox-static",
    "dash",
    "hostapd",
    "iproute2",
    "iw",
    "kmod",
    "tcpdump",
    "wireless-regdb",
    "wpasupplicant",
];
const PROGRAMS: [&str; 10] = [
    "bpftool",
    "dash",
    "hostapd",
    "hostapd_cli",
    "ip",
    "iw",
    "tc",
    "tcpdump",
    "wpa_cli",
    "wpa_supplicant",
];
const MODULES: [&str; 22] = [
    "9p",
    "9pnet_virtio",
    "act_bpf",
    "aes_generic",
    "aesni_intel",
    "ccm",
    "cfg80211",
    "cls_bpf",
    "cmac",
    "cryptd",
    "ctr",
    "gcm",
    "gf128mul",
    "ghash_generic",
    "libarc4",
    "mac80211",
    "mac80211_hwsim",
    "sch_ingress",
    "sha256_generic",
    "veth",
    "virtio_pci",
    "virtio_ring",
];
/// Of Debian's unstable suite: the first wpa_supplicant that joins an access point on several links.
pub(super) const NEWER: [&str; 1] = ["wpasupplicant"];
/// To measure with: `mdk4` sends probe requests, `stat` tells a file's time to the microsecond, as busybox's does not.
pub(super) const MEASURING: [&str; 2] = ["coreutils", "mdk4"];
const MEASURING_PROGRAMS: [&str; 2] = ["mdk4", "stat"];
/// To send and receive: `nc`, which busybox's is not for Unix sockets.
pub(super) const TALKING: [&str; 1] = ["netcat-openbsd"];
const LIBRARIES: &str = "lib/x86_64-linux-gnu";

/// What goes into one initramfs.
pub(super) struct Initramfs<'a> {
    pub(super) user: &'a Root,
    pub(super) kernel: &'a Root,
    /// Where [`NEWER`] is unpacked, if the scenario needs it.
    pub(super) newer: Option<&'a Root>,
    /// Where [`MEASURING`] is unpacked, if the scenario needs it.
    pub(super) measuring: Option<&'a Root>,
    /// Where [`TALKING`] is unpacked, if the scenario needs it.
    pub(super) talking: Option<&'a Root>,
    /// The folder of the scenario scripts and configurations; all of it goes in, at `/`.
    pub(super) scripts: &'a Path,
    /// The scenario's name: `NAME.sh` of that folder is run.
    pub(super) scenario: &'a str,
    /// Our own binary, if the scenario needs it.
    pub(super) airlens: Option<&'a Path>,
    /// The library's example `nl80211`, if the scenario needs it.
    pub(super) example: Option<&'a Path>,
}

impl Initramfs<'_> {
    /// Builds it in `work` (made anew) and returns the archive's path. Uncompressed: an emulated CPU unpacks slowly.
    pub(super) fn build(&self, sh: &Shell, work: &Path) -> Result<PathBuf> {
        let tree = work.join("initramfs");
        if tree.exists() {
            fs::remove_dir_all(&tree)?;
        }
        for folder in ["bin", "opt/bin", LIBRARIES, "lib64", "lib/firmware", "etc", "usr"] {
            fs::create_dir_all(tree.join(folder))?;
        }
        for (target, link) in [
            ("bin", "sbin"),
            ("../lib", "usr/lib"),
            ("../bin", "usr/bin"),
            ("../bin", "usr/sbin"),
        ] {
            std::os::unix::fs::symlink(target, tree.join(link))?;
        }
        let busybox = self.user.program("busybox")?;
        fs::copy(&busybox, tree.join("bin/busybox"))?;
        fs::copy(self.user.loader()?, tree.join("lib64/ld-linux-x86-64.so.2"))?;
        for name in PROGRAMS {
            add_program(sh, &tree, name, &self.user.program(name)?, self.user)?;
        }
        if let Some(airlens) = self.airlens {
            add_program(sh, &tree, "airlens", airlens, self.user)?;
        }
        if let Some(newer) = self.newer {
            add_newer(sh, &tree, newer)?;
        }
        if let Some(example) = self.example {
            add_program(sh, &tree, "nl80211", example, self.user)?;
        }
        if let Some(root) = self.measuring {
            for name in MEASURING_PROGRAMS {
                add_program(sh, &tree, name, &root.program(name)?, root)?;
            }
        }
        if let Some(root) = self.talking {
            add_program(sh, &tree, "nc", &root.program("nc.openbsd")?, root)?;
        }
        self.add_regulatory(&tree)?;
        self.add_modules(sh, &tree, &busybox)?;
        fs::write(tree.join("etc/passwd"), "root:x:0:0::/:/bin/sh\n")?;
        fs::write(tree.join("etc/group"), "root:x:0:\n")?;
        for entry in fs::read_dir(self.scripts)? {
            let entry = entry?;
            fs::copy(entry.path(), tree.join(entry.file_name()))?;
        }
        fs::copy(
            self.scripts.join(format!("{}.sh", self.scenario)),
            tree.join("scenario.sh"),
        )?;
        cmd!(sh, "chmod 0755 {tree}/init").quiet().run()?;

        let archive = work.join("initramfs.cpio");
        let _inside = sh.push_dir(&tree);
        let files = cmd!(sh, "{busybox} find .").quiet().read()?;
        let packed = cmd!(sh, "{busybox} cpio -o -H newc")
            .quiet()
            .ignore_stderr()
            .stdin(files + "\n")
            .output()?;
        fs::write(&archive, packed.stdout)?;
        Ok(archive)
    }

    /// The signed database: without it cfg80211 stays in the world domain and no AP may use 5 GHz.
    fn add_regulatory(&self, tree: &Path) -> Result<()> {
        let folder = ["usr/lib/firmware", "lib/firmware"]
            .map(|folder| self.user.dir.join(folder))
            .into_iter()
            .find(|folder| folder.join("regulatory.db-debian").is_file())
            .context("no regulatory.db-debian")?;
        for (from, to) in [
            ("regulatory.db-debian", "regulatory.db"),
            ("regulatory.db.p7s-debian", "regulatory.db.p7s"),
        ] {
            fs::copy(folder.join(from), tree.join("lib/firmware").join(to))?;
        }
        Ok(())
    }

    /// The modules with what they depend on, uncompressed, as busybox's modprobe needs them.
    fn add_modules(&self, sh: &Shell, tree: &Path, busybox: &Path) -> Result<()> {
        let (release, _) = self.kernel.kernel()?;
        let from = self.kernel.dir.join("lib/modules").join(&release);
        let to = tree.join("lib/modules").join(&release);
        fs::create_dir_all(&to)?;
        let base = &self.kernel.dir;
        if !from.join("modules.dep").is_file() {
            self.user
                .command(sh, "depmod")?
                .args(["-b"])
                .arg(base)
                .arg(&release)
                .run()?;
        }
        for entry in fs::read_dir(&from)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with("modules.builtin") || name == "modules.order" {
                fs::copy(&path, to.join(name))?;
            }
        }
        for module in closure(&fs::read_to_string(from.join("modules.dep"))?, &MODULES) {
            let source = from.join(&module);
            let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match name.strip_suffix(".xz") {
                Some(plain) => {
                    let unpacked = cmd!(sh, "{busybox} xzcat {source}").quiet().output()?;
                    fs::write(to.join(plain), unpacked.stdout)?;
                }
                None => {
                    fs::copy(&source, to.join(name))?;
                }
            }
        }
        self.user
            .command(sh, "depmod")?
            .args(["-b"])
            .arg(tree)
            .arg(&release)
            .run()?;
        Ok(())
    }
}

/// A program and the libraries that it needs, out of `root`.
fn add_program(sh: &Shell, tree: &Path, name: &str, program: &Path, root: &Root) -> Result<()> {
    fs::copy(program, tree.join("opt/bin").join(name))?;
    for library in root.libraries_of(sh, program)? {
        let name = library.file_name().context("a library without a name")?;
        fs::copy(&library, tree.join(LIBRARIES).join(name))?;
    }
    Ok(())
}

/// `wpa_supplicant-newer`, with a loader and libraries of its own in `/newer`.
fn add_newer(sh: &Shell, tree: &Path, root: &Root) -> Result<()> {
    let folder = tree.join("newer");
    fs::create_dir_all(&folder)?;
    let program = root.program("wpa_supplicant")?;
    let loader = root.loader()?;
    for file in root.libraries_of(sh, &program)?.iter().chain([&program, &loader]) {
        fs::copy(file, folder.join(file.file_name().context("a file without a name")?))?;
    }
    let starter = tree.join("opt/bin/wpa_supplicant-newer");
    let line = "exec /newer/ld-linux-x86-64.so.2 --library-path /newer /newer/wpa_supplicant \"$@\"\n";
    fs::write(&starter, format!("#!/opt/bin/dash\n{line}"))?;
    cmd!(sh, "chmod 0755 {starter}").quiet().run()?;
    Ok(())
}

/// Writes `modules.dep` and its like for the modules below `base`.
pub(super) fn order_modules(sh: &Shell, user: &Root, base: &Path, release: &str) -> Result<()> {
    user.command(sh, "depmod")?.arg("-b").arg(base).arg(release).run()?;
    Ok(())
}

/// The files of `wanted` and of all that they depend on, by `modules.dep`. What is built in is not listed there.
fn closure(modules_dep: &str, wanted: &[&str]) -> BTreeSet<String> {
    let name = |path: &str| -> String {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.split(".ko").next().unwrap_or(file).replace('-', "_")
    };
    let lines: HashMap<String, (&str, &str)> = modules_dep
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(path, needs)| (name(path), (path, needs)))
        .collect();
    wanted
        .iter()
        .filter_map(|module| lines.get(&module.replace('-', "_")))
        .flat_map(|(path, needs)| std::iter::once(*path).chain(needs.split_whitespace()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closure_holds_a_module_and_all_it_needs() {
        let dep = "kernel/net/a.ko.xz: kernel/net/b-c.ko.xz kernel/lib/d.ko.xz\nkernel/net/b-c.ko.xz: kernel/lib/d.ko.xz\nkernel/lib/d.ko.xz:\nkernel/e.ko.xz:\n";
        let files = closure(dep, &["a", "builtin"]);
        assert_eq!(
            Vec::from_iter(files),
            ["kernel/lib/d.ko.xz", "kernel/net/a.ko.xz", "kernel/net/b-c.ko.xz"]
        );
        assert_eq!(Vec::from_iter(closure(dep, &["b_c"])).len(), 2);
    }
}
