//! Where a device can be tuned to, by its capabilities and by the flags of its channels.

use super::{BandInfo, Wiphy};
use crate::{
    dot11::{Band, Channel, ChannelWidth, Tuning},
    nl80211::{ChannelRefusal, InterfaceKind},
};

impl Wiphy {
    /// Why the device can't be tuned so, or must not transmit there if `transmit`; `None` if it can.
    #[must_use]
    pub fn refusal(&self, tuning: Tuning, transmit: bool) -> Option<ChannelRefusal> {
        let Some(primary) = self.channel(tuning.channel().frequency().into()) else {
            return Some(ChannelRefusal::Missing(tuning));
        };
        if primary.disabled {
            return Some(ChannelRefusal::Disabled(tuning));
        }
        if transmit && primary.radar {
            return Some(ChannelRefusal::Radar(tuning));
        }
        if transmit && primary.no_ir {
            return Some(ChannelRefusal::NoIr(tuning));
        }
        // A monitor has the capabilities of all kinds.
        let kind = InterfaceKind::Monitor;
        if self.takes(tuning, kind, transmit) {
            return None;
        }
        Some(ChannelRefusal::Width {
            wanted: tuning,
            widest: self.widest_with(tuning.channel(), kind, transmit).width(),
        })
    }

    /// The widest that device and flags allow around a channel, for transmitting unless the kind is a monitor; 20 MHz at the
    /// least, also where [`Wiphy::refusal`] has something against it.
    #[must_use]
    pub fn widest(&self, channel: Channel, kind: InterfaceKind) -> Tuning {
        self.widest_with(channel, kind, kind != InterfaceKind::Monitor)
    }

    fn widest_with(&self, channel: Channel, kind: InterfaceKind, transmit: bool) -> Tuning {
        ChannelWidth::DOWN
            .into_iter()
            .filter_map(|width| Tuning::new(channel, width))
            .find(|tuning| self.takes(*tuning, kind, transmit))
            .unwrap_or_else(|| Tuning::narrow(channel))
    }

    /// As `cfg80211_chandef_usable` decides (Linux `net/wireless/chan.c`).
    fn takes(&self, tuning: Tuning, kind: InterfaceKind, transmit: bool) -> bool {
        let width = tuning.width();
        let band = self.band(tuning.channel().band());
        if !band.is_some_and(|band| band.width(kind, width)) {
            return false;
        }
        let (low, high) = tuning.edges();
        let mut all = (low + 10..high)
            .step_by(20)
            .map(|frequency| self.channel(frequency.into()));
        let open = all.all(|channel| {
            channel.is_some_and(|channel| {
                !(channel.disabled
                    || transmit && (channel.no_ir || channel.radar)
                    || channel.no_80 && width >= ChannelWidth::Mhz80
                    || channel.no_160 && width >= ChannelWidth::Mhz160
                    || channel.no_320 && width >= ChannelWidth::Mhz320)
            })
        });
        let primary = self.channel(tuning.channel().frequency().into());
        open && primary.is_some_and(|primary| match (width, tuning.secondary()) {
            (ChannelWidth::Mhz20, _) => true,
            (_, 1) => !primary.no_ht40_plus,
            _ => !primary.no_ht40_minus,
        })
    }
}

impl BandInfo {
    /// The device has that width in this band: as HT (IEEE Std 802.11-2020 9.4.2.55.2), VHT (9.4.2.157.2), HE (9.4.2.248.3)
    /// or EHT capabilities say.
    fn width(&self, kind: InterfaceKind, width: ChannelWidth) -> bool {
        let he = |bit: u8| {
            let mut phy = self.caps(kind).filter_map(|caps| caps.he.as_ref()?.phy.first());
            phy.any(|octet| octet & 1 << bit != 0)
        };
        let ht40 = self.ht.as_ref().is_some_and(|ht| ht.info & 1 << 1 != 0);
        match (self.band, width) {
            (_, ChannelWidth::Mhz20) => true,
            (Band::Ghz2 | Band::Ghz5, ChannelWidth::Mhz40) => ht40,
            (Band::Ghz6, ChannelWidth::Mhz40 | ChannelWidth::Mhz80) => he(2),
            (Band::Ghz6, ChannelWidth::Mhz160) => he(3),
            (Band::Ghz6, ChannelWidth::Mhz320) => {
                let mut phy = self.caps(kind).filter_map(|caps| caps.eht.as_ref()?.phy.first());
                phy.any(|octet| octet & 1 << 1 != 0)
            }
            (Band::Ghz5, ChannelWidth::Mhz80) => ht40 && self.vht.is_some(),
            (Band::Ghz5, ChannelWidth::Mhz160) => self.vht.as_ref().is_some_and(|vht| {
                // Supported Channel Width Set, Extended NSS BW Support.
                ht40 && (vht.info >> 2 & 3 != 0 || vht.info >> 30 != 0)
            }),
            _ => false,
        }
    }
}
