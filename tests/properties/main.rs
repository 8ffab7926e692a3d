//! What holds for whatever policies, environments, questions and texts.
//!
//! `PROPTEST_CASES` sets how thorough it is; 256 if it is not set. The cases are the same in every
//! run, so that a change fails by what it does; `PROPTEST_RNG_SEED` draws others.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../fix/by_hand.rs"]
mod by_hand;
mod consistency;
mod dropped;
mod fix;
mod generate;
mod monotony;
mod patterns;
mod rescue;
mod texts;
mod unknown;

use proptest::test_runner::{Config, RngSeed};

/// As configured from outside, times `factor` for properties that are quick to check.
fn cases(factor: u32) -> Config {
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng_seed = match config.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    Config { cases: config.cases.saturating_mul(factor), rng_seed, ..config }
}
