//! Settings from environment variables.

use std::str::FromStr;

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};

use super::{ConfigError, Layer};

const PREFIX: &str = "AIRLENS_";

/// Variables of the project that are no settings of a run: where the build keeps its downloads and finds its object,
/// and the name of the configuration file.
const OTHERS: [&str; 3] = ["CACHE", "EBPF_OBJECT", "CONFIG"];

const NAMES: &str = "INTERFACE, MODE, DATA, LISTEN, FILES_PATH, RUN_STEM, STATE_PATH, HOOK, RING_BYTES, FLOW_CAPACITY, \
                     SUBTYPES, OUI_FILE, DEVICES, PIN, MONITORING_ENABLED, MONITORING_PROMETHEUS_PORT, MONITORING_METRICS_PATH, \
                     MONITORING_NAMESPACE, MONITORING_UPDATE_INTERVAL, LOGGING_LEVEL, LOGGING_FORMAT";

impl Layer {
    /// The settings of the variables that start with `AIRLENS_`.
    ///
    /// # Errors
    /// [`ConfigError::Variable`].
    pub fn from_environment(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut layer = Self::default();
        for (name, value) in variables {
            if let Some(key) = name.strip_prefix(PREFIX).filter(|key| !OTHERS.contains(key)) {
                layer.set(key, &value).map_err(|message| ConfigError::Variable {
                    name: name.clone(),
                    message,
                })?;
            }
        }
        Ok(layer)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "INTERFACE" => self.interface = Some(value.to_owned()),
            "MODE" => self.mode = Some(parse(value)?),
            "DATA" => self.data = Some(list(value)),
            "LISTEN" => self.listen = Some(parse(value)?),
            "FILES_PATH" => self.files_path = Some(value.into()),
            "RUN_STEM" => self.run_stem = Some(value.into()),
            "STATE_PATH" => self.state_path = Some(value.into()),
            "HOOK" => self.hook = Some(parse(value)?),
            "RING_BYTES" => self.ring_bytes = Some(number(value)?),
            "FLOW_CAPACITY" => self.flow_capacity = Some(number(value)?),
            "SUBTYPES" => self.subtypes = Some(list(value)),
            "OUI_FILE" => self.oui_file = Some(list(value).into_iter().map(Into::into).collect()),
            "DEVICES" => self.devices = Some(list(value).into_iter().map(Into::into).collect()),
            "PIN" => self.pin = Some(value.into()),
            "MONITORING_ENABLED" => self.monitoring.enabled = Some(boolean(value)?),
            "MONITORING_PROMETHEUS_PORT" => self.monitoring.prometheus_port = Some(number(value)?),
            "MONITORING_METRICS_PATH" => self.monitoring.metrics_path = Some(value.to_owned()),
            "MONITORING_NAMESPACE" => self.monitoring.namespace = Some(value.to_owned()),
            "MONITORING_UPDATE_INTERVAL" => self.monitoring.update_interval = Some(value.to_owned()),
            "LOGGING_LEVEL" => self.logging.level = Some(parse(value)?),
            "LOGGING_FORMAT" => self.logging.format = Some(parse(value)?),
            _ => {
                return Err(format!(
                    "there is no such setting; the names after {PREFIX} are {NAMES}"
                ));
            }
        }
        Ok(())
    }
}

/// A value written as the file would have it between quotes; fit for command line flags too.
///
/// # Errors
/// What is wrong, with the values that there are.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|error| error.to_string())
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no number that fits; use digits only"))
}

fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("{text:?} is neither true nor false"))
}

/// Names between commas; blanks around them do not count.
fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
