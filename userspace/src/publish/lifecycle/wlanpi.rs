//! What wlanpi-profiler writes beside status, info and state, for programs of that platform that read only these.

use serde::Serialize;

use super::paths::WlanpiPaths;
use crate::publish::{
    atomic::{AtomicWriter, WriteError},
    documents::{Exit, InfoDocument, Interfaces, Mode, Progress, Session, StateDocument, to_file},
};

/// `last-session.json`: the state, with more of what the run worked with and brought.
#[derive(Serialize)]
struct LastSession<'a> {
    schema_version: &'a str,
    profiler_version: &'a str,
    session: &'a Session,
    exit: &'a Exit,
    configuration: Configuration<'a>,
    metrics: &'a Progress,
}

#[derive(Serialize)]
struct Configuration<'a> {
    mode: Mode,
    phy: &'a str,
    interfaces: &'a Interfaces,
    channel: u32,
    frequency: u32,
    country_code: &'a str,
    ssid: &'a str,
    bssid: &'a str,
}

impl WlanpiPaths {
    /// The network is there; listening, there is none.
    pub(super) fn network(&self, writer: AtomicWriter, ssid: &str) -> Result<(), WriteError> {
        if ssid.is_empty() {
            return writer.remove(&self.ssid);
        }
        writer.write(&self.ssid, ssid.as_bytes())
    }

    /// A client was profiled; `mac` has colons.
    pub(super) fn profiled(&self, writer: AtomicWriter, mac: &str) -> Result<(), WriteError> {
        writer.write(&self.last_profile, mac.replace(':', "").as_bytes())
    }

    /// The run has ended: its network is gone.
    pub(super) fn ended(
        &self,
        writer: AtomicWriter,
        state: &StateDocument,
        info: &InfoDocument,
    ) -> Result<(), WriteError> {
        let radio = &info.radio;
        let session = LastSession {
            schema_version: &state.schema_version,
            profiler_version: &state.profiler_version,
            session: &state.session,
            exit: &state.exit,
            configuration: Configuration {
                mode: radio.mode,
                phy: &radio.phy,
                interfaces: &radio.interfaces,
                channel: radio.channel,
                frequency: radio.frequency,
                country_code: &radio.country_code,
                ssid: &radio.ssid,
                bssid: &radio.bssid,
            },
            metrics: &info.progress,
        };
        let written = writer.write(&self.session, &to_file(&session));
        written.and(writer.remove(&self.ssid))
    }
}
