//! The command line: arguments in, an exit code out, over the library's public
//! interface. What it prints is in [`ui`], what it asks is in [`prompt`], what
//! an error looks like is in [`exit`].

mod args;
mod commands;
mod complete;
mod context;
mod exit;
mod guard;
mod handover;
mod input;
mod process;
mod prompt;
mod record;
mod results;
mod signals;
mod ui;
mod usage;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::Cli;
use exit::{Exit, Failure};
use ui::Ui;

/// Runs the program with these arguments, the first of which is its own name.
pub(crate) fn run(args: Vec<OsString>) -> ExitCode {
    process::harden();
    // Until the arguments are understood, errors take the form they ask for as
    // far as that can be guessed.
    let mut early_ui = Ui::guess(&args);
    if let Some(outcome) = complete::respond(&args, &mut early_ui) {
        return finish(&mut early_ui, outcome);
    }
    if let Err(failure) = guard::check(&args) {
        return finish(&mut early_ui, Err(failure));
    }
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let outcome = usage::parsing_stopped(&mut early_ui, &error, &args);
            return finish(&mut early_ui, outcome);
        }
    };
    let mut ui = Ui::new(&cli.global);
    let outcome = commands::run(&cli, &mut ui);
    finish(&mut ui, outcome)
}

fn finish(ui: &mut Ui, outcome: Result<Exit, Failure>) -> ExitCode {
    let exit = outcome.unwrap_or_else(|failure| {
        ui.discard();
        // Whoever pressed Ctrl-C knows.
        if failure.exit() != Exit::Interrupted {
            ui.failure(&failure);
        }
        failure.exit()
    });
    ExitCode::from(exit.code())
}
