//! `/api/capture`: `?last=10s&filter=tcp+port+443`.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};

use super::{answers::on_a_thread, pairs::pairs, problem::Problem, routes::Api};
use crate::filter::FilterError;

/// None is registered; Wireshark's own.
const PCAPNG: &str = "application/x-pcapng";
/// Octets of a filter: libpcap's compiler takes its time for long ones.
const LONGEST_FILTER: usize = 1024;

/// Which packets are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PacketQuestion {
    /// Those of so long; all that are kept without.
    pub last: Option<Duration>,
    /// Of these, those that an expression of tcpdump's language takes.
    pub filter: Option<String>,
}

/// Packets as pcapng, in parts, some of which may be empty.
pub type Packets = Box<dyn Iterator<Item = Bytes> + Send>;

/// Why there are no packets.
#[derive(Debug, thiserror::Error)]
pub enum NoPackets {
    /// The run keeps none.
    #[error("this run keeps no packets: start it with --capture-last 30s, say")]
    Off,
    /// For more than the run keeps.
    #[error("last: this run keeps packets of {kept:?}, not of {last:?}: ask for less")]
    TooLong {
        /// What was asked for.
        last: Duration,
        /// What there may be.
        kept: Duration,
    },
    /// Answers are on their way already.
    #[error("{most} answers are on their way already: ask again when one is through")]
    Busy {
        /// The most.
        most: usize,
    },
    /// The expression is no filter.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// They can't be had.
    #[error("{0}")]
    Failed(String),
    /// The run ends.
    #[error("packets are not kept any more: the run ends")]
    Over,
}

impl NoPackets {
    fn status(&self) -> StatusCode {
        match self {
            Self::Off => StatusCode::NOT_FOUND,
            Self::TooLong { .. } => StatusCode::BAD_REQUEST,
            Self::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Filter(FilterError::NoLibrary { .. } | FilterError::NoFunction(_)) => StatusCode::NOT_IMPLEMENTED,
            Self::Filter(_) => StatusCode::BAD_REQUEST,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Over => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

pub(super) async fn capture(State(api): State<Api>, uri: Uri) -> Result<Response, Problem> {
    let question = question(&uri).map_err(|why| Problem::new(StatusCode::BAD_REQUEST, why))?;
    // A filter is compiled, and a thread answers: not on one that others wait for.
    let packets = on_a_thread(move || api.view.packets(&question)).await?;
    let packets = packets.map_err(|error| Problem::new(error.status(), error.to_string()))?;
    let name = Timestamp::now().strftime("attachment; filename=\"airlens_%Y%m%d%H%M%S.pcapng\"");
    let headers = [
        (header::CONTENT_TYPE, PCAPNG.to_owned()),
        (header::CONTENT_DISPOSITION, name.to_string()),
    ];
    let body = Body::from_stream(stream::iter(packets.map(Ok::<_, Infallible>)));
    Ok((headers, body).into_response())
}

/// Where anybody on this machine may ask, who could not capture.
pub(super) async fn refused() -> Problem {
    let why = "packets are for who has a token, or asks over the run's own socket: set monitoring.token_file, or \
               curl --unix-socket STEM.sock http://localhost/api/capture";
    Problem::new(StatusCode::FORBIDDEN, why)
}

fn question(uri: &Uri) -> Result<PacketQuestion, String> {
    let mut question = PacketQuestion::default();
    for (name, value) in pairs(uri) {
        match &*name {
            "last" => {
                let last = value.parse::<SignedDuration>().ok();
                let last = last.and_then(|last| Duration::try_from(last).ok());
                let last = last.filter(|last| !last.is_zero());
                question.last = Some(last.ok_or_else(|| format!("last: {value:?} is no time such as 10s or 500ms"))?);
            }
            "filter" if value.len() > LONGEST_FILTER => {
                return Err(format!("filter: at most {LONGEST_FILTER} octets"));
            }
            "filter" => question.filter = Some(value.trim().to_owned()).filter(|text| !text.is_empty()),
            _ => return Err(format!("there is no {name:?}: use last and filter")),
        }
    }
    Ok(question)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Result<PacketQuestion, String> {
        question(&format!("/api/capture?{query}").parse().unwrap())
    }

    #[test]
    fn questions() {
        let asked = ask("last=1m30s&filter=tcp+and%20port+443").unwrap();
        assert_eq!(asked.last, Some(Duration::from_secs(90)));
        assert_eq!(asked.filter.as_deref(), Some("tcp and port 443"));
        assert_eq!(ask("filter=+").unwrap(), PacketQuestion::default());
        let long = format!("filter={}", "x".repeat(LONGEST_FILTER + 1));
        for bad in ["last=0s", "last=-1s", "last=ten", "last", "seconds=1", long.as_str()] {
            assert!(ask(bad).is_err(), "{bad}");
        }
    }
}
