//! Lines of wlanpi-profiler's report, `reports/profiler-YYYY-MM-DD.csv`.
//!
//! Its writer is Python's `csv` in the dialect `excel`: lines end in CR LF, and a field is quoted where it must be. After the
//! capabilities there is a column without a name whose value is always 0.

use std::iter;

use serde_json::Value;

use crate::{
    csv::line,
    profile::{Features, Profile},
};

/// The line of column names.
pub fn csv_header() -> String {
    let features = features(&Features::default());
    let keys = features.iter().map(|(key, _)| key.as_str());
    line(
        ["Client_Mac", "OUI_Manuf"]
            .into_iter()
            .chain(keys)
            .chain(iter::once("")),
    )
}

/// The line of one request.
pub fn csv_row(profile: &Profile) -> String {
    let values: Vec<_> = features(&profile.features)
        .into_iter()
        .map(|(_, value)| text(value))
        .collect();
    let mac = profile.mac.dashed();
    let first = [mac.as_str(), profile.manuf.as_deref().unwrap_or_default()];
    line(
        first
            .into_iter()
            .chain(values.iter().map(String::as_str))
            .chain(iter::once("0")),
    )
}

fn features(features: &Features) -> Vec<(String, Value)> {
    match serde_json::to_value(features) {
        Ok(Value::Object(features)) => features.into_iter().collect(),
        // A struct is an object, and its values are nothing that JSON can't say.
        _ => Vec::new(),
    }
}

/// As Python's `str` has it: lists with a space after each comma.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Array(values) => {
            let values: Vec<_> = values.into_iter().map(text).collect();
            format!("[{}]", values.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    #[test]
    fn as_many_fields_as_names() {
        let header = csv_header();
        assert!(header.starts_with("Client_Mac,OUI_Manuf,dot11k,"), "{header}");
        assert!(
            header.ends_with(",max_power,min_power,supported_channels,\r\n"),
            "{header}"
        );
        let row = csv_row(&profile(&[0, 1, b'a', 36, 2, 36, 1]));
        assert!(row.starts_with("02-00-00-00-00-02,,-1,"), "{row}");
        assert!(row.ends_with(",0,0,[36],0\r\n"), "{row}");
        assert_eq!(row.matches(',').count(), header.matches(',').count());
        let row = csv_row(&profile(&[36, 2, 36, 2]));
        assert!(row.ends_with(",\"[36, 40]\",0\r\n"), "{row}");
    }
}
