use std::{path::PathBuf, time::Duration};

use super::*;

#[test]
fn thresholds_and_names() {
    let options = AlertOptions {
        namespace: "joyfuljay".to_owned(),
        job: "it's \"mine\"".to_owned(),
        errors: 2.5,
        hold: Some(Duration::from_secs(7)),
        ..AlertOptions::default()
    };
    let rules = rules(&options);
    let of = |name| rules.iter().find(|rule| rule.name == name).unwrap();
    assert_eq!(
        of("HighErrorRate").expression,
        "sum by (job, instance) (rate(joyfuljay_errors_total{job=\"it's \\\"mine\\\"\"}[5m])) > 2.5"
    );
    assert!(rules.iter().all(|rule| rule.hold == Duration::from_secs(7)));
    let text = rules_yaml(&options);
    assert!(!text.contains("airlens_"), "{text}");
    // The document is in single quotes; Prometheus's templates are as they were.
    assert!(
        text.contains("rate(joyfuljay_errors_total{job=\"it''s \\\"mine\\\"\"}[5m])) > 2.5'\n"),
        "{text}"
    );
    assert!(
        text.contains("for: 7s") && text.contains("down on {{ $labels.instance }}"),
        "{text}"
    );
}

#[test]
fn only_the_receivers_that_were_asked_for() {
    let mut asked = Receivers {
        slack: None,
        pagerduty: None,
        email: None,
        webhook: Some("http://127.0.0.1:9/".to_owned()),
        group_wait: Duration::from_secs(1),
    };
    let text = receivers(&asked);
    assert!(
        text.contains("webhook_configs") && text.contains("group_wait: 1s"),
        "{text}"
    );
    assert!(!text.contains("slack") && !text.contains("on-call"), "{text}");
    asked.pagerduty = Some(PathBuf::from("/etc/key"));
    let text = receivers(&asked);
    assert!(
        text.contains("routing_key_file: '/etc/key'") && text.contains("receiver: on-call"),
        "{text}"
    );
}
