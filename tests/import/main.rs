//! Environments from accounts, plans and templates.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod aws;
mod cloudformation;
mod collected;
mod support;
mod terraform;
