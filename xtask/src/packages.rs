//! Debian packages that the tests call. Building needs none: who runs this has cargo and a C
//! linker already.

use std::{io, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{command, project::Project};

/// Package, and what it is for.
const TESTS: &[(&str, &str)] = &[
    ("bpftool", "names of programs and maps in the kernel"),
    ("chromium", "the web page"),
    ("cpio", "the test machine's file system"),
    ("curl", "a client of the HTTP API"),
    ("ethtool", "offloads of test interfaces"),
    ("g++", "libFuzzer of the fuzz targets"),
    ("iproute2", "network namespaces and test interfaces"),
    ("jq", "the examples of reading the JSON files"),
    ("logrotate", "renames the log under the run"),
    ("kmod", "modules of the test machine's kernel"),
    ("librsvg2-bin", "draws the QR code"),
    (
        "prometheus",
        "scrapes the metrics, evaluates dashboards and alerts; promtool",
    ),
    ("prometheus-alertmanager", "delivers alerts; amtool"),
    ("nfdump", "a collector of IPFIX"),
    ("openssl", "certificates of the HTTP API"),
    ("pmacct", "another collector of IPFIX"),
    ("nagios4-core", "reads the services in docs/deploy"),
    ("python3", "the examples of reading the JSON files"),
    (
        "python3-venv",
        "a Kafka broker and a client, models of Grafana's dashboards",
    ),
    ("systemd", "reads the unit"),
    ("tcpdump", "a second count of frames"),
    ("tmux", "a terminal for airlens mon"),
    ("tshark", "a second opinion on captures"),
    ("xz-utils", "modules of the test machine's kernel"),
    ("zbar-tools", "reads the QR code"),
    ("zstd", "modules of the test machine's kernel"),
];

/// Installs the packages of the tests that are missing.
pub(crate) fn provide_for_tests(project: &Project) -> Result<()> {
    let names = TESTS.iter().map(|(name, _)| *name);
    let Some(installed) = installed(names)? else {
        println!("packages: not a Debian system; the tests need the programs of these packages:");
        for (name, purpose) in TESTS {
            println!("  {name}: {purpose}");
        }
        return Ok(());
    };
    let missing: Vec<_> = TESTS
        .iter()
        .filter(|(name, _)| !installed.iter().any(|have| have == name))
        .collect();
    if missing.is_empty() {
        println!("packages for the tests: present");
        return Ok(());
    }
    println!("packages for the tests: installing");
    for (name, purpose) in &missing {
        println!("  {name}: {purpose}");
    }
    let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
    install(project, &names)
}

/// Which of the packages are installed; `None` where there is no dpkg.
fn installed<'a>(names: impl Iterator<Item = &'a str>) -> Result<Option<Vec<String>>> {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${binary:Package} ${db:Status-Status}\\n"])
        .args(names)
        .output();
    match output {
        // It fails when it does not know one of them, and tells of the others all the same.
        Ok(output) => Ok(Some(parse(&String::from_utf8_lossy(&output.stdout)))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("cannot run dpkg-query"),
    }
}

fn parse(list: &str) -> Vec<String> {
    list.lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        // `libc6:amd64`: the name of a package that exists for several architectures.
        .filter_map(|package| package.split(':').next())
        .map(str::to_owned)
        .collect()
}

fn install(project: &Project, names: &[&str]) -> Result<()> {
    let id = command::output(project.command("id").arg("-u"))?;
    if id.trim() != "0" {
        bail!(
            "packages are missing and only root can install them: \
             run `sudo apt-get install --no-install-recommends {}`",
            names.join(" ")
        );
    }
    if apt_get(project, names).is_err() {
        println!("packages: the lists may be old or absent; apt-get update, then once more");
        command::run(project.command("apt-get").args(["--quiet", "update"]))?;
        apt_get(project, names)?;
    }
    Ok(())
}

fn apt_get(project: &Project, names: &[&str]) -> Result<()> {
    command::run(
        project
            .command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["--quiet", "--yes", "install", "--no-install-recommends"])
            // A machine that has just started may be updating itself.
            .arg("--option=DPkg::Lock::Timeout=300")
            .args(names),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_installations_count() {
        let list = "bpftool installed\njq config-files\nlibc6:amd64 installed\nkmod unpacked\n";
        assert_eq!(parse(list), ["bpftool", "libc6"]);
    }
}
