//! The three sources of settings laid over each other, and which of them each value is from.

use std::path::Path;

use serde_json::Value;

use super::{
    Config, ConfigError, ConfigErrors, KEYS, Layer, Origin, Warning, file::FileSettings, keys::Key, needs,
    radio::wpa2_only,
};

/// Settings of all sources, not yet checked.
#[derive(Debug)]
pub struct Settings {
    file: FileSettings,
    environment: Layer,
    flags: Layer,
    problems: Vec<ConfigError>,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Which.
    pub key: &'static Key,
    /// Its value as JSON; null where none stands.
    pub value: Value,
    /// Where it is from.
    pub origin: Origin,
}

impl Settings {
    /// Reads every source. Of `environment` only names that start with `AIRLENS_` count. What cannot be read shows in
    /// [`Settings::check`].
    #[must_use]
    pub fn read(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>, flags: Layer) -> Self {
        let mut file = file.map(FileSettings::read).unwrap_or_default();
        let mut problems = std::mem::take(&mut file.problems);
        let (environment, wrong) = Layer::from_environment(environment);
        problems.extend(wrong);
        Self {
            file,
            environment,
            flags,
            problems,
        }
    }

    fn merged(&self) -> Layer {
        let file = self.file.layer.clone();
        file.overridden_by(self.environment.clone())
            .overridden_by(self.flags.clone())
    }

    /// The configuration, with what is odd about it.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the sources; never empty.
    pub fn check(mut self) -> Result<(Config, Vec<Warning>), ConfigErrors> {
        let merged = self.merged();
        let mut problems = std::mem::take(&mut self.problems);
        let checked = merged.clone().check();
        let located = |mut problem| {
            if let ConfigError::Value { origin, key, .. } = &mut problem {
                *origin = self.origin(key);
            }
            problem
        };
        match checked {
            Ok(config) if problems.is_empty() => {
                let mut warnings = self.file.warnings.clone();
                warnings.extend(config.warnings(&merged, |key| self.origin(key)));
                warnings.extend(needs::warnings(&merged));
                Ok((config, warnings))
            }
            checked => {
                problems.extend(checked.err().unwrap_or_default().into_iter().map(located));
                Err(ConfigErrors(problems))
            }
        }
    }

    /// Where the value of a key is from.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        let Some(key) = KEYS.iter().find(|known| known.name == key) else {
            return Origin::Default;
        };
        let set = |layer: &Layer| !value(layer, key).is_null();
        if set(&self.flags) {
            Origin::Flag
        } else if set(&self.environment) {
            Origin::Environment(format!("AIRLENS_{}", key.variable()))
        } else {
            let place = self.file.places.get(key.name).filter(|_| set(&self.file.layer));
            place.cloned().map_or(Origin::Default, Origin::File)
        }
    }

    /// Every setting in force, in the order of [`KEYS`].
    #[must_use]
    pub fn in_force(&self) -> Vec<Setting> {
        let merged = self.merged();
        let mut layer = Layer::defaults().overridden_by(merged.clone());
        layer.hostname_ssid = layer.hostname_ssid.or(Some(false));
        let wpa2_only = wpa2_only(layer.security_mode.unwrap_or_default());
        layer.be = layer.be.or(Some(layer.ax.unwrap_or(true) && !wpa2_only));
        let setting = |key: &'static Key| Setting {
            key,
            value: value(&layer, key),
            // What a higher source says in another way is no value of this key.
            origin: match value(&merged, key) {
                Value::Null => Origin::Default,
                _ => self.origin(key.name),
            },
        };
        KEYS.iter().map(setting).collect()
    }
}

fn value(layer: &Layer, key: &Key) -> Value {
    // Every key is a text, a number, a truth value or a list of texts.
    let all = serde_json::to_value(layer).unwrap_or_default();
    all.pointer(&key.pointer()).cloned().unwrap_or_default()
}
