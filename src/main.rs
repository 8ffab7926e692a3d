//! `kms-sim`: would this AWS KMS call succeed, which side denies it, and why?

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
