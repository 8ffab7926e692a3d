//! What is offered as a fix is one: made by hand, it turns the answer into `allowed`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod by_hand;
mod case;
mod narrow;
mod scenarios;
mod table;
