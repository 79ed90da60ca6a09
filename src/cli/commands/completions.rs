use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::args::Cli;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::Ui;

/// Print the completions for a shell
///
/// These know commands and options. For completions that know the keys of the store as well:
/// source <(KEYCTL_COMPLETE=bash keyctl)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args, ui: &mut Ui) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "keyctl", &mut script);
    ui.raw(&script)?;
    ui.flush().map(|()| Exit::Done)
}
