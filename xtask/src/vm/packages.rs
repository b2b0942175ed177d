//! Debian packages of any suite, unpacked into the cache. apt runs on a private state folder a suite:
//! nothing is installed, and the machine's own apt and dpkg states are neither read nor changed.
use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use xshell::{Shell, cmd};

use super::{mirror, root::Root};
use crate::cache::Cache;

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What to take of a suite.
pub(super) enum Wanted<'a> {
    /// These packages and everything that they depend on.
    WithDependencies(&'a [&'a str]),
    /// The newest kernel image with its modules, without what its maintainer scripts need.
    Kernel,
}

/// The cache, and where to fetch from.
pub(super) struct Packages {
    cache: Cache,
    /// This machine's own suite (`VERSION_CODENAME`).
    pub(super) codename: String,
    mirror: String,
}

impl Packages {
    pub(super) fn new(cache: Cache) -> Result<Self> {
        let release = fs::read_to_string("/etc/os-release").context("reading /etc/os-release")?;
        let codename = release
            .lines()
            .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
            .context("/etc/os-release has no VERSION_CODENAME: the VM test needs Debian")?
            .trim_matches('"')
            .to_owned();
        let mirror = mirror::find(Path::new("/etc/apt"), &codename)?;
        Ok(Self {
            cache,
            codename,
            mirror,
        })
    }

    /// The unpacked packages, from the cache when they are there: that needs no network.
    pub(super) fn root(&self, sh: &Shell, label: &str, suite: &str, wanted: &Wanted<'_>) -> Result<Root> {
        // The name carries the list, so that a changed list makes a new folder.
        let key = match wanted {
            Wanted::WithDependencies(names) => format!("-{:.8}", format!("{:x}", md5::compute(names.join(" ")))),
            Wanted::Kernel => String::new(),
        };
        let name = format!("vm/{label}-{suite}{key}");
        let dir = self.cache.entry(&name);
        if !dir.is_dir() {
            println!("vm: fetching {label} from Debian's {suite} into {}", dir.display());
            self.cache
                .store(&name, |folder| self.unpack(sh, suite, wanted, folder))
                .with_context(|| format!("fetching {label} ({suite})"))?;
        }
        Root::open(&dir)
    }

    fn unpack(&self, sh: &Shell, suite: &str, wanted: &Wanted<'_>, into: &Path) -> Result<()> {
        let state = self.cache.entry(&format!("vm/apt-{suite}"));
        let debs = state.join("archives");
        if debs.exists() {
            fs::remove_dir_all(&debs)?;
        }
        for folder in [state.join("lists/partial"), debs.join("partial")] {
            fs::create_dir_all(folder)?;
        }
        let signed = if Path::new(KEYRING).exists() {
            format!("[signed-by={KEYRING}] ")
        } else {
            String::new()
        };
        fs::write(
            state.join("sources.list"),
            format!("deb {signed}{} {suite} main\n", self.mirror),
        )?;
        fs::write(state.join("status"), "")?;
        let options = &apt_options(&state, &debs);
        cmd!(sh, "apt-get -q {options...} update")
            .quiet()
            .ignore_stdout()
            .run()?;
        match wanted {
            Wanted::WithDependencies(names) => {
                let names: &[&str] = names;
                cmd!(
                    sh,
                    "apt-get -q -y {options...} --no-install-recommends --download-only install {names...}"
                )
                .quiet()
                .ignore_stdout()
                .run()?;
            }
            Wanted::Kernel => {
                let names = kernel_packages(sh, options)?;
                let _inside = sh.push_dir(&debs);
                cmd!(sh, "apt-get -q {options...} download {names...}")
                    .quiet()
                    .ignore_stdout()
                    .run()?;
            }
        }
        let mut count = 0;
        for entry in fs::read_dir(&debs)? {
            let deb = entry?.path();
            if deb.extension().is_some_and(|extension| extension == "deb") {
                cmd!(sh, "dpkg -x {deb} {into}").quiet().run()?;
                count += 1;
            }
        }
        ensure!(count > 0, "apt-get fetched no package");
        fs::remove_dir_all(&debs)?;
        Ok(())
    }
}

fn apt_options(state: &Path, debs: &Path) -> Vec<String> {
    [
        format!("Dir::Etc::sourcelist={}/sources.list", state.display()),
        "Dir::Etc::sourceparts=/dev/null".into(),
        "Dir::Etc::preferences=/dev/null".into(),
        "Dir::Etc::preferencesparts=/dev/null".into(),
        format!("Dir::State={}", state.display()),
        format!("Dir::State::status={}/status", state.display()),
        format!("Dir::Cache={}", state.display()),
        format!("Dir::Cache::archives={}", debs.display()),
        "Acquire::Languages=none".into(),
        "Acquire::Retries=3".into(),
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".into(),
        "APT::Sandbox::User=root".into(),
    ]
    .into_iter()
    .flat_map(|option| ["-o".to_owned(), option])
    .collect()
}

/// `linux-image-amd64` names the image of the day (not the cloud flavour, which has no mac80211); from 7.x on the
/// files are in `linux-binary-…` and `linux-modules-…`, which that image depends on.
fn kernel_packages(sh: &Shell, options: &[String]) -> Result<Vec<String>> {
    let depends = |package: &str, prefixes: &[&str]| -> Result<Vec<String>> {
        let text = cmd!(sh, "apt-cache {options...} depends {package}").quiet().read()?;
        Ok(text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Depends: "))
            .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            .map(str::to_owned)
            .collect())
    };
    let mut names = depends("linux-image-amd64", &["linux-image-"])?;
    let image = names.first().context("linux-image-amd64 depends on no image")?.clone();
    names.truncate(1);
    names.extend(depends(&image, &["linux-binary-", "linux-modules-"])?);
    Ok(names)
}
