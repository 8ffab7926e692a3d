//! The command line, run as a program: what it prints, and how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bad_documents;
mod bad_files;
mod bad_policies;
mod bless;
mod catalogue;
mod ceiling_errors;
mod ceilings;
mod check;
mod check_against;
mod check_alarms;
mod check_formats;
mod check_imported;
mod check_places;
mod check_suppressed;
mod conditions;
mod context;
mod diagnose;
mod exit_status;
mod extends;
mod fix;
mod golden;
mod golden_nights;
mod grants;
mod import;
mod init;
mod json;
mod keys;
mod large;
mod lockout;
mod matching;
mod matrix;
mod operations;
mod organization;
mod paged;
mod parameters;
mod policies;
mod policy;
mod principals;
mod rescue;
mod scenario_coverage;
mod scenario_files;
mod scenario_folders;
mod scenario_formats;
mod scenario_report;
mod scenario_runs;
mod service_operations;
mod shell;
mod support;
mod team;
mod terminal;
mod told;
mod watch;
