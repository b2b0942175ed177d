//! `airlens analyze` on folders, standard input, pipes, links and damaged files.

use std::{
    ffi::CString,
    fs::{self, OpenOptions, Permissions},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _, fs::symlink},
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

use airlens_tests::support::cli::{FIXTURE, Said, airlens, airlens_as_nobody};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

const REQUESTS: usize = 22;

/// The value of a key in every line.
fn each(out: &str, key: &str) -> Result<Vec<Value>> {
    out.lines()
        .map(|line| Ok(serde_json::from_str::<Value>(line)?[key].clone()))
        .collect()
}

fn analyze(path: &Path) -> Result<Said> {
    Said::by(airlens(["analyze", "--jsonl"])?.arg(path))
}

fn make_pipe(path: &Path) -> Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the string ends in NUL and outlives the call.
    ensure!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) } == 0, "no named pipe");
    Ok(())
}

#[test]
fn a_folder_with_all_below_it() -> Result<()> {
    let root = TempDir::new()?;
    let path = |name: &str| root.path().join(name);
    fs::create_dir_all(path("b/deep/down"))?;
    // Content decides, whatever the name.
    for name in ["c.pcap", "b/z", "b/deep/down/y.txt", "a.cap"] {
        fs::copy(FIXTURE, path(name))?;
    }
    fs::write(path("b/notes.pcap"), "no capture")?;
    fs::write(path("b/empty"), "")?;
    let mut wired = fs::read(FIXTURE)?;
    wired[20] = 1;
    fs::write(path("wired.pcap"), &wired)?;
    make_pipe(&path("pipe"))?;
    symlink(root.path(), path("b/deep/round"))?;
    symlink(path("itself"), path("itself"))?;

    let said = analyze(root.path())?;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let expected: Vec<Value> = ["a.cap", "b/deep/down/y.txt", "b/z", "c.pcap"]
        .iter()
        .flat_map(|name| vec![Value::from(path(name).display().to_string()); REQUESTS])
        .collect();
    assert_eq!(each(&said.out, "file")?, expected);
    assert_eq!(
        said.err,
        "airlens: 6 files were passed over: they are no captures of 802.11\n"
    );
    // Named itself, the same file is refused.
    analyze(&path("wired.pcap"))?.refuses(4, &["wired.pcap: link type 1 is no 802.11"])
}

#[test]
fn a_folder_without_a_capture() -> Result<()> {
    let root = TempDir::new()?;
    analyze(root.path())?.refuses(3, &["no client found: there is no capture of 802.11"])
}

