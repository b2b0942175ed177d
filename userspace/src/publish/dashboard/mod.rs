//! Dashboards for Grafana, as JSON to import or to provision.

mod builder;
mod overview;
mod panel;

#[cfg(test)]
mod tests;

pub use builder::{Dashboard, DashboardBuilder};
pub use overview::{OverviewOptions, overview};
pub use panel::Panel;
