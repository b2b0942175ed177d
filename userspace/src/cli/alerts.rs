//! `airlens alerts`: rules for Prometheus and receivers for its Alertmanager.

use std::{io::Write, path::PathBuf, time::Duration};

use super::{
    Exit,
    output::{namespace, print_or_write},
};
use crate::publish::alerts::{AlertOptions, Email, Receivers, receivers, rules_yaml};

/// Print alerting rules for Prometheus, or receivers for its Alertmanager
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Export(Box<ExportArgs>),
    Alertmanager(Box<ReceiverArgs>),
}

/// Print alerting rules, for rule_files of Prometheus
#[derive(Debug, clap::Args)]
struct ExportArgs {
    /// Write them to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What metric names start with: --metrics-namespace of the run
    #[arg(long, value_name = "NAME", default_value = "airlens", value_parser = namespace)]
    namespace: String,
    /// Prometheus's job for the sensors
    #[arg(long, value_name = "NAME", default_value = "airlens")]
    job: String,
    /// HighErrorRate: errors a second
    #[arg(long, value_name = "RATE", default_value_t = 10.0, value_parser = amount)]
    error_threshold: f64,
    /// NoPackets: no more packets and frames a second than these are none
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = amount)]
    packet_rate_threshold: f64,
    /// HighActiveFlows: flows of a sensor
    #[arg(long, value_name = "FLOWS", default_value_t = 1000)]
    active_flows_threshold: u64,
    /// LowThroughput: octets a second; 0 switches it off
    #[arg(long, value_name = "RATE", default_value_t = 1_000_000.0, value_parser = amount)]
    throughput_threshold: f64,
    /// MemoryExhaustion: octets
    #[arg(long, value_name = "OCTETS", default_value_t = 1_000_000_000)]
    memory_threshold: u64,
    /// SessionFailureRate: the share of clients' attempts to join that fail, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = amount)]
    session_failure_threshold: f64,
    /// SlowResponses: seconds that 95 % of the API's answers take at most
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = amount)]
    response_threshold: f64,
    /// SuspiciousHandshakes: failed attempts to join a second
    #[arg(long, value_name = "RATE", default_value_t = 50.0, value_parser = amount)]
    handshake_threshold: f64,
    /// FramesLost: frames and packets a second
    #[arg(long, value_name = "RATE", default_value_t = 0.0, value_parser = amount)]
    loss_threshold: f64,
    /// How long each condition must hold before its alert fires [default: 1 to 10 minutes, by rule]
    #[arg(long = "for", value_name = "SECONDS")]
    hold: Option<u64>,
}

/// Print a configuration of the Alertmanager with receivers: those named by options, or all as an example
///
/// Slack, e-mail and the webhook get every alert, PagerDuty the critical ones. Secrets are in files that the Alertmanager reads.
#[derive(Debug, clap::Args)]
struct ReceiverArgs {
    /// Write it to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// File with the address of Slack's webhook
    #[arg(long, value_name = "FILE")]
    slack_url_file: Option<PathBuf>,
    /// Slack's channel
    #[arg(long, value_name = "CHANNEL", default_value = "#airlens")]
    slack_channel: String,
    /// File with PagerDuty's routing key (Events API v2)
    #[arg(long, value_name = "FILE")]
    pagerduty_key_file: Option<PathBuf>,
    /// Address that gets mail
    #[arg(long, value_name = "ADDRESS")]
    email_to: Option<String>,
    /// Address that mail is from
    #[arg(long, value_name = "ADDRESS", default_value = "airlens@localhost")]
    email_from: String,
    /// Mail server
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:25")]
    smarthost: String,
    /// User of the mail server
    #[arg(long, value_name = "USER", requires = "email_password_file")]
    email_user: Option<String>,
    /// File with that user's password
    #[arg(long, value_name = "FILE", requires = "email_user")]
    email_password_file: Option<PathBuf>,
    /// Webhook that takes the Alertmanager's JSON
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// How long the first alert of a group waits for others
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    group_wait: u64,
}

/// A number that a rule can be compared with.
fn amount(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(amount) if amount.is_finite() && amount >= 0.0 => Ok(amount),
        _ => Err("give a number from 0 on".to_owned()),
    }
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Export(args) => print_or_write(&rules_yaml(&options(args)), args.output.as_deref(), out)?,
        Verb::Alertmanager(args) => print_or_write(&receivers(&asked(args)), args.output.as_deref(), out)?,
    }
    Ok(Exit::Success)
}

fn options(args: &ExportArgs) -> AlertOptions {
    AlertOptions {
        namespace: args.namespace.clone(),
        job: args.job.clone(),
        errors: args.error_threshold,
        packet_rate: args.packet_rate_threshold,
        active_flows: args.active_flows_threshold,
        throughput: args.throughput_threshold,
        memory: args.memory_threshold,
        session_failures: args.session_failure_threshold,
        response_time: args.response_threshold,
        suspicious: args.handshake_threshold,
        losses: args.loss_threshold,
        hold: args.hold.map(Duration::from_secs),
    }
}

fn asked(args: &ReceiverArgs) -> Receivers {
    let any = args.slack_url_file.is_some()
        || args.pagerduty_key_file.is_some()
        || args.email_to.is_some()
        || args.webhook.is_some();
    let example = |path: &str| (!any).then(|| PathBuf::from(path));
    let slack = args.slack_url_file.clone();
    let to = args.email_to.clone().or((!any).then(|| "admin@example.com".to_owned()));
    Receivers {
        slack: slack
            .or(example("/etc/prometheus/airlens-slack-url"))
            .map(|url| (url, args.slack_channel.clone())),
        pagerduty: args
            .pagerduty_key_file
            .clone()
            .or(example("/etc/prometheus/airlens-pagerduty-key")),
        email: to.map(|to| Email {
            to,
            from: args.email_from.clone(),
            smarthost: args.smarthost.clone(),
            login: args.email_user.clone().zip(args.email_password_file.clone()),
        }),
        webhook: args.webhook.clone(),
        group_wait: Duration::from_secs(args.group_wait),
    }
}
