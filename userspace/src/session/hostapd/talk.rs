//! What is said to one hostapd process over its control socket, and what it tells.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::{
    HostapdEvent, HostapdOptions,
    control::{Control, Message},
};

/// How often it is asked whether it is there, and how long it may take to say so.
const PING_INTERVAL: Duration = Duration::from_secs(5);
const PING_PATIENCE: Duration = Duration::from_secs(3);
/// How long its interface may be down.
const DOWN_PATIENCE: Duration = Duration::from_secs(3);
/// How long it may look for radar: 10 minutes on channels of weather radar, 1 minute on others.
const RADAR_PATIENCE: Duration = Duration::from_secs(11 * 60);
/// The conversation with one process.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) control: Option<Control>,
    begun: Instant,
    patience: Duration,
    /// Since when it beacons.
    pub(super) ready: Option<Instant>,
    asked: Instant,
    answered: bool,
    down: Option<Instant>,
}

impl Talk {
    pub(super) fn new(begun: Instant, patience: Duration) -> Self {
        Self {
            control: None,
            begun,
            patience,
            ready: None,
            asked: begun,
            answered: true,
            down: None,
        }
    }

    /// Takes what came, asks what is due; gives why the process is of no use any more.
    pub(super) fn turn(&mut self, options: &HostapdOptions, events: &UnboundedSender<HostapdEvent>) -> Option<String> {
        if self.control.is_none() {
            let own = options.folder.join("airlens");
            if let Ok(control) = Control::attach(&options.control_folder(), &options.interface, own) {
                // It may have been ready before.
                let _ = control.request("STATUS");
                self.control = Some(control);
                (self.asked, self.answered) = (Instant::now(), false);
            }
        }
        while let Some(message) = self.control.as_ref().and_then(Control::next) {
            if self.take(&message) && self.ready.is_none() {
                self.ready = Some(Instant::now());
                let after = self.begun.elapsed();
                let _ = events.send(HostapdEvent::Ready { after });
            }
        }
        if self.ready.is_none() {
            return (self.begun.elapsed() > self.patience).then(|| "it was not ready in time".to_owned());
        }
        if self.down.is_some_and(|down| down.elapsed() > DOWN_PATIENCE) {
            return Some(format!("{} is down: was the radio switched off?", options.interface));
        }
        let waiting = self.asked.elapsed();
        if !self.answered && waiting > PING_PATIENCE {
            return Some("it does not answer on its control socket".to_owned());
        }
        if self.answered && waiting > PING_INTERVAL {
            let control = self.control.as_ref()?;
            if control.request("PING").is_err() {
                return Some("its control socket is gone".to_owned());
            }
            (self.asked, self.answered) = (Instant::now(), false);
        }
        None
    }

    /// Whether the message says that it beacons.
    fn take(&mut self, message: &Message) -> bool {
        let event = match message {
            Message::Answer(answer) => {
                self.answered = true;
                let state = answer.lines().find_map(|line| line.strip_prefix("state="));
                if state == Some("DFS") {
                    self.patience = RADAR_PATIENCE;
                }
                return state == Some("ENABLED");
            }
            Message::Event(event) => event,
        };
        let name = event.split_whitespace().next().unwrap_or_default();
        match name {
            "AP-ENABLED" | "INTERFACE-ENABLED" => self.down = None,
            "AP-DISABLED" | "INTERFACE-DISABLED" => self.down = self.down.or(Some(Instant::now())),
            "DFS-CAC-START" => self.patience = RADAR_PATIENCE,
            _ => {}
        }
        match name {
            "AP-DISABLED" | "INTERFACE-DISABLED" | "DFS-RADAR-DETECTED" | "AP-CSA-FINISHED" => {
                tracing::warn!(event, "hostapd");
            }
            _ => tracing::debug!(event, "hostapd"),
        }
        name == "AP-ENABLED"
    }
}
