//! `config.ini` of wlanpi-profiler 2: section `[GENERAL]`, `key: value` or `key = value`, as Python's configparser reads it.

use std::path::Path;

use super::{ConfigError, Origin, Place, Warning, file::FileSettings};
use crate::dot11::Channel;

const SECTION: &str = "GENERAL";

/// The file is of this kind and not TOML.
pub(super) fn is_one(path: &Path, text: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("ini"))
        || text.lines().any(|line| line.trim() == "[GENERAL]")
}

/// Reads such a file. A key that airlens has no use for is a warning: the file is shared with the other program.
pub(super) fn read(path: &Path, text: &str) -> FileSettings {
    let mut settings = FileSettings::default();
    let mut section = None;
    let mut indent = None;
    for (number, line) in text.lines().enumerate() {
        let written = line.trim();
        let before = line.chars().take_while(|letter| letter.is_whitespace()).count();
        let place = Place {
            path: path.to_owned(),
            line: number + 1,
            column: before + 1,
        };
        let result = if written.is_empty() || written.starts_with(['#', ';']) {
            continue;
        } else if let Some(name) = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            (section, indent) = (Some(name.to_owned()), None);
            continue;
        } else if indent.is_some_and(|indent| before > indent) {
            Err("a line further to the right continues the value above: begin it where that one begins".to_owned())
        } else {
            indent = Some(before);
            match section.as_deref() {
                Some(SECTION) => entry(&mut settings, written, &place),
                Some(_) => continue,
                None => Err(format!("write [{SECTION}] on a line of its own before the first key")),
            }
        };
        if let Err(message) = result {
            settings.problems.push(ConfigError::Parse { place, message });
        }
    }
    // There, the host name goes before a name that is given.
    if settings.layer.hostname_ssid.is_some() {
        settings.layer.ssid = None;
    }
    settings
}

fn entry(settings: &mut FileSettings, line: &str, place: &Place) -> Result<(), String> {
    let Some((key, value)) = line.split_once([':', '=']) else {
        return Err(format!("{line:?} is neither `key: value` nor `key = value`"));
    };
    let (key, value) = (key.trim().to_lowercase(), value.trim().replace("%%", "%"));
    if key == "ft_disabled" && settings.layer.security_mode.is_some() {
        // Deprecated there: security_mode goes before it.
        return Ok(());
    }
    let known = known(&key, &value).map_err(|message| format!("{key}: {message}"))?;
    match known {
        Known::Unset => {}
        Known::Setting(name, value) => {
            settings
                .layer
                .set(name, &value)
                .map_err(|message| format!("{key}: {message}"))?;
            settings.places.insert(name.to_owned(), place.clone());
        }
        Known::Unused => settings.warnings.push(Warning {
            origin: Origin::File(place.clone()),
            message: format!("{key}: airlens has no such setting, it is passed over"),
        }),
    }
    Ok(())
}

