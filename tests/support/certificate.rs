//! Certificates that openssl makes.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

/// What openssl prints, given these arguments.
///
/// # Errors
///
/// It is not there, or fails.
pub fn openssl(arguments: &[&str]) -> Result<String> {
    let output = Command::new("openssl").args(arguments).stdin(Stdio::null()).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "openssl {arguments:?}: {error}");
    Ok(String::from_utf8(output.stdout)? + &error)
}

/// A certificate for 127.0.0.1, and its key, in files of their own.
#[derive(Debug)]
pub struct Certificate {
    folder: TempDir,
}

impl Certificate {
    /// Makes one that signs itself, as `openssl req -x509` does.
    ///
    /// # Errors
    ///
    /// openssl fails.
    pub fn make(name: &str) -> Result<Self> {
        let one = Self {
            folder: TempDir::new()?,
        };
        let (certificate, key) = (one.certificate(), one.key());
        let subject = format!("/CN={name}");
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &subject,
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            text(&key)?,
            "-out",
            text(&certificate)?,
        ])?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        Ok(one)
    }

    /// The certificate's file.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("tls.pem")
    }

    /// The key's file.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("tls.key")
    }

    /// Puts the files of another one in the place of these.
    ///
    /// # Errors
    ///
    /// They can't be copied.
    pub fn become_like(&self, other: &Self) -> Result<()> {
        fs::copy(other.key(), self.key())?;
        fs::copy(other.certificate(), self.certificate())?;
        Ok(())
    }
}

/// A path as text.
///
/// # Errors
///
/// It is no UTF-8.
pub fn text(path: &Path) -> Result<&str> {
    path.to_str().context("no UTF-8")
}
