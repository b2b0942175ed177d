//! From a journal back to how it was.

use super::{
    Change, Entry, Journal, Subject,
    system::{Seen, System},
};
use crate::session::SessionError;

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as before now; in a dry run, it would be.
    Undone,
    /// It was as before already.
    AsBefore,
    /// Its interface is gone, or another one has its name.
    Gone,
    /// Somebody changed it since, or what was before can't be had again: it is left as it is.
    Left(String),
    /// It can't be undone: why, and what to do.
    Failed(String),
    /// It was changed before one that can't be undone, and is to be undone after that one.
    Waits,
}

/// An entry and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The entry's change.
    pub change: Change,
    /// What became of it.
    pub outcome: Outcome,
}

/// What to do about an entry.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// With the interface as it is, where it is about one.
    Do(Option<Seen>),
    Nothing(Outcome),
}

/// Undoes a journal from its end, and hands it to `write` without each entry that is done, before the next is begun. What
/// fails stays, and with it what was changed before on the same interface.
pub(super) async fn undo<S: System>(
    journal: &mut Journal,
    system: &mut S,
    mut write: impl FnMut(&Journal) -> Result<(), SessionError>,
) -> Result<Vec<Undone>, SessionError> {
    let mut undone = Vec::new();
    let mut failed = Vec::new();
    for place in (0..journal.entries.len()).rev() {
        let Some(entry) = journal.entries.get(place) else {
            continue;
        };
        let change = entry.change.clone();
        let interface = change.interface().map(|interface| interface.index);
        if failed.contains(&interface) {
            let outcome = Outcome::Waits;
            undone.push(Undone { change, outcome });
            continue;
        }
        let outcome = match attempt(journal, &change, system).await {
            Ok(outcome) => {
                journal.entries.remove(place);
                outcome
            }
            Err(error) => {
                let error = error.to_string();
                failed.push(interface);
                if let Some(entry) = journal.entries.get_mut(place) {
                    entry.error = Some(error.clone());
                }
                Outcome::Failed(error)
            }
        };
        write(journal)?;
        undone.push(Undone { change, outcome });
    }
    Ok(undone)
}

/// What undoing would do.
pub(super) async fn foresee(journal: &Journal, system: &mut impl System) -> Vec<Undone> {
    let mut foreseen = Vec::new();
    for Entry { change, .. } in journal.entries.iter().rev() {
        let outcome = match step(journal, change, system).await {
            Ok(Step::Do(_)) => Outcome::Undone,
            Ok(Step::Nothing(outcome)) => outcome,
            Err(error) => Outcome::Failed(error.to_string()),
        };
        foreseen.push(Undone {
            change: change.clone(),
            outcome,
        });
    }
    foreseen
}

async fn attempt(journal: &Journal, change: &Change, system: &mut impl System) -> Result<Outcome, SessionError> {
    let (index, name) = match step(journal, change, system).await? {
        Step::Nothing(outcome) => return Ok(outcome),
        Step::Do(seen) => seen.map_or((0, String::new()), |seen| (seen.index, seen.name)),
    };
    match change {
        Change::Created { .. } => system.remove(index).await?,
        Change::Kind { before, .. } => {
            // The kernel changes the kind of what is down alone; whether it was up is an entry of its own.
            system.set_up(index, false).await?;
            system.set_kind(index, *before).await?;
        }
        Change::Address { before, .. } => {
            system.set_up(index, false).await?;
            system.set_address(index, *before).await?;
        }
        Change::Up { before, .. } => system.set_up(index, *before).await?,
        Change::Channel { before, .. } => {
            if let Some(tuning) = before.and_then(super::Tuned::tuning) {
                system.set_channel(index, tuning).await?;
            }
        }
        Change::Country { before, .. } => system.set_country(asked_for(before)).await?,
        Change::NetworkManager { before, .. } => system.set_managed(&name, *before).await?,
    }
    Ok(Outcome::Undone)
}

async fn step(journal: &Journal, change: &Change, system: &mut impl System) -> Result<Step, SessionError> {
    let Some(subject) = change.interface() else {
        return country(change, system).await;
    };
    let Some(seen) = find(journal, subject, system).await? else {
        return Ok(Step::Nothing(Outcome::Gone));
    };
    let as_before = match change {
        Change::Created { .. } | Change::Country { .. } => false,
        Change::Kind { before, .. } => seen.kind == *before,
        Change::Address { before, .. } => seen.address == *before,
        Change::Up { before, .. } => seen.up == *before,
        Change::Channel { before: None, .. } => {
            return Ok(Step::Nothing(Outcome::Left("it was on no channel before".to_owned())));
        }
        Change::Channel { before, .. } => seen.tuned == *before,
        Change::NetworkManager { before, .. } => match system.managed(&seen.name).await? {
            Some(managed) => managed == *before,
            None => {
                let why = "NetworkManager does not run, or does not know it any more".to_owned();
                return Ok(Step::Nothing(Outcome::Left(why)));
            }
        },
    };
    Ok(if as_before {
        Step::Nothing(Outcome::AsBefore)
    } else {
        Step::Do(Some(seen))
    })
}

async fn country(change: &Change, system: &mut impl System) -> Result<Step, SessionError> {
    let Change::Country { before, after } = change else {
        return Ok(Step::Nothing(Outcome::AsBefore));
    };
    let now = system.country().await?;
    Ok(if now == *before {
        Step::Nothing(Outcome::AsBefore)
    } else if now.is_empty() {
        Step::Nothing(Outcome::Gone)
    } else if now == *after {
        Step::Do(None)
    } else {
        Step::Nothing(Outcome::Left(format!("{now} was set since")))
    })
}

/// What to ask the kernel for to have these rules again: those of several sources (98) and of the driver (99) come with the
/// world's (`net/wireless/reg.c`).
fn asked_for(country: &str) -> &str {
    let letters = country.bytes().all(|octet| octet.is_ascii_uppercase());
    if letters && country.len() == 2 { country } else { "00" }
}

/// The interface that was written down: by index and address, or by name alone where it was about to be made.
async fn find(journal: &Journal, subject: &Subject, system: &mut impl System) -> Result<Option<Seen>, SessionError> {
    let interfaces = system.interfaces().await?;
    Ok(interfaces.into_iter().find(|seen| match subject.index {
        0 => seen.name == subject.name,
        index => seen.index == index && journal.addresses(index).any(|address| address == seen.address),
    }))
}
