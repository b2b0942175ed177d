mod sources;

use std::fs;

use super::*;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

fn load(text: &str, environment: &[(&str, &str)], flags: Layer) -> Result<Config, ConfigErrors> {
    loaded(text, environment, flags).map(|(config, _)| config)
}

fn loaded(text: &str, environment: &[(&str, &str)], flags: Layer) -> Result<(Config, Vec<Warning>), ConfigErrors> {
    let environment = environment
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Config::load(Some(file(text).path()), environment, flags)
}

fn flags() -> Layer {
    Layer {
        interface: Some("wlan0".into()),
        ..Layer::default()
    }
}

#[test]
fn defaults() {
    let (config, warnings) = Config::load(None, [], flags()).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(config.interface.as_deref(), Some("wlan0"));
    assert_eq!(config.listen, Some("127.0.0.1:9474".parse().unwrap()));
    assert_eq!(config.paths, RunPaths::default());
    assert_eq!(config.paths.socket, Path::new("/run/wlanpi-profiler.sock"));
    assert_eq!(config.files_path, Path::new("/var/lib/wlanpi-profiler"));
    let subtypes: Vec<_> = config.subtypes.iter().map(|kind| kind.subtype_name()).collect();
    assert_eq!(
        subtypes,
        [
            "association-request",
            "association-response",
            "reassociation-request",
            "reassociation-response",
            "probe-request",
            "disassociation",
            "authentication",
            "deauthentication"
        ]
    );
    assert_eq!(
        (config.log_level, config.log.format, config.hook),
        (LogLevel::Info, LogFormat::Text, Hook::Auto)
    );
}

#[test]
fn flag_over_environment_over_file() {
    let text = "interface = \"a\"\nring_bytes = 8192\nflow_capacity = 7\nsubtypes = [\"beacon\", \"beacon\"]\n\
                [logging]\nlevel = \"debug\"\nformat = \"json\"\n[monitoring]\nupdate_interval = \"15s\"\n";
    let environment = [
        ("AIRLENS_INTERFACE", "b"),
        ("AIRLENS_RING_BYTES", "16384"),
        ("AIRLENS_LOGGING_LEVEL", "warn"),
        ("AIRLENS_DATA", "eth0, eth1"),
        ("AIRLENS_CACHE", "/x"),
        ("OTHER", "x"),
    ];
    let config = load(
        text,
        &environment,
        Layer {
            interface: Some("c".into()),
            ..Layer::default()
        },
    )
    .unwrap();
    assert_eq!(config.interface.as_deref(), Some("c"));
    assert_eq!((config.ring_bytes, config.flow_capacity), (16384, 7));
    assert_eq!((config.log_level, config.log.format), (LogLevel::Warn, LogFormat::Json));
    assert_eq!(config.data, ["eth0", "eth1"]);
    assert_eq!(config.update_interval, Duration::from_secs(15));
    assert_eq!(config.subtypes, [FrameKind::new(0, 8)]);
}

