//! What `airlens run` leaves and does not leave in the kernel. Needs root, tun, bpftool.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, Place, Running},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Numbers that the kernel shows with a process's descriptors, `prog_id` or `map_id`.
fn numbers(pid: u32, key: &str) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fdinfo"))? {
        // Closed since.
        let text = fs::read_to_string(entry?.path()).unwrap_or_default();
        let of_key = |line: &str| Some(line.strip_prefix(key)?.strip_prefix(':')?.trim().to_owned());
        found.extend(text.lines().find_map(of_key));
    }
    Ok(found)
}

fn bpftool<const N: usize>(arguments: [&str; N]) -> Result<Value> {
    let mut command = Command::new("bpftool");
    let output = command
        .arg("-j")
        .args(arguments)
        .output()
        .context("bpftool: install it")?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The names of a process's programs (`prog`) or maps (`map`), as bpftool shows them.
fn names(pid: u32, object: &str) -> Result<BTreeSet<String>> {
    numbers(pid, &format!("{object}_id"))?
        .iter()
        .map(|number| {
            let shown = bpftool([object, "show", "id", number])?;
            Ok(shown["name"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

#[test]
fn programs_and_maps_have_readable_names() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let programs = names(run.pid(), "prog")?;
    assert_eq!(programs, ["data_rx", "data_tx", "monitor"].map(str::to_owned).into());
    let maps = names(run.pid(), "map")?;
    for name in [
        "DATA_COUNTS",
        "FLOW_HALF",
        "FLOW_RING",
        "FLOW_SLOTS",
        "FLOW_INDEX",
        "MONITOR_CONFIG",
        "MONITOR_COUNTS",
        "MONITOR_KINDS",
        "MONITOR_RING",
    ] {
        ensure!(maps.contains(name), "no {name}: {maps:?}");
    }
    ensure!(!maps.contains(""), "a map without a name: {maps:?}");
    let numbers = numbers(run.pid(), "prog_id")?;
    run.stop()?;
    // The kernel frees programs a moment after their last user.
    let start = Instant::now();
    for number in numbers {
        while bpftool(["prog", "show", "id", &number]).is_ok() {
            ensure!(
                start.elapsed() < Duration::from_secs(5),
                "program {number} is still there"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
    Ok(())
}

/// A mount namespace of its own with a bpf file system; gone with this value.
struct Mounts {
    holder: Child,
    folder: PathBuf,
}

impl Mounts {
    fn new(folder: &Path) -> Result<Self> {
        fs::create_dir(folder)?;
        let holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", "mount -t bpf bpf \"$0\" && exec sleep 600"])
            .arg(folder)
            .stdin(Stdio::null())
            .spawn()
            .context("unshare: install it (util-linux)")?;
        let mounts = Self {
            holder,
            folder: folder.to_owned(),
        };
        let start = Instant::now();
        while !fs::read_to_string(format!("/proc/{}/comm", mounts.holder.id()))?.starts_with("sleep") {
            ensure!(start.elapsed() < Duration::from_secs(10), "no bpf file system");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(mounts)
    }

    /// The command inside: the same process from its start on.
    fn inside(&self, command: &Command) -> Command {
        let mut inside = Command::new("nsenter");
        inside.arg(format!("--mount=/proc/{}/ns/mnt", self.holder.id()));
        inside.arg("--").arg(command.get_program()).args(command.get_args());
        inside
    }

    /// The names below the file system, with their folders.
    fn pins(&self) -> Result<BTreeSet<String>> {
        let root = format!("/proc/{}/root{}", self.holder.id(), self.folder.display());
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(Path::new(&root).join("airlens"))? {
            found.insert(entry?.file_name().to_string_lossy().into_owned());
        }
        Ok(found)
    }
}

impl Drop for Mounts {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[test]
fn pins_come_and_go_with_the_run() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mounts = Mounts::new(&place.folder().join("bpf"))?;
    let mut command = airlens(["run", "-i", "mon0", "--pin"])?;
    place.name_all(command.arg(mounts.folder.join("airlens")));
    let start = || {
        let mut run = Running::spawn(&network, &place, &mut mounts.inside(&command))?;
        run.until_running(&place)?;
        Ok::<_, anyhow::Error>(run)
    };
    let first = start()?;
    let pins = mounts.pins()?;
    for name in ["MONITOR_RING", "MONITOR_COUNTS", "FLOW_SLOTS", "DATA_COUNTS"] {
        ensure!(pins.contains(name), "no {name}: {pins:?}");
    }
    let mut show = Command::new("bpftool");
    show.args(["-j", "map", "show", "pinned"])
        .arg(mounts.folder.join("airlens/MONITOR_RING"));
    let shown = Said::by(&mut mounts.inside(&show))?.json()?;
    assert_eq!(
        (&shown["name"], &shown["type"]),
        (&"MONITOR_RING".into(), &"ringbuf".into())
    );
    first.stop()?;
    assert_eq!(mounts.pins()?, BTreeSet::new());

    // Those of a run that was killed make way for the next's.
    let killed = start()?;
    killed.signal(libc::SIGKILL);
    killed.end()?;
    assert_eq!(mounts.pins()?, pins);
    let next = start()?;
    assert_eq!(mounts.pins()?, pins);
    next.stop()?;
    assert_eq!(mounts.pins()?, BTreeSet::new());
    Ok(())
}

#[test]
fn a_second_run_leaves_the_pins_of_the_first() -> Result<()> {
    let (network, place, other) = (Network::new()?, Place::new()?, Place::new()?);
    let mounts = Mounts::new(&place.folder().join("bpf"))?;
    let command = |place: &Place| {
        let mut command = airlens(["run", "--data", "data0", "--listen", "127.0.0.1:0", "--pin"])?;
        place.name_all(command.arg(mounts.folder.join("airlens")));
        Ok::<_, anyhow::Error>(mounts.inside(&command))
    };
    let mut first = Running::spawn(&network, &place, &mut command(&place)?)?;
    first.until_running(&place)?;
    let pins = mounts.pins()?;
    let mut second = command(&other)?;
    let said = network.here.run(|| Said::by(&mut second))??;
    let pid = format!("the maps of another run (pid {})", first.pid());
    said.refuses(8, &[&pid, "name another folder"])?;
    assert_eq!(mounts.pins()?, pins);
    first.stop()
}

#[test]
fn a_folder_on_another_file_system_takes_no_pins() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let folder = place.folder().join("pins");
    let mut command = airlens(["run", "-i", "mon0", "--pin"])?;
    place.name_all(command.arg(&folder));
    let said = network.here.run(|| Said::by(&mut command))??;
    said.refuses(9, &["/pins: can't pin", "bpf file system", "mount -t bpf"])?;
    ensure!(fs::read_dir(folder)?.count() == 0, "something was left there");
    Ok(())
}
