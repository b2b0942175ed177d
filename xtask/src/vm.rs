//! `cargo xtask vm`: airlens on real mac80211. A Debian kernel boots under qemu with mac80211_hwsim radios, hostapd
//! and wpa_supplicant; a script runs a scenario in there (`tests/vm`), and what it leaves on a share is judged here.
mod initramfs;
mod listen;
mod mirror;
mod packages;
mod pcap;
mod qemu;
mod record;
mod root;
mod verdict;

use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use xshell::Shell;

use initramfs::Initramfs;
use packages::{Packages, Wanted};
use qemu::{Boot, Qemu};
pub(crate) use verdict::Counts;

/// Arguments of `cargo xtask vm`.
#[derive(clap::Args)]
pub(crate) struct VmArgs {
    /// Kernel to boot; may be given several times [default: all]
    #[arg(long = "kernel", value_name = "VERSION")]
    kernels: Vec<Kernel>,
    /// Keep the VM's files in target/vm even if every check passed
    #[arg(long)]
    keep: bool,
    /// Record associations into this capture file instead of testing airlens
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The binary to test [default: target/release/airlens]
    #[arg(long, value_name = "FILE")]
    airlens: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kernel {
    #[value(name = "6.12")]
    V6_12,
    #[value(name = "6.1")]
    V6_1,
}

impl Kernel {
    fn name(self) -> &'static str {
        match self {
            Self::V6_12 => "6.12",
            Self::V6_1 => "6.1",
        }
    }

    /// The Debian suite whose kernel it is.
    fn suite(self) -> &'static str {
        match self {
            Self::V6_12 => "trixie",
            Self::V6_1 => "bookworm",
        }
    }
}

/// Runs the VM on the kernels asked for, prints each check and one verdict a kernel, and returns the sums.
///
/// # Errors
/// When a VM cannot be made or does not get through its scenario. Checks that fail are counted, not an error.
pub(crate) fn run(args: VmArgs) -> Result<Counts> {
    ensure!(cfg!(target_arch = "x86_64"), "the VM test runs on x86_64 only");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("no project folder")?;
    let sh = Shell::new()?;
    let packages = Packages::new(&cache()?.join("vm"))?;
    let bench = Bench {
        qemu: Qemu::find(&sh, &packages)?,
        packages,
        scripts: project.join("tests/vm"),
        work: project.join("target/vm"),
        keep: args.keep,
    };
    let kernels = if args.kernels.is_empty() {
        Kernel::value_variants().to_vec()
    } else {
        args.kernels
    };
    if let Some(file) = args.record {
        let share = bench.boot(kernels[0], "record", None)?.share;
        return record::write(&share, &file).map(|()| Counts::default());
    }
    let airlens = args.airlens.unwrap_or_else(|| project.join("target/release/airlens"));
    ensure!(
        airlens.is_file(),
        "no {}: build it first (cargo xtask build-ebpf)",
        airlens.display()
    );
    bench.listen(&kernels, &airlens)
}

fn cache() -> Result<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from);
    variable("AIRLENS_CACHE")
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("airlens")))
        .or_else(|| Some(variable("HOME")?.join(".cache/airlens")))
        .context("no place for a cache: set AIRLENS_CACHE to a folder")
}

/// All that the kernels have in common.
struct Bench {
    packages: Packages,
    qemu: Qemu,
    scripts: PathBuf,
    work: PathBuf,
    keep: bool,
}

/// A scenario that ran to its end.
struct Ran {
    folder: PathBuf,
    share: PathBuf,
    took: Duration,
}

impl Bench {
    /// The kernels beside each other: a VM is one emulated CPU.
    fn listen(&self, kernels: &[Kernel], airlens: &Path) -> Result<Counts> {
        thread::scope(|scope| {
            let running: Vec<_> = kernels
                .iter()
                .map(|&kernel| (kernel, scope.spawn(move || self.boot(kernel, "listen", Some(airlens)))))
                .collect();
            let mut sums = Counts::default();
            for (kernel, thread) in running {
                let Ok(ran) = thread.join() else {
                    anyhow::bail!("the thread of VM {} panicked", kernel.name())
                };
                let ran = ran.with_context(|| format!("VM {}", kernel.name()))?;
                println!(
                    "vm {}: scenario of {} s, files in {}",
                    kernel.name(),
                    ran.took.as_secs(),
                    ran.share.display()
                );
                let counts = listen::judge(&ran.share)?;
                println!(
                    "vm {}: {} passed, {} failed",
                    kernel.name(),
                    counts.passed,
                    counts.failed
                );
                if counts.failed == 0 && !self.keep {
                    fs::remove_dir_all(&ran.folder)?;
                }
                sums += counts;
            }
            Ok(sums)
        })
    }

    fn boot(&self, kernel: Kernel, scenario: &str, airlens: Option<&Path>) -> Result<Ran> {
        let sh = Shell::new()?;
        let wanted = Wanted::WithDependencies(&initramfs::PACKAGES);
        let user = self.packages.root(&sh, "user", &self.packages.codename, &wanted)?;
        let label = format!("kernel-{}", kernel.name());
        let image = self.packages.root(&sh, &label, kernel.suite(), &Wanted::Kernel)?;
        let folder = self.work.join(format!("{scenario}-{}", kernel.name()));
        fs::create_dir_all(&folder)?;
        let parts = Initramfs {
            user: &user,
            kernel: &image,
            scripts: &self.scripts,
            scenario,
            airlens,
        };
        let initramfs = parts.build(&sh, &folder)?;
        let share = folder.join("share");
        let (_, vmlinuz) = image.kernel()?;
        let start = Instant::now();
        self.qemu.run(&Boot {
            kernel: &vmlinuz,
            initramfs: &initramfs,
            share: &share,
            console: &folder.join("console.txt"),
            limit: Duration::from_secs(900),
        })?;
        Ok(Ran {
            folder,
            share,
            took: start.elapsed(),
        })
    }
}
