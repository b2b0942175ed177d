//! Metrics, dashboards and alerts with those who read them: Prometheus, its promtool, the Alertmanager, its amtool, and the
//! models of Grafana's dashboards. Needs root and tun for the demonstration.

mod monitoring {
    mod alerts;
    mod dashboards;
    mod formats;
    mod queries;
    pub(crate) mod servers;
}
