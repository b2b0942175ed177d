//! Signatures: of real devices against those that wifi_taxonomy's own tool prints for the same captures, which lie in
//! `../shared/corpus` beside the checkout; and as `analyze` joins them.

use std::{fs, path::Path};

use airlens::{
    dot11::{
        Address,
        frame::{AssociationRequest, Management, ProbeRequest, RequestKind},
        link::LinkType,
    },
    profile::{Signature, signature_of},
};
use airlens_tests::support::{
    cli::{FIXTURE, Said, airlens},
    corpus::{self, LinkType as Expected},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// As the tool does it: a file's last probe request, whoever sent it, and its last association request.
fn last_two(path: &Path) -> Result<(Option<Address>, Signature)> {
    let (mut station, mut signature) = (None, Signature::default());
    for packet in corpus::packets(path, Expected::Radiotap)? {
        let link = LinkType::Radiotap.parse(&packet)?;
        let Ok(header) = Management::new(link.frame(&packet, packet.len())) else {
            continue;
        };
        if let Ok(request) = ProbeRequest::new(header) {
            station = Some(request.header.source());
            signature.probe = Some(signature_of(request.elements));
        }
        if let Ok(request) = AssociationRequest::new(header)
            && request.kind == RequestKind::Association
        {
            signature.assoc = signature_of(request.elements);
        }
    }
    Ok((station, signature))
}

#[test]
fn as_wifi_taxonomy_prints_them() -> Result<()> {
    let Some(corpus) = corpus::folder() else {
        eprintln!("skipped, ../shared/corpus is not there: 1,103 signatures equal wifi_taxonomy's");
        return Ok(());
    };
    let expected = fs::read_to_string(corpus.join("taxonomy/expected.tsv"))?;
    let mut equal = 0;
    for line in expected.lines().skip(1) {
        let [file, _, theirs] = line.split('\t').collect::<Vec<_>>()[..] else {
            anyhow::bail!("not three columns: {line}");
        };
        let (station, signature) = last_two(&corpus.join("taxonomy/pcaps").join(file))?;
        let station = station.with_context(|| format!("{file}: no probe request"))?;
        let ours = signature.joined().context("joined")?;
        assert_eq!(format!("{station} {ours}"), theirs, "{file}");
        equal += 1;
    }
    assert_eq!(equal, 1103);
    Ok(())
}

#[test]
fn analyze_joins_requests_of_the_same_address() -> Result<()> {
    let said = Said::by(airlens(["analyze", "--jsonl"])?.arg(FIXTURE))?;
    let lines: Vec<Value> = said.out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let signature = |frame: u64| {
        let line = lines
            .iter()
            .find(|line| line["frame"] == frame)
            .context("no such frame")?;
        anyhow::Ok(&line["airlens"]["signature"])
    };
    // It probes with HT and asks without.
    assert_eq!(
        *signature(51)?,
        json!({
            "assoc": "0,1,50,48,127,59,221(0050f2,2),extcap:04004a0201404040000120",
            "joined": "wifi4|probe:0,1,50,3,45,127,255,255,255,221(0050f2,4),221(506f9a,9),114,221(506f9a,22),htcap:107e,htagg:1b,\
                       htmcs:0000ffff,extcap:04004a0201404040000120,wps:_|assoc:0,1,50,48,127,59,221(0050f2,2),\
                       extcap:04004a0201404040000120",
        })
    );
    // Its address was made for this network: it probed with another one.
    assert_eq!(signature(147)?["joined"], Value::Null);
    Ok(())
}
