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
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use clap::ValueEnum;
use xshell::Shell;

use crate::{build, cache::Cache, parallel, project::Project, summary::Counts};
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

/// What is done in a VM: a boot each. The longest come first, so that none is left alone at the end.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    Ap,
    Restore,
    Stations,
    Timing,
    Listen,
    Nl80211,
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

    /// As many VMs beside each other as there are processors, for each is one emulated CPU.
    fn test(&self, scenarios: &[Scenario], airlens: &Path, keep: bool) -> Counts {
        let boots = scenarios
            .iter()
            .flat_map(|&scenario| self.kernels.iter().map(move |kernel| (kernel, scenario)));
        // What one VM's checks print stays together.
        let judging = Mutex::new(());
        let judged = parallel::each(boots.collect(), |(kernel, scenario)| {
            let ran = self.boot(kernel, scenario, Some(airlens));
            let _alone = judging.lock().unwrap_or_else(PoisonError::into_inner);
            ran.and_then(|ran| self.judge(scenario, kernel.0.name(), &ran, airlens, keep))
                .unwrap_or_else(|why| {
                    println!("FAILED the VM, {} on {}: {why:#}", scenario.name(), kernel.0.name());
                    Counts::one(false)
                })
        });
        let mut sums = Counts::default();
        for (n, (kernel, _)) in self.kernels.iter().enumerate() {
            let mut counts = Counts::default();
            for &one in judged.iter().skip(n).step_by(self.kernels.len()) {
                counts += one;
            }
            println!("vm {}: {counts}", kernel.name());
            sums += counts;
        }
        sums
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
            talking: matches!(scenario, Scenario::Ap | Scenario::Data).then_some(&self.talking),
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
