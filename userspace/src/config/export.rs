//! `[export]`: where ended flows and profiles go.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    ConfigError,
    check::{Problems, duration, wrong},
};
use crate::export::{
    ExportOptions,
    files::{FileOptions, RowFormat},
    ipfix::IpfixOptions,
    is_host_and_port,
    kafka::{KafkaOptions, SpoolOptions},
};

const DEFAULT_QUEUE: u64 = 65_536;
const DEFAULT_DOMAIN: u32 = 1;
const DEFAULT_TEMPLATES: &str = "1m";
const DEFAULT_TOPIC: &str = "airlens-flows";
const DEFAULT_PROFILE_TOPIC: &str = "airlens-profiles";
const DEFAULT_KEY: &str = "flow";
const DEFAULT_BATCH: u64 = 500;
const DEFAULT_SPOOL: u64 = 1 << 30;
const NEVER: &str = "0s";

/// `[export]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct ExportLayer {
    pub queue_flows: Option<u64>,
    #[serde(default)]
    pub files: FilesLayer,
    #[serde(default)]
    pub ipfix: IpfixLayer,
    #[serde(default)]
    pub kafka: KafkaLayer,
}

/// `[export.files]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct FilesLayer {
    pub path: Option<PathBuf>,
    pub rotate_bytes: Option<u64>,
    pub rotate_interval: Option<String>,
}

/// `[export.ipfix]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct IpfixLayer {
    pub collector: Option<String>,
    pub domain: Option<u32>,
    pub template_interval: Option<String>,
}

/// `[export.kafka]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct KafkaLayer {
    pub brokers: Option<Vec<String>>,
    pub topic: Option<String>,
    pub profile_topic: Option<String>,
    pub key: Option<String>,
    pub batch: Option<u64>,
    pub spool: Option<PathBuf>,
    pub spool_bytes: Option<u64>,
}

impl ExportLayer {
    /// What holds where nothing is said.
    pub(super) fn defaults() -> Self {
        Self {
            queue_flows: Some(DEFAULT_QUEUE),
            files: FilesLayer {
                path: None,
                rotate_bytes: Some(0),
                rotate_interval: Some(NEVER.to_owned()),
            },
            ipfix: IpfixLayer {
                collector: None,
                domain: Some(DEFAULT_DOMAIN),
                template_interval: Some(DEFAULT_TEMPLATES.to_owned()),
            },
            kafka: KafkaLayer {
                brokers: None,
                topic: Some(DEFAULT_TOPIC.to_owned()),
                profile_topic: Some(DEFAULT_PROFILE_TOPIC.to_owned()),
                key: Some(DEFAULT_KEY.to_owned()),
                batch: Some(DEFAULT_BATCH),
                spool: None,
                spool_bytes: Some(DEFAULT_SPOOL),
            },
        }
    }

    pub(super) fn overridden_by(self, higher: Self) -> Self {
        Self {
            queue_flows: higher.queue_flows.or(self.queue_flows),
            files: FilesLayer {
                path: higher.files.path.or(self.files.path),
                rotate_bytes: higher.files.rotate_bytes.or(self.files.rotate_bytes),
                rotate_interval: higher.files.rotate_interval.or(self.files.rotate_interval),
            },
            ipfix: IpfixLayer {
                collector: higher.ipfix.collector.or(self.ipfix.collector),
                domain: higher.ipfix.domain.or(self.ipfix.domain),
                template_interval: higher.ipfix.template_interval.or(self.ipfix.template_interval),
            },
            kafka: KafkaLayer {
                brokers: higher.kafka.brokers.or(self.kafka.brokers),
                topic: higher.kafka.topic.or(self.kafka.topic),
                profile_topic: higher.kafka.profile_topic.or(self.kafka.profile_topic),
                key: higher.kafka.key.or(self.kafka.key),
                batch: higher.kafka.batch.or(self.kafka.batch),
                spool: higher.kafka.spool.or(self.kafka.spool),
                spool_bytes: higher.kafka.spool_bytes.or(self.kafka.spool_bytes),
            },
        }
    }

    /// Checks these settings.
    pub(super) fn check(self, problems: &mut Problems) -> ExportOptions {
        ExportOptions {
            queue: problems.keep(within(
                "export.queue_flows",
                self.queue_flows,
                DEFAULT_QUEUE,
                1,
                1 << 24,
            )) as usize,
            files: problems.keep(files(self.files)),
            ipfix: problems.keep(ipfix(self.ipfix)),
            kafka: problems.keep(kafka(self.kafka)),
        }
    }
}

pub(super) fn within(
    key: &'static str,
    number: Option<u64>,
    default: u64,
    least: u64,
    most: u64,
) -> Result<u64, ConfigError> {
    match number.unwrap_or(default) {
        number if (least..=most).contains(&number) => Ok(number),
        _ => wrong(key, format!("use a number from {least} to {most}")),
    }
}

