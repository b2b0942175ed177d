//! Before the run: the interfaces that the user named, checked and prepared for the run's mode. After it: as before.

mod choice;
mod options;
mod prepare;
pub(super) mod sequence;

use std::{sync::Mutex, thread};

pub(super) use choice::choose;
pub use options::StageOptions;

use super::{
    SessionError,
    journal::{Journals, Ledger, Live, Outcome, Undone},
    lease::Lease,
    modes::Intent,
};
use crate::{
    dot11::{Address, Tuning},
    kernel::KernelError,
    logging::AUDIT,
    nl80211::{Interface, existing_names, interface},
};

pub(super) type RunLedger = Ledger<Live, super::journal::JournalFile>;

/// The interfaces of a run. Dropped without [`Stage::restore`], as by a panic, it gives them back all the same.
#[derive(Debug, Default)]
pub struct Stage {
    /// Where frames are captured, up.
    pub monitor: Option<Interface>,
    /// The access point's. `ap`, `hostapd`: of kind AP, down. `fakeap`: the `active` monitor that acknowledges, up.
    pub ap: Option<Interface>,
    /// The access point's address.
    pub bssid: Option<Address>,
    /// Where packets are counted.
    pub data: Vec<Interface>,
    /// The wireless device, such as `phy0`.
    pub phy: Option<String>,
    /// The channel that was asked for or is the default, as wide as can be; listening where the radio is: `None`.
    pub tuning: Option<Tuning>,
    /// The channel frequency in MHz at the start, where one is set.
    pub frequency: Option<u32>,
    /// The regulatory domain, two letters.
    pub country: Option<String>,
    /// What was changed.
    ledger: Mutex<Option<RunLedger>>,
    /// The wireless device is this run's.
    lease: Option<Lease>,
}

impl Stage {
    /// Checks the named interfaces and prepares them for what is intended; [`recover`] is to come before.
    ///
    /// # Errors
    ///
    /// An interface does not exist (the message lists those that do), carries nothing that the programs read, is held by
    /// another run or program, or its device can't do what the mode needs. Everything is as before then.
    pub(super) async fn set(options: &StageOptions, intent: &mut Intent) -> Result<Self, SessionError> {
        let mut stage = Self::default();
        for name in &options.data {
            let interface = find(name)?;
            if !interface.kind.carries_ethernet() {
                return Err(SessionError::NoEthernet { name: name.clone() });
            }
            stage.data.push(interface);
        }
        if let Some(name) = &options.interface
            && let Err(error) = stage.prepare(find(name)?, options, intent).await
        {
            if let Err(error) = stage.restore().await {
                tracing::error!(%error, "an interface is not given back");
            }
            return Err(error);
        }
        Ok(stage)
    }

    /// Undoes what was changed, and gives the wireless device free at the end of this value.
    ///
    /// # Errors
    ///
    /// Something could not be undone: it stays in the journal, for `airlens restore`.
    pub async fn restore(&self) -> Result<(), SessionError> {
        let ledger = self.ledger.lock().ok().and_then(|mut ledger| ledger.take());
        match ledger {
            Some(mut ledger) => settle(ledger.undo().await?),
            None => Ok(()),
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let Some(mut ledger) = self.ledger.get_mut().ok().and_then(Option::take) else {
            return;
        };
        // The runtime of this thread may be on its way out; the ledger's connection belongs to it.
        let undo = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(async {
                    ledger.reconnect(Live::connect()?);
                    settle(ledger.undo().await?)
                })
            })
        };
        match thread::spawn(undo).join() {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::error!(%error, "an interface is not given back"),
            _ => tracing::error!("interfaces are not given back: the next start does, or `airlens restore`"),
        }
        drop(self.lease.take());
    }
}

/// Tells what was undone; an error if something was not.
fn settle(undone: Vec<Undone>) -> Result<(), SessionError> {
    let failed: Vec<_> = undone
        .into_iter()
        .filter_map(|Undone { change, outcome }| match outcome {
            Outcome::Failed(error) => Some(format!("{change}: {error}")),
            outcome => {
                tracing::info!(target: AUDIT, %change, ?outcome, "given back");
                None
            }
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(SessionError::NotRestored {
        what: failed.join("; "),
    })
}

/// Undoes what runs left that were killed; what fails hinders nothing yet. Before anything is decided: what they made is
/// none of the interfaces to choose from.
pub(super) async fn recover(journals: &Journals) {
    let recovered = match journals.recover(false).await {
        Ok(recovered) => recovered,
        Err(error) => return tracing::error!(%error, "what earlier runs left is not undone"),
    };
    for found in recovered {
        let (phy, pid) = (&found.phy, found.pid);
        for Undone { change, outcome } in found.undone {
            if let Outcome::Failed(error) = outcome {
                tracing::error!(target: AUDIT, %phy, pid, %change, error, "left by a killed run, not undone");
            } else {
                tracing::info!(target: AUDIT, %phy, pid, %change, ?outcome, "left by a killed run, given back");
            }
        }
    }
}

fn find(name: &str) -> Result<Interface, SessionError> {
    interface(name).ok_or_else(|| {
        SessionError::Kernel(KernelError::NoInterface {
            name: name.to_owned(),
            existing: existing_names().join(" "),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        publish::atomic::AtomicWriter,
        session::journal::{Change, Store as _, Subject},
    };

    #[tokio::test]
    async fn a_panic_gives_back_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let journals = Journals::new(folder.path(), AtomicWriter::default());
        let mut stage = Stage::default();
        stage.lease = Some(journals.lease("phy7", 1).unwrap());
        let (mut journal, mut file) = journals.open("phy7", 1);
        let interface = Subject {
            name: "wlan7profiler".to_owned(),
            index: 0,
            address: Address::default(),
        };
        journal.entries.push(Change::Created { interface }.into());
        file.write(&journal).unwrap();
        stage.ledger = Mutex::new(Some(Ledger::new(journal, Live::connect().unwrap(), file)));
        assert!(journals.lease("phy7", 2).is_err());
        let run = tokio::spawn(async move {
            let _stage = stage;
            panic!("as a bug would");
        });
        assert!(run.await.unwrap_err().is_panic());
        assert!(!folder.path().join("phy7.journal").exists());
        journals.lease("phy7", 2).unwrap();
    }

    #[test]
    fn a_missing_interface_lists_the_others() {
        let error = find("mon7").unwrap_err().to_string();
        assert!(error.contains("no interface mon7") && error.contains("lo"), "{error}");
    }
}
