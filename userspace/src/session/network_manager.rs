//! `NetworkManager` over D-Bus: whether it manages an interface, and asking it to let go of it and to take it back
//! (org.freedesktop.NetworkManager 1.x, <https://networkmanager.dev/docs/api/latest/spec.html>).

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use zbus::{Connection, DynamicType, Message, OwnedObjectPath, OwnedVariant, Variant, connection::Builder};

#[cfg(test)]
mod tests;

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";
const DEVICE: &str = "org.freedesktop.NetworkManager.Device";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const BUS: (&str, &str) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long letting go may take; what is not told then, the kernel tells.
const LETTING_GO: Duration = Duration::from_secs(3);
/// `NM_DEVICE_STATE_UNMANAGED`.
const UNMANAGED: u32 = 10;

/// What `NetworkManager` did not do.
#[derive(Debug, thiserror::Error)]
#[error("NetworkManager did not {action}: {message}; try `nmcli device set {interface} managed {managed}`", managed = if *.managed { "yes" } else { "no" })]
pub struct NetworkManagerError {
    /// The interface.
    pub interface: String,
    /// What was asked.
    pub action: &'static str,
    /// Whether it was to manage the interface.
    pub managed: bool,
    /// Its answer, or the bus's.
    pub message: String,
}

/// A connection to it, where it runs.
#[derive(Debug)]
pub(crate) struct NetworkManager {
    bus: Connection,
}

impl NetworkManager {
    /// Over the system bus; `None` where there is no bus, or no `NetworkManager` on it.
    pub(crate) async fn connect() -> Option<Self> {
        Self::over(Builder::system()).await
    }

    async fn over(bus: Builder<'_>) -> Option<Self> {
        let connect = async {
            let bus = bus.method_timeout(PATIENCE).build().await.ok()?;
            // It is not to be started for this.
            let asked = bus.call_method(Some(BUS.0), BUS.1, Some(BUS.0), "NameHasOwner", &NAME);
            let runs: bool = asked.await.ok()?.body().deserialize().ok()?;
            runs.then_some(Self { bus })
        };
        timeout(PATIENCE, connect).await.ok().flatten()
    }

    /// Whether it manages the interface; `None` where it does not know it.
    pub(crate) async fn managed(&self, interface: &str) -> Result<Option<bool>, NetworkManagerError> {
        let managed = async {
            match self.device(interface).await? {
                Some(device) => self.property(&device, "Managed").await.map(Some),
                None => Ok(None),
            }
        };
        managed.await.map_err(|error: zbus::Error| NetworkManagerError {
            interface: interface.to_owned(),
            action: "say whether it manages the interface",
            managed: false,
            message: error.to_string(),
        })
    }

    /// Has it let go of the interface, or take it back.
    pub(crate) async fn set_managed(&self, interface: &str, managed: bool) -> Result<(), NetworkManagerError> {
        let set = async {
            let Some(device) = self.device(interface).await? else {
                return Ok(());
            };
            let value = (DEVICE, "Managed", Variant::from(managed));
            self.call(&device, PROPERTIES, "Set", &value).await?;
            let end = Instant::now() + LETTING_GO;
            while !managed && self.property::<u32>(&device, "State").await? > UNMANAGED && Instant::now() < end {
                sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        set.await.map_err(|error: zbus::Error| NetworkManagerError {
            interface: interface.to_owned(),
            action: if managed {
                "take the interface back"
            } else {
                "let go of the interface"
            },
            managed,
            message: error.to_string(),
        })
    }

    async fn device(&self, interface: &str) -> zbus::Result<Option<OwnedObjectPath>> {
        match self.call(PATH, NAME, "GetDeviceByIpIface", &interface).await {
            Ok(answer) => answer.body().deserialize().map(Some),
            Err(zbus::Error::MethodError(name, ..)) if name.as_str().ends_with(".UnknownDevice") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn property<T: TryFrom<OwnedVariant, Error: Into<zbus::Error>>>(
        &self,
        device: &OwnedObjectPath,
        name: &str,
    ) -> zbus::Result<T> {
        let answer = self.call(device, PROPERTIES, "Get", &(DEVICE, name)).await?;
        let value: OwnedVariant = answer.body().deserialize()?;
        T::try_from(value).map_err(Into::into)
    }

    async fn call<B: serde::Serialize + DynamicType>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> zbus::Result<Message> {
        self.bus
            .call_method(Some(NAME), path, Some(interface), method, body)
            .await
    }
}