#[test]
fn the_documented_example_is_a_configuration() {
    let source = include_str!("mod.rs");
    let (_, rest) = source.split_once("//! ```toml\n").unwrap();
    let (example, _) = rest.split_once("//! ```\n").unwrap();
    let text: Vec<_> = example.lines().map(|line| line.trim_start_matches("//!")).collect();
    let config = load(&text.join("\n"), &[], Layer::default()).unwrap();
    let (defaults, _) = Config::load(None, [], flags()).unwrap();
    let pin = Some("/sys/fs/bpf/airlens".into());
    assert_eq!(config.export.ipfix.as_ref().unwrap().domain, 1);
    assert_eq!(config.export.kafka.as_ref().unwrap().brokers, ["192.0.2.2:9092"]);
    assert!(config.export.files.is_some() && defaults.export.files.is_none());
    let spans = config.spans.as_ref().unwrap();
    assert_eq!(spans.endpoint.to_string(), "http://127.0.0.1:4318/v1/traces");
    assert_eq!(
        config.log.audit.as_deref(),
        Some(Path::new("/var/log/airlens/audit.log"))
    );
    assert_eq!(
        config.clone(),
        Config {
            export: config.export.clone(),
            spans: config.spans.clone(),
            log: LogOptions {
                audit: config.log.audit.clone(),
                ..defaults.log.clone()
            },
            data: vec!["eth0".into()],
            oui_file: vec!["oui.csv".into()],
            devices: vec!["/etc/airlens/devices.toml".into()],
            radio: Radio {
                channel: Some(Radio::CHANNEL),
                ssid: Ssid::Named("airlens".into()),
                ..defaults.radio.clone()
            },
            capture: Some(LastOptions {
                span: Duration::from_secs(30),
                memory: 64 << 20,
                snap_length: 65_535,
                filter: None,
                monitor: None,
            }),
            access: AccessOptions {
                hosts: vec!["airlens.lan".into()],
                token_file: Some("/etc/airlens/tokens".into()),
                tls: Some(("/etc/airlens/tls.pem".into(), "/etc/airlens/tls.key".into())),
                ..AccessOptions::default()
            },
            pin,
            ..defaults
        }
    );
}

#[test]
fn a_path_or_a_list_of_paths() {
    let oui_file = |text: &str| load(text, &[("AIRLENS_DEVICES", "a.toml, b.tsv")], flags());
    for text in ["oui_file = \"oui.csv\"", "oui_file = [\"oui.csv\"]"] {
        let config = oui_file(text).unwrap();
        assert_eq!(config.oui_file, [Path::new("oui.csv")]);
        assert_eq!(config.devices, [Path::new("a.toml"), Path::new("b.tsv")]);
    }
    let error = oui_file("oui_file = 7").unwrap_err().to_string();
    assert!(error.contains("a path or a list of paths"), "{error}");
}

#[test]
fn the_listener() {
    let listen = |text: &str, flags: Layer| load(text, &[], flags).map(|config| config.listen);
    let address = |text: &str| Some(text.parse().unwrap());
    assert_eq!(listen("[monitoring]\nenabled = false", flags()).unwrap(), None);
    assert_eq!(
        listen("[monitoring]\nprometheus_port = 9090", flags()).unwrap(),
        address("127.0.0.1:9090")
    );
    let flag = Layer {
        listen: address("[::1]:1"),
        ..flags()
    };
    assert_eq!(
        listen("[monitoring]\nenabled = false", flag.clone()).unwrap(),
        address("[::1]:1")
    );
    assert_eq!(
        listen("[monitoring]\nprometheus_port = 9090", flag).unwrap(),
        address("[::1]:1")
    );
    let error = listen("listen = \"127.0.0.1:1\"\n[monitoring]\nprometheus_port = 2", flags()).unwrap_err();
    assert!(error.to_string().contains("keep one of the two"), "{error}");
}

