//! `cargo xtask vm`: airlens on real mac80211. A Debian kernel boots under qemu with mac80211_hwsim radios, hostapd
//! and wpa_supplicant; a script runs a scenario in there (`tests/vm`), and what it leaves on a share is judged here.
mod ap;
mod data;
mod features;
mod initramfs;
mod listen;
mod mirror;
mod nl80211;
mod packages;
mod pcap;
mod qemu;
mod record;
mod request;
mod restore;
mod root;
mod stations;
mod timing;
mod verdict;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
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
    /// Scenario to run; may be given several times [default: all]
    #[arg(long = "scenario", value_name = "NAME")]
    scenarios: Vec<Scenario>,
    /// Keep the VM's files in target/vm even if every check passed
    #[arg(long)]
    keep: bool,
    /// Record the associations of the scenario `stations` into this capture file instead of testing airlens
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

/// What is done in a VM: a boot each.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    Listen,
    Nl80211,
    Stations,
    Ap,
    Restore,
    Timing,
    Data,
}

impl Scenario {
    /// Its script is `NAME.sh`.
    fn name(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Nl80211 => "nl80211",
            Self::Stations => "stations",
            Self::Ap => "ap",
            Self::Restore => "restore",
            Self::Timing => "timing",
            Self::Data => "data",
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
    let scenarios = if args.scenarios.is_empty() {
        Scenario::value_variants().to_vec()
    } else {
        args.scenarios
    };
    if let Some(file) = args.record {
        let lab = Lab::new(project, &kernels[..1], None)?;
        let share = lab.boot(&lab.kernels[0], Scenario::Stations, None)?.share;
        return record::write(&share, &file, &stations::names(&lab.scripts)?).map(|()| Counts::default());
    }
    let airlens = match args.airlens {
        Some(file) => file,
        None => {
            build::run(project, true)?;
            project.binary()
        }
    };
    ensure!(airlens.is_file(), "no {}", airlens.display());
    let example = match scenarios.contains(&Scenario::Nl80211) {
        true => Some(build::example(project, "nl80211")?),
        false => None,
    };
    Ok(Lab::new(project, &kernels, example)?.test(&scenarios, &airlens, args.keep))
}

/// All that is needed to boot.
struct Lab {
    qemu: Qemu,
    user: Root,
    newer: Root,
    measuring: Root,
    talking: Root,
    kernels: Vec<(Kernel, Root)>,
    scripts: PathBuf,
    work: PathBuf,
    /// The library's example `nl80211`, for the scenario of that name.
    example: Option<PathBuf>,
}

/// A scenario that ran to its end.
struct Ran {
    folder: PathBuf,
    share: PathBuf,
    took: Duration,
}

impl Lab {
    fn new(project: &Project, kernels: &[Kernel], example: Option<PathBuf>) -> Result<Self> {
        let sh = Shell::new()?;
        // Holds the cache while packages are fetched, so that two runs do not fetch the same.
        let packages = Packages::new(Cache::open()?)?;
        let wanted = Wanted::WithDependencies(&initramfs::PACKAGES);
        let user = packages.root(&sh, "user", &packages.codename, &wanted)?;
        let newer = packages.root(&sh, "newer", "sid", &Wanted::WithDependencies(&initramfs::NEWER))?;
        let measuring = Wanted::WithDependencies(&initramfs::MEASURING);
        let measuring = packages.root(&sh, "measuring", &packages.codename, &measuring)?;
        let talking = Wanted::WithDependencies(&initramfs::TALKING);
        let talking = packages.root(&sh, "talking", &packages.codename, &talking)?;
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
            newer,
            measuring,
            talking,
            scripts: project.root.join("tests/vm"),
            work: project.target().join("vm"),
            example,
        })
    }

    /// The kernels beside each other, for a VM is one emulated CPU; the scenarios of each one after the other.
    fn test(&self, scenarios: &[Scenario], airlens: &Path, keep: bool) -> Counts {
        thread::scope(|scope| {
            let running: Vec<_> = self
                .kernels
                .iter()
                .map(|kernel| {
                    let all = move || {
                        let boots = scenarios
                            .iter()
                            .map(|&scenario| (scenario, self.boot(kernel, scenario, Some(airlens))));
                        boots.collect::<Vec<_>>()
                    };
                    (kernel.0, scope.spawn(all))
                })
                .collect();
            let mut sums = Counts::default();
            for (kernel, thread) in running {
                let name = kernel.name();
                let ran = thread.join().unwrap_or_default();
                let mut counts = Counts::default();
                // A thread that panicked has run none.
                counts.failed += u64::from(ran.len() != scenarios.len());
                for (scenario, ran) in ran {
                    let judged = ran.and_then(|ran| self.judge(scenario, name, &ran, airlens, keep));
                    counts += judged.unwrap_or_else(|why| {
                        println!("FAILED the VM, {}: {why:#}", scenario.name());
                        Counts::one(false)
                    });
                }
                println!("vm {name}: {counts}");
                sums += counts;
            }
            sums
        })
    }

    /// The checks of a scenario that ran; its files go if they all hold, unless they are to be kept.
    fn judge(&self, scenario: Scenario, kernel: &str, ran: &Ran, airlens: &Path, keep: bool) -> Result<Counts> {
        println!(
            "vm: {kernel} ran {} for {} s; its files: {}",
            scenario.name(),
            ran.took.as_secs(),
            ran.share.display()
        );
        let counts = match scenario {
            Scenario::Listen => listen::judge(&ran.share)?,
            Scenario::Nl80211 => nl80211::judge(&ran.share)?,
            Scenario::Stations => stations::judge(&self.scripts, &ran.share)?,
            Scenario::Ap => ap::judge(&self.scripts, &ran.share)?,
            Scenario::Restore => restore::judge(&ran.share)?,
            Scenario::Timing => timing::judge(&ran.share, airlens)?,
            Scenario::Data => data::judge(&ran.share, kernel)?,
        };
        if counts.failed > 0 {
            match scenario {
                Scenario::Listen => listen::show(&ran.share)?,
                Scenario::Nl80211 => println!("{}", fs::read_to_string(ran.share.join("scenario.log"))?),
                Scenario::Stations => stations::show(&ran.share)?,
                Scenario::Ap => ap::show(&self.scripts, &ran.share)?,
                Scenario::Restore => restore::show(&ran.share)?,
                Scenario::Timing => timing::show(&ran.share)?,
                Scenario::Data => data::show(&ran.share)?,
            }
        } else if !keep {
            fs::remove_dir_all(&ran.folder)?;
        }
        Ok(counts)
    }

    fn boot(&self, (kernel, root): &(Kernel, Root), scenario: Scenario, airlens: Option<&Path>) -> Result<Ran> {
        let sh = Shell::new()?;
        let folder = self.work.join(format!("{}-{}", scenario.name(), kernel.name()));
        fs::create_dir_all(&folder)?;
        let parts = Initramfs {
            user: &self.user,
            kernel: root,
            newer: (scenario == Scenario::Ap).then_some(&self.newer),
            measuring: matches!(scenario, Scenario::Ap | Scenario::Timing).then_some(&self.measuring),
            talking: (scenario == Scenario::Data).then_some(&self.talking),
            scripts: &self.scripts,
            scenario: scenario.name(),
            airlens,
            example: self.example.as_deref().filter(|_| scenario == Scenario::Nl80211),
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
