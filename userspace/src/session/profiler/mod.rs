//! Frames to profiles: what of each captured frame is worth publishing, and the counts of a run.

mod attempts;
mod counts;
mod stations;
mod summary;
#[cfg(test)]
mod tests;

use std::{
    hash::{DefaultHasher, Hasher as _},
    sync::Arc,
    time::Duration,
};

use airlens_common::monitor::frame_flags;
use jiff::Timestamp;

use attempts::{Attempts, Heard, leaving, side};
pub use attempts::{FailedAttempt, FailureCause};
pub use counts::ProfileCounts;
pub use stations::{Answered, Station};
use stations::{Asked, Stations};
pub use summary::Summary;

use crate::{
    dot11::{
        Address,
        frame::{Authentication, Frame as Dot11Frame, Management},
        link::LinkType,
    },
    kernel::{Clock, Frame},
    profile::{Capture, CaptureSource, Identity, Listener, Profile, ProfileError, Side},
    publish::snapshot::Histogram,
    spans::Trace,
};

/// Stations of which the last probe request is remembered, 4 KiB each at the most.
const MAX_PROBING: usize = 4096;

/// Requests that say the same within this time are one attempt: stations ask up to three times, 0.2 s apart, before they give
/// up (`IEEE80211_ASSOC_TIMEOUT` of Linux's net/mac80211/mlme.c), with new sequence numbers.
const SAME_ATTEMPT: Duration = Duration::from_secs(1);

/// An answer that comes later is one to a request that was not heard.
const MOST_WAITING: Duration = Duration::from_secs(5);

/// What a profiler is told.
#[derive(Clone, Debug)]
pub struct ProfilerOptions {
    /// What clients are told by.
    pub identity: Arc<Identity>,
    /// The BSSID of this run's own AP.
    pub own: Option<Address>,
    /// A client that authenticates and has not asked to associate after this time has failed.
    pub timeout: Duration,
    /// Other APs' clients may fail too; not where the radio leaves their channel, for then it may miss their requests.
    pub follow_observed: bool,
}

impl ProfilerOptions {
    /// The time until a client that authenticated has failed, unless configured.
    pub const TIMEOUT: Duration = Duration::from_secs(5);

    /// A listener's options.
    #[must_use]
    pub fn listening(identity: Arc<Identity>) -> Self {
        Self {
            identity,
            own: None,
            timeout: Self::TIMEOUT,
            follow_observed: true,
        }
    }
}

/// What a frame came to.
#[derive(Debug)]
pub enum Outcome {
    /// A client's profile.
    Profile(Box<Profile>),
    /// A request that gives none.
    Failed(ProfileError),
    /// The AP's answer to the last request of this client.
    Answered(Address, Answered),
    /// An association of this station with this AP has ended, with the reason code where it could be read.
    Left((Address, Address), Option<u16>),
    /// Nothing to publish.
    Nothing,
}

/// Turns captured frames into profiles.
#[derive(Debug)]
pub struct Profiler {
    options: ProfilerOptions,
    listener: Listener,
    stations: Stations,
    attempts: Attempts,
    counts: ProfileCounts,
    /// The station that the last frame was the first of, and whether it turned to this run's own AP.
    fresh: Option<(Address, bool)>,
    changed: Option<Address>,
}

impl Profiler {
    /// A profiler that has seen nothing.
    #[must_use]
    pub fn new(options: ProfilerOptions) -> Self {
        Self {
            listener: Listener::new(Arc::clone(&options.identity), MAX_PROBING),
            options,
            stations: Stations::default(),
            attempts: Attempts::default(),
            counts: ProfileCounts {
                handshakes: Histogram::of_handshakes(),
                ..ProfileCounts::default()
            },
            fresh: None,
            changed: None,
        }
    }

    /// The station that is new since this was asked last, and whether it turned to this run's own AP: ask after each frame.
    pub fn registered(&mut self) -> Option<(Address, bool)> {
        self.fresh.take()
    }

    /// The station of which the last frame told something new: that it is there, a profile, an answer.
    pub fn take_changed(&mut self) -> Option<Address> {
        self.changed.take()
    }

    /// Takes one frame.
    pub fn frame(&mut self, frame: &Frame, clock: Clock) -> Outcome {
        self.traced_frame(frame, clock, None)
    }

    /// Takes one frame and tells its trace, where it has one, what is done.
    pub fn traced_frame(&mut self, frame: &Frame, clock: Clock, mut trace: Option<&mut Trace>) -> Outcome {
        let time = clock.timestamp(frame.header.time);
        let capture = Capture {
            time: u64::try_from(time.as_nanosecond()).ok(),
            original_length: None,
            source: CaptureSource::External,
        };
        // Frame control is at the header's end: the kernel program has read it there.
        let Some(octets) = frame.packet.get(usize::from(frame.header.radiotap_length)..) else {
            self.counts.invalid += 1;
            return Outcome::Nothing;
        };
        let decoded = || {
            if let Some(trace) = &mut trace {
                trace.decoded();
            }
        };
        let made = self
            .listener
            .packet_watched(LinkType::Radiotap, &frame.packet, capture, decoded);
        self.counts.left_out.probes = self.listener.forgotten();
        match made {
            Ok(Some(profile)) => {
                let outcome = self.profiled(profile, octets, frame, time);
                if let Some(trace) = trace {
                    trace.profiled();
                }
                outcome
            }
            Ok(None) => self.other(octets, frame, time),
            Err(error) => {
                if let Ok(header) = Management::new(octets) {
                    self.attempts.requested((header.source(), header.bssid()));
                }
                self.counts.unreadable += 1;
                self.counts.invalid += 1;
                Outcome::Failed(error)
            }
        }
    }