#[test]
fn files_that_are_wrong_say_where_and_what_would_be_right() {
    let cases = [
        (
            "interface = \"a\"\n\n  interfaces = 1\n",
            "3:3",
            "unknown field `interfaces`: did you mean `interface`?",
        ),
        (
            "[logging]\nfile = \"x\"\n",
            "2:1",
            "unknown field `file`, expected one of `level`, `format`, `output`",
        ),
        ("[traces]\n", "1:2", "unknown field `traces`"),
        ("[logging]\noutput = \"x\"\n", "2:1", "a file, with a /"),
        ("[logging]\nmax_size = \"100M\"\n", "2:1", "\"64MiB\""),
        ("[tracing]\nsample_ratio = 1.5\n", "2:16", "from 0 to 1"),
        ("[tracing]\notlp_endpoint = \"https://a\"\n", "2:1", "over http alone"),
        (
            "ring_bytes = \"4M\"\n",
            "1:14",
            "invalid type: string \"4M\", expected u64",
        ),
        (
            "mode = \"hostap\"\n",
            "1:8",
            "unknown variant `hostap`, expected one of `auto`, `listen`",
        ),
        (
            "hook = \"xdp\"\n",
            "1:8",
            "expected one of `auto`, `native`, `generic`, `tc`",
        ),
        ("listen = \"localhost:80\"\n", "1:10", "write 127.0.0.1:9474"),
        ("data = \"eth0\"\n", "1:8", "write [\"eth0\"]"),
        ("token_file = \"/x\"\n", "1:1", "it stands in the section [monitoring]"),
        ("channel = \"6g3\"\n", "1:11", "\"6g3\" is no channel"),
        ("channel = 37\n", "1:11", "\"37\" is no channel"),
        ("width = 30\n", "1:9", "\"30\" is no width"),
        ("passphrase = \"short\"\n", "1:14", "8 to 63"),
        ("country = \"DEU\"\n", "1:11", "two letters"),
        ("data = [\n", "", ""),
    ];
    for (text, place, message) in cases {
        let file = file(text);
        let error = Config::load(Some(file.path()), [], flags()).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{}:{place}", file.path().display())),
            "{error}"
        );
        assert!(error.contains(message), "{error}");
    }
    let error = Config::load(Some(Path::new("/nonexistent.toml")), [], flags())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("/nonexistent.toml") && error.contains("--config"),
        "{error}"
    );
}

#[test]
fn variables_that_are_wrong_say_so() {
    let cases = [
        ("AIRLENS_INTERFAC", "x", "did you mean AIRLENS_INTERFACE?"),
        ("AIRLENS_COLOUR_OF_LINES", "x", "LOGGING_FORMAT"),
        ("AIRLENS_LISTEN", "9474", "write 127.0.0.1:9474"),
        ("AIRLENS_RING_BYTES", "-1", "digits only"),
        ("AIRLENS_LOGGING_LEVEL", "loud", "expected one of `error`, `warn`"),
        ("AIRLENS_MONITORING_ENABLED", "yes", "neither true nor false"),
    ];
    for (name, value, message) in cases {
        let error = load("", &[(name, value)], flags()).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("environment variable {name}: ")) && error.contains(message),
            "{error}"
        );
    }
}

#[test]
fn values_that_cannot_be_are_refused() {
    let cases = [
        ("interface = \"../../etc\"", "interface: "),
        ("interface = \"sixteencharacter\"", "interface: "),
        ("data = [\"wlan0\"]", "data: wlan0 is the Wi-Fi interface already"),
        ("data = [\"eth0\", \"eth0\"]", "data: eth0 is named twice"),
        ("ring_bytes = 5000", "ring_bytes: use a power of two"),
        ("ring_bytes = 8589934592", "ring_bytes: "),
        ("flow_capacity = 0", "flow_capacity: "),
        (
            "subtypes = [\"beacons\"]",
            "subtypes: \"beacons\": choose from association-request, ",
        ),
        ("run_stem = \"/run/\"", "run_stem: "),
        ("frequency = 5181", "frequency: 5181 MHz is no channel"),
        ("channel = 36\nfrequency = 5180", "frequency: channel says the same"),
        ("channel = 132\nwidth = 160", "width: "),
        (
            "width = 320",
            "width: channel 36 has no 320 MHz: choose from 20, 40, 80, 160 and auto",
        ),
        ("ssid = \"\"", "ssid: a network's name has 1 to 32 octets"),
        (
            "ssid = \"x\"\nhostname_ssid = true",
            "hostname_ssid: ssid names the network already",
        ),
        ("mode = \"ap\"\nchannel = 14", "channel: on channel 14 only 802.11b"),
        (
            "mode = \"ap\"\nfrequency = 5955\nax = false",
            "ax: 6 GHz is for 802.11ax",
        ),
        (
            "mode = \"hostapd\"\nchannel = \"6g5\"\nsecurity_mode = \"ft-wpa2\"",
            "security_mode: 6 GHz takes WPA3 alone",
        ),
        ("probe_interval = \"2h\"", "probe_interval: "),
        ("attempt_timeout = \"100ms\"", "attempt_timeout: "),
        (
            "[monitoring]\nhosts = [\"http://pi\"]",
            "monitoring.hosts: \"http://pi\" is no host name",
        ),
        ("journal_path = \"\"", "journal_path: "),
        ("state_path = \"/\"", "state_path: "),
        ("files_path = \"\"", "files_path: "),
        ("[monitoring]\nmetrics_path = \"metrics\"", "monitoring.metrics_path: "),
        ("[monitoring]\nnamespace = \"9\"", "monitoring.namespace: "),
        (
            "[monitoring]\nupdate_interval = \"-1s\"",
            "monitoring.update_interval: ",
        ),
        ("[monitoring]\nupdate_interval = \"15\"", "monitoring.update_interval: "),
    ];
    for (text, message) in cases {
        let lower = if text.starts_with("interface") {
            Layer::default()
        } else {
            flags()
        };
        let error = load(text, &[], lower).unwrap_err().to_string();
        let line = text.lines().count();
        assert!(error.contains(&format!(":{line}:1: {message}")), "{text}: {error}");
    }
    let stem = format!("run_stem = \"/{}\"", "x".repeat(101));
    assert!(
        load(&stem, &[], flags())
            .unwrap_err()
            .to_string()
            .contains(":1:1: run_stem: at most")
    );
}

