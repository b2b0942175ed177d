//! Records into the partitions of a topic, acknowledged by all replicas.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use kafka_protocol::{
    ResponseError,
    indexmap::IndexMap,
    messages::{
        ApiKey, MetadataRequest, MetadataResponse, ProduceRequest, ProduceResponse, TopicName,
        metadata_request::MetadataRequestTopic,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    protocol::StrBytes,
    records::{
        Compression, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, Record as WireRecord,
        RecordBatchEncoder, RecordEncodeOptions, TimestampType,
    },
};

use super::{
    Record, RecordType,
    connection::{Connection, KafkaError},
    partition::partition,
};

/// How long a broker may wait for its replicas.
const REPLICAS_MS: i32 = 5000;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is to be sent, again.
    Waiting,
    /// All replicas have it.
    Sent,
    /// The broker will never take it.
    Rejected,
}

/// Who leads the partitions, and the connections to these brokers.
#[derive(Debug)]
pub(super) struct Producer {
    brokers: Vec<String>,
    topic: TopicName,
    kind: RecordType,
    /// The address of the leader of each partition, by its number.
    leaders: Vec<String>,
    connections: BTreeMap<String, Connection>,
    /// Records without a key go to the partitions in turn.
    turn: usize,
}

impl Producer {
    pub(super) fn new(brokers: &[String], topic: &str, kind: RecordType) -> Self {
        Self {
            brokers: brokers.to_vec(),
            topic: TopicName(StrBytes::from_string(topic.to_owned())),
            kind,
            leaders: Vec::new(),
            connections: BTreeMap::new(),
            turn: 0,
        }
    }

    /// Sends the records that are `Waiting`, and notes what became of them. Those of one partition keep their order.
    ///
    /// # Errors
    ///
    /// The first thing that went wrong; records are still `Waiting` then.
    pub(super) fn send(&mut self, records: &[Record], fates: &mut [Fate]) -> Result<(), KafkaError> {
        if self.leaders.is_empty() {
            self.ask_leaders()?;
        }
        let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        self.turn = self.turn.wrapping_add(1);
        for (index, record) in records.iter().enumerate() {
            if fates[index] == Fate::Waiting {
                let partition = partition(record.key.as_deref(), self.turn, self.leaders.len());
                places.entry(partition).or_default().push(index);
            }
        }
        let mut by_leader: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for partition in places.keys() {
            by_leader
                .entry(self.leaders[*partition].clone())
                .or_default()
                .push(*partition);
        }
        let mut worst = Ok(());
        for (leader, partitions) in by_leader {
            let sent = self.send_to(&leader, &partitions, &places, records, fates);
            if let Err(error) = sent {
                // Another may lead now, or the same by another connection.
                self.connections.remove(&leader);
                self.leaders.clear();
                worst = Err(error);
            }
            if self.leaders.is_empty() {
                break;
            }
        }
        if worst.is_ok() && fates.contains(&Fate::Waiting) {
            return Err(KafkaError::Protocol("it says nothing of some partitions".to_owned()));
        }
        worst
    }

    fn send_to(
        &mut self,
        leader: &str,
        partitions: &[usize],
        places: &BTreeMap<usize, Vec<usize>>,
        records: &[Record],
        fates: &mut [Fate],
    ) -> Result<(), KafkaError> {
        let data = partitions
            .iter()
            .map(|partition| {
                let batch = batch(self.kind, places[partition].iter().map(|index| &records[*index]))?;
                Ok(PartitionProduceData::default()
                    .with_index(*partition as i32)
                    .with_records(Some(batch)))
            })
            .collect::<Result<_, KafkaError>>()?;
        let topic = TopicProduceData::default()
            .with_name(self.topic.clone())
            .with_partition_data(data);
        let request = ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(REPLICAS_MS)
            .with_topic_data(vec![topic]);
        let connection = match self.connections.remove(leader) {
            Some(connection) => connection,
            None => Connection::open(leader)?,
        };
        let connection = self.connections.entry(leader.to_owned()).or_insert(connection);
        let version = connection.versions.produce;
        let answer: ProduceResponse = connection.call(ApiKey::Produce, version, &request)?;
        let answers = answer.responses.iter().flat_map(|topic| &topic.partition_responses);
        let mut worst = Ok(());
        for answer in answers {
            let indices = usize::try_from(answer.index).ok().and_then(|index| places.get(&index));
            let fate = match ResponseError::try_from_code(answer.error_code) {
                None => Fate::Sent,
                Some(error) if is_final(error) => Fate::Rejected,
                Some(error) => {
                    worst = Err(KafkaError::Broker(error));
                    continue;
                }
            };
            for index in indices.into_iter().flatten() {
                fates[*index] = fate;
            }
        }
        worst
    }

