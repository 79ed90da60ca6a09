mod from_dify;
mod from_keyctl;
mod report;

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};

/// Take in keys that were issued elsewhere, all of them or none
///
/// From another store of keyctl, whose export this is: an empty or missing store
/// becomes that store, log included; to any other its keys are added. Or from
/// the tables of a service: its tokens are hashed as they are read and written
/// nowhere, and the keys go into the workspaces named like their tenants. A key
/// that the store has already is left as it is. Limits are not applied.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file, or - for standard input
    #[arg(value_name = "FILE|-", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    /// Where the keys are from: an export of keyctl, or the table api_tokens of dify as CSV or
    /// JSON Lines
    #[arg(long, value_name = "SOURCE", value_enum, default_value = "keyctl")]
    from: From,

    /// From dify: the table dataset_api_token_bindings, which binds keys to datasets
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    bindings: Option<PathBuf>,

    /// From dify: there is no such table, and keys for datasets reach all datasets of their
    /// workspace
    #[arg(long, conflicts_with = "bindings")]
    no_bindings: bool,

    /// From dify: leave out rows that give no key; otherwise nothing is imported then
    #[arg(long)]
    skip_bad: bool,

    /// From dify: keys that the bindings name may be missing from the input
    #[arg(long, requires = "bindings", conflicts_with = "no_bindings")]
    allow_unmet: bool,

    /// Check everything and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    Keyctl,
    Dify,
}

/// The formats that a report has: it is one document, or the ids alone.
const FORMATS: [Format; 4] = [Format::Table, Format::Json, Format::Jsonl, Format::Id];

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    context.ui.require_format("import", &FORMATS)?;
    match args.from {
        From::Dify => from_dify::run(args, context),
        From::Keyctl => {
            let for_dify = [
                ("--bindings", args.bindings.is_some()),
                ("--no-bindings", args.no_bindings),
                ("--skip-bad", args.skip_bad),
            ];
            if let Some((option, _)) = for_dify.iter().find(|(_, is_given)| *is_given) {
                return Err(Failure::usage(format!("{option} is for keys of a service"))
                    .hint("add --from dify"));
            }
            from_keyctl::run(args, context)
        }
    }
}

/// What a bar says of the work.
fn work(args: &Args) -> &'static str {
    if args.dry_run {
        "checking"
    } else {
        "importing"
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}
