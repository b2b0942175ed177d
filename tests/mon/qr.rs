//! `airlens qr`, read by a decoder that is not ours (ZBar), and from SVG by librsvg.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use airlens_tests::support::{
    cli::{Said, airlens},
    run::Place,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::json;

/// The info file of a run with such a network.
fn network(ssid: &str, passphrase: &str, frequency: u32) -> Result<Place> {
    let place = Place::new()?;
    let info = json!({
        "schema_version": "1.0", "profiler_version": "0.1.0", "phy": "phy0",
        "interfaces": { "ap": "wlan0", "monitor": "wlan0profiler" }, "channel": 36, "frequency": frequency,
        "country_code": "US", "ssid": ssid, "bssid": "44:a3:bb:06:c1:29", "mode": "ap", "passphrase": passphrase,
        "started_at": "2026-01-23T12:00:00Z", "uptime_seconds": 120, "profile_count": 35, "failed_profile_count": 3,
        "total_clients_seen": 38, "invalid_frame_count": 0, "bad_fcs_count": 0,
        "last_profile": null, "last_profile_timestamp": null
    });
    let path = place.paths().info;
    fs::create_dir_all(path.parent().context("no folder")?)?;
    fs::write(path, info.to_string())?;
    Ok(place)
}

fn qr(place: &Place, arguments: &[&str]) -> Result<Said> {
    Said::by(place.name_run(&mut airlens(["qr"])?).args(arguments))
}

/// What ZBar reads in a picture.
fn decoded(picture: &Path) -> Result<String> {
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw"])
        .arg(picture)
        .output()
        .context("can't run zbarimg: install zbar-tools")?;
    ensure!(read.status.success(), "{}: {read:?}", picture.display());
    let text = String::from_utf8(read.stdout)?;
    Ok(text.strip_suffix('\n').context("no line")?.to_owned())
}

#[test]
fn phones_read_what_the_text_says() -> Result<()> {
    for (ssid, passphrase, frequency, text) in [
        // As the script in wlanpi-profiler's document makes it.
        (
            "Profiler 056",
            "profiler",
            5180,
            "WIFI:S:Profiler 056;T:WPA;P:profiler;;",
        ),
        (
            r#"a\b;c,d:e"f"#,
            "pass;word:1",
            2437,
            r#"WIFI:S:a\\b\;c\,d\:e\"f;T:WPA;P:pass\;word\:1;;"#,
        ),
        (
            "café 📡",
            "correct horse",
            5955,
            "WIFI:S:café 📡;T:WPA;R:1;P:correct horse;;",
        ),
        ("é", "profiler", 5180, "WIFI:S:é;T:WPA;P:profiler;;"),
        ("無線カフェ", "profiler", 5180, "WIFI:S:無線カフェ;T:WPA;P:profiler;;"),
    ] {
        let place = network(ssid, passphrase, frequency)?;
        let said = qr(&place, &["--text"])?;
        assert_eq!(
            (said.code, said.out.as_str(), said.err.as_str()),
            (Some(0), &*format!("{text}\n"), "")
        );
        let (png, svg) = (place.folder().join("qr.png"), place.folder().join("qr.svg"));
        let said = qr(
            &place,
            &["--png", &png.to_string_lossy(), "--svg", &svg.to_string_lossy()],
        )?;
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{said:?}");
        assert_eq!(decoded(&png)?, text);
        let drawn = place.folder().join("drawn.png");
        let mut rsvg = Command::new("rsvg-convert");
        let drawing = rsvg.arg("--zoom=2").arg("--output").arg(&drawn).arg(&svg);
        ensure!(drawing.status().context("install librsvg2-bin")?.success());
        assert_eq!(decoded(&drawn)?, text);
        // On terminals, dark and light, in blocks and in ASCII.
        for (arguments, light, ascii) in [
            (&[][..], false, false),
            (&["--light"], true, false),
            (&["--ascii"], false, true),
            (&["--ascii", "--light"], true, true),
        ] {
            let said = qr(&place, arguments)?;
            ensure!(said.code == Some(0) && !said.out.contains('\u{1b}'), "{said:?}");
            let picture = place.folder().join("terminal.pgm");
            fs::write(&picture, photograph(&said.out, light, ascii))?;
            assert_eq!(decoded(&picture)?, text, "{arguments:?}");
        }
    }
    Ok(())
}

/// A picture (PGM) of a terminal that shows this.
fn photograph(text: &str, light: bool, ascii: bool) -> Vec<u8> {
    const MODULE: usize = 6;
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for line in text.lines() {
        let halves: Vec<(bool, bool)> = line
            .chars()
            .map(|letter| match letter {
                '█' | '#' => (true, true),
                '▀' => (true, false),
                '▄' => (false, true),
                _ => (false, false),
            })
            .collect();
        let step = if ascii { 2 } else { 1 };
        rows.push(halves.iter().step_by(step).map(|(upper, _)| *upper).collect());
        if !ascii {
            rows.push(halves.iter().map(|(_, lower)| *lower).collect());
        }
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut picture = format!("P5 {} {} 255\n", columns * MODULE, rows.len() * MODULE).into_bytes();
    for row in &rows {
        for _ in 0..MODULE {
            for column in 0..columns {
                // Letters are dark on a light terminal, and bright on a dark one.
                let drawn = row.get(column).copied().unwrap_or(false);
                picture.extend([if drawn == light { 0 } else { 255 }; MODULE]);
            }
        }
    }
    picture
}

#[test]
fn standard_output_takes_a_picture() -> Result<()> {
    let place = network("Profiler 056", "profiler", 5180)?;
    let svg = qr(&place, &["--svg", "-"])?;
    ensure!(svg.out.starts_with("<?xml") && svg.out.ends_with("</svg>"), "{svg:?}");
    let mut command = airlens(["qr", "--png", "-"])?;
    let picture = place.name_run(&mut command).output()?;
    let mut zbar = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    zbar.stdin.take().context("no stdin")?.write_all(&picture.stdout)?;
    let read = String::from_utf8(zbar.wait_with_output()?.stdout)?;
    assert_eq!(read, "WIFI:S:Profiler 056;T:WPA;P:profiler;;\n");
    Ok(())
}

#[test]
fn without_a_network_it_says_why() -> Result<()> {
    let place = Place::new()?;
    let said = qr(&place, &[])?;
    ensure!(
        said.code == Some(1) && said.err.contains("start one with `airlens run`"),
        "{said:?}"
    );
    let place = network("", "", 2437)?;
    let said = qr(&place, &[])?;
    ensure!(
        said.code == Some(1) && said.err.contains("no network of its own: it listens"),
        "{said:?}"
    );
    Ok(())
}