fn files(layer: FilesLayer) -> Result<Option<FileOptions>, ConfigError> {
    let interval = layer.rotate_interval.as_deref().unwrap_or(NEVER);
    let Some(rotate_interval) = duration(interval) else {
        return wrong(
            "export.files.rotate_interval",
            format!("{interval:?}: use a time like \"1h\"; 0s is never"),
        );
    };
    let Some(path) = layer.path else { return Ok(None) };
    match RowFormat::of(&path) {
        Ok(format) => Ok(Some(FileOptions {
            path,
            format,
            rotate_bytes: layer.rotate_bytes.unwrap_or(0),
            rotate_interval,
        })),
        Err(error) => wrong("export.files.path", error.to_string()),
    }
}

fn ipfix(layer: IpfixLayer) -> Result<Option<IpfixOptions>, ConfigError> {
    const KEY: &str = "export.ipfix.template_interval";
    let interval = layer.template_interval.as_deref().unwrap_or(DEFAULT_TEMPLATES);
    let within = |interval: &Duration| (Duration::from_secs(1)..=Duration::from_secs(3600)).contains(interval);
    let Some(template_interval) = duration(interval).filter(within) else {
        return wrong(KEY, format!("{interval:?}: use a time from 1s to 1h, like \"1m\""));
    };
    let Some(collector) = layer.collector else {
        return Ok(None);
    };
    match collector.parse() {
        Ok(collector) => Ok(Some(IpfixOptions {
            collector,
            domain: layer.domain.unwrap_or(DEFAULT_DOMAIN),
            template_interval,
        })),
        Err(error) => wrong(
            "export.ipfix.collector",
            (error as crate::export::ipfix::CollectorError).to_string(),
        ),
    }
}

fn kafka(layer: KafkaLayer) -> Result<Option<KafkaOptions>, ConfigError> {
    let key = layer.key.as_deref().unwrap_or(DEFAULT_KEY).parse();
    let key = match key {
        Ok(key) => key,
        Err(error) => {
            let error: crate::export::kafka::RecordKeyError = error;
            return wrong("export.kafka.key", error.to_string());
        }
    };
    let batch = within("export.kafka.batch", layer.batch, DEFAULT_BATCH, 1, 10_000)? as usize;
    let bytes = within(
        "export.kafka.spool_bytes",
        layer.spool_bytes,
        DEFAULT_SPOOL,
        65_536,
        1 << 50,
    )?;
    let brokers = layer.brokers.unwrap_or_default();
    if let Some(wrong_one) = brokers.iter().find(|broker| !is_host_and_port(broker)) {
        let message = format!("{wrong_one:?} is no broker: give HOST:PORT, such as 192.0.2.1:9092");
        return wrong("export.kafka.brokers", message);
    }
    if brokers.is_empty() {
        return Ok(None);
    }
    Ok(Some(KafkaOptions {
        brokers,
        topic: topic("export.kafka.topic", layer.topic.as_deref().unwrap_or(DEFAULT_TOPIC))?,
        profile_topic: match layer.profile_topic.as_deref().unwrap_or(DEFAULT_PROFILE_TOPIC) {
            "" => None,
            name => Some(topic("export.kafka.profile_topic", name)?),
        },
        key,
        batch,
        spool: layer.spool.map(|folder| SpoolOptions { folder, bytes }),
    }))
}

/// Names as Kafka takes them (`Topic.validate`).
fn topic(key: &'static str, name: &str) -> Result<String, ConfigError> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if plain && (1..=249).contains(&name.len()) && name != "." && name != ".." {
        Ok(name.to_owned())
    } else {
        wrong(key, format!("{name:?} is no topic: 1 to 249 letters, digits and ._-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(profile_topic: Option<&str>) -> Result<Option<String>, ConfigError> {
        let layer = KafkaLayer {
            brokers: Some(vec!["192.0.2.2:9092".to_owned()]),
            profile_topic: profile_topic.map(str::to_owned),
            ..KafkaLayer::default()
        };
        kafka(layer).map(|options| options.unwrap().profile_topic)
    }

    #[test]
    fn profiles_have_a_topic_unless_it_is_empty() {
        assert_eq!(checked(None).unwrap().as_deref(), Some(DEFAULT_PROFILE_TOPIC));
        // The same as that of flows.
        assert_eq!(checked(Some(DEFAULT_TOPIC)).unwrap().as_deref(), Some(DEFAULT_TOPIC));
        assert_eq!(checked(Some("")).unwrap(), None);
        let error = checked(Some("a b")).unwrap_err().to_string();
        assert!(
            error.contains("export.kafka.profile_topic") && error.contains("\"a b\""),
            "{error}"
        );
    }
}
