//! `airlens health`: one line and an exit code.

use std::{net::TcpListener, process::Command, thread};

use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, PORT, Place, Running},
};
use anyhow::{Context as _, Result, ensure};

pub(super) fn health(network: &Network, place: &Place, arguments: &[&str]) -> Result<Said> {
    let mut command = airlens(["health"])?;
    let command: &mut Command = place.name_run(&mut command).args(arguments);
    network.here.run(|| Said::by(command))?
}

/// A line as the guidelines of the Monitoring Plugins want it.
pub(super) fn is_a_line(said: &Said, word: &str) -> Result<()> {
    let line = said.out.strip_suffix('\n').context("no line")?;
    ensure!(!line.contains('\n') && said.err.is_empty(), "{said:?}");
    let (words, numbers) = line.split_once(" | ").context("no numbers")?;
    ensure!(words.starts_with(&format!("{word}: ")), "{said:?}");
    for number in numbers.split(' ') {
        let (name, value) = number.split_once('=').context("no value")?;
        let value = value.split(';').next().unwrap_or_default().trim_end_matches('s');
        ensure!(!name.is_empty() && value.parse::<f64>().is_ok(), "{number}");
    }
    Ok(())
}

#[test]
fn a_run_in_its_states() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    for arguments in [&[][..], &["--live"], &["--ready"]] {
        let said = health(&network, &place, arguments)?;
        assert_eq!(said.code, Some(2), "{said:?}");
        is_a_line(&said, "CRITICAL")?;
        ensure!(said.out.contains("is airlens running?"), "{said:?}");
    }
    let mut command = airlens(["run", "-i", "mon0", "--data", "data0", "--listen"])?;
    command.arg(format!("127.0.0.1:{PORT}"));
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let url = format!("http://127.0.0.1:{PORT}");
    for arguments in [
        &[][..],
        &["--live"],
        &["--ready"],
        &["--ready", "--url", &url],
        &["--live", "--url", &url],
    ] {
        let said = health(&network, &place, arguments)?;
        assert_eq!(said.code, Some(0), "{arguments:?} {said:?}");
        is_a_line(&said, "OK")?;
        assert_eq!(said.out.contains("uptime="), !arguments.contains(&"--live"), "{said:?}");
    }
    run.stop()?;
    let said = health(&network, &place, &["--ready", "--url", &url])?;
    assert_eq!(said.code, Some(2), "{said:?}");
    Ok(())
}

#[test]
fn answers_that_are_none() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let listener = network.here.run(|| TcpListener::bind("127.0.0.1:0"))??;
    let url = format!("http://{}", listener.local_addr()?);
    let answers = [
        "HTTP/1.0 503 Service Unavailable\r\n\r\n{\"type\":\"about:blank\",\"title\":\"\",\"status\":503,\"detail\":\"no program | is attached\"}",
        // Of the numbers behind the line.
        "HTTP/1.0 404 Not Found\r\n\r\n",
        "HTTP/1.0 401 Unauthorized\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n{\"status\":\"degraded\",\"uptime_seconds\":1,\"connected_clients\":2,\"active_sessions\":1}",
        "HTTP/1.0 503 Service Unavailable\r\n\r\n{\"status\":\"unhealthy\",\"uptime_seconds\":1,\"connected_clients\":2,\"active_sessions\":0}",
        "nonsense",
    ];
    let server = thread::spawn(move || -> Result<()> {
        use std::io::{Read as _, Write as _};
        for answer in answers {
            let (mut stream, _) = listener.accept()?;
            let _ = stream.read(&mut [0; 1024])?;
            stream.write_all(answer.as_bytes())?;
        }
        // The last one waits for ever.
        let (_stream, _) = listener.accept()?;
        thread::park_timeout(std::time::Duration::from_secs(60));
        Ok(())
    });
    for (arguments, word, code, part) in [
        (&["--ready"][..], "WARNING", 1, "no program   is attached"),
        (&["--live"], "CRITICAL", 2, "--token-file"),
        (&[], "WARNING", 1, "losses or errors"),
        (&[], "CRITICAL", 2, "captures nothing"),
        (&["--live"], "CRITICAL", 2, "does it speak https?"),
        (&["--live", "--timeout", "1"], "CRITICAL", 2, "the time is over"),
    ] {
        let arguments = [arguments, &["--url", &url]].concat();
        let said = health(&network, &place, &arguments)?;
        assert_eq!(said.code, Some(code), "{said:?}");
        is_a_line(&said, word)?;
        ensure!(said.out.contains(part), "{part}: {said:?}");
    }
    server.thread().unpark();
    server.join().ok().context("the server panicked")??;
    Ok(())
}
