//! A profile that is open while its client is profiled again.

use std::{thread, time::Duration};

use anyhow::{Context as _, Result, ensure};

use airlens::dot11::{Address, element::ElementId};
use airlens_tests::support::{
    request::association,
    run::{Network, Place, Running},
};

use super::{is_quiet, opened, page, within};

/// HT Capabilities, and with `more` that it can roam fast (Mobility Domain, 9.4.2.46) and has another stream.
fn request(client: Address, sequence: u8, more: bool) -> Vec<u8> {
    association(client, sequence, (5180, Some(-50)), b"office", |elements| {
        let (mut ht, rates) = ([0; 26], [0x8c, 0x12, 0x98, 0x24]);
        ht[3..4 + usize::from(more)].fill(0xff);
        elements
            .raw(ElementId::SUPPORTED_RATES, &rates)
            .raw(ElementId::HT_CAPABILITIES, &ht);
        if more {
            elements.raw(ElementId::MOBILITY_DOMAIN, &[1, 2, 0]);
        }
    })
}

#[test]
fn what_a_reader_holds_stays() -> Result<()> {
    let client = Address([0, 0x1b, 0x77, 9, 0, 1]);
    let (network, place) = (Network::new()?, Place::new()?);
    let mut running = Running::start(&network, &place)?;
    let mut browser = within(&network)?;
    // A phone's width, where tables are wider than the panel.
    browser.size(390, 600, true)?;
    network.tap.write(&request(client, 0, false))?;
    let files = place.files().join("clients/00-1b-77-09-00-01");
    running.until("its files are written", || Ok(files.join("history.jsonl").exists()))?;
    browser.open(&page())?;
    browser.until("document.querySelectorAll('#rows tr').length === 1")?;
    browser.click("#rows .open")?;
    browser.until("document.querySelector('#detail-body').innerText.includes('its first profile there')")?;
    browser.value(
        "window.body = document.querySelector('#detail-body'); \
         window.table = [...body.querySelectorAll('.scroll')].find((one) => one.scrollWidth > one.clientWidth); \
         table.focus(); table.scrollLeft = 25; \
         window.dd = [...body.querySelectorAll('dd')].find((one) => one.innerText.includes('Intel')); \
         getSelection().selectAllChildren(dd); dd.scrollIntoView(); \
         window.past = body.querySelector('.history p'); 0",
    )?;
    let held = "JSON.stringify([getSelection().toString(), dd.isConnected && getSelection().containsNode(dd.firstChild, true), \
                document.activeElement === table, table.scrollLeft, past.isConnected, ((top) => 0 < top && top < innerHeight)(dd.getBoundingClientRect().top)])";
    let before = browser.value(held)?;
    let words = before.as_str().context("no text")?;
    ensure!(
        words.ends_with(",true,true,25,true,true]") && !words.starts_with("[\"\""),
        "{words}"
    );
    thread::sleep(Duration::from_millis(1500));
    network.tap.write(&request(client, 1, true))?;
    browser.until("body.querySelector('.changes')?.innerText.includes('802.11r')")?;
    let after = browser.value(held)?;
    ensure!(before == after, "{before} {after}");
    // And it says what one reads who opens it now.
    let patched = browser.value("body.innerHTML")?;
    browser.click("#close")?;
    browser.click("#rows .open")?;
    browser.until("body.querySelector('.changes') && !body.contains(dd)")?;
    let anew = browser.value("body.innerHTML")?;
    ensure!(patched == anew, "{patched}\n{anew}");
    running.stop()?;
    is_quiet(&browser, page().trim_end_matches('/'))
}

#[test]
fn anything_becomes_anything() -> Result<()> {
    let (demo, mut browser) = opened()?;
    let patched = "import('/text.js').then(({ el, patch }) => { \
        let seed = 1; \
        const any = (most) => (seed = (seed * 48271) % 2147483647) % most; \
        const kinds = ['p', 'dt', 'dd', 'h3']; \
        const tree = (depth) => { \
          const inner = [...Array(any(5))].map(() => (depth && any(3) ? tree(depth - 1) : `w${any(4)}`)); \
          return el(kinds[any(kinds.length)], any(2) ? { class: `c${any(3)}`, title: 't' } : {}, ...inner); \
        }; \
        let kept = 0; \
        for (let turn = 0; turn < 2000; turn += 1) { \
          const [shown, wanted] = [el('div', {}, tree(3), tree(3)), el('div', { id: 'x' }, tree(3), tree(3))]; \
          const [before, expected] = [new Set(shown.querySelectorAll('*')), wanted.cloneNode(true)]; \
          patch(shown, wanted); \
          if (!shown.isEqualNode(expected)) return `${turn}: ${shown.outerHTML} ${expected.outerHTML}`; \
          kept += [...shown.querySelectorAll('*')].filter((node) => before.has(node)).length; \
        } \
        return kept; \
      })";
    let kept = browser.value(patched)?;
    ensure!(kept.as_u64() > Some(500), "{kept}");
    is_quiet(&browser, &demo.address)
}
