use std::sync::{Arc, Mutex};

use tracing::subscriber::with_default;
use tracing_subscriber::{Layer, Registry, layer::Context, layer::SubscriberExt as _};

use super::*;
use crate::dot11::Address;

/// Counts lines and the numbers of those left out that they tell.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<(u64, u64)>>);

impl tracing::field::Visit for Seen {
    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        if field.name() == "suppressed" {
            self.0.lock().unwrap().1 += value;
        }
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
}

impl<S: tracing::Subscriber> Layer<S> for Seen {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        self.0.lock().unwrap().0 += 1;
        event.record(&mut self.clone());
    }
}

#[test]
fn a_flood_is_counted_and_told_in_a_few_lines() {
    let (seen, events) = (Seen::default(), Events::default());
    with_default(Registry::default().with(seen.clone()), || {
        for number in 0..10_000u32 {
            let [a, b, c, d] = number.to_be_bytes();
            let client = Address([2, 0, a, b, c, d]);
            events.emit(&ClientRegistered { client, observed: true });
        }
        events.emit(&EventsMissed(7));
        events.tell_suppressed(true);
    });
    assert_eq!(events.count(Kind::ClientRegistered), 10_000);
    assert_eq!(events.count(Kind::EventsMissed), 7);
    let (lines, suppressed) = *seen.0.lock().unwrap();
    assert!((101..200).contains(&lines), "{lines}");
    // Each event is a line, or one of those that a line says were left out; one line is of the other kind, one says it alone.
    assert_eq!(lines - 2 + suppressed, 10_000);
}

#[test]
fn kinds_are_told_apart() {
    let mut labels: Vec<_> = Kind::ALL.iter().map(|kind| kind.label()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), Kind::ALL.len());
    assert!(
        Kind::ALL
            .iter()
            .enumerate()
            .all(|(index, kind)| *kind as usize == index)
    );
}
