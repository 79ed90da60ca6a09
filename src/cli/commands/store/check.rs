mod lines;

use keyctl::ops::{Level, Patience};
use nix::unistd::getuid;
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::absolute;
use lines::Line;

/// See whether the store is in order, for people and for cron
///
/// A line for each thing: the tables, the indexes and the log against the rows, who else can come at
/// the files, room on the disk, another keyctl on PATH, and keys to look at. The exit code is 7 if
/// anything is a problem; advice alone is 0. With --quiet, only problems are printed.
///
/// Keys to look at are those never used in the 30 days since they were issued, those with the scope
/// full not used for 90 days, and those that end within 14 days.
#[derive(clap::Args)]
pub(crate) struct Args {}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    store: String,
    ok: bool,
    checks: Vec<Line>,
}

pub(super) fn run(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let patience = Patience::default();
    let mut registry = context.open_unwarned()?;
    let found = registry
        .check_up(&context.location, getuid().as_raw(), patience, context.now)
        .map_err(|error| context.failure(&mut registry, error))?;
    let checks = lines::of(&found, patience);
    let is_ok = checks.iter().all(|line| line.level != Level::Problem);
    if context.ui.format() == Format::Table {
        let is_told = |line: &&Line| !context.ui.is_quiet() || line.level == Level::Problem;
        let told: Vec<String> = checks
            .iter()
            .filter(is_told)
            .map(|line| context.ui.runnable(&line.text()).into_owned())
            .collect();
        for line in &told {
            context.ui.line(line)?;
        }
    } else {
        context.ui.document(&Document {
            schema: "keyctl.store.check/v1",
            store: absolute(&context.location),
            ok: is_ok,
            checks,
        })?;
    }
    context.ui.flush()?;
    Ok(if is_ok { Exit::Done } else { Exit::Store })
}
