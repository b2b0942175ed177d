//! airlens's `/metrics`, as far as the checks need the Prometheus text format.
use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};

/// One sample.
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: u64,
}

/// Samples with whole numbers; the others are left out.
pub(super) struct Metrics(Vec<Sample>);

/// Reads lines `name{label="value",…} number`.
pub(super) fn parse(text: &str) -> Result<Metrics> {
    let mut samples = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        let (series, value) = line.rsplit_once(' ').with_context(|| format!("not a sample: {line}"))?;
        let Ok(value) = value.parse() else { continue };
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels
            .trim_end_matches('}')
            .split("\",")
            .filter_map(|label| label.split_once("=\""))
            .map(|(key, value)| (key.to_owned(), value.trim_end_matches('"').to_owned()))
            .collect();
        samples.push(Sample {
            name: name.to_owned(),
            labels,
            value,
        });
    }
    Ok(Metrics(samples))
}

impl Metrics {
    /// Frames on an interface by the names of type and subtype; zeros are left out.
    pub(super) fn frames(&self, interface: &str) -> Result<BTreeMap<(String, String), u64>> {
        let label = |sample: &Sample, name: &str| sample.labels.get(name).cloned().unwrap_or_default();
        Ok(self
            .series("airlens_frames_total")?
            .filter(|sample| label(sample, "interface") == interface && sample.value > 0)
            .map(|sample| ((label(sample, "type"), label(sample, "subtype")), sample.value))
            .collect())
    }

    /// All frames that reached the programs.
    pub(super) fn seen(&self) -> Result<u64> {
        Ok(self
            .series("airlens_capture_seen_total")?
            .map(|sample| sample.value)
            .sum())
    }

    /// Frames with this result: `handed_over`, `filtered` or `lost`, all causes together.
    pub(super) fn result(&self, result: &str) -> Result<u64> {
        let with = |sample: &&Sample| sample.labels.get("result").is_some_and(|label| label == result);
        let mut found = self.series("airlens_capture_frames_total")?.filter(with).peekable();
        found
            .peek()
            .with_context(|| format!("no airlens_capture_frames_total with the result {result}"))?;
        Ok(found.map(|sample| sample.value).sum())
    }

    /// `seen = handed over + filtered + lost`.
    pub(super) fn balance(&self) -> Result<()> {
        let seen = self.seen()?;
        let [handed_over, filtered, lost] = [
            self.result("handed_over")?,
            self.result("filtered")?,
            self.result("lost")?,
        ];
        ensure!(handed_over > 0, "nothing handed over of {seen}");
        ensure!(
            seen == handed_over + filtered + lost,
            "{seen} ≠ {handed_over} + {filtered} + {lost}"
        );
        Ok(())
    }

    fn series(&self, name: &str) -> Result<impl Iterator<Item = &Sample>> {
        let mut found = self.0.iter().filter(move |sample| sample.name == name).peekable();
        found.peek().with_context(|| format!("no metric {name}"))?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_summed_and_compared() {
        let text = "# HELP airlens_frames_total x\n\
            airlens_frames_total{interface=\"mon0\",type=\"data\",subtype=\"null\"} 3\n\
            airlens_frames_total{interface=\"mon0\",type=\"data\",subtype=\"data\"} 0\n\
            airlens_frames_total{interface=\"mon1\",type=\"data\",subtype=\"null\"} 9\n\
            airlens_capture_seen_total 7\n\
            airlens_capture_frames_total{result=\"handed_over\",cause=\"\"} 4\n\
            airlens_capture_frames_total{result=\"filtered\",cause=\"a\"} 1\n\
            airlens_capture_frames_total{result=\"filtered\",cause=\"b\"} 2\n\
            airlens_capture_frames_total{result=\"lost\",cause=\"a\"} 0\nother 0.5\n";
        let metrics = parse(text).unwrap();
        let kind = ("data".to_owned(), "null".to_owned());
        assert_eq!(metrics.frames("mon0").unwrap(), BTreeMap::from([(kind, 3)]));
        assert_eq!((metrics.seen().unwrap(), metrics.result("filtered").unwrap()), (7, 3));
        metrics.balance().unwrap();
        assert!(metrics.result("absent").is_err());
        let short = text.replace("seen_total 7", "seen_total 8");
        assert!(parse(&short).unwrap().balance().is_err());
    }
}
