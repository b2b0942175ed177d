//! `airlens health`: one line and an exit code, for probes and Nagios.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use super::{Exit, files::RunAt};
use crate::publish::{
    http::{Health, HealthStatus, Problem},
    query::{Answer, Asked},
};

/// Tell by one line and the exit code how a run is: 0 OK, 1 warning, 2 critical
///
/// Without an option: OK while all is well, WARNING with losses or errors, CRITICAL when it does not do its work.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status:\n  0  OK\n  1  WARNING\n  2  CRITICAL, or a wrong command line")]
pub(super) struct Args {
    #[command(flatten)]
    run: RunAt,
    /// Whether the process lives: OK, or CRITICAL
    #[arg(long, conflicts_with = "ready")]
    live: bool,
    /// Whether frames are captured: OK, WARNING while they are not, CRITICAL without an answer
    #[arg(long)]
    ready: bool,
    /// Seconds that all of it may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=300))]
    timeout: u64,
}

/// What Nagios calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warning,
    Critical,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Ok => Exit::Success,
            Self::Warning => Exit::WARNING,
            Self::Critical => Exit::CRITICAL,
        }
    }
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let asked = args.run.asked().map_err(|error| error.to_string());
    let judged = asked.and_then(|asked| judge(args, &asked, started));
    let (verdict, words, health) = judged.unwrap_or_else(|why| (Verdict::Critical, why, None));
    let elapsed = started.elapsed().as_secs_f64();
    writeln!(out, "{}", line(verdict, &words, health.as_ref(), elapsed))?;
    Ok(verdict.exit())
}

/// A line as the Monitoring Plugins' guidelines want it: words, then what can be drawn.
fn line(verdict: Verdict, words: &str, health: Option<&Health>, elapsed: f64) -> String {
    // A bar begins the numbers, a second line would be read apart.
    let tame = |letter: char| {
        if letter.is_control() || letter == '|' {
            ' '
        } else {
            letter
        }
    };
    let words: String = words.trim().chars().map(tame).collect();
    let mut line = format!("{}: {words} | time={elapsed:.3}s;;;0", verdict.word());
    if let Some(health) = health {
        line.push_str(&format!(
            " uptime={}s;;;0 clients={};;;0 sessions={};;;0",
            health.uptime_seconds, health.connected_clients, health.active_sessions
        ));
    }
    line
}

type Judged = (Verdict, String, Option<Health>);

fn judge(args: &Args, asked: &Asked, started: Instant) -> Result<Judged, String> {
    let ask = |target: &str| {
        let left = Duration::from_secs(args.timeout).saturating_sub(started.elapsed());
        let answer = asked.get(target, left.max(Duration::from_millis(1)));
        answer.map_err(|error| error.to_string())
    };
    if args.live {
        return Ok(match ask("/healthz")? {
            Answer { status: 200, .. } => (Verdict::Ok, "airlens lives".to_owned(), None),
            other => (Verdict::Critical, refusal(&other), None),
        });
    }
    let health = |answer: &Answer| serde_json::from_slice::<Health>(&answer.body).ok();
    if args.ready {
        let answer = ask("/readyz")?;
        let more = ask("/api/health").ok().as_ref().and_then(health);
        return Ok(match answer.status {
            200 => (Verdict::Ok, "airlens captures".to_owned(), more),
            503 => (Verdict::Warning, refusal(&answer), more),
            _ => (Verdict::Critical, refusal(&answer), more),
        });
    }
    let answer = ask("/api/health")?;
    let Some(health) = health(&answer) else {
        return Ok((Verdict::Critical, refusal(&answer), None));
    };
    let (verdict, words) = match health.status {
        HealthStatus::Healthy => (Verdict::Ok, "airlens is healthy"),
        HealthStatus::Degraded => (
            Verdict::Warning,
            "airlens works, with losses or errors: airlens stats tells which",
        ),
        HealthStatus::Unhealthy => (Verdict::Critical, "airlens captures nothing: airlens status tells more"),
    };
    let words = format!("{words} ({} clients)", health.connected_clients);
    Ok((verdict, words, Some(health)))
}

/// What an answer says that is none.
fn refusal(answer: &Answer) -> String {
    let problem = serde_json::from_slice::<Problem>(&answer.body);
    match problem {
        Ok(problem) => problem.detail,
        Err(_) => format!("HTTP status {}", answer.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_with_numbers() {
        let health = Health {
            status: HealthStatus::Healthy,
            uptime_seconds: 120,
            connected_clients: 5,
            active_sessions: 1,
        };
        assert_eq!(
            line(Verdict::Ok, "airlens is healthy", Some(&health), 0.00349),
            "OK: airlens is healthy | time=0.003s;;;0 uptime=120s;;;0 clients=5;;;0 sessions=1;;;0"
        );
        assert_eq!(
            line(Verdict::Critical, "a | b\nc\u{1b}[2J", None, 5.0),
            "CRITICAL: a   b c [2J | time=5.000s;;;0"
        );
    }
}