    /// Asks any broker who leads each partition of the topic, which is made if the broker does so.
    fn ask_leaders(&mut self) -> Result<(), KafkaError> {
        let mut last = KafkaError::NoPartition(self.topic.0.to_string());
        for broker in self.brokers.clone() {
            match self.leaders_by(&broker) {
                Ok(leaders) if leaders.is_empty() => {}
                Ok(leaders) => {
                    self.leaders = leaders;
                    return Ok(());
                }
                Err(error) => {
                    self.connections.remove(&broker);
                    last = error;
                }
            }
        }
        Err(last)
    }

    fn leaders_by(&mut self, broker: &str) -> Result<Vec<String>, KafkaError> {
        let mut connection = Connection::open(broker)?;
        let topic = MetadataRequestTopic::default().with_name(Some(self.topic.clone()));
        let request = MetadataRequest::default()
            .with_topics(Some(vec![topic]))
            .with_allow_auto_topic_creation(true);
        let version = connection.versions.metadata;
        let answer: MetadataResponse = connection.call(ApiKey::Metadata, version, &request)?;
        let Some(topic) = answer.topics.first() else {
            return Ok(Vec::new());
        };
        if let Some(error) = ResponseError::try_from_code(topic.error_code) {
            return Err(KafkaError::Broker(error));
        }
        let mut leaders = BTreeMap::new();
        for partition in &topic.partitions {
            let leader = answer
                .brokers
                .iter()
                .find(|broker| broker.node_id == partition.leader_id);
            if let Some(leader) = leader {
                leaders.insert(partition.partition_index, format!("{}:{}", leader.host, leader.port));
            }
        }
        // A key's partition follows from how many there are: without all of them, it waits.
        let whole =
            leaders.len() == topic.partitions.len() && (0..).zip(leaders.keys()).all(|(index, key)| index == *key);
        Ok(if whole {
            leaders.into_values().collect()
        } else {
            Vec::new()
        })
    }
}

/// No later attempt will go better.
fn is_final(error: ResponseError) -> bool {
    matches!(
        error,
        ResponseError::MessageTooLarge
            | ResponseError::RecordListTooLarge
            | ResponseError::InvalidRecord
            | ResponseError::CorruptMessage
            | ResponseError::InvalidTimestamp
    )
}

/// A record batch (magic 2) of these.
fn batch<'a>(kind: RecordType, records: impl Iterator<Item = &'a Record>) -> Result<Bytes, KafkaError> {
    let records: Vec<_> = (0..)
        .zip(records)
        .map(|(offset, record)| wire(offset, kind, record))
        .collect();
    let options = RecordEncodeOptions {
        version: 2,
        compression: Compression::None,
    };
    let mut octets = BytesMut::new();
    RecordBatchEncoder::encode(&mut octets, &records, &options)
        .map_err(|error| KafkaError::Protocol(error.to_string()))?;
    Ok(octets.freeze())
}

fn wire(offset: i64, kind: RecordType, record: &Record) -> WireRecord {
    WireRecord {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
        producer_id: NO_PRODUCER_ID,
        producer_epoch: NO_PRODUCER_EPOCH,
        timestamp_type: TimestampType::Creation,
        offset,
        // The encoder starts a batch where this does not go up by one.
        sequence: NO_SEQUENCE + i32::try_from(offset).unwrap_or(0),
        timestamp: record.time,
        key: record.key.as_ref().map(|key| Bytes::copy_from_slice(key.as_bytes())),
        value: Some(Bytes::copy_from_slice(record.value.as_bytes())),
        headers: IndexMap::from([(
            StrBytes::from_static_str("type"),
            Some(Bytes::from_static(kind.label().as_bytes())),
        )]),
    }
}