#[test]
fn of_two_ways_to_say_it_the_higher_source_has_its_own() {
    let radio = |text: &str, environment: &[(&str, &str)]| load(text, environment, flags()).unwrap().radio;
    let channel = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        radio("channel = 36", &[("AIRLENS_FREQUENCY", "5975")]).channel,
        channel("6g5")
    );
    assert_eq!(
        radio("frequency = 5180", &[("AIRLENS_CHANNEL", "1")]).channel,
        channel("1")
    );
    assert_eq!(
        radio("ssid = \"x\"", &[("AIRLENS_HOSTNAME_SSID", "true")]).ssid,
        Ssid::Hostname
    );
    assert_eq!(
        radio("hostname_ssid = true", &[("AIRLENS_SSID", "x")]).ssid,
        Ssid::Named("x".into())
    );
    assert_eq!(
        radio("hostname_ssid = true", &[("AIRLENS_HOSTNAME_SSID", "false")]).ssid,
        Ssid::Default
    );
}

#[test]
fn wifi_7_follows_from_the_rest_unless_it_is_asked_for() {
    for (text, be, odd) in [
        ("", true, ""),
        ("security_mode = \"wpa2\"", false, ""),
        ("ax = false", false, ""),
        (
            "be = true\nsecurity_mode = \"ft-wpa2\"",
            true,
            "be: 802.11be asks for WPA3",
        ),
        ("be = true\nax = false", false, "be: not announced without 802.11ax"),
        ("be = false", false, ""),
    ] {
        let (config, warnings) = loaded(text, &[], flags()).unwrap();
        assert_eq!(config.radio.be, be, "{text}");
        assert_eq!(warnings.is_empty(), odd.is_empty(), "{text}");
        assert!(
            warnings.iter().all(|warning| warning.to_string().contains(odd)),
            "{warnings:?}"
        );
    }
}

#[test]
fn what_is_not_used_is_named() {
    let warnings = |text: &str| {
        let (_, warnings) = loaded(text, &[], Layer::default()).unwrap();
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let options = "ssid = \"x\"\npassphrase = \"profiler\"\nax = false\n";
    assert_eq!(warnings(options), "");
    assert_eq!(
        warnings(&format!("mode = \"listen\"\n{options}")),
        "in listen mode there is no access point: not used are ssid, ax"
    );
    assert_eq!(
        warnings(&format!("data = [\"eth0\"]\n{options}")),
        "without -i there is no access point: not used are ssid, ax"
    );
    assert!(warnings("channel = 14").contains(":1:1: channel: on channel 14 only 802.11b"));
}
