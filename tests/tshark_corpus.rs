//! Profiles of real devices' requests, and of variants of them, against tshark's dissection of the same packets. The captures
//! lie in `../shared/corpus` beside the checkout.
//!
//! What both read is equal, or `tshark_corpus/differences.toml` has a rule that says why not.

#[path = "tshark_corpus/bits.rs"]
mod bits;
#[path = "tshark_corpus/cases.rs"]
mod cases;
#[path = "tshark_corpus/conditions.rs"]
mod conditions;
#[path = "tshark_corpus/dissection.rs"]
mod dissection;
#[path = "tshark_corpus/fields.rs"]
mod fields;
#[path = "tshark_corpus/radio.rs"]
mod radio;
#[path = "tshark_corpus/request.rs"]
mod request;
#[path = "tshark_corpus/rows.rs"]
mod rows;
#[path = "tshark_corpus/rules.rs"]
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use airlens_tests::support::{
    corpus,
    mutate::{Change, Numbers, READ},
};
use anyhow::{Result, ensure};

use cases::{Case, read};
use rows::Rows;
use rules::{Table, Uses};

/// Variants of each request.
const VARIANTS: usize = 5;

/// What came of comparing many requests.
#[derive(Default)]
struct Outcome {
    requests: usize,
    compared: usize,
    /// Values that differ and have a rule.
    explained: usize,
    /// Elements of which a value was compared.
    elements: BTreeSet<&'static str>,
    /// Element and field, how often, and the first.
    unexplained: BTreeMap<(&'static str, &'static str), (usize, String)>,
}

fn compare(cases: &[Case], table: &Table, uses: &mut Uses) -> Result<Outcome> {
    let named = [&fields::FIELDS[..], &radio::FIELDS].concat();
    let fields: Vec<_> = named.into_iter().chain(bits::fields()).collect();
    let mut outcome = Outcome::default();
    for (case, ours, theirs) in read(cases, &fields)? {
        let mut rows = Rows::default();
        fields::compare(&ours, &theirs, &mut rows);
        radio::compare(&ours, &theirs, &mut rows);
        bits::compare(&ours, &theirs, &mut rows);
        outcome.requests += 1;
        outcome.compared += rows.compared;
        outcome.elements.extend(&rows.elements);
        for difference in &rows.differences {
            if uses.explain(table, &ours, &theirs, difference)? {
                outcome.explained += 1;
                continue;
            }
            let place = (difference.element, difference.field);
            let (count, _) = outcome.unexplained.entry(place).or_insert_with(|| {
                let (ours, theirs) = (&difference.ours, &difference.theirs);
                (0, format!("{}: {ours}, tshark {theirs}", case.name))
            });
            *count += 1;
        }
    }
    Ok(outcome)
}

/// Every request of the corpus, changed in several ways; the same ones each time.
fn variants(cases: &[Case]) -> Vec<Case> {
    let mut variants = Vec::new();
    for case in cases {
        for _ in 0..VARIANTS {
            let seed = variants.len();
            let change = Change::ALL[seed % Change::ALL.len()];
            variants.extend(case.changed(change, &mut Numbers::new(seed as u64)));
        }
    }
    variants
}

#[test]
fn tshark_reads_the_same() -> Result<()> {
    let Some(folder) = corpus::folder() else {
        eprintln!("skipped, ../shared/corpus is not there: 1,190 requests and variants of them decode as tshark's do");
        return Ok(());
    };
    let table = Table::read()?;
    let mut uses = Uses::default();
    let cases = Case::corpus(&folder)?;
    let real = compare(&cases, &table, &mut uses)?;
    let changed = compare(&variants(&cases), &table, &mut uses)?;
    let mut wrong = Vec::new();
    for (name, outcome) in [("corpus", &real), ("variants", &changed)] {
        println!(
            "{name}: {} requests, {} values compared, {} differ as rules say",
            outcome.requests, outcome.compared, outcome.explained
        );
        for ((element, field), (count, first)) in &outcome.unexplained {
            wrong.push(format!("{name}: element {element}, {field}, {count} times: {first}"));
        }
    }
    ensure!(wrong.is_empty(), "no rule explains\n{}", wrong.join("\n"));
    for rule in &table.rule {
        let used = uses.0.get(&rule.id).copied().unwrap_or_default();
        println!("  {}: {used}", rule.id);
        ensure!(
            used > 0,
            "rule {} explains nothing: there is no such difference any more",
            rule.id
        );
    }
    for id in READ {
        let id = id.iter().map(u8::to_string).collect::<Vec<_>>().join("/");
        let excepted = table.not_comparable.iter().any(|exception| exception.element == id);
        ensure!(
            real.elements.contains(&id[..]) != excepted,
            "element {id} is read by airlens: compare it, or say in differences.toml why it can't be compared"
        );
    }
    ensure!(
        real.requests == 1190 && changed.requests == 1190 * VARIANTS,
        "requests are missing"
    );
    Ok(())
}
