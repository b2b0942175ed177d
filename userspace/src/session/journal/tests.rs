use proptest::prelude::*;

use super::{
    fake::{Fake, World},
    store::Store as _,
    undo::undo,
    *,
};
use crate::{
    dot11::Tuning,
    nl80211::InterfaceKind,
    session::{SessionError, stage::sequence},
};

/// The interface that is staged.
const MAIN: u32 = 3;

/// What is staged.
#[derive(Clone, Copy, Debug)]
struct Plan {
    mode: u8,
    country: bool,
    tuned: bool,
    /// The access point is brought up, which its mode does by itself.
    brought_up: bool,
}

fn empty() -> Journal {
    Journal {
        schema_version: change::SCHEMA_VERSION.to_owned(),
        boot_id: "b".to_owned(),
        network_namespace: 1,
        pid: 7,
        phy: "phy0".to_owned(),
        entries: Vec::new(),
    }
}

fn seen(index: u32, name: &str, kind: InterfaceKind, up: bool) -> Seen {
    Seen {
        name: name.to_owned(),
        index,
        address: format!("02:00:00:00:01:{index:02x}").parse().unwrap(),
        kind,
        up,
        wiphy: 0,
        tuned: (kind == InterfaceKind::Monitor).then_some(Tuned {
            frequency: 2437,
            width: 20,
        }),
    }
}

fn world(monitor: bool, up: bool, managed: Option<bool>) -> World {
    let kind = if monitor {
        InterfaceKind::Monitor
    } else {
        InterfaceKind::Managed
    };
    let main = seen(MAIN, "wlan0", kind, up);
    // Another device has the name that the monitor would have.
    let mut other = seen(4, "wlan0profiler", InterfaceKind::Managed, true);
    other.wiphy = 1;
    World {
        interfaces: [(MAIN, main), (4, other)].into(),
        country: "00".to_owned(),
        managed: managed
            .map(|managed| ("wlan0".to_owned(), managed))
            .into_iter()
            .collect(),
    }
}

fn fake(world: &World, budget: u32) -> Fake {
    let fake = Fake::default();
    *fake.world.borrow_mut() = world.clone();
    fake.budget.set(budget);
    fake
}

/// A process on the same machine that may do so much.
fn next(fake: &Fake, budget: u32) -> Fake {
    let next = fake.clone();
    next.budget.set(budget);
    next
}

async fn stage(fake: &Fake, plan: Plan) -> Result<(), SessionError> {
    let mut ledger = Ledger::new(empty(), fake.clone(), fake.clone());
    let tuning = Tuning::narrow("6g5".parse().unwrap());
    let tuning = plan.tuned.then_some(tuning);
    if plan.country {
        ledger.set_country("DE").await?;
    }
    let device = ledger.now(MAIN).await?;
    match plan.mode {
        0 => drop(sequence::listen(&mut ledger, &device, tuning, false).await?),
        1 => drop(sequence::fake_access_point(&mut ledger, &device, tuning).await?),
        _ => {
            sequence::access_point(&mut ledger, &device).await?;
            if plan.brought_up {
                ledger.system().set_up(MAIN, true).await?;
            }
        }
    }
    Ok(())
}

/// What the next start does.
async fn recover(fake: &Fake) -> Result<Vec<Undone>, SessionError> {
    let Some(text) = fake.disk.borrow().clone() else {
        return Ok(Vec::new());
    };
    let mut journal: Journal = serde_json::from_str(&text).unwrap();
    let (mut system, mut store) = (fake.clone(), fake.clone());
    undo(&mut journal, &mut system, |journal| store.write(journal)).await
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Killed at any point of the staging, and at any point of the undoing, it is as before in the end.
    #[test]
    fn all_is_as_before(
        monitor: bool, up: bool, managed: Option<bool>, mode in 0u8..3, country: bool, tuned: bool, brought_up: bool,
    ) {
        let plan = Plan { mode: if monitor { mode % 2 } else { mode }, country, tuned, brought_up };
        let before = world(monitor, up, managed);
        for staging in 0.. {
            let staged = fake(&before, staging);
            let whole = run(stage(&staged, plan)).is_ok();
            prop_assert!(whole || staged.is_dead(), "the staging fails by itself");
            let (left, written) = (staged.world.borrow().clone(), staged.disk.borrow().clone());
            for undoing in 0.. {
                let again = next(&fake(&left, 0), undoing);
                again.disk.borrow_mut().clone_from(&written);
                let undone = run(recover(&again));
                prop_assert!(undone.is_ok() || again.is_dead());
                let last = next(&again, u32::MAX);
                for Undone { change, outcome } in run(recover(&last)).unwrap() {
                    prop_assert!(matches!(outcome, Outcome::Undone | Outcome::AsBefore | Outcome::Gone), "{change}: {outcome:?}");
                }
                prop_assert_eq!(&*last.world.borrow(), &before, "killed after {} and {}", staging, undoing);
                prop_assert!(last.disk.borrow().is_none());
                if undone.is_ok() {
                    break;
                }
            }
            if whole {
                break;
            }
        }
    }
}

