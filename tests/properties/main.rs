//! What holds for whatever policies, environments, questions and texts.
//!
//! `PROPTEST_CASES` sets how thorough it is; 256 if it is not set.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod consistency;
mod generate;
mod monotony;
mod patterns;
mod texts;
mod unknown;

use proptest::test_runner::Config;

/// As configured from outside, times `factor` for properties that are quick to check.
fn cases(factor: u32) -> Config {
    let config = Config { failure_persistence: None, ..Config::default() };
    Config { cases: config.cases.saturating_mul(factor), ..config }
}
