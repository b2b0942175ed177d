//! Booting a kernel under qemu: TCG, q35, one CPU, results over a 9p share, a watchdog on the boot.
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::packages::{Packages, Wanted};

/// The suite of the packaged qemu: it runs with its own loader and libraries, so any host will do.
const SUITE: &str = "trixie";
/// The first console line of `/init` comes after 6 to 8 s on an idle machine.
const BOOT: Duration = Duration::from_secs(90);
const TRIES: u32 = 3;
/// All that can be emulated, but for what is slower emulated than left out: copies and clears of single octets by string instructions
/// (the kernel takes words then), and a fifth level of page tables.
const CPU: &str = "max,erms=off,fsrm=off,fsrs=off,fzrm=off,la57=off";

/// A qemu that can be started.
pub(super) struct Qemu {
    program: PathBuf,
    arguments: Vec<String>,
    modules: Option<PathBuf>,
}

/// One boot.
pub(super) struct Boot<'a> {
    pub(super) kernel: &'a Path,
    pub(super) initramfs: &'a Path,
    /// Folder that the VM sees as its 9p share.
    pub(super) share: &'a Path,
    /// Where the console goes.
    pub(super) console: &'a Path,
    /// The longest that the whole run may take.
    pub(super) limit: Duration,
}

impl Qemu {
    /// The machine's own qemu if it has what is needed, else Debian's, unpacked into the cache.
    pub(super) fn find(sh: &Shell, packages: &Packages) -> Result<Self> {
        let own = "qemu-system-x86_64";
        let devices = cmd!(sh, "{own} -device help")
            .quiet()
            .ignore_stderr()
            .ignore_status()
            .read();
        if devices.is_ok_and(|devices| devices.contains("virtio-9p-pci")) {
            return Ok(Self {
                program: own.into(),
                arguments: Vec::new(),
                modules: None,
            });
        }
        let root = packages.root(sh, "qemu", SUITE, &Wanted::WithDependencies(&["qemu-system-x86"]))?;
        let text = |path: &Path| path.display().to_string();
        let arguments = vec![
            "--library-path".into(),
            root.library_path(),
            text(&root.program(own)?),
            "-L".into(),
            text(&root.dir.join("usr/share/qemu")),
            "-L".into(),
            text(&root.dir.join("usr/share/seabios")),
        ];
        Ok(Self {
            program: root.loader()?,
            arguments,
            modules: Some(root.dir.join("usr/lib/x86_64-linux-gnu/qemu")),
        })
    }

    /// Boots and waits for the power-off. A boot that says nothing in time is killed and tried again.
    pub(super) fn run(&self, boot: &Boot<'_>) -> Result<()> {
        for attempt in 1..=TRIES {
            if boot.share.exists() {
                fs::remove_dir_all(boot.share)?;
            }
            fs::create_dir_all(boot.share)?;
            let start = Instant::now();
            let mut vm = Running(self.spawn(boot)?);
            if !vm.until(start + BOOT, || said(boot.console, "INIT"))? {
                eprintln!("vm: boot {attempt} of {TRIES} said nothing in {} s", BOOT.as_secs());
                continue;
            }
            if !vm.until(start + boot.limit, || false)? {
                bail!(
                    "the VM ran longer than {} s; its console: {}",
                    boot.limit.as_secs(),
                    boot.console.display()
                );
            }
            if !said(boot.console, "SCENARIO") {
                bail!(
                    "the VM ended before its scenario did; its console: {}",
                    boot.console.display()
                );
            }
            return Ok(());
        }
        bail!("no boot in {TRIES} tries; the console: {}", boot.console.display())
    }

    fn spawn(&self, boot: &Boot<'_>) -> Result<Child> {
        let console = File::create(boot.console)?;
        let share = format!("local,id=out,path={},security_model=none", boot.share.display());
        // Low priority: the emulated CPU is always busy while it boots.
        let mut command = Command::new("nice");
        command.args(["-n", "10"]).arg(&self.program).args(&self.arguments);
        command
            .args([
                "-M",
                "q35",
                "-accel",
                "tcg,thread=multi",
                "-cpu",
                CPU,
                "-smp",
                "1",
                "-m",
                "1024",
            ])
            .args([
                "-nodefaults",
                "-no-reboot",
                "-display",
                "none",
                "-serial",
                "stdio",
                "-monitor",
                "none",
            ])
            // An emulated timer may be late on a busy machine: the kernel's test of it would end in a panic.
            .args(["-append", "console=ttyS0 panic=-1 quiet mitigations=off no_timer_check"])
            .arg("-kernel")
            .arg(boot.kernel)
            .arg("-initrd")
            .arg(boot.initramfs)
            .args(["-fsdev", &share, "-device", "virtio-9p-pci,fsdev=out,mount_tag=out"]);
        if let Some(modules) = &self.modules {
            command.env("QEMU_MODULE_DIR", modules);
        }
        command
            .stdin(Stdio::null())
            .stderr(console.try_clone()?)
            .stdout(console)
            .spawn()
            .context("starting qemu-system-x86_64")
    }
}

/// A child that does not outlive its owner.
struct Running(Child);

impl Running {
    /// Waits for the end or for `done`; false when neither came before `deadline`.
    fn until(&mut self, deadline: Instant, done: impl Fn() -> bool) -> Result<bool> {
        while Instant::now() < deadline {
            if self.0.try_wait()?.is_some() || done() {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            // Nothing is left to do about a child that cannot be killed.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

fn said(console: &Path, word: &str) -> bool {
    fs::read(console).is_ok_and(|text| {
        String::from_utf8_lossy(&text)
            .lines()
            .any(|line| line.trim_start_matches('\r').starts_with(word))
    })
}
