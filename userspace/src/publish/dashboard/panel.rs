//! A panel: what it shows, and how wide it is.

use serde_json::{Value, json};

/// A panel of a dashboard.
#[derive(Clone, Debug)]
pub struct Panel {
    kind: Kind,
    title: String,
    description: Option<String>,
    unit: Option<&'static str>,
    pub(super) width: u8,
    pub(super) expressions: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Stat,
    Graph,
    Pie,
}

impl Panel {
    fn new(kind: Kind, title: &str, width: u8) -> Self {
        Self {
            kind,
            title: title.to_owned(),
            description: None,
            unit: None,
            width,
            expressions: Vec::new(),
        }
    }

    /// A number, a sixth of the dashboard wide.
    #[must_use]
    pub fn stat(title: &str, expression: &str) -> Self {
        Self::new(Kind::Stat, title, 4).expression(expression, "")
    }

    /// Lines over time, half of the dashboard wide; give it one or several expressions.
    #[must_use]
    pub fn graph(title: &str) -> Self {
        Self::new(Kind::Graph, title, 12)
    }

    /// Shares of a whole, half of the dashboard wide; give it one or several expressions.
    #[must_use]
    pub fn pie(title: &str) -> Self {
        Self::new(Kind::Pie, title, 12)
    }

    /// Adds an expression in PromQL; `legend` names its series: text with `{{label}}` in it, empty for all labels.
    #[must_use]
    pub fn expression(mut self, expression: &str, legend: &str) -> Self {
        self.expressions.push((expression.to_owned(), legend.to_owned()));
        self
    }

    /// The unit by Grafana's name: `pps`, `Bps`, `bytes`, `s`, `percentunit` …
    #[must_use]
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    /// The width of 24 columns, 1 to 24.
    #[must_use]
    pub fn width(mut self, columns: u8) -> Self {
        self.width = columns.clamp(1, 24);
        self
    }

    /// What a reader should know, behind the panel's `i`.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    /// Height in rows of the grid.
    pub(super) fn height(&self) -> u32 {
        match self.kind {
            Kind::Stat => 4,
            Kind::Graph | Kind::Pie => 8,
        }
    }

    pub(super) fn json(&self, id: usize, (x, y): (u32, u32), datasource: &Value) -> Value {
        let target = |(number, (expression, legend)): (usize, &(String, String))| {
            json!({
                "refId": reference(number),
                "datasource": datasource,
                "expr": expression,
                "legendFormat": if legend.is_empty() { "__auto" } else { legend },
                "range": !matches!(self.kind, Kind::Pie),
                "instant": matches!(self.kind, Kind::Pie),
            })
        };
        let targets: Vec<_> = self.expressions.iter().enumerate().map(target).collect();
        let mut panel = json!({
            "id": id,
            "type": match self.kind {
                Kind::Stat => "stat",
                Kind::Graph => "timeseries",
                Kind::Pie => "piechart",
            },
            "title": self.title,
            "datasource": datasource,
            "gridPos": { "x": x, "y": y, "w": self.width, "h": self.height() },
            "fieldConfig": { "defaults": self.defaults(), "overrides": [] },
            "options": self.options(),
            "targets": targets,
        });
        if let (Some(text), Some(panel)) = (&self.description, panel.as_object_mut()) {
            panel.insert("description".to_owned(), json!(text));
        }
        panel
    }

    fn defaults(&self) -> Value {
        let unit = self.unit.unwrap_or("short");
        match self.kind {
            Kind::Stat | Kind::Pie => json!({ "unit": unit }),
            Kind::Graph => json!({
                "unit": unit,
                "min": 0,
                "custom": { "drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never" },
            }),
        }
    }

    fn options(&self) -> Value {
        let reduce = json!({ "calcs": ["lastNotNull"], "fields": "", "values": false });
        let tooltip = json!({ "mode": "multi", "sort": "desc" });
        match self.kind {
            Kind::Stat => json!({
                "reduceOptions": reduce,
                "colorMode": "value",
                "graphMode": "area",
                "justifyMode": "auto",
                "textMode": "auto",
                "orientation": "auto",
            }),
            Kind::Graph => json!({
                "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] },
                "tooltip": tooltip,
            }),
            Kind::Pie => json!({
                "reduceOptions": reduce,
                "pieType": "donut",
                "legend": {
                    "displayMode": "table",
                    "placement": "right",
                    "showLegend": true,
                    "calcs": [],
                    "values": ["value", "percent"],
                },
                "tooltip": tooltip,
            }),
        }
    }
}

/// `A` to `Z`, then `AA` and so on.
fn reference(number: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    match number / 26 {
        0 => letter.to_string(),
        before => reference(before - 1) + &letter.to_string(),
    }
}
