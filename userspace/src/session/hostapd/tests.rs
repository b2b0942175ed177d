//! Against hostapd's own program, without a radio, and against a fake one that fails on demand.

use std::{
    env, fs,
    os::unix::{fs::PermissionsExt as _, net::UnixDatagram},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::*;
use crate::{
    ap::{ApOptions, SecurityMode},
    dot11::{Address, Channel, ChannelWidth, Tuning},
};

const SSID: &[u8] = b"x\nwpa=0\xff";

fn tuned(channel: &str, width: ChannelWidth) -> Tuning {
    Tuning::new(channel.parse::<Channel>().unwrap(), width).unwrap()
}

fn options(folder: &Path, tuning: Tuning) -> HostapdOptions {
    let mut ap = ApOptions::new(Address([2, 0, 0, 0, 0xa1, 0xb2]), SSID, tuning);
    ap.passphrase = "correct #horse \"=".to_owned();
    ap.country = *b"US";
    ap.version_element = Some("0.1.0".to_owned());
    let hardware = Hardware {
        ht: Some(0x00ff),
        vht: Some(0x0000_10f1 | 1 << 2),
        he: true,
        eht: true,
    };
    HostapdOptions::new(ap, "wlan7", hardware, &folder.join("hostapd"))
}

#[test]
fn a_name_or_a_passphrase_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), tuned("36", ChannelWidth::Mhz80));
    let text = configuration(&options, true).unwrap();
    for line in [
        "ssid2=780a7770613d30ff",
        "wpa_passphrase=correct #horse \"=",
        "vendor_elements=dd0b314159000005",
        "wpa_key_mgmt=WPA-PSK FT-PSK SAE FT-SAE",
        "ht_capab=[HT40+][LDPC][SHORT-GI-20][SHORT-GI-40][TX-STBC]",
        "vht_oper_centr_freq_seg0_idx=42",
        "ieee80211be=1",
        "mobility_domain=a1b2",
    ] {
        assert!(text.lines().any(|found| found.starts_with(line)), "{line}: {text}");
    }
    options.interface = "wlan7\nwpa=0".to_owned();
    assert!(matches!(configuration(&options, true), Err(HostapdError::Text { .. })));
    options.interface = "wlan7".to_owned();
    options.ap.passphrase = "correct\nwpa=0".to_owned();
    assert!(matches!(configuration(&options, true), Err(HostapdError::Options(_))));
}

/// Every mode on every band, read by the real program: with the driver `none` it says that it beacons.
#[tokio::test]
async fn hostapd_takes_every_configuration() {
    if Command::new("hostapd").arg("-v").output().is_err() {
        println!("hostapd is not installed (Debian package hostapd): its opinion of the configuration is left out");
        return;
    }
    for (channel, width) in [
        ("1", ChannelWidth::Mhz20),
        ("11", ChannelWidth::Mhz40),
        ("36", ChannelWidth::Mhz160),
        ("165", ChannelWidth::Mhz20),
        ("6g5", ChannelWidth::Mhz320),
    ] {
        for security in SecurityMode::ALL {
            let folder = tempfile::tempdir().unwrap();
            let mut options = options(folder.path(), tuned(channel, width));
            options.ap.security = security;
            options.driver = "none";
            if (channel, security) != ("36", SecurityMode::FtWpa3Mixed) {
                // It waits 5 s for a country's rules, which never come here.
                options.ap.country = *b"00";
            }
            let started = Hostapd::start(options).await;
            let (mut hostapd, _) = started.unwrap_or_else(|error| panic!("{channel} {security}: {error}"));
            hostapd.stop();
            assert!(!folder.path().join("hostapd").exists());
        }
    }
}

/// Options by which this test's program is the hostapd, which behaves as the name asks.
fn faked(folder: &Path, behaviour: &str) -> HostapdOptions {
    let mut options = options(folder, tuned("36", ChannelWidth::Mhz80));
    options.ap.ssid = behaviour.as_bytes().to_vec();
    options.program = env::current_exe().unwrap();
    let arguments = [
        "--ignored",
        "--nocapture",
        "--exact",
        "session::hostapd::tests::fake_hostapd",
    ];
    options.arguments = arguments.map(str::to_owned).to_vec();
    options.patience = Duration::from_secs(4);
    options.pause = Duration::from_millis(5);
    options
}

