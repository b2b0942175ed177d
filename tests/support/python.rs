//! Programs of the Python environment that `cargo xtask setup` makes in the cache.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result, ensure};

/// The folder of its programs.
///
/// # Errors
///
/// It was not made.
pub fn bin() -> Result<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("AIRLENS_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("airlens")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/airlens")))
        .context("no HOME")?;
    let bin = cache.join("python/bin");
    ensure!(
        bin.join("python").exists(),
        "{} is not there: `cargo xtask setup` makes it",
        bin.display()
    );
    Ok(bin)
}
