//! On a message bus of the test's own, with a `NetworkManager` of the test's own, and with python-dbusmock's.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use futures_util::StreamExt as _;
use tokio::task::JoinHandle;
use zbus::{MessageStream, ObjectPath, message::Type};

use super::*;

/// A process that ends with this value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A private bus.
struct Bus {
    _daemon: Process,
    address: String,
}

impl Bus {
    /// `None` where dbus-daemon is not installed.
    fn start() -> Option<Self> {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut address = String::new();
        BufReader::new(daemon.stdout.take()?).read_line(&mut address).ok()?;
        let address = address.trim().to_owned();
        Some(Self {
            _daemon: Process(daemon),
            address,
        })
    }

    fn builder(&self) -> Builder<'static> {
        Builder::address(self.address.as_str())
    }
}

/// A manager of `wlan0` that lets go a moment after it was asked; `refuses` is its answer to such a wish.
async fn mock(bus: &Bus, refuses: bool) -> (Arc<Mutex<Vec<bool>>>, JoinHandle<()>) {
    let connection = bus.builder().build().await.unwrap();
    connection.request_name(NAME).await.unwrap();
    let wishes = Arc::new(Mutex::new(vec![true]));
    let told = Arc::clone(&wishes);
    let mut messages = MessageStream::from(&connection);
    let serve = async move {
        let mut asked = 0;
        while let Some(Ok(message)) = messages.next().await {
            if message.message_type() != Type::MethodCall {
                continue;
            }
            let header = message.header();
            let managed = told.lock().unwrap().last() == Some(&true);
            let member = header.member().map(ToString::to_string).unwrap_or_default();
            match member.as_str() {
                "GetDeviceByIpIface" if message.body().deserialize::<&str>().unwrap() == "wlan0" => {
                    let path = ObjectPath::try_from("/org/freedesktop/NetworkManager/Devices/7").unwrap();
                    connection.reply(&header, &path).await.unwrap();
                }
                "GetDeviceByIpIface" => {
                    let error = "org.freedesktop.NetworkManager.UnknownDevice";
                    connection.reply_error(&header, error, &"no device").await.unwrap();
                }
                "Get" => {
                    let (_, property): (String, String) = message.body().deserialize().unwrap();
                    let value = if property == "Managed" {
                        Variant::from(managed)
                    } else {
                        asked += 1;
                        Variant::from(if managed || asked < 4 { 110u32 } else { UNMANAGED })
                    };
                    connection.reply(&header, &value).await.unwrap();
                }
                "Set" if refuses => {
                    let error = "org.freedesktop.NetworkManager.PermissionDenied";
                    connection.reply_error(&header, error, &"not you").await.unwrap();
                }
                "Set" => {
                    let (_, property, value): (String, String, OwnedVariant) = message.body().deserialize().unwrap();
                    assert_eq!(property, "Managed");
                    told.lock().unwrap().push(bool::try_from(value).unwrap());
                    connection.reply(&header, &()).await.unwrap();
                }
                other => panic!("{other}"),
            }
        }
    };
    (wishes, tokio::spawn(serve))
}

fn no_bus() {
    println!("dbus-daemon is not installed: how NetworkManager is asked is left out");
}

#[tokio::test]
async fn it_lets_go_and_takes_back() {
    let Some(bus) = Bus::start() else {
        return no_bus();
    };
    assert!(NetworkManager::over(bus.builder()).await.is_none(), "it does not run");
    let (wishes, server) = mock(&bus, false).await;
    let manager = NetworkManager::over(bus.builder()).await.unwrap();
    assert_eq!(manager.managed("wlan0").await.unwrap(), Some(true));
    assert_eq!(manager.managed("wlan1").await.unwrap(), None);
    manager.set_managed("wlan0", false).await.unwrap();
    assert_eq!(manager.managed("wlan0").await.unwrap(), Some(false));
    manager.set_managed("wlan0", true).await.unwrap();
    manager.set_managed("wlan1", true).await.unwrap();
    assert_eq!(*wishes.lock().unwrap(), [true, false, true]);
    server.abort();
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let Some(bus) = Bus::start() else {
        return no_bus();
    };
    let (_, server) = mock(&bus, true).await;
    let manager = NetworkManager::over(bus.builder()).await.unwrap();
    let error = manager.set_managed("wlan0", false).await.unwrap_err().to_string();
    for words in ["let go", "not you", "nmcli device set wlan0 managed no"] {
        assert!(error.contains(words), "{error}");
    }
    server.abort();
}

#[tokio::test]
async fn no_bus_is_no_network_manager() {
    let gone = Builder::address("unix:path=/nonexistent/bus");
    assert!(NetworkManager::over(gone).await.is_none());
}

/// The interface of the real one as another project knows it.
#[tokio::test]
async fn as_python_dbusmock_has_it() {
    let Some(bus) = Bus::start() else {
        return no_bus();
    };
    // Debian's package is of Debian's Python.
    let mock = Command::new("/usr/bin/python3")
        .args(["-m", "dbusmock", "--system", "--template", "networkmanager"])
        .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mock) = mock else {
        return println!("Python is not installed: python-dbusmock's NetworkManager is left out");
    };
    let mut mock = Process(mock);
    let mut manager = None;
    while manager.is_none() && mock.0.try_wait().unwrap().is_none() {
        manager = NetworkManager::over(bus.builder()).await;
        sleep(Duration::from_millis(50)).await;
    }
    let Some(manager) = manager else {
        return println!("python-dbusmock is not installed (python3-dbusmock): its NetworkManager is left out");
    };
    let device = ("mock_wlan0", "wlan0", 100u32);
    manager
        .call(PATH, "org.freedesktop.DBus.Mock", "AddWiFiDevice", &device)
        .await
        .unwrap();
    assert_eq!(manager.managed("wlan0").await.unwrap(), Some(true));
    for managed in [false, true] {
        manager.set_managed("wlan0", managed).await.unwrap();
        assert_eq!(manager.managed("wlan0").await.unwrap(), Some(managed));
    }
}
