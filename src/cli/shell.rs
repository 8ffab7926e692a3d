//! `kms-sim completions SHELL` and `kms-sim man`

use std::io::Write;

use clap::{Args as _, Command, CommandFactory};
use clap_complete::Shell;

use super::{Cli, CliError, Exit, Streams, simulate};

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell that completes
    #[arg(value_enum)]
    shell: Shell,
}

/// Completions for a shell, also for the form without a subcommand.
pub(crate) fn completions(args: &CompletionsArgs, streams: &mut Streams) -> Result<Exit, CliError> {
    let mut command = simulate::Args::augment_args(Cli::command());
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "kms-sim", &mut script);
    print(&script, streams)
}

/// The manual: the page of the command, and then one for each subcommand.
pub(crate) fn man(streams: &mut Streams) -> Result<Exit, CliError> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    render(&command, &mut pages)?;
    for subcommand in command.get_subcommands() {
        render(subcommand, &mut pages)?;
    }
    print(&pages, streams)
}

fn render(command: &Command, pages: &mut Vec<u8>) -> Result<(), CliError> {
    clap_mangen::Man::new(command.clone()).render(pages)?;
    Ok(())
}

fn print(text: &[u8], streams: &mut Streams) -> Result<Exit, CliError> {
    streams.out.write_all(text)?;
    streams.out.flush()?;
    Ok(Exit::Done)
}
