//! What airlens shows the world: a test for each row of `docs/INTERFACES.md`, named after it, on a run of the real binary. Needs root and tun.

#[path = "interfaces/alerts.rs"]
mod alerts;
#[path = "interfaces/audit.rs"]
mod audit;
#[path = "interfaces/configuration.rs"]
mod configuration;
#[path = "interfaces/dashboard.rs"]
mod dashboard;
#[path = "interfaces/document.rs"]
mod document;
#[path = "interfaces/health.rs"]
mod health;
#[path = "interfaces/integration.rs"]
mod integration;
#[path = "interfaces/json_files.rs"]
mod json_files;
#[path = "interfaces/library.rs"]
mod library;
#[path = "interfaces/log.rs"]
mod log;
#[path = "interfaces/metric_kinds.rs"]
mod metric_kinds;
#[path = "interfaces/prometheus.rs"]
mod prometheus;
#[path = "interfaces/sensor.rs"]
mod sensor;
#[path = "interfaces/terminal.rs"]
mod terminal;
#[path = "interfaces/wifi_metrics.rs"]
mod wifi_metrics;
