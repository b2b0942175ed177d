//! The plan of visits: round and round, longer where more is heard.

use std::time::Duration;

use super::HopState;
use crate::dot11::Channel;

/// The first time that a channel waits after the radio refused it; doubled with each further refusal.
const FIRST_REST: Duration = Duration::from_secs(1);
/// The longest such time.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// What a station that is new counts beside a management frame.
const STATION: f64 = 10.0;

/// How long visits last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Where no channel is busier than another.
    pub dwell: Duration,
    /// The shortest visit.
    pub shortest: Duration,
    /// The longest one.
    pub longest: Duration,
    /// How much longer a visit may last while a client is joining.
    pub hold: Duration,
}

impl Pace {
    /// Visits of half to four times this time.
    #[must_use]
    pub fn of(dwell: Duration) -> Self {
        Self {
            dwell,
            shortest: dwell / 2,
            longest: dwell * 4,
            hold: Duration::from_secs(3),
        }
    }
}

/// What was heard on a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Management frames.
    pub management: u64,
    /// Stations that were not known before.
    pub stations: u64,
}

/// A visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub channel: Channel,
    /// For how long.
    pub dwell: Duration,
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Tune the radio, stay, then call [`Planner::visited`] or [`Planner::failed`].
    Visit(Visit),
    /// Every channel was refused: wait so long.
    Wait(Duration),
}

#[derive(Clone, Copy, Debug)]
struct Place {
    channel: Channel,
    /// Weighted events a second, of the last visits; `None` before the first.
    interest: Option<f64>,
    /// Not before this time.
    rests_until: Option<Duration>,
    /// Refusals since it was last taken.
    refusals: u32,
}

/// The plan. Times are since any start.
///
/// A channel that the radio takes waits for its next visit no longer than [`Planner::bound`].
#[derive(Clone, Debug)]
pub struct Planner {
    places: Vec<Place>,
    pace: Pace,
    /// The next one.
    at: usize,
    visits: u64,
    failures: u64,
}

impl Planner {
    /// Visits these channels in this order. There must be one.
    #[must_use]
    pub fn new(channels: &[Channel], pace: Pace) -> Self {
        let places = channels.iter().map(|&channel| Place {
            channel,
            interest: None,
            rests_until: None,
            refusals: 0,
        });
        Self {
            places: places.collect(),
            pace,
            at: 0,
            visits: 0,
            failures: 0,
        }
    }

    /// The next visit.
    #[must_use]
    pub fn next(&mut self, now: Duration) -> Next {
        let count = self.places.len();
        let rests = |place: &Place| place.rests_until.filter(|until| *until > now);
        let ready = (0..count)
            .map(|step| (self.at + step) % count)
            .find(|index| rests(&self.places[*index]).is_none());
        if let Some(index) = ready {
            self.at = index;
            let dwell = self.dwell(&self.places[index]);
            let channel = self.places[index].channel;
            return Next::Visit(Visit { channel, dwell });
        }
        let first = self.places.iter().filter_map(rests).min();
        Next::Wait(first.map_or(FIRST_REST, |until| until - now))
    }

    /// In proportion to what was heard there, as against the mean of all.
    fn dwell(&self, place: &Place) -> Duration {
        let known: Vec<_> = self.places.iter().filter_map(|place| place.interest).collect();
        #[expect(clippy::cast_precision_loss, reason = "there are some hundred channels")]
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let Pace {
            dwell,
            shortest,
            longest,
            ..
        } = self.pace;
        match place.interest {
            Some(interest) if mean > 0.0 => {
                // An unheard-of number of frames is no reason to panic.
                let factor = (interest / mean).clamp(0.0, 1000.0);
                dwell.mul_f64(factor).clamp(shortest, longest.max(shortest))
            }
            _ => dwell,
        }
    }

    /// The visit is over.
    pub fn visited(&mut self, found: Found, lasted: Duration) {
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = (found.management as f64 + STATION * found.stations as f64) / lasted.as_secs_f64().max(0.001);
        if let Some(place) = self.places.get_mut(self.at) {
            place.interest = Some(place.interest.map_or(rate, |before| (before + rate) / 2.0));
            (place.rests_until, place.refusals) = (None, 0);
        }
        self.visits += 1;
        self.step();
    }

    /// The radio refused it: it is put aside, each time for longer.
    pub fn failed(&mut self, now: Duration) {
        if let Some(place) = self.places.get_mut(self.at) {
            let rest = FIRST_REST * 2u32.saturating_pow(place.refusals.min(16));
            place.rests_until = Some(now + rest.min(LONGEST_REST));
            place.refusals += 1;
        }
        self.failures += 1;
        self.step();
    }

    fn step(&mut self) {
        self.at = (self.at + 1) % self.places.len().max(1);
    }

