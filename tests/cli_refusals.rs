//! What `airlens run` can't do: its exit code, its one line, and what it leaves behind. Needs root and tun.

use std::{
    fs::{self, Permissions},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
};

use airlens::lab::{LinkType, Tap};
use airlens_tests::support::{
    cli::{Said, airlens, airlens_as_nobody},
    run::{Network, PORT, Place, Running},
};
use anyhow::{Result, ensure};
use serde_json::json;

/// Runs the command in the network to its end.
fn said_in(network: &Network, command: &mut Command) -> Result<Said> {
    network.here.run(|| Said::by(command))?
}

/// The files of a failed run say the same as its exit code and its message.
fn recorded(place: &Place, said: &Said, reason: &str) -> Result<()> {
    let status = place.document(&place.paths().status)?;
    assert_eq!(
        (&status["state"], &status["reason"]),
        (&json!("failed"), &json!(reason)),
        "{status}"
    );
    let message = status["error"].as_str().unwrap_or_default();
    ensure!(
        said.err.contains(message) && !message.is_empty(),
        "{message:?}: {said:?}"
    );
    let exit = &place.document(&place.paths().state)?["exit"];
    let expected = json!({ "status": "failed", "code": said.code, "reason": reason, "message": message });
    assert_eq!(exit, &expected);
    ensure!(!place.paths().socket.exists(), "the socket is still there");
    Ok(())
}

#[test]
fn a_missing_interface_and_those_that_there_are() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    for option in ["-i", "--data"] {
        let mut command = airlens(["run", option, "nope"])?;
        let said = said_in(&network, place.name_all(&mut command))?;
        said.refuses(6, &["no interface nope; there are: data0 lo mon0"])?;
        recorded(&place, &said, "interface_validation")?;
    }
    for hostile in ["../lo", "", "a/b", "mon0\nx", "this-name-is-longer-than-any"] {
        let mut command = airlens(["run", "-i", hostile])?;
        let said = said_in(&network, place.name_all(&mut command))?;
        ensure!([Some(2), Some(6)].contains(&said.code), "{hostile:?}: {said:?}");
    }
    Ok(())
}

#[test]
fn an_interface_that_carries_something_else() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    for wired in ["lo", "data0"] {
        let mut command = airlens(["run", "-i", wired])?;
        let said = said_in(&network, place.name_all(&mut command))?;
        said.refuses(7, &[wired, "is no Wi-Fi interface", "airlens interfaces"])?;
        recorded(&place, &said, "interface_validation")?;
    }
    let mut command = airlens(["run", "--data", "mon0"])?;
    let said = said_in(&network, place.name_all(&mut command))?;
    said.refuses(7, &["mon0 carries no Ethernet frames", "airlens interfaces"])
}

#[test]
fn nothing_to_do() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    // No Wi-Fi is there, and two are here.
    let mut command = airlens(["run"])?;
    let said = network.there.run(|| Said::by(place.name_all(&mut command)))??;
    said.refuses(2, &["no Wi-Fi interface", "-i IFACE", "airlens interfaces"])?;
    let _second = network.here.run(|| Tap::new("mon1", LinkType::Monitor))??;
    let said = said_in(&network, place.name_all(&mut airlens(["run"])?))?;
    said.refuses(2, &["several Wi-Fi interfaces, mon0, mon1", "-i"])?;
    assert_eq!(place.everything()?, [""; 0]);
    Ok(())
}

#[test]
fn a_wrong_configuration_says_where() -> Result<()> {
    let place = Place::new()?;
    let file = place.folder().join("airlens.toml");
    let run = |content: &str| {
        fs::write(&file, content)?;
        Said::by(airlens(["run", "--config"])?.arg(&file))
    };
    run("interface = \"lo\"\n  colour = 1\n")?.refuses(2, &["airlens.toml:2:3: ", "colour", "interface"])?;
    run("[logging]\nlevel = \"loud\"\n")?.refuses(2, &["airlens.toml:2:9: ", "loud", "warn"])?;
    run("interface = \"lo\"\nring_bytes = 5000\n")?.refuses(2, &["ring_bytes", "power of two"])?;
    let said = run("interface = \n")?;
    ensure!(said.code == Some(2) && said.err.contains("airlens.toml:1:"), "{said:?}");
    let missing = place.folder().join("missing.toml");
    Said::by(airlens(["run", "--config"])?.arg(missing))?.refuses(2, &["missing.toml", "--config"])?;
    Said::by(airlens(["run"])?.env("AIRLENS_COLOUR", "1"))?.refuses(2, &["AIRLENS_COLOUR", "AIRLENS_"])?;
    let said = Said::by(&mut airlens(["run", "--hook", "line"])?)?;
    ensure!(said.code == Some(2) && said.err.contains("generic"), "{said:?}");
    Ok(())
}

