//! A property that holds for any batch of packets.

use std::cell::RefCell;

use anyhow::Result;
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy},
    test_runner::TestRunner,
};

/// Batches that are tried.
const BATCHES: u32 = 300;
/// Packets of a batch.
const PACKETS: usize = 16;

/// Checks a bench with batches of packets, one after the other, and gives it back.
///
/// # Errors
///
/// A batch for which the check failed, made as small as it could be.
pub fn holds_for_batches<B>(
    bench: B,
    packets: impl Strategy<Value = Vec<u8>>,
    check: impl Fn(&mut B, &[Vec<u8>]) -> Result<()>,
) -> Result<B> {
    let bench = RefCell::new(bench);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: BATCHES,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let run = runner.run(&vec(packets, PACKETS), |batch| {
        let result = check(&mut bench.borrow_mut(), &batch);
        assert!(result.is_ok(), "{result:?}");
        Ok(())
    });
    // A batch has octets by the hundred: its text is all that is wanted of the error.
    run.map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(bench.into_inner())
}
