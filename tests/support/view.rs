//! A made-up run behind the HTTP API.

use std::sync::atomic::{AtomicBool, Ordering};

use airlens::{
    air::{ChannelEntry, Report},
    dot11::{
        Address,
        element::ElementId,
        emit::{Body, ElementWriter, Header},
        link::LinkType,
    },
    export::top::{FlowList, FlowQuestion},
    profile::{Capture, Clients, Limits, Origin, Profile, client_record, history_line},
    publish::{
        client_page::ClientPage,
        documents::{Mode, RunState, StartupMethod},
        http::{ClientEntry, ClientKind, Health, HealthStatus, Network, Readiness, RunView, Status, StatusInterfaces},
        recall::RecallError,
        snapshot::{FrameCount, FrameKind, Snapshot},
    },
};
use serde_json::Value;

/// The client of every document.
///
/// # Panics
///
/// The request can't be read.
#[must_use]
pub fn profile() -> Profile {
    let header = Header {
        destination: Address([2, 0, 0, 0, 0, 1]),
        source: Address([0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]),
        bssid: Address([2, 0, 0, 0, 0, 1]),
        ..Header::default()
    };
    let body = Body::AssociationRequest {
        capability: 0x0431,
        listen_interval: 10,
        current_ap: None,
    };
    let mut elements = ElementWriter::new();
    elements.raw(ElementId::SSID, b"net");
    let mut packet = vec![0, 0, 8, 0, 0, 0, 0, 0];
    packet.extend(header.frame(&body, elements.octets()));
    match Profile::from_packet(LinkType::Radiotap, &packet, Capture::default()) {
        Ok(Some(profile)) => profile,
        other => panic!("{other:?}"),
    }
}

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

/// Counts of a run whose radio measures how busy its channel is: no test has such a radio.
#[must_use]
pub fn surveyed() -> Snapshot {
    Snapshot {
        channels: vec![ChannelEntry {
            channel: Some("36".into()),
            band: Some("5GHz".into()),
            utilization_ratio: Some(0.25),
            ..ChannelEntry::default()
        }],
        ..Snapshot::default()
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
            schema: "urn:airlens:schema:air".to_owned(),
            schema_version: 1,
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
        let mut clients = Clients::new(Limits::default());
        clients.add(Origin { input: 0, frame: 1 }, &profile());
        let known = clients.all().iter().filter(|_| client.0[5] == 0xff);
        Ok(known.map(|known| client_record(known, &|_| "x.pcap".to_owned())).next())
    }

    fn history(&self, client: Address) -> Result<Vec<Value>, RecallError> {
        Ok(Vec::from_iter((client.0[5] == 0xff).then(|| history_line(&profile()))))
    }

    fn client_page(&self, client: Address) -> Result<Option<ClientPage>, RecallError> {
        Ok((client.0[5] == 0xff).then(|| ClientPage {
            client_id: client.to_string(),
            blocks: Vec::new(),
            alike: vec!["02:00:00:00:00:01".to_owned()],
            alike_count: 1,
            history: Vec::new(),
        }))
    }

    fn network(&self) -> Option<Network> {
        self.capturing().then(|| Network {
            ssid: b"made up".to_vec(),
            passphrase: "profiler".to_owned(),
            frequency: 5180,
        })
    }
}