#[test]
fn what_a_folder_hides_is_told() -> Result<()> {
    // SAFETY: takes nothing and can't fail.
    if unsafe { libc::geteuid() } != 0 {
        println!("not root, so there is no other user: an unreadable entry of a folder is not asserted");
        return Ok(());
    }
    let root = TempDir::new()?;
    fs::set_permissions(root.path(), Permissions::from_mode(0o755))?;
    for name in ["a.pcap", "b.pcap", "d.pcap"] {
        let path = root.path().join(name);
        fs::copy(FIXTURE, &path)?;
        fs::set_permissions(
            &path,
            Permissions::from_mode(if name == "b.pcap" { 0o600 } else { 0o644 }),
        )?;
    }
    let closed = root.path().join("c");
    fs::create_dir(&closed)?;
    fs::set_permissions(&closed, Permissions::from_mode(0o700))?;

    let (mut command, _file) = airlens_as_nobody(["analyze", "--jsonl"])?;
    let said = Said::by(command.arg(root.path()))?;
    assert_eq!(
        (said.code, said.out.lines().count()),
        (Some(4), 2 * REQUESTS),
        "{}",
        said.err
    );
    let lines: Vec<_> = said.err.lines().collect();
    ensure!(lines.len() == 2, "{}", said.err);
    for (line, name) in lines.iter().zip(["b.pcap", "c"]) {
        ensure!(
            line.contains(&format!("/{name}: can't be read: Permission denied")),
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn standard_input_is_printed_as_it_comes() -> Result<()> {
    let mut child = airlens(["analyze", "--jsonl", "-"])?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("no stdin")?;
    let capture = fs::read(FIXTURE)?;
    let (first, rest) = capture.split_at(capture.len() / 2);
    input.write_all(first)?;
    // The writer is not done, and may never be.
    let mut out = BufReader::new(child.stdout.take().context("no stdout")?).lines();
    let line: Value = serde_json::from_str(&out.next().context("no line")??)?;
    assert_eq!((&line["file"], &line["frame"]), (&Value::from("-"), &Value::from(21)));
    input.write_all(rest)?;
    drop(input);
    assert_eq!(out.count(), REQUESTS - 1);
    assert_eq!(child.wait()?.code(), Some(0));
    Ok(())
}

/// The most memory that any of our children that ended has had, in KiB (getrusage(2)).
fn most_memory() -> i64 {
    // SAFETY: all zeros is a value of this plain structure.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the structure outlives the call.
    unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage) };
    usage.ru_maxrss
}

#[test]
fn memory_does_not_grow_with_the_capture() -> Result<()> {
    let capture = fs::read(FIXTURE)?;
    let (header, records) = capture.split_at(24);
    // Beside the requests: beacons behind a radiotap header of 8 octets, in records as large as the file allows.
    let mut large: Vec<u8> = [1, 2, 250_000, 250_000_u32]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    large.extend([0, 0, 8, 0, 0, 0, 0, 0, 0x80]);
    large.resize(16 + 250_000, 0);
    let records = [records, &large.repeat(9)].concat();
    let copies = 60;
    let mut child = airlens(["analyze", "--jsonl", "-"])?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("no stdin")?;
    let header = header.to_vec();
    let writer = thread::spawn(move || -> Result<usize> {
        input.write_all(&header)?;
        for _ in 0..copies {
            input.write_all(&records)?;
        }
        Ok(records.len() * copies)
    });
    let lines = BufReader::new(child.stdout.take().context("no stdout")?).split(b'\n');
    assert_eq!(lines.count(), REQUESTS * copies);
    assert_eq!(child.wait()?.code(), Some(0));
    let written = writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    let most = most_memory();
    ensure!(
        written > 128 << 20 && most < 48 << 10,
        "{written} octets read with {most} KiB"
    );
    Ok(())
}

#[test]
fn standard_input_that_is_no_capture() -> Result<()> {
    // Its standard input is /dev/null.
    Said::by(&mut airlens(["analyze", "-"])?)?.refuses(4, &["standard input: is no capture file"])?;
    Said::by(&mut airlens(["analyze", "-", "-"])?)?.refuses(2, &["standard input can be read once"])
}

#[test]
fn a_named_pipe_with_a_writer_and_without() -> Result<()> {
    let root = TempDir::new()?;
    let pipe = root.path().join("pipe");
    make_pipe(&pipe)?;
    analyze(&pipe)?.refuses(4, &["pipe: is a pipe that nobody writes to"])?;
    let writer = {
        let pipe = pipe.clone();
        thread::spawn(move || -> Result<()> {
            // Waits for the reader.
            let mut end = OpenOptions::new().write(true).open(pipe)?;
            Ok(end.write_all(&fs::read(FIXTURE)?)?)
        })
    };
    let said = analyze(&pipe)?;
    assert_eq!(
        (said.code, said.out.lines().count()),
        (Some(0), REQUESTS),
        "{}",
        said.err
    );
    ensure!(writer.join().is_ok_and(|result| result.is_ok()), "not all was read");
    Ok(())
}

#[test]
fn a_link_that_leads_to_itself() -> Result<()> {
    let root = TempDir::new()?;
    let path = root.path().join("round");
    symlink(&path, &path)?;
    analyze(&path)?.refuses(4, &["round: can't be read", "symbolic links"])
}

#[test]
fn a_file_name_cant_steer_the_terminal() -> Result<()> {
    let root = TempDir::new()?;
    let path = root.path().join("\x1b[2Jx.pcap");
    analyze(&path)?.refuses(4, &["/\\u{1b}[2Jx.pcap: can't be read"])?;
    fs::copy(FIXTURE, &path)?;
    let table = Said::by(airlens(["analyze"])?.arg(root.path()))?;
    ensure!(
        table.out.contains(" \\u{1b}[2Jx.pcap:21") && !table.out.contains('\x1b'),
        "{}",
        table.out
    );
    Ok(())
}

/// The fixture with the length of its hundredth record destroyed, and where and how long that is.
fn corrupt() -> Result<(Vec<u8>, usize, usize)> {
    let mut capture = fs::read(FIXTURE)?;
    // Record after record.
    let size = |capture: &[u8], at: usize| -> Result<usize> {
        let word = capture.get(at + 8..at + 12).context("a short fixture")?;
        Ok(16 + usize::try_from(u32::from_le_bytes(word.try_into()?))?)
    };
    let mut at = 24;
    for _ in 0..99 {
        at += size(&capture, at)?;
    }
    let skipped = size(&capture, at)?;
    capture[at + 8..at + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    Ok((capture, at, skipped))
}

#[test]
fn behind_a_corrupt_record_the_file_is_read_on() -> Result<()> {
    let root = TempDir::new()?;
    let path = root.path().join("corrupt.pcap");
    let (capture, at, skipped) = corrupt()?;
    fs::write(&path, &capture)?;
    let said = Said::by(airlens(["analyze", "--jsonl"])?.arg(&path).arg(FIXTURE))?;
    assert_eq!(
        said.err,
        format!(
            "airlens: {0}: is corrupt: the record at byte {at} announces 4294967295 octets; \
             the 99 packets before it were read, {skipped} bytes were skipped\n\
             airlens: {0}: was read on behind the damage: 358 packets\n",
            path.display()
        )
    );
    let files = each(&said.out, "file")?;
    let of = |name: &str| files.iter().filter(|file| *file == name).count();
    assert_eq!((of(&path.display().to_string()), of(FIXTURE)), (REQUESTS, REQUESTS));
    assert_eq!(said.code, Some(4));
    // And from a pipe.
    let mut child = airlens(["analyze", "--jsonl", "-"])?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("no stdin")?;
    let writer = thread::spawn(move || input.write_all(&capture));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    assert_eq!(
        (
            output.status.code(),
            output.stdout.split(|octet| *octet == b'\n').count()
        ),
        (Some(4), REQUESTS + 1)
    );
    Ok(())
}

/// The fixture with many damaged places.
fn worn(root: &TempDir) -> Result<PathBuf> {
    let path = root.path().join("worn.pcap");
    let mut capture = fs::read(FIXTURE)?;
    for at in (1000..capture.len() - 40).step_by(1000) {
        capture[at..at + 40].fill(0xff);
    }
    fs::write(&path, capture)?;
    Ok(path)
}

#[test]
fn a_file_with_many_damaged_places() -> Result<()> {
    let root = TempDir::new()?;
    let path = worn(&root)?;
    let said = analyze(&path)?;
    assert_eq!(said.code, Some(4));
    let lines: Vec<_> = said.err.lines().collect();
    assert_eq!(
        lines.iter().filter(|line| line.contains("bytes were skipped")).count(),
        10,
        "{}",
        said.err
    );
    let last = lines.last().context("no line")?;
    ensure!(
        last.contains("worn.pcap: was read on behind the damage: ") && last.contains(" damaged places, "),
        "{last}"
    );
    ensure!(said.out.lines().count() > REQUESTS / 3, "{}", said.out);
    Ok(())
}

#[test]
fn the_air_of_a_damaged_file_is_told_as_its_clients_are() -> Result<()> {
    let root = TempDir::new()?;
    let path = worn(&root)?;
    let clients = analyze(&path)?;
    let air = Said::by(airlens(["analyze", "--air", "--json"])?.arg(&path))?;
    assert_eq!(air.code, Some(4));
    // What is said of the places, and of all of them.
    let told = |said: &Said| -> Vec<String> {
        let lines = said.err.lines().filter(|line| !line.contains(": frame "));
        lines.map(str::to_owned).collect()
    };
    assert_eq!((told(&air).len(), told(&air)), (11, told(&clients)));
    Ok(())
}

#[test]
fn packets_of_a_wired_interface_are_left_out_of_the_air_and_counted() -> Result<()> {
    let block = |kind: u32, body: &[u8]| {
        let length = (body.len() as u32 + 12).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let interface = |link_type: u16| block(1, &[&link_type.to_le_bytes()[..], &[0; 6]].concat());
    // A section, interfaces with radiotap and Ethernet, a beacon without elements on the first, two packets on the other.
    let mut file = block(
        0x0a0d_0d0a,
        &[&0x1a2b_3c4du32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat(),
    );
    file.extend([interface(127), interface(1)].concat());
    let mut beacon = vec![0, 0, 8, 0, 0, 0, 0, 0, 0x80, 0, 0, 0];
    beacon.extend([0xff; 6].iter().chain(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1]));
    beacon.extend([0; 14]);
    beacon.resize(44, 0);
    for (interface, packet) in [(0u32, beacon.clone()), (1, vec![0; 44]), (1, vec![0; 44])] {
        let length = (packet.len() as u32).to_le_bytes();
        let head = [&interface.to_le_bytes()[..], &[0; 8], &length, &length].concat();
        file.extend(block(6, &[head, packet].concat()));
    }
    let root = TempDir::new()?;
    let path = root.path().join("both.pcapng");
    fs::write(&path, &file)?;
    let said = Said::by(airlens(["analyze", "--air", "--json"])?.arg(&path))?;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let words = format!(
        "airlens: {}: packets of other link types, left out: 2\n",
        path.display()
    );
    assert_eq!(said.err, words);
    Ok(())
}
