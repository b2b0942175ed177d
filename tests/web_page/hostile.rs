//! Stations whose names are made to steer a page, and more of them than a list shows at once.

use std::{thread, time::Duration};

use anyhow::{Result, ensure};

use airlens_tests::support::run::{Network, Place, Running};

use super::{column, is_quiet, page, within};

/// Overrides the direction, closes what is open, brings a picture, ends the line: 32 octets.
const SSID: &str = "\u{202e}</b><img src=x onerror=a()>\n";

/// The same for WPS, whose names may be longer.
const DEVICE: &str = "</script><script>document.title='x'</script>\u{2066}\u{200f} \u{1b}[2J Q\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";

/// An association request on channel 36 behind a radiotap header that tells the channel.
fn request(station: u16, further: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 0, 12, 0, 8, 0, 0, 0];
    frame.extend(5180u16.to_le_bytes());
    frame.extend([0x40, 0x01, 0, 0, 0, 0]);
    let [high, low] = station.to_be_bytes();
    let (ap, from) = ([2, 0, 0, 0, 0xaa, 0], [0, 0x1b, 0x77, 9, high, low]);
    for address in [ap, from, ap] {
        frame.extend(address);
    }
    frame.extend([0, 0, 0x11, 0, 1, 0]);
    frame.extend(element(0, SSID.as_bytes()));
    frame.extend(element(1, &[0x8c, 0x12, 0x98, 0x24]));
    frame.extend(further);
    frame
}

fn element(id: u8, payload: &[u8]) -> Vec<u8> {
    [&[id, payload.len() as u8], payload].concat()
}

/// WPS with a device name (Wi-Fi Simple Configuration 2.0.8, 8.2: attribute 0x1011).
fn wps() -> Vec<u8> {
    let attribute = |id: u16, value: &[u8]| [&id.to_be_bytes(), &(value.len() as u16).to_be_bytes(), value].concat();
    let attributes = [attribute(0x104a, &[0x10]), attribute(0x1011, DEVICE.as_bytes())].concat();
    element(221, &[&[0x00, 0x50, 0xf2, 4][..], &attributes].concat())
}

#[test]
fn names_are_text_and_differences_are_told() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut running = Running::start(&network, &place)?;
    let mut browser = within(&network)?;
    browser.open(&page())?;
    browser.until("document.body.dataset.link === 'live'")?;
    network.tap.write(&request(1, &wps()))?;
    browser.until("document.querySelectorAll('#rows tr').length === 1")?;
    let shown = column(&mut browser, "network")?;
    ensure!(shown == ["\\u{202e}</b><img src=x onerror=a()>\\u{a}"], "{shown:?}");
    let history = place.files().join("clients/00-1b-77-09-00-01/history.jsonl");
    running.until("its files are written", || Ok(history.exists()))?;
    browser.click("#rows .open")?;
    browser.until("document.querySelector('#detail-body').innerText.includes('WPS')")?;
    let profile = browser.text("#detail-body")?;
    ensure!(profile.contains("</script><script>"), "{profile}");
    let unseen =
        |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200f}' | '\u{1b}');
    ensure!(!profile.contains(unseen), "{profile:?}");
    // It says more than before: the open profile is read anew, what changed stands before what is.
    thread::sleep(Duration::from_millis(1500));
    network
        .tap
        .write(&request(1, &[element(54, &[1, 2, 0]), wps()].concat()))?;
    browser.until("document.querySelector('#detail-body .changes')?.innerText.includes('802.11r')")?;
    let changes = browser.text("#detail-body .changes")?;
    ensure!(changes.contains("not reported") && changes.contains('1'), "{changes}");
    browser.picture("differences")?;
    ensure!(browser.value("document.images.length")? == 1 && browser.value("document.scripts.length")? == 2);
    ensure!(browser.text("title")?.is_empty() || browser.value("document.title")? == "airlens");
    browser.press("Escape")?;

    // More than are shown at once.
    for station in 2..=300 {
        network.tap.write(&request(station, &[]))?;
    }
    browser.until("document.querySelector('#count').innerText === '300'")?;
    ensure!(browser.value("document.querySelectorAll('#rows tr').length")? == 250);
    browser.click("#more")?;
    browser.until("document.querySelectorAll('#rows tr').length === 300")?;
    is_quiet(&browser, &page())?;
    running.stop()
}
