//! Who sends spans, in the words of OpenTelemetry's semantic conventions ("Resource": service, telemetry SDK, host, operating
//! system, process).

use std::env::consts::{ARCH, OS};

use opentelemetry::KeyValue;
use opentelemetry_sdk::{
    Resource,
    resource::TelemetryResourceDetector,
    trace::{IdGenerator as _, RandomIdGenerator},
};

use super::SpanSource;

/// The version of the conventions whose names these are.
const SCHEMA: &str = "https://opentelemetry.io/schemas/1.37.0";

pub(super) fn of(source: &SpanSource) -> Resource {
    let attributes = [
        KeyValue::new("service.name", "airlens"),
        KeyValue::new("service.version", source.version.clone()),
        KeyValue::new("service.instance.id", instance()),
        KeyValue::new("host.name", source.host.clone()),
        KeyValue::new("host.arch", architecture()),
        KeyValue::new("os.type", OS),
        KeyValue::new("process.pid", i64::from(source.pid)),
        KeyValue::new("process.executable.name", "airlens"),
    ];
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_schema_url(attributes, SCHEMA)
        .build()
}

/// A random UUID (RFC 9562 5.4): a run is an instance, whatever its process's number is.
fn instance() -> String {
    let random = u128::from_be_bytes(RandomIdGenerator::default().new_trace_id().to_bytes());
    let [version, variant] = [0xf << 76, 0x3 << 62];
    let digits = format!("{:032x}", random & !version & !variant | 0x4 << 76 | 0x2 << 62);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap_or_default());
    parts.join("-")
}

/// As `host.arch` calls it.
fn architecture() -> &'static str {
    match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_random_and_of_the_right_form() {
        let (one, other) = (instance(), instance());
        assert_ne!(one, other);
        let lengths: Vec<_> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&one[14..15], "4");
        assert!("89ab".contains(&one[19..20]), "{one}");
    }
}
