//! Whom the Alertmanager tells.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use super::yaml::quoted;

/// Receivers. Secrets stay in files of their own, which the Alertmanager reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receivers {
    /// The file with Slack's webhook address, and the channel; warnings and what is critical.
    pub slack: Option<(PathBuf, String)>,
    /// The file with PagerDuty's routing key (Events API v2); what is critical.
    pub pagerduty: Option<PathBuf>,
    /// By mail; warnings and what is critical.
    pub email: Option<Email>,
    /// A webhook that takes the Alertmanager's JSON; warnings and what is critical.
    pub webhook: Option<String>,
    /// How long the first alert of a group waits for others.
    pub group_wait: Duration,
}

/// Mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// To whom.
    pub to: String,
    /// From whom.
    pub from: String,
    /// The server, with its port.
    pub smarthost: String,
    /// User and file of the password, where the server asks for them.
    pub login: Option<(String, PathBuf)>,
}

const TITLE: &str = "{{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }}";
const TEXT: &str = "{{ range .Alerts }}{{ .Annotations.summary }}: {{ .Annotations.description }} {{ end }}";

/// The configuration of an Alertmanager.
#[must_use]
pub fn receivers(receivers: &Receivers) -> String {
    let mut text = format!(
        "route:\n  receiver: everyone\n  group_by: [alertname, job]\n  group_wait: {}s\n  group_interval: 5m\n  \
         repeat_interval: 4h\n",
        receivers.group_wait.as_secs()
    );
    if receivers.pagerduty.is_some() {
        text += "  routes:\n    - matchers: [severity=\"critical\"]\n      receiver: on-call\n      continue: true\n    \
                 - receiver: everyone\n";
    }
    // A sensor that can't be reached has no other alerts.
    text += "inhibit_rules:\n  - source_matchers: [alertname=\"ProfilerDown\"]\n    target_matchers: [severity=\"warning\"]\n    \
             equal: [job, instance]\n";
    text += "receivers:\n  - name: everyone\n";
    everyone(receivers, &mut text);
    if let Some(key) = &receivers.pagerduty {
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "  - name: on-call\n    pagerduty_configs:\n      - routing_key_file: {}\n        description: {}\n        \
             severity: '{{{{ .CommonLabels.severity }}}}'\n",
            quoted(&key.to_string_lossy()),
            quoted(TITLE),
        );
    }
    text
}

fn everyone(receivers: &Receivers, text: &mut String) {
    if let Some((url, channel)) = &receivers.slack {
        let _ = write!(
            text,
            "    slack_configs:\n      - api_url_file: {}\n        channel: {}\n        send_resolved: true\n        \
             title: {}\n        text: {}\n",
            quoted(&url.to_string_lossy()),
            quoted(channel),
            quoted(TITLE),
            quoted(TEXT),
        );
    }
    if let Some(email) = &receivers.email {
        let _ = write!(
            text,
            "    email_configs:\n      - to: {}\n        from: {}\n        smarthost: {}\n        send_resolved: true\n        \
             headers:\n          Subject: {}\n",
            quoted(&email.to),
            quoted(&email.from),
            quoted(&email.smarthost),
            quoted(TITLE),
        );
        if let Some((user, password)) = &email.login {
            let _ = write!(
                text,
                "        auth_username: {}\n        auth_password_file: {}\n",
                quoted(user),
                quoted(&password.to_string_lossy()),
            );
        }
    }
    if let Some(url) = &receivers.webhook {
        let _ = write!(
            text,
            "    webhook_configs:\n      - url: {}\n        send_resolved: true\n",
            quoted(url)
        );
    }
}
