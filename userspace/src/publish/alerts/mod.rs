//! Alerting rules for Prometheus, and receivers for its Alertmanager, as YAML.

mod receivers;
mod rules;
mod yaml;

#[cfg(test)]
mod tests;

pub use receivers::{Email, Receivers, receivers};
pub use rules::{AlertOptions, Rule, rules, rules_yaml};
