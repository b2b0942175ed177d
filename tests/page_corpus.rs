//! The page of every client in others' captures, and that of a Wi-Fi 7 phone.

use std::path::Path;

use airlens::{
    capture::Reader,
    dot11::link::LinkType,
    profile::{Capture, Clients, Limits, Origin, PageStyle, Profile, client_page},
};
use airlens_tests::support::corpus;
use anyhow::{Context as _, Result, ensure};
use unicode_width::UnicodeWidthStr as _;

fn profiles(path: &Path) -> Result<Vec<Profile>> {
    let mut reader = Reader::new(std::fs::File::open(path)?)?;
    let mut profiles = Vec::new();
    while let Ok(Some(packet)) = reader.next_packet() {
        let link_type = LinkType::from_number(packet.link_type)?;
        let capture = Capture {
            time: packet.time,
            original_length: Some(packet.original_length),
            ..Capture::default()
        };
        profiles.extend(Profile::from_packet(link_type, packet.octets, capture)?);
    }
    Ok(profiles)
}

/// The pages of the clients that these requests make.
fn pages(profiles: &[Profile], style: PageStyle) -> Vec<String> {
    let mut clients = Clients::new(Limits::default());
    for (frame, profile) in (1..).zip(profiles) {
        clients.add(Origin { input: 0, frame }, profile);
    }
    let file = |_| "x.pcap".to_owned();
    let page = |client| client_page(client, &file, &[], &[], style);
    clients.all().iter().map(page).collect()
}

#[test]
fn every_request_of_the_corpus_has_a_page_of_80_columns() -> Result<()> {
    let Some(folder) = corpus::folder() else {
        println!("../shared/corpus is not there: the pages of its captures are not looked at");
        return Ok(());
    };
    let mut count = 0;
    let ascii = PageStyle {
        ascii: true,
        ..PageStyle::default()
    };
    for path in corpus::captures(&folder)?
        .iter()
        .filter(|path| !path.to_string_lossy().contains("output"))
    {
        let profiles = profiles(path)?;
        for profile in &profiles {
            count += 1;
            for style in [PageStyle::default(), ascii] {
                let [page] = &pages(std::slice::from_ref(profile), style)[..] else {
                    anyhow::bail!("one request is one client");
                };
                for line in page.lines() {
                    ensure!(
                        line.width() <= 80 && !line.contains(char::is_control),
                        "{}: {line:?}",
                        path.display()
                    );
                }
                ensure!(
                    page.contains(&profile.mac.to_string()) && page.contains("SECURITY"),
                    "{page}"
                );
                ensure!(!style.ascii || page.is_ascii(), "{page}");
            }
        }
        for page in pages(&profiles, PageStyle::default()) {
            ensure!(page.lines().all(|line| line.width() <= 80), "{}", path.display());
        }
    }
    // The files of `wlanpi` hold one each, but for one.
    ensure!(count >= 1189, "{count}");
    Ok(())
}

/// Its lines with single spaces.
fn lines(page: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    page.lines().map(words).collect()
}

#[test]
fn one_plus_11() -> Result<()> {
    let Some(folder) = corpus::folder() else {
        println!("../shared/corpus is not there: the page of a Wi-Fi 7 phone is not looked at");
        return Ok(());
    };
    let profiles = profiles(&folder.join("wlanpi/OnePlus11_Android15.pcapng"))?;
    let pages = pages(&profiles, PageStyle::default());
    let lines = lines(pages.first().context("no page")?);
    for expected in [
        "Wi-Fi 7 · 2 streams · 5 + 6 GHz MLO · 320 MHz · 5,765 Mb/s · 8,647 on 2 links",
        "FT-SAE-GDH (WPA3-Personal) · GCMP-256 · PMF capable",
        "5 GHz asked 36 30:bb:7d:4e:c1:2b 160 MHz 2 13 2,882",
        "6 GHz 0 ? 30:bb:7d:4d:c1:2b 320 MHz 2 13 5,765",
        "MLD address 26:aa:64:6a:cc:7f locally administered",
        "Links at once 2: 8,647 Mb/s together at the same time (STR or NSTR)",
        "TID-to-link mapping ✓ all TIDs on one set of links",
        "PHY 5 GHz 6 GHz",
        "802.11be EHT, Wi-Fi 7 ✓ ✓",
        "streams × MCS at 320 MHz · 2 × 13",
        "320 MHz in 6 GHz ✗ ✓",
        "802.11ac VHT, Wi-Fi 5 ✓ ✗",
        "802.11n HT, Wi-Fi 4 ✓ ✗",
        "TWT ✓ ✓ scheduled sleep",
        "SAE hash-to-element ✓ a must in 6 GHz",
        "802.11v ✗ takes the AP's advice where to roam (BTM)",
        "Transmit power 8 to 20 dBm",
        "Channels 36–64, 100–140, 149–165; 24 in all",
    ] {
        ensure!(lines.iter().any(|line| line == expected), "{expected}\n{}", pages[0]);
    }
    Ok(())
}

/// Two captures of one computer, on two bands, make one page with a column for each.
#[test]
fn one_computer_on_two_bands() -> Result<()> {
    let Some(folder) = corpus::folder() else {
        println!("../shared/corpus is not there: a client of two bands is not looked at");
        return Ok(());
    };
    let mut requests = Vec::new();
    for band in ["5.8", "6.0"] {
        let name = format!("wlanpi/IntelAX210_Windows10_10-3d-1c-00-00-00_{band}GHz-anonymized.pcap");
        requests.extend(profiles(&folder.join(name))?);
    }
    let pages = pages(&requests, PageStyle::default());
    assert_eq!(pages.len(), 1);
    let lines = lines(&pages[0]);
    for expected in [
        "Wi-Fi 6 · 2 streams · 5 + 6 GHz · 160 MHz · 2,402 Mb/s",
        "SAE (WPA3-Personal) · CCMP-128 · PMF required",
        "802.11ax HE, Wi-Fi 6 ✓ ✓",
        "802.11ac VHT, Wi-Fi 5 ✓ ✗",
    ] {
        ensure!(lines.iter().any(|line| line == expected), "{expected}\n{}", pages[0]);
    }
    Ok(())
}
