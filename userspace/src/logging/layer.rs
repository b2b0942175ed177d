//! From `tracing` to the queues.

use jiff::Timestamp;
use tracing::{Event, Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, layer::Context};

use super::{AUDIT, AUDIT_ALONE, Form, line::Line, writer::Writer};

/// Takes events. Spans are none of its: where no other layer wants them, they cost a look at a static.
#[derive(Clone, Debug)]
pub struct LogLayer {
    level: LevelFilter,
    form: Form,
    run: Writer,
    audit: Option<Writer>,
}

impl LogLayer {
    pub(super) fn new(level: LevelFilter, form: Form, run: Writer, audit: Option<Writer>) -> Self {
        Self {
            level,
            form,
            run,
            audit,
        }
    }

    fn is_audit(&self, metadata: &Metadata<'_>) -> bool {
        self.audit.is_some() && [AUDIT, AUDIT_ALONE].contains(&metadata.target())
    }

    fn is_logged(&self, metadata: &Metadata<'_>) -> bool {
        let level = match metadata.target() {
            AUDIT_ALONE => Level::DEBUG,
            _ => *metadata.level(),
        };
        level <= self.level
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_event() && (self.is_logged(metadata) || self.is_audit(metadata))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Security events are warnings or news.
        let audit = self.audit.as_ref().map_or(LevelFilter::OFF, |_| LevelFilter::INFO);
        Some(self.level.max(audit))
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Line::new(*metadata.level());
        event.record(&mut line);
        let time = Timestamp::now();
        if self.is_logged(metadata) {
            self.run.put(&self.form.octets(&line, time));
        }
        if let Some(audit) = self.audit.as_ref().filter(|_| self.is_audit(metadata)) {
            audit.put(&Form::Json.octets(&line, time));
        }
    }
}
