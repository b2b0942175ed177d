//! Listeners that keep up, and listeners that don't.

use std::time::Duration;

use super::*;
use crate::publish::{
    documents::{Mode, RunState, StartupMethod},
    http::view::{ClientKind, StatusInterfaces},
};

const PATIENCE: Duration = Duration::from_secs(10);

fn viewer() -> Viewer {
    Viewer {
        kind: ClientKind::Viewer,
        name: None,
        program: "test".to_owned(),
    }
}

fn status() -> Status {
    Status {
        state: RunState::Running,
        reason: None,
        error: None,
        startup_method: StartupMethod::Cli,
        pid: 1,
        version: String::new(),
        mode: Mode::Listen,
        phy: None,
        interfaces: StatusInterfaces::default(),
        data: Vec::new(),
        channel: None,
        frequency: None,
        width: None,
        country_code: None,
        ssid: None,
        bssid: None,
        security: None,
        started_at: jiff::Timestamp::UNIX_EPOCH.into(),
        uptime_seconds: 0,
        profile_count: 0,
        failed_profile_count: 0,
        total_clients_seen: 0,
        last_profile: None,
        last_profile_timestamp: None,
        listeners: Vec::new(),
        viewers: 0,
    }
}

fn tell(events: &Events, client: u64) {
    events.tell(|| {
        let client = ClientEntry::new(client.to_string(), ClientKind::Device, 0.0, 0);
        Event::Client(Box::new(client))
    });
}

async fn next(attached: &mut Attached) -> String {
    let text = attached.next(PATIENCE).await.unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}

#[test]
fn without_listeners_nothing_is_made() {
    let events = Events::default();
    events.tell(|| panic!("nobody listens"));
    assert!(events.viewers().is_empty());
}

#[tokio::test]
async fn every_listener_is_told_in_order() {
    let events = Events::default();
    let mut one = events.attach(viewer(), status()).unwrap();
    tell(&events, 1);
    let mut two = events.attach(viewer(), status()).unwrap();
    tell(&events, 2);
    assert!(one.first.text().unwrap().starts_with(b"id: 1\nevent: status\ndata: {"));
    let first = next(&mut one).await;
    assert!(
        first.starts_with("id: 2\nevent: client\ndata: {\"client_id\":\"1\",") && first.ends_with("}\n\n"),
        "{first}"
    );
    assert!(two.first.text().unwrap().starts_with(b"id: 3\n"));
    assert_eq!(next(&mut one).await, next(&mut two).await);
    events.close();
    assert_eq!((one.next(PATIENCE).await, two.next(PATIENCE).await), (None, None));
}

#[tokio::test]
async fn who_is_too_slow_is_told_how_much_it_missed() {
    let events = Events::default();
    let mut slow = events.attach(viewer(), status()).unwrap();
    for client in 0..RING as u64 + 5 {
        tell(&events, client);
    }
    assert_eq!(next(&mut slow).await, "event: lagged\ndata: {\"missed\":5}\n\n");
    assert!(next(&mut slow).await.contains("\"client_id\":\"5\""));
}

#[tokio::test]
async fn silence_is_kept_alive() {
    let events = Events::default();
    let mut attached = events.attach(viewer(), status()).unwrap();
    let said = attached.next(Duration::from_millis(1)).await.unwrap();
    assert_eq!(said, ": keep-alive\n\n");
}

#[test]
fn places_are_bounded_and_come_back() {
    let events = Events::new(2);
    let one = events.attach(viewer(), status()).unwrap();
    let named = Viewer {
        kind: ClientKind::Sensor,
        name: Some("roof".to_owned()),
        ..viewer()
    };
    let _two = events.attach(named, status()).unwrap();
    assert!(events.attach(viewer(), status()).is_err());
    let shown: Vec<_> = events.viewers().into_iter().map(|viewer| viewer.client_id).collect();
    assert_eq!(shown, ["viewer-1", "sensor-2-roof"]);
    assert_eq!(*events.audience().borrow(), 2);
    drop(one);
    assert_eq!(*events.audience().borrow(), 1);
    assert!(events.attach(viewer(), status()).is_ok());
    events.close();
    assert!(events.attach(viewer(), status()).is_err());
}
