//! Why there is no hostapd.

use std::{io, path::PathBuf};

use crate::ap::ApError;

/// An error of hostapd or on the way to it.
#[derive(Debug, thiserror::Error)]
pub enum HostapdError {
    /// It is not installed.
    #[error(
        "there is no {program}: install hostapd (Debian, Ubuntu and Fedora: package hostapd), or use --mode ap, which needs none"
    )]
    Missing {
        /// What was to be run.
        program: String,
    },
    /// What it should be can't be.
    #[error(transparent)]
    Options(#[from] ApError),
    /// A text that would not stay on its line of the configuration.
    #[error("{what} holds a character that hostapd's configuration can't: choose another one")]
    Text {
        /// Which.
        what: &'static str,
    },
    /// Its folder, configuration or socket.
    #[error("can't use {} for hostapd: {source}; the folder must be writable, with a short path", .path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// It can't be run, or its thread.
    #[error("can't run hostapd: {0}; too many processes, or too little memory")]
    Run(#[source] io::Error),
    /// It ended, or did not get ready.
    #[error("hostapd did not start: {why}{}", said(.output))]
    Start {
        /// What happened.
        why: String,
        /// Its last lines.
        output: Vec<String>,
    },
    /// It ended again and again.
    #[error("hostapd ended {times} times in a row, the last time: {why}{}", said(.output))]
    Crashed {
        /// How often.
        times: u32,
        /// What happened last.
        why: String,
        /// Its last lines.
        output: Vec<String>,
    },
}

fn said(output: &[String]) -> String {
    if output.is_empty() {
        return "; it said nothing".to_owned();
    }
    format!("; its last words: {}", output.join(" | "))
}
