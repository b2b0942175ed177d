//! What is known of a channel: frames, the radio's survey, and how long it was listened to.

use std::time::Duration;

use airlens_common::air::ChannelCount;

/// What a radio says of a channel (`NL80211_ATTR_SURVEY_INFO`); times since some start in ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SurveyReading {
    /// Frequency in MHz.
    pub frequency: u16,
    /// Noise in dBm.
    pub noise: Option<i8>,
    /// How long it was there.
    pub active_ms: Option<u64>,
    /// How long it found the channel busy.
    pub busy_ms: Option<u64>,
    /// The radio is there now.
    pub in_use: bool,
}

/// The shortest time that a utilisation is told from, in ms.
const SHORTEST: u64 = 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ChannelState {
    pub(super) count: ChannelCount,
    pub(super) noise: Option<i8>,
    /// Busy share of the last stretch that was long enough, 0 to 1.
    pub(super) utilisation: Option<f64>,
    /// The readings that the next one is held against.
    reading: Option<(u64, u64)>,
    pub(super) dwelt: Duration,
    pub(super) visits: u64,
    pub(super) failures: u64,
    pub(super) tuned: bool,
}

impl ChannelState {
    pub(super) fn survey(&mut self, survey: &SurveyReading) {
        self.noise = survey.noise.or(self.noise);
        let (Some(active), Some(busy)) = (survey.active_ms, survey.busy_ms) else {
            return;
        };
        let (active_before, busy_before) = match self.reading {
            // Some drivers begin anew with each visit.
            Some((before, _)) if before > active => (0, 0),
            Some(reading) => reading,
            None => (0, 0),
        };
        let (active_since, busy_since) = (active - active_before, busy.saturating_sub(busy_before));
        if active_since >= SHORTEST {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
            let share = busy_since as f64 / active_since as f64;
            self.utilisation = Some(share.clamp(0.0, 1.0));
            self.reading = Some((active, busy));
        } else if self.reading.is_some_and(|(before, _)| before > active) {
            self.reading = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utilisation_is_of_the_last_stretch() {
        let mut channel = ChannelState::default();
        let mut utilisation = |active, busy| {
            channel.survey(&SurveyReading {
                active_ms: Some(active),
                busy_ms: Some(busy),
                ..SurveyReading::default()
            });
            channel.utilisation
        };
        assert_eq!(utilisation(5, 1), None, "too short");
        assert_eq!(utilisation(100, 25), Some(0.25));
        assert_eq!(utilisation(110, 35), Some(0.25), "not yet");
        assert_eq!(utilisation(200, 75), Some(0.5));
        assert_eq!(utilisation(50, 50), Some(1.0), "it began anew");
        assert_eq!(utilisation(100, 200), Some(1.0), "more than there is");
    }

    #[test]
    fn what_is_not_told_stays() {
        let mut channel = ChannelState::default();
        channel.survey(&SurveyReading {
            noise: Some(-95),
            ..SurveyReading::default()
        });
        channel.survey(&SurveyReading::default());
        assert_eq!((channel.noise, channel.utilisation), (Some(-95), None));
    }
}
