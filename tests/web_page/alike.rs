//! Clients of one kind of device, one with a random address.

use anyhow::{Result, ensure};

use airlens::dot11::{Address, element::ElementId};
use airlens_tests::support::{
    browser::axe,
    request::association,
    run::{Network, Place, Running},
};

use super::{is_quiet, page, violations, within};

/// HT Capabilities and a vendor's element: what a kind is made of.
fn request(client: Address, sequence: u8, streams: u8) -> Vec<u8> {
    association(client, sequence, (5180, Some(-50)), b"<i>home</i>", |elements| {
        let (mut ht, rates) = ([0; 26], [0x8c, 0x12, 0x98, 0x24]);
        ht[3..3 + usize::from(streams)].fill(0xff);
        elements
            .raw(ElementId::SUPPORTED_RATES, &rates)
            .raw(ElementId::HT_CAPABILITIES, &ht);
    })
}

#[test]
fn others_of_a_kind_are_told_and_opened() -> Result<()> {
    let (global, random, other) = (
        Address([0, 0x1b, 0x77, 9, 0, 1]),
        Address([2, 0, 0, 0, 0, 2]),
        Address([2, 0, 0, 0, 0, 3]),
    );
    let (network, place) = (Network::new()?, Place::new()?);
    let mut running = Running::start(&network, &place)?;
    let mut browser = within(&network)?;
    for (sequence, (client, streams)) in [(global, 2), (random, 2), (other, 1)].into_iter().enumerate() {
        network.tap.write(&request(client, sequence as u8, streams))?;
        let name = client.to_string().replace(':', "-");
        let history = place.files().join(format!("clients/{name}/history.jsonl"));
        running.until("its files are written", || Ok(history.exists()))?;
    }
    browser.open(&page())?;
    browser.until("document.querySelectorAll('#rows tr').length === 3")?;
    let kin = "document.querySelector('#detail-body .kin')";
    // One that is not of their kind has no such section.
    browser.click(&format!("#rows tr[data-id='{other}'] .open"))?;
    browser.until("document.querySelector('#detail-body').innerText.includes('IDENTITY')")?;
    ensure!(browser.value(&format!("{kin} === null"))? == true);
    // From one to the other and back, by the mouse and by the keyboard.
    browser.click(&format!("#rows tr[data-id='{global}'] .open"))?;
    browser.until(&format!("{kin}?.innerText.includes('{random}')"))?;
    let told = browser.text("#detail-body .kin")?;
    ensure!(told == format!("{random} · “<i>home</i>”"), "{told}");
    browser.value(&format!("{}; true", axe()?))?;
    violations(&mut browser, "others of a kind")?;
    browser.click("#detail-body .kin .open")?;
    let shows = |client| format!("document.querySelector('#detail-name').innerText === '{client}' && {kin} !== null");
    browser.until(&shows(random))?;
    ensure!(browser.value("document.activeElement.id")? == "detail-name");
    browser.value(&format!("{kin}.querySelector('button').focus()"))?;
    browser.press("Enter")?;
    browser.until(&shows(global))?;
    browser.press("Escape")?;
    browser.until("document.querySelector('#detail').hidden")?;
    let focused = browser.value("document.activeElement.innerText")?;
    ensure!(focused == global.to_string(), "{focused}");
    running.stop()?;
    is_quiet(&browser, page().trim_end_matches('/'))
}
