//! What is shown, as a value: documents go in, and what a person asks for by keys.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    rates::{History, Rates, kinds},
    source::{Look, Want},
};
use crate::{
    air::ChannelEntry,
    cli::flows::Rates as FlowRates,
    export::top::FlowSort,
    publish::{client_page::ClientPage, snapshot::Snapshot},
};

/// A client whose last request is younger is active.
pub(super) const ACTIVE_SECONDS: f64 = 300.0;

/// How long a word about what happened stands, in seconds.
const NOTICE_SECONDS: f64 = 15.0;

/// What fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum View {
    /// The run, its rates, and who came last
    #[default]
    Overview,
    /// Every client
    Clients,
    /// The foremost flows
    Flows,
    /// Channels with their load
    Channels,
    /// Frames by type
    Frames,
}

impl View {
    pub(super) const ALL: [Self; 5] = [Self::Overview, Self::Clients, Self::Flows, Self::Channels, Self::Frames];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Clients => "Clients",
            Self::Flows => "Flows",
            Self::Channels => "Channels",
            Self::Frames => "Frames",
        }
    }

    fn step(self, by: usize) -> Self {
        let place = Self::ALL.iter().position(|view| *view == self).unwrap_or(0);
        Self::ALL[(place + by) % Self::ALL.len()]
    }
}

/// Order of clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ClientSort {
    #[default]
    Seen,
    Signal,
    Maker,
    Address,
}

impl ClientSort {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Seen => "last seen",
            Self::Signal => "signal",
            Self::Maker => "maker",
            Self::Address => "address",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Seen => Self::Signal,
            Self::Signal => Self::Maker,
            Self::Maker => Self::Address,
            Self::Address => Self::Seen,
        }
    }
}

/// Whether there is a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Link {
    /// It was not asked yet.
    #[default]
    Asking,
    /// It answers.
    Up,
    /// It does not, since when (of the clock of [`Look::at`]), and why.
    Down { since: f64, why: String },
}

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Show(View),
    NextView,
    PreviousView,
    Up(usize),
    Down(usize),
    First,
    Last,
    Open,
    Close,
    Sort,
    Pause,
    Help,
    /// Any other key: help goes away by it.
    Other,
    Quit,
}

/// What is to be done besides drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    /// Other documents are needed: ask now.
    Look,
    Quit,
}

/// Everything that is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) view: View,
    pub(super) help: bool,
    pub(super) paused: bool,
    pub(super) link: Link,
    /// Of the last look, or of the attempt.
    pub(super) at: f64,
    pub(super) time: f64,
    pub(super) status: Value,
    pub(super) stats: Option<Snapshot>,
    pub(super) rates: Option<Rates>,
    pub(super) history: History,
    pub(super) clients: Vec<Value>,
    pub(super) client_sort: ClientSort,
    pub(super) flows: Value,
    pub(super) flow_rates: FlowRates,
    before_flows: Value,
    pub(super) flow_sort: FlowSort,
    pub(super) channels: Vec<ChannelEntry>,
    /// The line that is chosen, in each view.
    selected: BTreeMap<u8, usize>,
    /// The client whose line is chosen: it keeps it when the order changes.
    chosen: Option<String>,
    /// The client whose page is shown.
    pub(super) detail: Option<(String, Option<Result<ClientPage, String>>)>,
    /// The first line of it that is shown.
    pub(super) scroll: usize,
    notice: Option<(f64, String)>,
}

impl Model {
    pub(super) fn new(view: View) -> Self {
        Self {
            view,
            ..Self::default()
        }
    }

    pub(super) fn want(&self) -> Want {
        Want {
            view: self.view,
            detail: self.detail.as_ref().map(|(client, _)| client.clone()),
            sort: self.flow_sort,
        }
    }

    /// Takes in what the run said.
    pub(super) fn apply(&mut self, look: Look) {
        let another = self
            .stats
            .as_ref()
            .is_some_and(|before| before.started_at != look.stats.started_at);
        if another {
            self.notice = Some((look.at, "the run was started again: counts begin anew".to_owned()));
            self.rates = None;
            self.history = History::default();
            self.flow_rates = FlowRates::default();
            self.before_flows = Value::Null;
        } else if matches!(self.link, Link::Down { .. }) && self.stats.is_some() {
            self.notice = Some((look.at, "the run answers again".to_owned()));
        }
        if let Some(before) = &self.stats
            && let Some(rates) = Rates::between(before, &look.stats)
        {
            self.history.add(&rates);
            self.rates = Some(rates);
        }
        self.link = Link::Up;
        (self.at, self.time) = (look.at, look.time);
        self.status = look.status;
        self.stats = Some(look.stats);
        if let Some(clients) = look.clients {
            self.clients = clients;
            self.order_clients();
        }
        if let Some(flows) = look.flows {
            self.flow_rates
                .remember(&std::mem::replace(&mut self.before_flows, flows.clone()));
            self.flows = flows;
        }
        if let Some(air) = look.air {
            self.channels = air.channels;
        }
        if let (Some((shown, page)), Some((client, said))) = (&mut self.detail, look.detail)
            && *shown == client
        {
            *page = Some(said);
        }
    }

    /// Takes in that the run did not answer at `at`.
    pub(super) fn unanswered(&mut self, at: f64, why: String) {
        match &mut self.link {
            Link::Down { why: last, .. } => *last = why,
            link => *link = Link::Down { since: at, why },
        }
        self.at = at;
        self.rates = None;
    }

