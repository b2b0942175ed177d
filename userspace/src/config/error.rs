//! What can be wrong with a configuration.

use std::io;
use std::path::PathBuf;

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
    #[error("{}:{line}:{column}: {message}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
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
    #[error("{key}: {message}")]
    Value {
        /// The key, as in the file.
        key: &'static str,
        /// What is wrong, with what would be right.
        message: String,
    },
}
