//! Visiting the channels: the plan, a radio, and somebody who listens.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use super::{
    super::SurveyReading,
    HopState,
    plan::{Found, Next, Planner, Visit},
};
use crate::dot11::Channel;

/// How often a visit that is held is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// The radio did not take a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RadioError(pub String);

/// What is tuned.
pub trait Radio: Send {
    /// Tunes to 20 MHz of a channel.
    fn tune(&mut self, channel: Channel) -> impl Future<Output = Result<(), RadioError>> + Send;
    /// What the radio says of its channels; nothing where it says nothing.
    fn survey(&mut self) -> impl Future<Output = Vec<SurveyReading>> + Send;
}

/// Who listens.
pub trait Ear: Send {
    /// What was heard on a channel since any start.
    fn heard(&self, channel: Channel) -> Found;
    /// A client is joining.
    fn is_joining(&self) -> bool;
    /// The radio is on a channel from now on.
    fn tuned(&self, channel: Channel, state: HopState);
    /// A visit is over.
    fn visited(&self, channel: Channel, lasted: Duration, surveys: &[SurveyReading]);
    /// The radio refused a channel; `first` of several times.
    fn refused(&self, channel: Channel, error: &RadioError, state: HopState);
}

/// When the driver ends.
pub type Stop = tokio::sync::watch::Receiver<bool>;

/// Drives a radio by a plan.
pub struct Hopper<R, E> {
    planner: Planner,
    radio: R,
    ear: E,
    start: Instant,
}

impl<R: Radio, E: Ear> Hopper<R, E> {
    /// A driver that has not begun.
    pub fn new(planner: Planner, radio: R, ear: E) -> Self {
        Self {
            planner,
            radio,
            ear,
            start: Instant::now(),
        }
    }

    /// Visits channel after channel until told to stop, or until whoever would tell is gone.
    pub async fn run(mut self, mut stop: Stop) {
        let told = async move { while !*stop.borrow_and_update() && stop.changed().await.is_ok() {} };
        tokio::select! {
            () = told => {}
            () = self.hop() => {}
        }
    }

    async fn hop(&mut self) {
        loop {
            match self.planner.next(self.start.elapsed()) {
                Next::Wait(time) => tokio::time::sleep(time).await,
                Next::Visit(visit) => self.visit(visit).await,
            }
        }
    }

    async fn visit(&mut self, visit: Visit) {
        let channel = visit.channel;
        if let Err(error) = self.radio.tune(channel).await {
            let now = self.start.elapsed();
            self.planner.failed(now);
            self.ear.refused(channel, &error, self.planner.state(None, now));
            return;
        }
        let begun = Instant::now();
        self.ear
            .tuned(channel, self.planner.state(Some(channel), self.start.elapsed()));
        let before = self.ear.heard(channel);
        tokio::time::sleep(visit.dwell).await;
        let longest = visit.dwell + self.planner.pace().hold;
        while self.ear.is_joining() && begun.elapsed() + LOOK <= longest {
            tokio::time::sleep(LOOK).await;
        }
        let lasted = begun.elapsed();
        let after = self.ear.heard(channel);
        let found = Found {
            management: after.management.saturating_sub(before.management),
            stations: after.stations.saturating_sub(before.stations),
        };
        self.planner.visited(found, lasted);
        let surveys = self.radio.survey().await;
        self.ear.visited(channel, lasted, &surveys);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{super::Pace, *};
    use crate::dot11::Band;

    #[derive(Clone, Default)]
    struct Fake {
        log: Arc<Mutex<Vec<String>>>,
        joining: Arc<Mutex<Option<Instant>>>,
    }

    impl Fake {
        fn log(&self, line: String) {
            self.log.lock().unwrap().push(line);
        }
    }

    impl Radio for Fake {
        async fn tune(&mut self, channel: Channel) -> Result<(), RadioError> {
            if channel.number() == 40 {
                return Err(RadioError("busy".to_owned()));
            }
            Ok(())
        }

        async fn survey(&mut self) -> Vec<SurveyReading> {
            vec![SurveyReading::default()]
        }
    }

    impl Ear for Fake {
        fn heard(&self, _: Channel) -> Found {
            Found::default()
        }

        fn is_joining(&self) -> bool {
            self.joining.lock().unwrap().is_some_and(|until| Instant::now() < until)
        }

        fn tuned(&self, channel: Channel, state: HopState) {
            assert_eq!(state.current, Some(channel.to_string()));
        }

        fn visited(&self, channel: Channel, lasted: Duration, surveys: &[SurveyReading]) {
            assert_eq!(surveys.len(), 1);
            let held = if lasted >= Duration::from_millis(60) {
                " held"
            } else {
                ""
            };
            self.log(format!("{channel}{held}"));
        }

        fn refused(&self, channel: Channel, error: &RadioError, state: HopState) {
            self.log(format!("{channel} {error}, {:?} aside", state.aside));
        }
    }

    #[tokio::test]
    async fn goes_round_and_stays_with_who_joins() {
        let fake = Fake::default();
        *fake.joining.lock().unwrap() = Some(Instant::now() + Duration::from_millis(80));
        let channels: Vec<_> = Channel::all(Band::Ghz5)
            .filter(|channel| matches!(channel.number(), 36..=44))
            .collect();
        let planner = Planner::new(&channels, Pace::of(Duration::from_millis(5)));
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let run = tokio::spawn(Hopper::new(planner, fake.clone(), fake.clone()).run(stopping));
        while fake.log.lock().unwrap().len() < 5 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stop.send(true).unwrap();
        run.await.unwrap();
        let log = fake.log.lock().unwrap();
        assert_eq!(log[..2], ["36 held", "40 busy, [\"40\"] aside"]);
        assert!(
            log[2].starts_with("44") && log[3].starts_with("36") && log[4].starts_with("44"),
            "{log:?}"
        );
    }

    #[tokio::test]
    async fn ends_with_who_would_tell() {
        let fake = Fake::default();
        let channels = [Channel::new(Band::Ghz2, 1).unwrap()];
        let planner = Planner::new(&channels, Pace::of(Duration::from_millis(5)));
        let (stop, stopping) = tokio::sync::watch::channel(false);
        drop(stop);
        Hopper::new(planner, fake.clone(), fake).run(stopping).await;
    }
}
