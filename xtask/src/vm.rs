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
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};
use clap::ValueEnum;
use xshell::Shell;

use crate::{build, cache::Cache, project::Project, summary::Counts};
use initramfs::Initramfs;
use packages::{Packages, Wanted};
use qemu::{Boot, Qemu};
use root::Root;

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
pub(crate) fn run(project: &Project, args: VmArgs) -> Result<Counts> {
    ensure!(cfg!(target_arch = "x86_64"), "the VM test runs on x86_64 only");
    let kernels = if args.kernels.is_empty() {
        Kernel::value_variants().to_vec()
    } else {
        args.kernels
    };
    if let Some(file) = args.record {
        let lab = Lab::new(project, &kernels[..1])?;
        let share = lab.boot(&lab.kernels[0], "record", None)?.share;
        return record::write(&share, &file).map(|()| Counts::default());
    }
    let airlens = match args.airlens {
        Some(file) => file,
        None => {
            build::run(project, true)?;
            project.binary()
        }
    };
    ensure!(airlens.is_file(), "no {}", airlens.display());
    Ok(Lab::new(project, &kernels)?.listen(&airlens, args.keep))
}

/// All that is needed to boot.
struct Lab {
    qemu: Qemu,
    user: Root,
    kernels: Vec<(Kernel, Root)>,
    scripts: PathBuf,
    work: PathBuf,
}

/// A scenario that ran to its end.
struct Ran {
    folder: PathBuf,
    share: PathBuf,
    took: Duration,
}

impl Lab {
    fn new(project: &Project, kernels: &[Kernel]) -> Result<Self> {
        let sh = Shell::new()?;
        // Holds the cache while packages are fetched, so that two runs do not fetch the same.
        let packages = Packages::new(Cache::open()?)?;
        let wanted = Wanted::WithDependencies(&initramfs::PACKAGES);
        let user = packages.root(&sh, "user", &packages.codename, &wanted)?;
        let roots = kernels.iter().map(|&kernel| {
            let label = format!("kernel-{}", kernel.name());
            let root = packages.root(&sh, &label, kernel.suite(), &Wanted::Kernel)?;
            let (release, _) = root.kernel()?;
            if !root.dir.join(format!("lib/modules/{release}/modules.dep")).is_file() {
                initramfs::order_modules(&sh, &user, &root.dir, &release)?;
            }
            Ok((kernel, root))
        });
        Ok(Self {
            kernels: roots.collect::<Result<_>>()?,
            qemu: Qemu::find(&sh, &packages)?,
            user,
            scripts: project.root.join("tests/vm"),
            work: project.target().join("vm"),
        })
    }

    /// The kernels beside each other: a VM is one emulated CPU.
    fn listen(&self, airlens: &Path, keep: bool) -> Counts {
        thread::scope(|scope| {
            let running: Vec<_> = self
                .kernels
                .iter()
                .map(|kernel| {
                    (
                        kernel.0,
                        scope.spawn(move || self.boot(kernel, "listen", Some(airlens))),
                    )
                })
                .collect();
            let mut sums = Counts::default();
            for (kernel, thread) in running {
                let name = kernel.name();
                let judged = match thread.join() {
                    Ok(ran) => ran.and_then(|ran| judge(name, &ran, keep)),
                    Err(_) => Err(anyhow!("its thread panicked")),
                };
                let counts = judged.unwrap_or_else(|why| {
                    println!("FAILED the VM: {why:#}");
                    Counts::one(false)
                });
                println!("vm {name}: {counts}");
                sums += counts;
            }
            sums
        })
    }

    fn boot(&self, (kernel, root): &(Kernel, Root), scenario: &str, airlens: Option<&Path>) -> Result<Ran> {
        let sh = Shell::new()?;
        let folder = self.work.join(format!("{scenario}-{}", kernel.name()));
        fs::create_dir_all(&folder)?;
        let parts = Initramfs {
            user: &self.user,
            kernel: root,
            scripts: &self.scripts,
            scenario,
            airlens,
        };
        let initramfs = parts.build(&sh, &folder)?;
        let share = folder.join("share");
        let (_, image) = root.kernel()?;
        let start = Instant::now();
        self.qemu.run(&Boot {
            kernel: &image,
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

/// The checks of a scenario that ran; its files go if they all hold, unless they are to be kept.
fn judge(name: &str, ran: &Ran, keep: bool) -> Result<Counts> {
    println!(
        "vm: {name} ran {} s; its files: {}",
        ran.took.as_secs(),
        ran.share.display()
    );
    let counts = listen::judge(&ran.share)?;
    if counts.failed > 0 {
        listen::show(&ran.share)?;
    } else if !keep {
        fs::remove_dir_all(&ran.folder)?;
    }
    Ok(counts)
}
