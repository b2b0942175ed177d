//! A dashboard of rows and panels.

use std::{fs, io, path::Path};

use serde_json::{Value, json};

use super::Panel;

/// Columns of Grafana's grid.
const COLUMNS: u32 = 24;

/// The schema of Grafana 10.4 and newer, which migrate older ones.
const SCHEMA_VERSION: u32 = 39;

/// Puts a dashboard together, from the upper left to the lower right.
///
/// ```
/// use airlens::publish::dashboard::{DashboardBuilder, Panel};
///
/// let dashboard = DashboardBuilder::new("My custom dashboard", "my-dashboard")
///     .row("Overview")
///     .panel(Panel::stat("Total packets", "sum(airlens_packets_total)"))
///     .panel(Panel::stat("Total errors", "sum(airlens_errors_total)").width(6))
///     .row("Throughput")
///     .panel(
///         Panel::graph("Packet rate")
///             .expression("rate(airlens_packets_total[1m])", "{{interface}} {{direction}}")
///             .unit("pps"),
///     )
///     .build();
/// assert_eq!(dashboard.json()["panels"].as_array().unwrap().len(), 5);
/// assert_eq!(dashboard.expressions().count(), 3);
/// dashboard.export(&std::env::temp_dir().join("my-dashboard.json"))?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DashboardBuilder {
    title: String,
    uid: String,
    tags: Vec<String>,
    datasource: Option<String>,
    jobs: Option<String>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Row(String),
    Panel(Panel),
}

impl DashboardBuilder {
    /// An empty dashboard. `uid` is its address in Grafana: what is imported by the same one replaces it.
    #[must_use]
    pub fn new(title: &str, uid: &str) -> Self {
        Self {
            title: title.to_owned(),
            uid: uid.to_owned(),
            tags: Vec::new(),
            datasource: None,
            jobs: None,
            parts: Vec::new(),
        }
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.to_owned());
        self
    }

    /// The data source that the variable `datasource` starts with; without it, Grafana's default.
    #[must_use]
    pub fn datasource(mut self, uid: &str) -> Self {
        self.datasource = Some(uid.to_owned());
        self
    }

    /// Adds a variable `job` with the values of that label of `metric`; expressions select by `{job=~"$job"}`.
    #[must_use]
    pub fn job_variable(mut self, metric: &str) -> Self {
        self.jobs = Some(metric.to_owned());
        self
    }

    /// Begins a row.
    #[must_use]
    pub fn row(mut self, title: &str) -> Self {
        self.parts.push(Part::Row(title.to_owned()));
        self
    }

    /// Adds a panel, beside the one before it where there is room.
    #[must_use]
    pub fn panel(mut self, panel: Panel) -> Self {
        self.parts.push(Part::Panel(panel));
        self
    }

    /// The dashboard.
    #[must_use]
    pub fn build(&self) -> Dashboard {
        let datasource = json!({ "type": "prometheus", "uid": "${datasource}" });
        let (mut x, mut y, mut height) = (0, 0, 0);
        let mut panels = Vec::new();
        for (id, part) in (1..).zip(&self.parts) {
            let width = match part {
                Part::Row(_) => COLUMNS,
                Part::Panel(panel) => panel.width.into(),
            };
            if x + width > COLUMNS {
                (x, y, height) = (0, y + height, 0);
            }
            match part {
                Part::Row(title) => {
                    panels.push(json!({
                        "id": id,
                        "type": "row",
                        "title": title,
                        "collapsed": false,
                        "gridPos": { "x": 0, "y": y, "w": COLUMNS, "h": 1 },
                        "panels": [],
                    }));
                    height = 1;
                }
                Part::Panel(panel) => {
                    panels.push(panel.json(id, (x, y), &datasource));
                    height = height.max(panel.height());
                }
            }
            x += width;
        }
        Dashboard(json!({
            "uid": self.uid,
            "title": self.title,
            "tags": self.tags,
            "editable": true,
            "graphTooltip": 1,
            "time": { "from": "now-1h", "to": "now" },
            "refresh": "10s",
            "timezone": "browser",
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "templating": { "list": self.variables(&datasource) },
            "annotations": { "list": [] },
            "links": [],
            "panels": panels,
        }))
    }

    fn variables(&self, datasource: &Value) -> Vec<Value> {
        let current = match &self.datasource {
            Some(uid) => json!({ "selected": true, "text": uid, "value": uid }),
            None => json!({ "selected": false, "text": "default", "value": "default" }),
        };
        let mut variables = vec![json!({
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "current": current,
            "hide": 0,
            "includeAll": false,
            "multi": false,
            "options": [],
            "refresh": 1,
            "regex": "",
            "skipUrlSync": false,
        })];
        if let Some(metric) = &self.jobs {
            let query = format!("label_values({metric}, job)");
            variables.push(json!({
                "name": "job",
                "label": "Job",
                "type": "query",
                "datasource": datasource,
                "query": { "query": query, "refId": "job" },
                "current": { "selected": true, "text": "All", "value": "$__all" },
                "allValue": ".+",
                "hide": 0,
                "includeAll": true,
                "multi": true,
                "options": [],
                "refresh": 2,
                "regex": "",
                "skipUrlSync": false,
                "sort": 1,
            }));
        }
        variables
    }
}

/// A dashboard, as Grafana imports it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard(Value);

impl Dashboard {
    /// The JSON document.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// The document as text, for people too.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}\n", self.0)
    }

    /// Every expression with the title of its panel.
    pub fn expressions(&self) -> impl Iterator<Item = (&str, &str)> {
        let panels = self.0["panels"].as_array().into_iter().flatten();
        panels.flat_map(|panel| {
            let title = panel["title"].as_str().unwrap_or_default();
            let targets = panel["targets"].as_array().into_iter().flatten();
            targets.filter_map(move |target| Some((title, target["expr"].as_str()?)))
        })
    }

    /// Writes it to a file.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn export(&self, path: &Path) -> io::Result<()> {
        fs::write(path, self.text())
    }
}