/// A machine that is staged as an access point.
fn staged() -> (World, Fake) {
    let before = world(false, true, Some(true));
    let fake = fake(&before, u32::MAX);
    let plan = Plan {
        mode: 2,
        country: true,
        tuned: false,
        brought_up: true,
    };
    run(stage(&fake, plan)).unwrap();
    (before, fake)
}

fn told(fake: &Fake) -> Vec<(String, Outcome)> {
    let undone = run(recover(fake)).unwrap();
    undone
        .into_iter()
        .map(|undone| (undone.change.to_string(), undone.outcome))
        .collect()
}

#[test]
fn each_change_is_told_from_the_end() {
    let (_, fake) = staged();
    let journal: Journal = serde_json::from_str(&fake.disk.borrow().clone().unwrap()).unwrap();
    let foreseen: Vec<_> = run(undo::foresee(&journal, &mut fake.clone()));
    let expected = [
        "wlan0profiler2: made by airlens → removed",
        "wlan0: kind ap → managed",
        "wlan0: down → up",
        "wlan0: NetworkManager: unmanaged → managed",
        "regulatory domain: DE → 00",
    ];
    let changes: Vec<_> = foreseen.iter().map(|foreseen| foreseen.change.to_string()).collect();
    assert_eq!(changes, expected);
    let told = told(&fake);
    assert!(told.iter().map(|(change, _)| change.as_str()).eq(expected), "{told:?}");
    assert!(told.iter().all(|(_, outcome)| *outcome == Outcome::Undone), "{told:?}");
    assert_eq!(run(recover(&fake)).unwrap(), [], "twice is as once");
}

#[test]
fn an_adapter_that_was_unplugged_is_let_go() {
    let (_, fake) = staged();
    fake.world.borrow_mut().interfaces.retain(|_, seen| seen.wiphy == 1);
    let told = told(&fake);
    assert!(
        told[..4].iter().all(|(_, outcome)| *outcome == Outcome::Gone),
        "{told:?}"
    );
    assert_eq!(told[4].1, Outcome::Undone);
    assert!(fake.disk.borrow().is_none());
}

#[test]
fn another_interface_of_its_name_is_not_touched() {
    let (_, fake) = staged();
    let stranger = seen(9, "wlan0", InterfaceKind::Ap, true);
    {
        let mut world = fake.world.borrow_mut();
        world.interfaces.remove(&MAIN);
        world.interfaces.insert(9, stranger.clone());
    }
    assert!(told(&fake)[1..4].iter().all(|(_, outcome)| *outcome == Outcome::Gone));
    assert_eq!(fake.world.borrow().interfaces.get(&9), Some(&stranger));
}

#[test]
fn one_that_was_renamed_is_found_by_its_index() {
    let (before, fake) = staged();
    fake.world.borrow_mut().managed = [("lan".to_owned(), false)].into();
    fake.world.borrow_mut().interfaces.get_mut(&MAIN).unwrap().name = "lan".to_owned();
    told(&fake);
    let world = fake.world.borrow();
    let found = &world.interfaces[&MAIN];
    let expected = &before.interfaces[&MAIN];
    assert_eq!(
        (found.kind, found.up, found.name.as_str()),
        (expected.kind, expected.up, "lan")
    );
}

#[test]
fn what_fails_stays_with_its_reason() {
    let (before, fake) = staged();
    let journal: Journal = serde_json::from_str(&fake.disk.borrow().clone().unwrap()).unwrap();
    let mut broken = journal.clone();
    let mut machine = fake.clone();
    machine.held = true;
    let mut store = fake.clone();
    let undone = run(undo(&mut broken, &mut machine, |journal| store.write(journal))).unwrap();
    let failed: Vec<_> = undone
        .iter()
        .filter(|undone| matches!(undone.outcome, Outcome::Failed(_)))
        .collect();
    assert_eq!(failed.len(), 1, "{undone:?}");
    let waiting = undone.iter().filter(|undone| undone.outcome == Outcome::Waits);
    assert_eq!((waiting.count(), broken.entries.len()), (2, 3));
    assert!(
        broken.entries[2].error.as_deref().unwrap().contains("busy"),
        "{broken:?}"
    );
    told(&fake);
    assert_eq!(*fake.world.borrow(), before);
}

#[test]
fn rules_that_somebody_set_since_stay() {
    let (_, fake) = staged();
    fake.world.borrow_mut().country = "FR".to_owned();
    assert_eq!(told(&fake)[4].1, Outcome::Left("FR was set since".to_owned()));
    assert_eq!(fake.world.borrow().country, "FR");
}