    /// How visits last.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// The longest time from the end of a channel's visit to its next one.
    #[must_use]
    pub fn bound(&self) -> Duration {
        let others = u32::try_from(self.places.len().saturating_sub(1)).unwrap_or(u32::MAX);
        (self.pace.longest + self.pace.hold).saturating_mul(others)
    }

    /// For the report; `current` is where the radio is.
    #[must_use]
    pub fn state(&self, current: Option<Channel>, now: Duration) -> HopState {
        let names = |places: &mut dyn Iterator<Item = &Place>| places.map(|place| place.channel.to_string()).collect();
        let rests = |place: &&Place| place.rests_until.is_some_and(|until| until > now);
        HopState {
            channels: names(&mut self.places.iter()),
            current: current.map(|channel| channel.to_string()),
            aside: names(&mut self.places.iter().filter(rests)),
            dwell_seconds: self.pace.dwell.as_secs_f64(),
            bound_seconds: self.bound().as_secs_f64(),
            visits: self.visits,
            failures: self.failures,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dot11::Band;

    const DWELL: Duration = Duration::from_millis(250);

    fn planner(count: usize) -> (Vec<Channel>, Planner) {
        let channels: Vec<_> = Channel::all(Band::Ghz5).take(count).collect();
        let planner = Planner::new(&channels, Pace::of(DWELL));
        (channels, planner)
    }

    #[test]
    fn longer_where_more_is_heard() {
        let (channels, mut planner) = planner(3);
        let mut dwells = vec![Duration::ZERO; 3];
        for _ in 0..30 {
            let Next::Visit(visit) = planner.next(Duration::ZERO) else {
                panic!("nothing was refused");
            };
            let index = channels.iter().position(|channel| *channel == visit.channel).unwrap();
            dwells[index] = visit.dwell;
            let management = [0, 10, 500][index];
            planner.visited(
                Found {
                    management,
                    stations: 0,
                },
                DWELL,
            );
        }
        assert_eq!(dwells[0], DWELL / 2);
        assert!(dwells[2] > 2 * DWELL, "{dwells:?}");
    }

    #[test]
    fn refused_ones_wait_longer_each_time() {
        let (_, mut planner) = planner(1);
        let mut now = Duration::ZERO;
        for rest in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert!(matches!(planner.next(now), Next::Visit(_)));
            planner.failed(now);
            assert_eq!(planner.next(now), Next::Wait(Duration::from_secs(rest)));
            now += Duration::from_secs(rest);
        }
        assert_eq!(planner.state(None, Duration::ZERO).aside.len(), 1);
        planner.visited(Found::default(), DWELL);
        planner.failed(now);
        assert_eq!(planner.next(now), Next::Wait(FIRST_REST), "it was taken in between");
        assert_eq!(planner.state(None, now).failures, 9);
    }

    /// For each visit: what is found, whether the radio refuses, and how long a joining client holds it, in ms.
    fn visits() -> impl Strategy<Value = Vec<(u64, u64, bool, u64)>> {
        let visit = (0u64..100_000, 0u64..50, prop::bool::weighted(0.2), 0u64..3000);
        proptest::collection::vec(visit, 1..400)
    }

    proptest! {
        #[test]
        fn no_channel_starves(count in 1usize..25, visits in visits()) {
            let (channels, mut planner) = planner(count);
            let pace = planner.pace();
            let (start, mut now) = (Duration::from_secs(5), Duration::from_secs(5));
            let mut dwelt = Duration::ZERO;
            // When each was last left, and whether it has been refused since.
            let mut left = vec![(start, false); count];
            for (management, stations, refused, held) in visits {
                match planner.next(now) {
                    Next::Wait(time) => {
                        prop_assert!(time > Duration::ZERO && time <= LONGEST_REST);
                        now += time;
                        dwelt += time;
                    }
                    Next::Visit(visit) => {
                        prop_assert!(visit.dwell >= pace.shortest && visit.dwell <= pace.longest);
                        let index = channels.iter().position(|channel| *channel == visit.channel).unwrap();
                        let (last, was_refused) = left[index];
                        prop_assert!(was_refused || now - last <= planner.bound(), "{:?}", now - last);
                        left[index] = (now, refused);
                        if refused {
                            planner.failed(now);
                            continue;
                        }
                        let lasted = visit.dwell + Duration::from_millis(held);
                        planner.visited(Found { management, stations }, lasted);
                        now += lasted;
                        dwelt += lasted;
                        left[index] = (now, false);
                    }
                }
                // Those that were not refused wait no longer than the bound.
                for (last, refused) in &left {
                    prop_assert!(*refused || now - *last <= planner.bound() + pace.longest + pace.hold);
                }
            }
            prop_assert_eq!(now - start, dwelt);
        }
    }
}
