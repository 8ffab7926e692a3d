//! Key policies that are written let in whom they should, and nobody else, in every form.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod decisions;
mod forms;
mod random;
mod services;
mod support;
