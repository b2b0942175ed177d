use std::collections::BTreeSet;

use super::*;

const SHIPPED: &str = include_str!("../../../../docs/dashboards/airlens-overview.json");

fn made(namespace: &str) -> Dashboard {
    overview(OverviewOptions {
        namespace,
        datasource: None,
    })
}

#[test]
fn the_shipped_file_is_the_dashboard() {
    let made = made("airlens").text();
    assert!(
        made == SHIPPED,
        "write it anew: airlens dashboard export -o docs/dashboards/airlens-overview.json"
    );
}

#[test]
fn panels_lie_beside_and_below_each_other() {
    let dashboard = made("airlens");
    let (mut cells, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard.json()["panels"].as_array().unwrap() {
        let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{panel}");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(cells.insert((x, y)), "two panels at {x}, {y}: {panel}");
            }
        }
        assert!(ids.insert(panel["id"].as_u64().unwrap()));
        let targets = panel["targets"].as_array();
        assert_eq!(
            targets.is_some_and(|targets| !targets.is_empty()),
            panel["type"] != "row"
        );
    }
}

#[test]
fn a_namespace_and_a_data_source() {
    let dashboard = overview(OverviewOptions {
        namespace: "joyfuljay",
        datasource: Some("my-prometheus"),
    });
    assert!(!dashboard.text().contains("airlens_"));
    let variables = &dashboard.json()["templating"]["list"];
    assert_eq!(variables[0]["current"]["value"], "my-prometheus");
    assert_eq!(
        variables[1]["query"]["query"],
        "label_values(joyfuljay_active_flows, job)"
    );
    for (title, expression) in dashboard.expressions() {
        assert!(
            expression.contains("job=~\"$job\"") && !expression.contains("JOB"),
            "{title}: {expression}"
        );
    }
}

#[test]
fn many_expressions() {
    let panel = (0..30).fold(Panel::graph("many"), |panel, _| panel.expression("1", ""));
    let dashboard = DashboardBuilder::new("many", "many").panel(panel).build();
    let targets = &dashboard.json()["panels"][0]["targets"];
    let names = [0, 25, 26, 29].map(|number: usize| targets[number]["refId"].clone());
    assert_eq!(names, ["A", "Z", "AA", "AD"]);
}