#[test]
fn an_address_in_use() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let _taken = network.here.run(|| TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)))??;
    let mut command = airlens(["run", "-i", "mon0"])?;
    let said = said_in(&network, place.name_all(&mut command))?;
    said.refuses(10, &["127.0.0.1:9474 is in use", "--listen", "ss -ltnp"])?;
    recorded(&place, &said, "config_validation")
}

/// A run whose one path is below something that takes no file.
fn unwritable(option: &str, path: &Path) -> Result<Said> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut command = airlens(["run", "-i", "mon0"])?;
    command.arg(option).arg(path);
    for (name, other) in [
        ("--run-stem", place.stem()),
        ("--state-path", place.state()),
        ("--files-path", place.files()),
    ] {
        if name != option {
            command.arg(name).arg(other);
        }
    }
    said_in(&network, &mut command)
}

#[test]
fn a_path_that_takes_no_file() -> Result<()> {
    let place = Place::new()?;
    let file = place.folder().join("file");
    fs::write(&file, "not a folder")?;
    for option in ["--run-stem", "--state-path", "--files-path"] {
        unwritable(option, &file.join("below/x"))?.refuses(9, &["/file", "choose another path"])?;
        // Not even root makes a folder there.
        unwritable(option, Path::new("/proc/airlens/x"))?
            .refuses(9, &["/proc/airlens", "check that its folder exists"])?;
    }
    assert_eq!(fs::read_to_string(file)?, "not a folder");
    Ok(())
}

#[test]
fn a_path_of_another_user() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let (mut command, _binary) = airlens_as_nobody(["run", "-i", "mon0"])?;
    let said = said_in(&network, place.name_all(&mut command))?;
    said.refuses(9, &[&place.folder().display().to_string(), "ermission"])?;
    assert_eq!(place.everything()?, [""; 0]);
    Ok(())
}

#[test]
fn a_missing_capability_is_named() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    fs::set_permissions(place.folder(), Permissions::from_mode(0o777))?;
    let (mut command, _binary) = airlens_as_nobody(["run", "-i", "mon0", "--data", "data0"])?;
    let said = said_in(&network, place.name_all(&mut command))?;
    said.refuses(5, &["not permitted to", "sudo", "CAP_BPF", "CAP_NET_ADMIN"])?;
    recorded(&place, &said, "insufficient_permissions")?;

    let (mut command, _binary) = airlens_as_nobody(["demo", "--listen", "127.0.0.1:0"])?;
    said_in(&network, &mut command)?.refuses(5, &["not permitted to", "sudo", "CAP_SYS_ADMIN"])
}

#[test]
fn a_second_run_with_the_same_files() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let first = Running::start(&network, &place)?;
    let before = (place.everything()?, place.document(&place.paths().status)?);
    let mut command = airlens(["run", "-i", "mon0", "--listen", "127.0.0.1:0"])?;
    let said = said_in(&network, place.name_all(&mut command))?;
    said.refuses(8, &["already running", &format!("pid {}", first.pid()), "run_stem"])?;
    assert_eq!((place.everything()?, place.document(&place.paths().status)?), before);
    let alive = place.status()?;
    ensure!(
        alive.out.starts_with(&format!("running (pid {}", first.pid())),
        "{alive:?}"
    );
    assert_eq!(network.get("/readyz")?, (200, "ready\n".to_owned()));
    first.stop()
}

#[test]
fn a_hook_that_another_run_has() -> Result<()> {
    let (network, place, other) = (Network::new()?, Place::new()?, Place::new()?);
    let first = Running::start(&network, &place)?;
    let mut command = airlens(["run", "--data", "data0", "--hook", "native", "--listen", "127.0.0.1:0"])?;
    let said = said_in(&network, other.name_all(&mut command))?;
    said.refuses(7, &["data_rx could not be attached to data0", "busy", "--hook"])?;
    recorded(&other, &said, "interface_validation")?;
    first.stop()
}

#[test]
fn a_run_of_another_user_does_not_answer() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    fs::set_permissions(place.folder(), Permissions::from_mode(0o755))?;
    let run = Running::start(&network, &place)?;
    let (mut command, _binary) = airlens_as_nobody(["stats"])?;
    let said = Said::by(place.name_run(&mut command))?;
    said.refuses(5, &["no permission", "airlens.sock", "sudo"])?;
    run.stop()
}