    /// A word about what happened, while it is new.
    pub(super) fn notice(&self) -> Option<&str> {
        let (at, words) = self.notice.as_ref()?;
        (self.at - at < NOTICE_SECONDS).then_some(words)
    }

    /// Does what a person asks for.
    pub(super) fn command(&mut self, command: Command) -> Then {
        if self.help && !matches!(command, Command::Quit) {
            self.help = false;
            return Then::Nothing;
        }
        match command {
            Command::Quit => return Then::Quit,
            Command::Show(view) => return self.show(view),
            Command::NextView => return self.show(self.view.step(1)),
            Command::PreviousView => return self.show(self.view.step(View::ALL.len() - 1)),
            Command::Other => {}
            Command::Help => self.help = true,
            Command::Pause => self.paused = !self.paused,
            Command::Up(lines) => self.select(|line| line.saturating_sub(lines)),
            Command::Down(lines) => self.select(|line| line.saturating_add(lines)),
            Command::First => self.select(|_| 0),
            Command::Last => self.select(|_| usize::MAX),
            Command::Close => {
                self.detail = None;
                self.scroll = 0;
            }
            Command::Open => return self.open(),
            Command::Sort => match self.view {
                View::Flows => {
                    self.flow_sort = match self.flow_sort {
                        FlowSort::Bytes => FlowSort::Packets,
                        FlowSort::Packets => FlowSort::New,
                        FlowSort::New => FlowSort::Bytes,
                    };
                    return Then::Look;
                }
                View::Clients => {
                    self.client_sort = self.client_sort.next();
                    self.order_clients();
                }
                _ => {}
            },
        }
        Then::Nothing
    }

    fn show(&mut self, view: View) -> Then {
        self.detail = None;
        self.scroll = 0;
        if self.view == view {
            return Then::Nothing;
        }
        self.view = view;
        Then::Look
    }

    fn open(&mut self) -> Then {
        let station = self.clients.get(self.selected()).filter(|client| is_station(client));
        match station.and_then(|client| client["client_id"].as_str()) {
            Some(client) if matches!(self.view, View::Clients | View::Overview) => {
                self.detail = Some((client.to_owned(), None));
                self.scroll = 0;
                Then::Look
            }
            _ => Then::Nothing,
        }
    }

    /// Lines of the list at hand.
    fn lines(&self) -> usize {
        match self.view {
            View::Overview | View::Clients => self.clients.len(),
            View::Flows => self.flows["flows"].as_array().map_or(0, Vec::len),
            View::Channels => self.channels.len(),
            View::Frames => self.stats.as_ref().map_or(0, |stats| kinds(stats).len()),
        }
    }

    /// The line that is chosen in the list at hand.
    pub(super) fn selected(&self) -> usize {
        let line = self.selected.get(&self.place()).copied().unwrap_or(0);
        line.min(self.lines().saturating_sub(1))
    }

    /// The overview's list of clients is that of clients.
    fn place(&self) -> u8 {
        match self.view {
            View::Overview => View::Clients as u8,
            view => view as u8,
        }
    }

    fn select(&mut self, to: impl Fn(usize) -> usize) {
        if self.detail.is_some() {
            // Drawing knows how many lines there are, and says where it stopped.
            self.scroll = to(self.scroll);
            return;
        }
        let line = to(self.selected()).min(self.lines().saturating_sub(1));
        self.selected.insert(self.place(), line);
        if matches!(self.view, View::Overview | View::Clients) {
            self.chosen = match line {
                // Who is at the top looks at whoever comes.
                0 => None,
                line => self.clients.get(line).map(id),
            };
        }
    }

    fn order_clients(&mut self) {
        let sort = self.client_sort;
        let number = |client: &Value, key: &str| client[key].as_f64();
        let text = |client: &Value, key: &str| client[key].as_str().unwrap_or("\u{10ffff}").to_lowercase();
        self.clients.sort_by(|a, b| {
            let order = match sort {
                ClientSort::Seen => seen(b).total_cmp(&seen(a)),
                ClientSort::Signal => {
                    let signal = |client| number(client, "signal_dbm").unwrap_or(f64::MIN);
                    signal(b).total_cmp(&signal(a))
                }
                ClientSort::Maker => text(a, "manuf").cmp(&text(b, "manuf")),
                ClientSort::Address => std::cmp::Ordering::Equal,
            };
            order.then_with(|| id(a).cmp(&id(b)))
        });
        if let Some(chosen) = &self.chosen
            && let Some(line) = self.clients.iter().position(|client| id(client) == *chosen)
        {
            self.selected.insert(View::Clients as u8, line);
        }
    }

    /// Stations whose last request is not long ago, and stations of this run in all.
    pub(super) fn counted(&self) -> (usize, u64) {
        let stations = self.clients.iter().filter(|client| is_station(client));
        let active = stations.filter(|client| self.time - seen(client) < ACTIVE_SECONDS);
        (
            active.count(),
            self.stats.as_ref().map_or(0, |stats| stats.profiles.clients),
        )
    }
}

fn id(client: &Value) -> String {
    client["client_id"].as_str().unwrap_or_default().to_owned()
}

/// A Wi-Fi station, not a sensor or a viewer.
pub(super) fn is_station(client: &Value) -> bool {
    client["type"] == "device"
}

/// When a client was last heard of, Unix seconds.
pub(super) fn seen(client: &Value) -> f64 {
    let last = client["last_seen"].as_f64();
    last.or(client["connected_at"].as_f64()).unwrap_or(0.0)
}
