//! What a run stands on: its mode, its interfaces, its access point.

use super::{
    RunOptions, SessionError, Stage,
    modes::{Intent, Mode, Transmit},
};
use crate::{
    ap::ApOptions,
    dot11::{ChannelWidth, Tuning},
    nl80211::{Interface, link},
    publish::{documents, lifecycle::RunPaths},
};

/// The ground of a run.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) stage: Stage,
    pub(super) intent: Intent,
    pub(super) access_point: Option<ApOptions>,
}

impl Ground {
    /// Decides, then changes interfaces.
    pub(super) async fn prepare(options: &RunOptions) -> Result<Self, SessionError> {
        let mut intent = Intent::find(options.stage.interface.as_deref(), &options.radio).await?;
        let mut wanted = options.stage.clone();
        if intent.mode == documents::Mode::Fakeap {
            // What is injected goes out at 20 MHz.
            wanted.width = wanted.width.or(Some(ChannelWidth::Mhz20));
        }
        let stage = Stage::set(&wanted, &mut intent).await?;
        let access_point = intent.access_point(&options.radio, &stage);
        Ok(Self {
            stage,
            intent,
            access_point,
        })
    }

    /// Starts the mode, if it is one that transmits.
    pub(super) async fn start(&self, paths: &RunPaths) -> Result<Option<Mode>, SessionError> {
        let Some(access_point) = &self.access_point else {
            return Ok(None);
        };
        let by = match self.mode() {
            documents::Mode::Fakeap => &self.stage.monitor,
            _ => &self.stage.ap,
        };
        let Some(Interface { index, name, .. }) = by else {
            return Ok(None);
        };
        if self.mode() == documents::Mode::Ap {
            link::set_up(name)?;
        }
        let transmit = Transmit {
            index: *index,
            name: name.clone(),
            frequency: access_point.tuning.channel().frequency().into(),
        };
        let folder = paths.lock.with_extension("hostapd");
        let plan = self.intent.plan(access_point.clone(), &transmit.name, &folder);
        Ok(Some(Mode::start(plan, transmit).await?))
    }

    /// How clients are met.
    pub(super) fn mode(&self) -> documents::Mode {
        self.intent.mode
    }

    /// The channel's frequency in MHz at the start, 0 where none is known.
    pub(super) fn frequency(&self) -> u32 {
        let tuned = self.tuning().map(|tuning| tuning.channel().frequency().into());
        tuned.or(self.stage.frequency).unwrap_or(0)
    }

    /// The access point's interface, where there is one.
    pub(super) fn interface(&self) -> Option<&str> {
        self.stage.ap.as_ref().map(|found| found.name.as_str())
    }

    /// The interfaces that the run can't go on without, by name and index: those of the radio, and the named one.
    pub(super) fn interfaces(&self) -> impl Iterator<Item = (&str, u32)> {
        let staged = self.stage.monitor.iter().chain(&self.stage.ap);
        let named = self.intent.device.iter().map(|device| &device.interface);
        let named = named.map(|named| (named.name.as_str(), named.index));
        staged.map(|staged| (staged.name.as_str(), staged.index)).chain(named)
    }

    /// The channel that was asked for.
    pub(super) fn tuning(&self) -> Option<Tuning> {
        self.stage.tuning
    }

    /// Gives back what was changed; what can't be is told in the log.
    pub(super) async fn give_back(&self) {
        if let Err(error) = self.stage.restore().await {
            tracing::error!(%error, "an interface is not given back");
        }
    }
}
