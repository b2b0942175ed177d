//! What a run stands on: its mode, its interfaces, its access point.

use super::{
    SessionError, Stage,
    modes::{Intent, Mode, Prepared},
};
use crate::{
    ap::ApOptions,
    dot11::Tuning,
    publish::{documents, lifecycle::RunPaths},
};

use super::run::RunOptions;

/// The ground of a run.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) stage: Stage,
    pub(super) intent: Intent,
    pub(super) access_point: Option<ApOptions>,
    tuning: Option<Tuning>,
    prepared: Option<Prepared>,
}

impl Ground {
    /// Decides, checks, and only then changes interfaces.
    pub(super) async fn prepare(options: &RunOptions) -> Result<Self, SessionError> {
        let intent = Intent::find(options.interface.as_deref(), &options.radio).await?;
        let tuning = intent.tuning(&options.radio)?;
        let stage = Stage::set(options.interface.as_deref(), &options.data).await?;
        let mut ground = Self {
            stage,
            intent,
            access_point: None,
            tuning,
            prepared: None,
        };
        let country = ground.stage.country.clone().unwrap_or_default();
        if let Some(tuning) = tuning {
            ground.access_point = ground.intent.access_point(&options.radio, tuning, &country);
        }
        if let Err(error) = ground.change().await {
            ground.give_back().await;
            return Err(error);
        }
        Ok(ground)
    }

    async fn change(&mut self) -> Result<(), SessionError> {
        if self.access_point.is_none() {
            return Ok(());
        }
        if let (Some((device, _)), Some(tuning)) = (&self.intent.device, self.tuning) {
            let monitor = self
                .stage
                .monitor
                .as_ref()
                .map(|found| (found.index, found.name.clone()));
            self.prepared = Some(Prepared::make(self.intent.mode, device, monitor, tuning).await?);
        }
        Ok(())
    }

    /// Starts the mode, if it is one that transmits.
    pub(super) async fn start(&self, paths: &RunPaths) -> Result<Option<Mode>, SessionError> {
        let (Some(access_point), Some(prepared)) = (&self.access_point, &self.prepared) else {
            return Ok(None);
        };
        let transmit = prepared.transmit.clone();
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
        let tuned = self.tuning.map(|tuning| tuning.channel().frequency().into());
        tuned.or(self.stage.frequency).unwrap_or(0)
    }

    /// The access point's interface, where there is one.
    pub(super) fn interface(&self) -> Option<&str> {
        let (device, _) = self.intent.device.as_ref()?;
        self.access_point.as_ref().map(|_| device.name.as_str())
    }

    pub(super) fn tuning(&self) -> Option<Tuning> {
        self.tuning
    }

    /// Gives back what was changed; what can't be is told in the log.
    pub(super) async fn give_back(&self) {
        if let Err(error) = self.restore().await {
            tracing::error!(%error, "an interface is not given back");
        }
    }

    /// Gives back what was changed.
    pub(super) async fn restore(&self) -> Result<(), SessionError> {
        let prepared = match &self.prepared {
            Some(prepared) => prepared.restore().await,
            None => Ok(()),
        };
        self.stage.restore().await.and(prepared)
    }
}
