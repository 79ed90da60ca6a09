//! The commands: one file each, with its options and what it does. The comments
//! of the options are the help.

mod audit;
mod completions;
mod create;
mod disable;
mod edit;
mod enable;
mod export;
mod import;
mod list;
mod man;
mod policy;
mod prune;
mod redact;
mod revoke;
mod rotate;
mod rules;
mod scan;
mod show;
mod store;
mod verify;

use clap::Subcommand;

use super::args::Cli;
use super::context::Context;
use super::exit::{Exit, Failure};
use super::parse::Given;
use super::ui::Ui;

#[derive(Subcommand)]
pub(crate) enum Command {
    Create(create::Args),
    List(list::Args),
    Show(show::Args),
    Verify(verify::Args),
    Revoke(revoke::Args),
    Disable(disable::Args),
    Enable(enable::Args),
    Rotate(rotate::Args),
    Edit(edit::Args),
    Prune(prune::Args),
    Policy(policy::Args),
    Audit(audit::Args),
    Scan(scan::Args),
    Redact(redact::Args),
    Rules(rules::Args),
    Export(export::Args),
    Import(import::Args),
    Store(store::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// What is given to the command of that name, read without the options of the others.
pub(crate) fn read_alone(name: &str, given: &Given<'_>) -> Option<Cli> {
    match name {
        "create" => given.read(Command::Create),
        "list" => given.read(Command::List),
        "show" => given.read(Command::Show),
        "verify" => given.read(Command::Verify),
        "revoke" => given.read(Command::Revoke),
        "disable" => given.read(Command::Disable),
        "enable" => given.read(Command::Enable),
        "rotate" => given.read(Command::Rotate),
        "edit" => given.read(Command::Edit),
        "prune" => given.read(Command::Prune),
        "policy" => given.read(Command::Policy),
        "audit" => given.read(Command::Audit),
        "scan" => given.read(Command::Scan),
        "redact" => given.read(Command::Redact),
        "rules" => given.read(Command::Rules),
        "export" => given.read(Command::Export),
        "import" => given.read(Command::Import),
        "store" => given.read(Command::Store),
        // What the others print is made of all commands.
        _ => None,
    }
}

/// Runs the command. One that only reads ends quietly when its reader goes away.
pub(crate) fn run(cli: &Cli, ui: &mut Ui) -> Result<Exit, Failure> {
    let outcome = match &cli.command {
        // These need no store, and no surroundings.
        Command::Completions(args) => completions::run(args, ui),
        Command::Man(args) => man::run(args, ui),
        Command::Redact(args) => redact::run(args, ui),
        Command::Rules(args) => rules::run(args, ui),
        command => run_in(command, &mut Context::new(&cli.global, ui)?),
    };
    let only_reads = match &cli.command {
        Command::List(_)
        | Command::Show(_)
        | Command::Audit(_)
        | Command::Redact(_)
        | Command::Rules(_)
        | Command::Export(_)
        | Command::Store(_)
        | Command::Completions(_)
        | Command::Man(_) => true,
        Command::Create(_)
        | Command::Verify(_)
        | Command::Revoke(_)
        | Command::Disable(_)
        | Command::Enable(_)
        | Command::Rotate(_)
        | Command::Scan(_)
        | Command::Edit(_)
        | Command::Import(_)
        | Command::Prune(_) => false,
        Command::Policy(args) => args.only_reads(),
    };
    match outcome {
        Err(failure) if failure.is_reader_gone() && only_reads => Ok(Exit::Done),
        outcome => outcome,
    }
}

fn run_in(command: &Command, context: &mut Context<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Create(args) => create::run(args, context),
        Command::List(args) => list::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Verify(args) => verify::run(args, context),
        Command::Revoke(args) => revoke::run(args, context),
        Command::Disable(args) => disable::run(args, context),
        Command::Enable(args) => enable::run(args, context),
        Command::Rotate(args) => rotate::run(args, context),
        Command::Scan(args) => scan::run(args, context),
        Command::Edit(args) => edit::run(args, context),
        Command::Prune(args) => prune::run(args, context),
        Command::Policy(args) => policy::run(args, context),
        Command::Audit(args) => audit::run(args, context),
        Command::Export(args) => export::run(args, context),
        Command::Import(args) => import::run(args, context),
        Command::Store(args) => store::run(args, context),
        Command::Completions(args) => completions::run(args, context.ui),
        Command::Man(args) => man::run(args, context.ui),
        Command::Redact(args) => redact::run(args, context.ui),
        Command::Rules(args) => rules::run(args, context.ui),
    }
}
