//! What airlens can use a device for.

use serde::Serialize;

use super::Wiphy;
use crate::nl80211::InterfaceKind;

/// `NL80211_CMD_START_AP`.
const START_AP: u32 = 15;
/// Association request, probe request, authentication.
const AP_FRAMES: [u16; 3] = [0x00, 0x40, 0xb0];

/// A mode of `airlens run` on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModeReport {
    /// As `--mode` names it.
    pub mode: &'static str,
    /// The device can.
    pub possible: bool,
    /// Why not, or what is missing; and the way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl Wiphy {
    /// Each mode of `airlens run`, the one that shows the most first.
    #[must_use]
    pub fn modes(&self) -> Vec<ModeReport> {
        let report = |mode, obstacle: Option<&'static str>| ModeReport {
            mode,
            possible: obstacle.is_none(),
            note: obstacle,
        };
        let mut fakeap = report("fakeap", self.transmits().or_else(|| self.listens()));
        if fakeap.possible && !self.active_monitor {
            fakeap.note = Some(
                "its monitors acknowledge nothing (no active monitor), so clients may give up before they associate: prefer --mode ap",
            );
        }
        vec![
            report(
                "ap",
                self.transmits()
                    .or_else(|| self.starts_ap())
                    .or_else(|| self.gives_out_ap()),
            ),
            report("hostapd", self.transmits().or_else(|| self.starts_ap())),
            fakeap,
            report("listen", self.listens()),
        ]
    }

    fn transmits(&self) -> Option<&'static str> {
        let mut channels = self.bands.iter().flat_map(|band| &band.channels);
        let open = channels.any(|channel| !(channel.disabled || channel.no_ir || channel.radar));
        (!open).then_some("no channel is open to transmit: set your country with `iw reg set CC`")
    }

    fn listens(&self) -> Option<&'static str> {
        (!self.supports(InterfaceKind::Monitor)).then_some(
            "the driver has no monitor mode: take an adapter whose driver has, such as mt76, ath9k or iwlwifi",
        )
    }

    fn starts_ap(&self) -> Option<&'static str> {
        let able = self.supports(InterfaceKind::Ap) && self.commands.contains(&START_AP);
        (!able).then_some("the driver can't be an access point: use --mode fakeap or listen")
    }

    fn gives_out_ap(&self) -> Option<&'static str> {
        let kept = self.ap_sme || AP_FRAMES.iter().any(|types| !self.gives_out(InterfaceKind::Ap, *types));
        kept.then_some("the driver keeps an access point's frames to itself: use --mode hostapd or fakeap")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nl80211::{BandInfo, ChannelInfo, FrameTypes};

    fn possible(wiphy: &Wiphy) -> Vec<&'static str> {
        let modes = wiphy.modes();
        assert!(modes.iter().all(|mode| mode.possible || mode.note.is_some()));
        modes
            .iter()
            .filter(|mode| mode.possible)
            .map(|mode| mode.mode)
            .collect()
    }

    #[test]
    fn each_lack_leaves_what_is_left() {
        let types = FrameTypes {
            kind: InterfaceKind::Ap,
            types: vec![0x00, 0x20, 0x40, 0xb0],
        };
        let full = Wiphy {
            interface_kinds: vec![InterfaceKind::Ap, InterfaceKind::Monitor],
            bands: vec![BandInfo {
                channels: vec![ChannelInfo::default()],
                ..BandInfo::default()
            }],
            commands: vec![START_AP],
            rx_frame_types: vec![types],
            active_monitor: true,
            ..Wiphy::default()
        };
        assert_eq!(possible(&full), ["ap", "hostapd", "fakeap", "listen"]);
        assert_eq!(full.modes()[2].note, None);

        let mut lacking = full.clone();
        lacking.active_monitor = false;
        lacking.ap_sme = true;
        assert_eq!(possible(&lacking), ["hostapd", "fakeap", "listen"]);
        assert!(lacking.modes()[2].note.is_some());
        lacking.commands.clear();
        assert_eq!(possible(&lacking), ["fakeap", "listen"]);
        lacking.bands[0].channels[0].no_ir = true;
        assert_eq!(possible(&lacking), ["listen"]);
        lacking.interface_kinds.clear();
        assert_eq!(possible(&lacking), [""; 0]);
    }
}
