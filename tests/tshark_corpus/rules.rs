//! `differences.toml`: why airlens and tshark may differ, each rule with a condition that is checked.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::{conditions, dissection::Dissection, request::Request, rows::Difference};

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) rule: Vec<Rule>,
    pub(crate) not_comparable: Vec<NotComparable>,
}

/// Why a field may differ.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) id: String,
    /// Of these elements; of any where there are none.
    #[serde(default)]
    elements: Vec<String>,
    /// In these fields; in any where there are none.
    #[serde(default)]
    fields: Vec<String>,
    /// A condition of [`conditions::holds`].
    when: String,
    /// The condition in words, and why it makes a difference.
    why: String,
    /// Who is right: `airlens`, `tshark`, or `both` where it is a matter of presentation.
    right: String,
    /// Of the standard.
    clause: String,
}

/// An element that airlens reads and tshark doesn't.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotComparable {
    pub(crate) element: String,
    why: String,
}

impl Table {
    pub(crate) fn read() -> Result<Self> {
        let table: Self = toml::from_str(include_str!("differences.toml"))?;
        for rule in &table.rule {
            let said = [&rule.why, &rule.clause].into_iter().all(|text| !text.is_empty());
            ensure!(said, "rule {}: it says no reason or no clause", rule.id);
            let known = ["airlens", "tshark", "both"].contains(&&rule.right[..]);
            ensure!(known, "rule {}: {} is right?", rule.id, rule.right);
            conditions::find(&rule.when).with_context(|| format!("rule {}", rule.id))?;
        }
        for exception in &table.not_comparable {
            ensure!(
                !exception.why.is_empty(),
                "element {}: it says no reason",
                exception.element
            );
        }
        Ok(table)
    }
}

/// How often each rule explained a difference.
#[derive(Default)]
pub(crate) struct Uses(pub(crate) BTreeMap<String, usize>);

impl Uses {
    /// Whether a rule explains the difference; the first that does is counted.
    pub(crate) fn explain(
        &mut self,
        table: &Table,
        ours: &Request,
        theirs: &Dissection,
        difference: &Difference,
    ) -> Result<bool> {
        for rule in &table.rule {
            let named = |list: &[String], name: &str| list.is_empty() || list.iter().any(|listed| listed == name);
            if named(&rule.elements, difference.element)
                && named(&rule.fields, difference.field)
                && conditions::find(&rule.when)?(ours, theirs, difference)
            {
                *self.0.entry(rule.id.clone()).or_default() += 1;
                return Ok(true);
            }
        }
        Ok(false)
    }
}
