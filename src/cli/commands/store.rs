mod backup;
mod check;
mod grants;
mod restore;

use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::absolute;

/// See where the store is and how it is, make one, back it up, bring it back
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print where the store is, or would be
    Path,
    /// Make an empty store; an existing one is left unchanged
    Init,
    Check(check::Args),
    Grants(grants::Args),
    Backup(backup::Args),
    Restore(restore::Args),
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    path: String,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    context
        .ui
        .require_format("store", &[Format::Table, Format::Json, Format::Jsonl])?;
    match &args.command {
        Command::Path => print_path(context, "keyctl.store.path/v1"),
        Command::Init => {
            if !context.open_or_create(false)?.is_new() {
                context.ui.note("it was there already");
            }
            print_path(context, "keyctl.store.init/v1")
        }
        Command::Check(_) => check::run(context),
        Command::Grants(args) => grants::run(args, context),
        Command::Backup(args) => {
            check_backups(context)?;
            backup::run(args, context)
        }
        Command::Restore(args) => {
            check_backups(context)?;
            restore::run(args, context)
        }
    }
}

/// Refuses, before anything is made or asked, what is for others to do.
fn check_backups(context: &Context<'_>) -> Result<(), Failure> {
    keyctl::store::check_backups(&context.location).map_err(|error| context.store_failure(error))
}

fn print_path(context: &mut Context<'_>, schema: &'static str) -> Result<Exit, Failure> {
    let path = absolute(&context.location);
    if context.ui.format() == Format::Table {
        context.ui.line(&path)?;
    } else {
        context.ui.document(&Document { schema, path })?;
    }
    context.ui.flush().map(|()| Exit::Done)
}
