//! What can be wrong with a configuration.

use std::{fmt, io, path::PathBuf};

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    #[default]
    Default,
    /// It stands in a file.
    File(Place),
    /// The environment variable of this name.
    Environment(String),
    /// The command line.
    Flag,
}

impl Origin {
    /// What goes before a message about such a value.
    fn prefix(&self) -> String {
        match self {
            Self::Default | Self::Flag => String::new(),
            Self::File(place) => format!("{place}: "),
            Self::Environment(name) => format!("environment variable {name}: "),
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}; check the path given with --config", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file is no TOML, has a key that there is not, or a value of the wrong kind.
    #[error("{place}: {message}")]
    Parse {
        /// Where.
        place: Place,
        /// What is wrong, with what would be right.
        message: String,
    },
    /// An environment variable with a name that there is not, or a value of the wrong kind.
    #[error("environment variable {name}: {message}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong, with what would be right.
        message: String,
    },
    /// A value that is of the right kind and still cannot be.
    #[error("{}{key}: {message}", .origin.prefix())]
    Value {
        /// Where it was set.
        origin: Origin,
        /// The key, as in the file.
        key: &'static str,
        /// What is wrong, with what would be right.
        message: String,
    },
}

/// All that is wrong with a configuration, a line each.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, error) in self.0.iter().enumerate() {
            let end = if place > 0 { "\n" } else { "" };
            write!(f, "{end}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// What is odd about a configuration that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where it was set.
    pub origin: Origin,
    /// What is odd, and what to do.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin.prefix(), self.message)
    }
}
