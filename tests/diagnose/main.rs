//! Messages and events of AWS, in whatever wrapping, to what they tell.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod compared;
mod events;
mod hostile;
mod limits;
mod messages;
mod scenarios;
