//! A made-up run behind the HTTP API.

use std::sync::atomic::{AtomicBool, Ordering};

use airlens::{
    air::Report,
    dot11::Address,
    export::top::{FlowList, FlowQuestion},
    publish::{
        client_page::ClientPage,
        documents::{Mode, RunState, StartupMethod},
        http::{ClientEntry, ClientKind, Health, HealthStatus, Network, Readiness, RunView, Status, StatusInterfaces},
        recall::RecallError,
        snapshot::{FrameCount, FrameKind, Snapshot},
    },
};
use serde_json::{Value, json};

/// A run that captures when it is told to.
#[derive(Debug, Default)]
pub struct View {
    /// Whether it captures.
    pub capturing: AtomicBool,
}

impl View {
    fn capturing(&self) -> bool {
        self.capturing.load(Ordering::Relaxed)
    }
}

/// Its counts.
#[must_use]
pub fn snapshot() -> Snapshot {
    let frames = FrameCount {
        interface: "mon0".into(),
        kind: FrameKind::new(0, 8),
        frames: 5,
        bytes: 1000,
        retries: 0,
        bad_fcs: 1,
    };
    Snapshot {
        version: "0.1.0".into(),
        frames: vec![frames],
        ..Snapshot::default()
    }
}

impl RunView for View {
    fn snapshot(&self) -> Snapshot {
        snapshot()
    }

    fn health(&self) -> Health {
        let status = if self.capturing() {
            HealthStatus::Healthy
        } else {
            HealthStatus::Unhealthy
        };
        Health {
            status,
            uptime_seconds: 86400,
            connected_clients: 1,
            active_sessions: 1,
        }
    }

    fn readiness(&self) -> Readiness {
        if self.capturing() {
            Readiness::Ready
        } else {
            Readiness::NotReady("no program is attached yet".into())
        }
    }

    fn flows(&self, question: &FlowQuestion) -> FlowList {
        FlowList {
            sort: question.sort,
            capacity: question.limit as u64,
            ..FlowList::default()
        }
    }

    fn air(&self) -> Report {
        Report {
            time: Some(1_730_736_000.0),
            ..Report::default()
        }
    }

    fn clients(&self) -> Vec<ClientEntry> {
        let client = |last| ClientEntry {
            platform: "Example".into(),
            manuf: Some("Example".into()),
            generation: Some(6),
            ..ClientEntry::new(
                format!("aa:bb:cc:dd:ee:{last}"),
                ClientKind::Device,
                1_730_736_000.0,
                3600,
            )
        };
        vec![client("ff"), client("fe")]
    }

    fn status(&self) -> Status {
        Status {
            state: RunState::Running,
            reason: None,
            error: None,
            startup_method: StartupMethod::Cli,
            pid: 1,
            version: "0.1.0".into(),
            mode: Mode::Listen,
            phy: None,
            interfaces: StatusInterfaces::default(),
            data: vec!["eth0".into()],
            channel: Some(36),
            frequency: Some(5180),
            width: None,
            country_code: None,
            ssid: None,
            bssid: None,
            security: None,
            started_at: jiff::Timestamp::UNIX_EPOCH.into(),
            uptime_seconds: 5,
            profile_count: 0,
            failed_profile_count: 0,
            total_clients_seen: 0,
            last_profile: None,
            last_profile_timestamp: None,
            listeners: Vec::new(),
            viewers: 0,
        }
    }

    fn client(&self, client: Address) -> Result<Option<Value>, RecallError> {
        assert_ne!(client.0[5], 0xbb, "a fault");
        Ok((client.0[5] == 0xff).then(|| json!({ "address": client.to_string() })))
    }

    fn history(&self, client: Address) -> Result<Vec<Value>, RecallError> {
        Ok(Vec::from_iter((client.0[5] == 0xff).then(|| json!({ "band": "5" }))))
    }

    fn client_page(&self, _: Address) -> Result<Option<ClientPage>, RecallError> {
        Ok(None)
    }

    fn network(&self) -> Option<Network> {
        self.capturing().then(|| Network {
            ssid: b"made up".to_vec(),
            passphrase: "profiler".to_owned(),
            frequency: 5180,
        })
    }
}
