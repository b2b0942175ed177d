//! Which interface a run takes that names none.

use crate::{
    nl80211::{Interface, Kind},
    session::SessionError,
};

/// The interface for Wi-Fi: the named one, none where only data interfaces are named, else the only one of `present` that
/// can be it.
pub(crate) fn choose(
    named: Option<String>,
    data: &[String],
    present: &[Interface],
) -> Result<Option<String>, SessionError> {
    if named.is_some() || !data.is_empty() {
        return Ok(named);
    }
    let wireless = |interface: &&Interface| matches!(interface.kind, Kind::Monitor | Kind::Wireless);
    let names: Vec<_> = present
        .iter()
        .filter(wireless)
        .map(|found| found.name.clone())
        .collect();
    match <[String; 1]>::try_from(names) {
        Ok([only]) => Ok(Some(only)),
        Err(names) if names.is_empty() => Err(SessionError::NothingToDo),
        Err(names) => Err(SessionError::SeveralInterfaces {
            names: names.join(", "),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_clear_is_chosen() {
        let interface = |name: &str, kind| Interface {
            name: name.to_owned(),
            index: 1,
            kind,
            address: String::new(),
            up: true,
            driver: None,
            phy: None,
        };
        let mut present = vec![
            interface("eth0", Kind::Ethernet),
            interface("prism0", Kind::BareMonitor),
        ];
        assert!(matches!(choose(None, &[], &present), Err(SessionError::NothingToDo)));
        present.push(interface("wlan0", Kind::Wireless));
        assert_eq!(choose(None, &[], &present).unwrap().as_deref(), Some("wlan0"));
        assert_eq!(choose(None, &["eth0".to_owned()], &present).unwrap(), None);
        assert_eq!(
            choose(Some("x".to_owned()), &[], &present).unwrap().as_deref(),
            Some("x")
        );
        present.push(interface("mon0", Kind::Monitor));
        let error = choose(None, &[], &present).unwrap_err().to_string();
        assert!(error.contains("wlan0, mon0") && error.contains("-i"), "{error}");
    }
}