#[test]
#[ignore = "the fake hostapd, which the tests beside it start"]
fn fake_hostapd() {
    let path = PathBuf::from(env::args().next_back().unwrap());
    let text = fs::read_to_string(&path).unwrap();
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(&format!("{key}=")));
    let name = |hex: &str| -> String {
        let octets = (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap());
        octets.map(char::from).collect()
    };
    let behaviour = name(value("ssid2").unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777,
        0o700
    );
    if behaviour == "refuses" {
        println!("wlan7: no such device");
        std::process::exit(1);
    }
    if behaviour == "old" && value("ieee80211be").is_some() {
        println!("Line 9: unknown configuration item 'ieee80211be'");
        std::process::exit(1);
    }
    let folder = value("ctrl_interface").unwrap();
    fs::create_dir(folder).unwrap();
    let socket = UnixDatagram::bind(Path::new(folder).join(value("interface").unwrap())).unwrap();
    let mut buffer = [0; 256];
    loop {
        let (length, peer) = socket.recv_from(&mut buffer).unwrap();
        let peer = peer.as_pathname().unwrap().to_owned();
        let answer = match &buffer[..length] {
            b"PING" => "PONG\n",
            b"STATUS" => "state=COUNTRY_UPDATE\nphy=phy7\n",
            _ => "OK\n",
        };
        socket.send_to(answer.as_bytes(), &peer).unwrap();
        if answer.starts_with("state") && behaviour != "silent" {
            socket.send_to(b"<3>AP-ENABLED ", &peer).unwrap();
            match behaviour.as_str() {
                "crashes" => {
                    std::thread::sleep(Duration::from_millis(20));
                    println!("out of luck");
                    std::process::abort();
                }
                "down" => drop(socket.send_to(b"<3>INTERFACE-DISABLED ", &peer)),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn ready_when_it_says_so_and_gone_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut hostapd, _) = Hostapd::start(faked(folder.path(), "works")).await.unwrap();
    assert_eq!(hostapd.starts(), 1);
    hostapd.stop();
    assert!(!folder.path().join("hostapd").exists());
    // One that knows no 802.11be is asked without it.
    let (hostapd, _) = Hostapd::start(faked(folder.path(), "old")).await.unwrap();
    assert_eq!(hostapd.starts(), 2);
}

#[tokio::test]
async fn what_hinders_its_start_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = Hostapd::start(faked(folder.path(), "refuses"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("exit status: 1") && error.contains("wlan7: no such device"),
        "{error}"
    );
    let mut silent = faked(folder.path(), "silent");
    silent.patience = Duration::from_millis(300);
    let error = Hostapd::start(silent).await.unwrap_err().to_string();
    assert!(error.contains("not ready in time"), "{error}");
    let mut missing = faked(folder.path(), "works");
    missing.program = PathBuf::from("hostapd-of-nobody");
    let error = Hostapd::start(missing).await.unwrap_err();
    assert!(matches!(error, HostapdError::Missing { .. }), "{error}");
    assert!(error.to_string().contains("package hostapd"));
}

#[tokio::test]
async fn it_is_started_again_and_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (hostapd, mut events) = Hostapd::start(faked(folder.path(), "crashes")).await.unwrap();
    let (mut ended, mut ready) = (0, 1);
    let error = loop {
        match events.recv().await.unwrap() {
            HostapdEvent::Ready { .. } => ready += 1,
            HostapdEvent::Ended { why, .. } => {
                assert!(why.contains("signal: 6"), "{why}");
                ended += 1;
            }
            HostapdEvent::Failed(error) => break error,
        }
    };
    assert_eq!((ended, ready, hostapd.starts()), (4, 5, 5));
    let text = error.to_string();
    assert!(
        matches!(error, HostapdError::Crashed { times: 5, .. }) && text.contains("out of luck"),
        "{text}"
    );
}

#[tokio::test]
async fn an_interface_that_stays_down_is_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let (_hostapd, mut events) = Hostapd::start(faked(folder.path(), "down")).await.unwrap();
    let event = events.recv().await.unwrap();
    assert!(
        matches!(&event, HostapdEvent::Ended { why, .. } if why.contains("wlan7 is down")),
        "{event:?}"
    );
}