enum Known {
    /// As the file has it when nothing is wanted.
    Unset,
    /// Our key and its value.
    Setting(&'static str, String),
    Unused,
}

fn known(key: &str, value: &str) -> Result<Known, String> {
    let set = |name, value: &str| Ok(Known::Setting(name, value.to_owned()));
    let not = |name| boolean(value).map(|value| Known::Setting(name, (!value).to_string()));
    let only_if_true = |name, text: &str| {
        boolean(value).map(|value| {
            if value {
                Known::Setting(name, text.to_owned())
            } else {
                Known::Unset
            }
        })
    };
    match key {
        _ if value.is_empty() => Ok(Known::Unset),
        "interface" => set("interface", value),
        // Numbers of 6 GHz that no other band has stand alone there.
        "channel" => match (value.parse::<Channel>(), format!("6g{value}").parse::<Channel>()) {
            (Err(_), Ok(channel)) => set("channel", &channel.to_string()),
            _ => set("channel", value),
        },
        "ssid" => set("ssid", value),
        "passphrase" => set("passphrase", value),
        "security_mode" => set("security_mode", value),
        "files_path" => set("files_path", value),
        "hostname_ssid" => only_if_true("hostname_ssid", "true"),
        "listen_only" => only_if_true("mode", "listen"),
        "debug" => only_if_true("logging.level", "debug"),
        "ft_disabled" => only_if_true("security_mode", "wpa3-mixed"),
        "he_disabled" => not("ax"),
        "be_disabled" => not("be"),
        "profiler_tlv_disabled" => not("profiler_element"),
        _ => Ok(Known::Unused),
    }
}

/// Python's `strtobool`.
fn boolean(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Ok(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Ok(false),
        _ => Err(format!("{text:?} is neither True nor False")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CaptureMode, Layer, LogLevel, SecurityMode};

    fn said(text: &str) -> (Layer, Vec<String>, Vec<String>) {
        let settings = read(Path::new("config.ini"), text);
        (
            settings.layer,
            settings.problems.iter().map(ToString::to_string).collect(),
            settings.warnings.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn the_shipped_file_is_the_defaults() {
        // The keys and values of the file that wlanpi-profiler 2.0 installs.
        let (layer, problems, warnings) = said(
            "# a comment\n[GENERAL]\nchannel: 36\ninterface: wlan0\nssid: \npassphrase: profiler\nsecurity_mode: ft-wpa3-mixed\n\
             ft_disabled: False\nhe_disabled: False\nbe_disabled: False\nprofiler_tlv_disabled: False\nlisten_only: False\n\
             hostname_ssid: False\nfiles_path: /var/www/html/profiler\ndebug: False\n",
        );
        assert_eq!((problems, warnings), (vec![], vec![]));
        let defaults = Layer::defaults();
        let expected = Layer {
            interface: Some("wlan0".into()),
            channel: defaults.channel,
            passphrase: defaults.passphrase,
            security_mode: defaults.security_mode,
            ax: Some(true),
            be: Some(true),
            profiler_element: Some(true),
            files_path: Some("/var/www/html/profiler".into()),
            ..Layer::default()
        };
        assert_eq!(layer, expected);
    }

    #[test]
    fn what_is_set_is_ours_in_other_words() {
        let (layer, problems, warnings) = said(
            "[GENERAL]\nChannel = 37\nssid = 100%% [mine]: x\nLISTEN_ONLY: yes\nft_disabled: True\nhe_disabled: on\ndebug: 1\n\
             expert: True\n[OTHER]\nkey: value\n",
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            warnings,
            ["config.ini:8:1: expert: airlens has no such setting, it is passed over"]
        );
        assert_eq!(layer.channel, "6g37".parse().ok());
        assert_eq!(layer.ssid.as_deref(), Some("100% [mine]: x"));
        assert_eq!(
            (layer.mode, layer.security_mode, layer.ax, layer.logging.level),
            (
                Some(CaptureMode::Listen),
                Some(SecurityMode::Wpa3Mixed),
                Some(false),
                Some(LogLevel::Debug)
            )
        );
        for text in [
            "[GENERAL]\nft_disabled: True\nsecurity_mode: wpa2\n",
            "[GENERAL]\nsecurity_mode: wpa2\nft_disabled: True\n",
        ] {
            assert_eq!(said(text).0.security_mode, Some(SecurityMode::Wpa2), "{text}");
        }
        let (layer, ..) = said("[GENERAL]\nhostname_ssid: True\nssid: x\n");
        assert_eq!((layer.hostname_ssid, layer.ssid), (Some(true), None));
    }

    #[test]
    fn each_problem_has_its_line() {
        let (_, problems, _) = said(
            "channel: 1\n[GENERAL]\nchannel: 300\nhe_disabled: maybe\n  passphrase: profiler\nno key\nsecurity_mode: wpa4\npassphrase: short\n",
        );
        let expected = [
            ("1:1: ", "[GENERAL]"),
            ("3:1: ", "channel: \"300\" is no channel"),
            ("4:1: ", "neither True nor False"),
            ("5:3: ", "continues the value above"),
            ("6:1: ", "neither `key: value`"),
            ("7:1: ", "wpa4"),
            ("8:1: ", "8 to 63"),
        ];
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, (place, message)) in problems.iter().zip(expected) {
            assert!(
                problem.starts_with(&format!("config.ini:{place}")) && problem.contains(message),
                "{problem}"
            );
        }
    }
}
