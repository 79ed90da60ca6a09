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
mod parse;
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

use exit::{Exit, Failure};
use ui::Ui;

/// Runs the program with these arguments, the first of which is its own name.
pub(crate) fn run(args: Vec<OsString>) -> ExitCode {
    process::harden();
    if let Some(shell) = complete::asking_shell() {
        return speak_early(&args, |ui| complete::respond(&shell, &args, ui));
    }
    if let Err(failure) = guard::check(&args) {
        return speak_early(&args, |_| Err(failure));
    }
    match parse::parse(&args) {
        Ok(cli) => {
            let mut ui = Ui::new(&cli.global);
            let outcome = commands::run(&cli, &mut ui);
            finish(&mut ui, outcome)
        }
        Err(error) => speak_early(&args, |ui| usage::parsing_stopped(ui, &error, &args)),
    }
}

/// Ends before the arguments are understood: errors take the form they ask for as
/// far as that can be guessed.
fn speak_early(args: &[OsString], say: impl FnOnce(&mut Ui) -> Result<Exit, Failure>) -> ExitCode {
    let mut ui = Ui::guess(args);
    let outcome = say(&mut ui);
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
