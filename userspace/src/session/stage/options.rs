//! What to stage.

use crate::{
    config::Country,
    dot11::{Channel, ChannelWidth},
    session::journal::Journals,
};

/// What a run needs to be prepared.
#[derive(Clone, Debug)]
pub struct StageOptions {
    /// The Wi-Fi interface: a monitor, or a managed one.
    pub interface: Option<String>,
    /// Interfaces whose packets are counted.
    pub data: Vec<String>,
    /// What in the settings hinders an access point: refused where the mode turns out to be one.
    pub hindrance: Option<String>,
    /// The channel; an access point without one takes [`crate::config::Radio::CHANNEL`], listening stays where the radio is.
    pub channel: Option<Channel>,
    /// The width; `None`: the widest that device and rules allow.
    pub width: Option<ChannelWidth>,
    /// The run tunes the radio itself, from channel to channel.
    pub hops: bool,
    /// The regulatory domain to set.
    pub country: Option<Country>,
    /// Change anything; else interfaces are used as they are.
    pub prepare: bool,
    /// Where changes are written down.
    pub journals: Journals,
    /// This process.
    pub pid: u32,
}
