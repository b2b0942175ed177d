//! The page of a run with a network of its own: the code on the screen is read as a phone would, by ZBar.

use std::{net::SocketAddr, process::Command, sync::Arc};

use airlens::{
    air::Report,
    dot11::Address,
    export::top::{FlowList, FlowQuestion},
    publish::{
        client_page::ClientPage,
        documents::Mode,
        http::{
            Access, Api, ClientEntry, Health, Limits, MetricsPath, Network, Readiness, RunView, Status,
            StatusInterfaces, bind_tcp, router, serve,
        },
        metrics::{DEFAULT_NAMESPACE, PrometheusSink},
        recall::RecallError,
        snapshot::Snapshot,
    },
};
use airlens_tests::support::{
    browser::Browser,
    view::{View, snapshot},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};

use super::is_quiet;

/// With all that a code has to escape.
const SSID: &str = r#"Lab; "5:GHz" \o/"#;
const PASSPHRASE: &str = r"correct;horse,1\2";
const JOINING: &str = r#"WIFI:S:Lab\; \"5\:GHz\" \\o/;T:WPA;P:correct\;horse\,1\\2;;"#;

/// The made-up run, with an access point on channel 36.
#[derive(Debug, Default)]
struct AccessPoint(View);

impl RunView for AccessPoint {
    fn snapshot(&self) -> Snapshot {
        self.0.snapshot()
    }

    fn health(&self) -> Health {
        self.0.health()
    }

    fn readiness(&self) -> Readiness {
        Readiness::Ready
    }

    fn flows(&self, question: &FlowQuestion) -> FlowList {
        self.0.flows(question)
    }

    fn air(&self) -> Report {
        self.0.air()
    }

    fn clients(&self) -> Vec<ClientEntry> {
        self.0.clients()
    }

    fn status(&self) -> Status {
        Status {
            mode: Mode::Ap,
            phy: Some("phy0".into()),
            interfaces: StatusInterfaces {
                ap: Some("wlan0".into()),
                monitor: Some("wlan0profiler".into()),
            },
            channel: Some(36),
            frequency: Some(5180),
            width: Some(80),
            country_code: Some("DE".into()),
            ssid: Some(SSID.into()),
            bssid: Some("02:0a:1b:2c:3d:4e".into()),
            security: Some("wpa3-mixed".into()),
            ..self.0.status()
        }
    }

    fn client(&self, client: Address) -> Result<Option<Value>, RecallError> {
        self.0.client(client)
    }

    fn history(&self, client: Address) -> Result<Vec<Value>, RecallError> {
        self.0.history(client)
    }

    fn client_page(&self, client: Address) -> Result<Option<ClientPage>, RecallError> {
        self.0.client_page(client)
    }

    fn network(&self) -> Option<Network> {
        Some(Network {
            ssid: SSID.into(),
            passphrase: PASSPHRASE.into(),
            frequency: 5180,
        })
    }
}

/// Its API and page, until it is dropped.
struct Server {
    address: SocketAddr,
    _stop: watch::Sender<bool>,
    _runtime: Runtime,
}

impl Server {
    /// With its code for everybody, or for those on this machine alone.
    fn start(access: &Access) -> Result<Self> {
        let runtime = Runtime::new()?;
        let (stop, stopped) = watch::channel(false);
        let api = Api {
            view: Arc::<AccessPoint>::default(),
            metrics: PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(snapshot)))?,
            metrics_path: MetricsPath::default(),
            events: Arc::default(),
            requests: Arc::default(),
        };
        let guarded = runtime.enter();
        let tcp = TcpListener::from_std(bind_tcp("127.0.0.1:0".parse()?)?)?;
        let address = tcp.local_addr()?;
        tokio::spawn(serve(tcp, router(api, access), Limits::default(), None, stopped));
        drop(guarded);
        Ok(Self {
            address,
            _stop: stop,
            _runtime: runtime,
        })
    }
}

/// What ZBar finds on the screen.
fn scanned(browser: &mut Browser, name: &str) -> Result<String> {
    let picture = browser.picture(name)?;
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw"])
        .arg(&picture)
        .output()
        .context("can't run zbarimg: install zbar-tools")?;
    ensure!(read.status.success(), "no code in {}: {read:?}", picture.display());
    Ok(String::from_utf8(read.stdout)?.trim_end().to_owned())
}

#[test]
fn a_phone_reads_the_code_off_the_screen() -> Result<()> {
    let server = Server::start(&Access::local())?;
    let address = format!("http://{}", server.address);
    let mut browser = Browser::start()?;
    for (name, (width, height, phone), scheme) in [
        ("network", (1440, 900, false), "light"),
        ("network-dark", (1440, 900, false), "dark"),
        ("network-phone", (390, 844, true), "dark"),
    ] {
        browser.size(width, height, phone)?;
        browser.prefer(&[("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")])?;
        browser.open(&format!("{address}/"))?;
        browser.until("document.querySelector('#join svg.qr path')")?;
        let facts = browser.text("#facts")?;
        for fact in [SSID, "36 ·", "80 wide", "wpa3-mixed", "02:0a:1b:2c:3d:4e", "DE"] {
            ensure!(facts.contains(fact), "{name}: no {fact} in {facts}");
        }
        let told = browser.text("#join")?;
        ensure!(told.contains(SSID) && !told.contains(PASSPHRASE), "{told}");
        browser.value("document.querySelector('#join').scrollIntoView()")?;
        assert_eq!(scanned(&mut browser, name)?, JOINING, "{name}");
    }
    is_quiet(&browser, &address)
}

#[test]
fn who_may_not_have_the_code_is_told_why() -> Result<()> {
    let server = Server::start(&Access::default())?;
    let mut browser = Browser::start()?;
    browser.open(&format!("http://{}/", server.address))?;
    browser.until("document.querySelector('#join').innerText.includes('monitoring.token_file')")?;
    ensure!(browser.value("document.querySelector('#join svg')")? == Value::Null);
    Ok(())
}
