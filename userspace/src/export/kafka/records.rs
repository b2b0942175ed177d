//! What flows and profiles are as records.

use std::sync::Arc;

use jiff::Timestamp;

use super::{KafkaOptions, Record, RecordKey, RecordType, SpoolError, sender::Sender};
use crate::{
    export::{
        InterfaceNames,
        files::row,
        line::{Item, Line, Output},
    },
    flow::{EndedFlow, Row},
    kernel::Clock,
    profile::{Profile, client_json},
};

/// An exporter: `make` gives an item's record, or none for one that JSON can't say.
struct Records<M> {
    make: M,
    sender: Sender,
}

/// Flows for Kafka: each is its row (`docs/schemas/flow.schema.json`).
pub(in crate::export) fn flow_records(
    options: &KafkaOptions,
    line: &Line,
) -> Result<impl Output<EndedFlow> + use<>, SpoolError> {
    let (key, names) = (options.key, line.names.clone());
    Ok(Records {
        make: move |ended: &EndedFlow, clock| flow_record(ended, clock, key, &names),
        sender: Sender::open(options, RecordType::Flow, line)?,
    })
}

/// Profiles for Kafka: each is what its client's file says (`docs/schemas/client.schema.json`).
pub(in crate::export) fn profile_records(
    options: &KafkaOptions,
    line: &Line,
) -> Result<impl Output<Arc<Profile>> + use<>, SpoolError> {
    Ok(Records {
        make: |profile: &Arc<Profile>, _| Some(profile_record(profile)),
        sender: Sender::open(options, RecordType::Profile, line)?,
    })
}

fn flow_record(ended: &EndedFlow, clock: Clock, key: RecordKey, names: &InterfaceNames) -> Option<Record> {
    let row = row(ended, clock, names);
    Some(Record {
        time: row.end.as_millisecond(),
        key: key_of(&row, key),
        value: serde_json::to_string(&row).ok()?,
    })
}

fn key_of(row: &Row, key: RecordKey) -> Option<String> {
    let port = |port: Option<u16>| port.unwrap_or(0);
    match key {
        RecordKey::Flow => Some(format!(
            "{} {} {} {} {}",
            row.source,
            port(row.source_port),
            row.destination,
            port(row.destination_port),
            row.protocol
        )),
        RecordKey::Source => Some(row.source.to_string()),
        RecordKey::Destination => Some(row.destination.to_string()),
        RecordKey::None => None,
    }
}

/// Its key is the client, whose records keep their order by that.
pub(super) fn profile_record(profile: &Profile) -> Record {
    let time = profile.time.and_then(|time| i64::try_from(time / 1_000_000).ok());
    Record {
        // A capture without times has none: that of the record, then.
        time: time.unwrap_or_else(|| Timestamp::now().as_millisecond()),
        key: Some(profile.client().to_string()),
        value: client_json(profile).to_string(),
    }
}

impl<T: Item, M> Output<T> for Records<M>
where
    M: Fn(&T, Clock) -> Option<Record> + Send,
{
    fn export(&mut self, items: &[T], line: &Line) {
        let clock = Clock::now();
        for item in items {
            match (self.make)(item, clock) {
                Some(record) => self.sender.add(record, item.carried(), line),
                None => Sender::refuse(item.carried(), line),
            }
        }
    }

    fn work(&mut self, line: &Line) {
        self.sender.work(line);
    }

    fn is_busy(&self) -> bool {
        self.sender.is_busy()
    }

    fn finish(&mut self, line: &Line) {
        self.sender.finish(line);
    }
}
