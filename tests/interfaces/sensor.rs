//! A run on a private network, its clients, and what it says to those who ask.

use std::{thread, time::Duration};

use airlens::{
    dot11::{
        Address,
        emit::{Body, Header},
        frame::RequestKind,
    },
    lab::{Plan, exchange},
};
use airlens_tests::support::{
    cli::{Said, airlens},
    corpus,
    request::{ACCESS_POINT, association},
    run::{Network, Place, Running},
};
use anyhow::{Result, ensure};

/// `airlens run` on `mon0` and `data0`.
pub(crate) struct Sensor {
    pub(crate) network: Network,
    pub(crate) place: Place,
    pub(crate) run: Running,
}

impl Sensor {
    /// With these further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        Self::with(arguments, &[])
    }

    /// With these variables besides.
    pub(crate) fn with(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        let (network, place) = (Network::new()?, Place::new()?);
        let mut command = airlens(["run", "-i", "mon0", "--data", "data0"])?;
        command.args(arguments).envs(variables.iter().copied());
        let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
        run.until_running(&place)?;
        Ok(Self { network, place, run })
    }

    /// What is at `/metrics`.
    pub(crate) fn metrics(&self) -> Result<Samples> {
        let (status, text) = self.network.get("/metrics")?;
        ensure!(status == 200, "{status} {text}");
        Ok(Samples(text))
    }

    /// Waits until the series of a name with these labels add up to `least` at the least.
    pub(crate) fn counted(&mut self, name: &str, labels: &[&str], least: f64) -> Result<f64> {
        let (network, mut sum) = (&self.network, 0.0);
        self.run.until(&format!("{name}{labels:?} is {least}"), || {
            sum = Samples(network.get("/metrics")?.1).sum(name, labels);
            Ok(sum >= least)
        })?;
        Ok(sum)
    }

    /// A verb of airlens that asks this run.
    pub(crate) fn verb(&self, verb: &str, arguments: &[&str]) -> Result<Said> {
        let mut command = airlens([verb])?;
        let command = self.place.name_run(&mut command).args(arguments);
        self.network.here.run(|| Said::by(command))?
    }

    /// The request of a client, and what comes of it.
    pub(crate) fn profiled(&mut self, number: u8) -> Result<()> {
        let before = self.metrics()?.sum(PROFILED, LIVE);
        let request = association(client(number), number, (5180, Some(-40)), b"net", |_| ());
        self.network.tap.write(&request)?;
        self.counted(PROFILED, LIVE, before + 1.0)?;
        Ok(())
    }

    /// A client authenticates and joins in 20 ms and some.
    pub(crate) fn joins(&mut self, number: u8) -> Result<()> {
        let open = |transaction| Body::Authentication {
            algorithm: 0,
            transaction,
            status: 0,
            fields: &[],
        };
        let joined = Body::AssociationResponse {
            kind: RequestKind::Association,
            capability: 0x0431,
            status: 0,
            aid: 1,
        };
        let tap = &self.network.tap;
        tap.write(&frame(number, true, &open(1)))?;
        tap.write(&frame(number, false, &open(2)))?;
        thread::sleep(Duration::from_millis(20));
        self.profiled(number)?;
        self.network.tap.write(&frame(number, false, &joined))?;
        self.counted("airlens_sessions_total", &["result=\"success\""], 1.0)?;
        Ok(())
    }

    /// Packets over the data interface.
    pub(crate) fn traffic(&self) -> Result<()> {
        let plan = Plan {
            exchanges: 50,
            size: 700,
            pause: Duration::ZERO,
        };
        let there = self.network.pair.there.ipv4;
        exchange(&self.network.here, &self.network.there, there.into(), plan)?;
        Ok(())
    }

    /// Ends the run, which must end well.
    pub(crate) fn stop(self) -> Result<Place> {
        self.run.stop()?;
        Ok(self.place)
    }
}

/// Counts profiles whose files are there.
const PROFILED: &str = "airlens_processing_duration_seconds_count";
const LIVE: &[&str] = &["mode=\"live\""];

/// The address of a client.
pub(crate) fn client(number: u8) -> Address {
    Address([2, 0, 0, 0, 2, number])
}

/// A frame of a client to the access point, or of that to it, behind a radiotap header without a field.
pub(crate) fn frame(number: u8, to: bool, body: &Body<'_>) -> Vec<u8> {
    let (source, destination) = if to {
        (client(number), ACCESS_POINT)
    } else {
        (ACCESS_POINT, client(number))
    };
    let header = Header {
        destination,
        source,
        bssid: ACCESS_POINT,
        ..Header::default()
    };
    [&[0, 0, 8, 0, 0, 0, 0, 0][..], &header.frame(body, &[])].concat()
}

/// Metrics in the text format.
#[derive(Debug)]
pub(crate) struct Samples(pub(crate) String);

impl Samples {
    /// Name, labels and value of each.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, f64)> {
        let lines = self.0.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            Some((name, labels, value.parse().ok()?))
        })
    }

    /// The values of the series of a name that have all these labels.
    fn of(&self, name: &str, labels: &[&str]) -> impl Iterator<Item = f64> {
        let ours =
            move |(found, of, _): &(&str, &str, f64)| *found == name && labels.iter().all(|label| of.contains(label));
        self.all().filter(ours).map(|(.., value)| value)
    }

    /// Their sum.
    pub(crate) fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        self.of(name, labels).sum()
    }

    /// Whether there is such a series.
    pub(crate) fn has(&self, name: &str, labels: &[&str]) -> bool {
        self.of(name, labels).next().is_some()
    }

    /// The type of a family, as the text says.
    pub(crate) fn kind(&self, family: &str) -> Option<&str> {
        let line = format!("# TYPE {family} ");
        self.0.lines().find_map(|found| found.strip_prefix(&line))
    }
}

/// A file beside the project's folder that only its makers have.
pub(crate) fn shared(path: &str) -> Option<String> {
    std::fs::read_to_string(corpus::shared(path)?).ok()
}
