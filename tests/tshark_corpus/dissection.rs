//! tshark's reading of a capture file, field by field.

use std::{collections::HashMap, path::Path};

use airlens_tests::support::tshark;
use anyhow::Result;

/// Association and reassociation requests.
const FILTER: &str = "wlan.fc.type_subtype==0||wlan.fc.type_subtype==2";

/// What tshark says about one request.
pub(crate) struct Dissection(HashMap<&'static str, String>);

impl Dissection {
    /// All values of a field.
    pub(crate) fn all(&self, field: &str) -> Vec<&str> {
        let values = self.0.get(field).map_or("", String::as_str);
        values.split('|').filter(|value| !value.is_empty()).collect()
    }

    /// The first.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.all(field).first().copied()
    }

    /// The first, as a number.
    pub(crate) fn number(&self, field: &str) -> Option<i64> {
        self.text(field).and_then(number)
    }

    pub(crate) fn numbers(&self, field: &str) -> Vec<i64> {
        self.all(field).into_iter().filter_map(number).collect()
    }

    /// −1 where tshark has no value.
    pub(crate) fn report(&self, field: &str) -> i64 {
        self.number(field).unwrap_or(-1)
    }

    /// Element ids in order, `255/35` with an extension.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut extensions = self.all("wlan.ext_tag.number").into_iter();
        let id = |id: &str| match id {
            "255" => format!("255/{}", extensions.next().unwrap_or_default()),
            id => id.to_owned(),
        };
        self.all("wlan.tag.number").into_iter().map(id).collect()
    }

    /// tshark gave up within the frame.
    pub(crate) fn is_malformed(&self) -> bool {
        !self.all("_ws.malformed").is_empty()
    }
}

fn number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Has tshark read a file's requests, every occurrence of these fields.
pub(crate) fn dissect(file: &Path, fields: &[&'static str]) -> Result<Vec<Dissection>> {
    let dissection = |values: Vec<String>| Dissection(fields.iter().copied().zip(values).collect());
    let packets = tshark::fields(file, FILTER, fields)?;
    Ok(packets.into_iter().map(dissection).collect())
}