    /// The clients whose time to ask is over at `now` (`CLOCK_MONOTONIC` in ns).
    pub fn expire(&mut self, now: u64) -> Vec<FailedAttempt> {
        let failed = self.attempts.expire(now, self.options.timeout, self.options.own);
        for failure in &failed {
            *self.counts.failed.entry(failure.cause).or_default() += 1;
            self.stations.failed(failure);
        }
        failed
    }

    /// The maker of a station, where the registry knows.
    #[must_use]
    pub fn maker(&self, address: Address) -> Option<std::borrow::Cow<'static, str>> {
        self.options.identity.registry.short_name(address)
    }

    fn profiled(&mut self, mut profile: Profile, octets: &[u8], frame: &Frame, time: Timestamp) -> Outcome {
        let pair = (profile.mac, profile.bssid);
        let begun = self.attempts.requested(pair);
        let own = self.options.own == Some(profile.bssid);
        if own {
            profile.source = CaptureSource::Internal;
        }
        let before = self.counts.clients;
        let seen = self.stations.see(profile.client(), own, time, &mut self.counts.clients);
        let Some(station) = seen else {
            self.counts.left_out.requests += 1;
            return Outcome::Nothing;
        };
        if self.counts.clients > before {
            self.fresh = Some((profile.client(), own));
        }
        let header = Management::new(octets).ok();
        let asked = Asked {
            bssid: profile.bssid,
            frequency: frame.header.frequency,
            kind: profile.kind,
            sequence: header.map(Management::sequence),
            content: digest(profile.body()),
            time: frame.header.time,
            begun,
        };
        let again = header.is_some_and(|header| header.control().retry());
        if station.asked.is_some_and(|last| asked.repeats(last, again)) {
            self.counts.retransmissions += 1;
            return Outcome::Nothing;
        }
        station.own = own;
        station.maker.clone_from(&profile.manuf);
        station.summary = Some(Box::new(Summary::of(&profile, station.summary.as_deref())));
        self.stations.asks(profile.client(), asked);
        self.changed = Some(profile.client());
        *if own {
            &mut self.counts.own
        } else {
            &mut self.counts.observed
        } += 1;
        Outcome::Profile(Box::new(profile))
    }

    /// A station shows itself by authenticating; the AP's frames tell what becomes of it.
    fn other(&mut self, octets: &[u8], frame: &Frame, time: Timestamp) -> Outcome {
        let Ok(parsed) = Dot11Frame::new(octets) else {
            // A later fragment is no damage.
            self.counts.invalid += u64::from(Management::new(octets).is_err());
            return Outcome::Nothing;
        };
        let header = parsed.header();
        let Some((by, client)) = side(header) else {
            return Outcome::Nothing;
        };
        let sent = frame.header.flags & frame_flags::TRANSMITTED != 0;
        // This host's own attempts to join somewhere.
        if client.is_group() || (sent && by == Side::Client) {
            return Outcome::Nothing;
        }
        let (pair, own) = ((client, header.bssid()), self.options.own == Some(header.bssid()));
        if let Some((kind, reason)) = leaving(parsed) {
            self.attempts.left(pair, by, reason);
            let Some(established) = self.stations.left(pair, by, (kind, reason), frame.header.time) else {
                return Outcome::Nothing;
            };
            self.changed = Some(client);
            if established {
                *match by {
                    Side::Ap => &mut self.counts.ended_by_ap,
                    Side::Client => &mut self.counts.ended_by_client,
                } += 1;
            }
            return Outcome::Left(pair, reason);
        }
        match parsed {
            Dot11Frame::Authentication(heard) => self.authentication(pair, by, heard, (frame, time, own)),
            Dot11Frame::AssociationResponse(response) if by == Side::Ap => {
                let answered = self.stations.answer(pair, response, frame.header.time);
                let Some(answered) = answered else {
                    return Outcome::Nothing;
                };
                self.changed = Some(client);
                let accepted = answered.status == 0;
                *if accepted {
                    &mut self.counts.accepted
                } else {
                    &mut self.counts.turned_away
                } += 1;
                if let (true, Some(joined)) = (accepted, answered.joined) {
                    self.counts.handshakes.observe(Duration::from_micros(joined));
                }
                return Outcome::Answered(client, answered);
            }
            _ => {}
        }
        Outcome::Nothing
    }

    fn authentication(
        &mut self,
        pair: (Address, Address),
        by: Side,
        heard: Authentication<'_>,
        (frame, time, own): (&Frame, Timestamp, bool),
    ) {
        if by == Side::Client {
            let known = self.counts.clients;
            let seen = self.stations.see(pair.0, own, time, &mut self.counts.clients);
            self.counts.left_out.stations += u64::from(seen.is_none());
            if self.counts.clients > known {
                self.fresh = Some((pair.0, own));
                self.changed = Some(pair.0);
            }
        }
        if !own && !self.options.follow_observed {
            return;
        }
        let at = Heard {
            time: frame.header.time,
            frequency: frame.header.frequency,
            own,
        };
        if !self.attempts.authentication(pair, by, heard, at) {
            self.counts.left_out.authentications += 1;
        }
    }

    /// A station.
    #[must_use]
    pub fn station(&self, address: Address) -> Option<&Station> {
        self.stations.get(address)
    }

    /// Every station seen.
    pub fn stations(&self) -> impl Iterator<Item = (&Address, &Station)> {
        self.stations.all()
    }

    /// Clients on their way to a request, and those that are associated as far as was heard.
    #[must_use]
    pub fn sessions(&self) -> (u64, u64) {
        (self.attempts.open() as u64, self.stations.established())
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> &ProfileCounts {
        &self.counts
    }
}

fn digest(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    hasher.finish()
}
