use std::fs;

use super::*;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

fn load(text: &str, environment: &[(&str, &str)], flags: Layer) -> Result<Config, ConfigError> {
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
    let config = Config::load(None, [], flags()).unwrap();
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
        (config.log_level, config.log_format, config.hook),
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
    assert_eq!((config.log_level, config.log_format), (LogLevel::Warn, LogFormat::Json));
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
    let defaults = Config::load(None, [], flags()).unwrap();
    let pin = Some("/sys/fs/bpf/airlens".into());
    assert_eq!(
        config,
        Config {
            data: vec!["eth0".into()],
            oui_file: vec!["oui.csv".into()],
            devices: vec!["/etc/airlens/devices.toml".into()],
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
            "unknown field `interfaces`, expected one of `interface`, `mode`",
        ),
        (
            "[logging]\noutput = \"x\"\n",
            "2:1",
            "unknown field `output`, expected `level` or `format`",
        ),
        ("[tracing]\n", "1:2", "unknown field `tracing`"),
        (
            "ring_bytes = \"4M\"\n",
            "1:14",
            "invalid type: string \"4M\", expected u64",
        ),
        (
            "mode = \"hostapd\"\n",
            "1:8",
            "unknown variant `hostapd`, expected `listen`",
        ),
        (
            "hook = \"xdp\"\n",
            "1:8",
            "expected one of `auto`, `native`, `generic`, `tc`",
        ),
        ("listen = \"localhost\"\n", "1:10", "socket address"),
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
        ("AIRLENS_INTERFAC", "x", "LOGGING_FORMAT"),
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
        assert!(error.starts_with(message), "{text}: {error}");
    }
    let stem = format!("run_stem = \"/{}\"", "x".repeat(101));
    assert!(
        load(&stem, &[], flags())
            .unwrap_err()
            .to_string()
            .starts_with("run_stem: at most")
    );
    assert!(
        load("", &[], Layer::default())
            .unwrap_err()
            .to_string()
            .starts_with("interface: nothing to do")
    );
}
