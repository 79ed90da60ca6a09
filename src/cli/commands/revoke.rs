mod leaked;
mod matching;
mod named;
pub(super) mod report;

use keyctl::Invalid;
use keyctl::domain::{Lifetime, Remark, Selector, TargetId};

use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::results::FORMATS;

/// Revoke keys, for ever
///
/// Revokes all the keys that are named, or none of them. With -, reads ids and
/// tokens (not names) from standard input, one per line. Tokens are looked up in
/// every workspace, unless --workspace or its variable names one; those that no
/// key has are reported, and the others are revoked. Where somebody reads and
/// can answer on a terminal, it asks first.
///
/// Filters take the place of names: the keys of the workspace that fit all of
/// them are revoked. That is asked first, or needs --yes.
///
/// With --leaked, revokes the keys of all tokens in whatever it is given: a log,
/// a diff, an archive, a report of another scanner. Exits with 8 if something
/// that may be a token of this store could not be told.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub(crate) struct Args {
    /// Ids, beginnings of ids, or names; or - for ids and tokens on standard input
    #[arg(value_name = "KEY|-", value_parser = which, group = "which", add = complete::keys())]
    keys: Vec<Which>,

    /// The dataset is gone: revoke the keys bound to it alone, take it from those bound to others
    /// too, and leave workspace-wide keys as they are
    #[arg(
        short,
        long,
        value_name = "ID",
        group = "which",
        conflicts_with_all = ["keys", "app", "expired", "unused_for", "all"],
        add = complete::datasets(),
    )]
    dataset: Option<TargetId>,

    /// Revoke the keys of this app
    #[arg(long, value_name = "ID", group = "which", conflicts_with_all = ["keys", "all"], add = complete::apps())]
    app: Option<TargetId>,

    /// Revoke keys that are expired
    #[arg(long, group = "which", conflicts_with_all = ["keys", "all"])]
    expired: bool,

    /// Revoke keys not used for this time, such as 90d; one never used counts from its issue
    #[arg(long, value_name = "DURATION", group = "which", conflicts_with_all = ["keys", "all"])]
    unused_for: Option<Lifetime>,

    /// Revoke every key of the workspace
    #[arg(long, group = "which", conflicts_with = "keys")]
    all: bool,

    /// Why, for the record and the log
    #[arg(long, value_name = "TEXT")]
    reason: Option<Remark>,

    /// Do not fail for keys and tokens that do not exist
    #[arg(long)]
    if_exists: bool,

    /// Refuse unless exactly this many keys would be changed
    #[arg(long, value_name = "COUNT")]
    expect_count: Option<u64>,

    /// Check everything and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    // The last, since what follows would stand under its heading.
    #[command(flatten)]
    leaked: leaked::Options,
}

#[derive(Clone)]
enum Which {
    Key(Selector),
    Stdin,
}

fn which(text: &str) -> Result<Which, Invalid> {
    match text {
        "-" => Ok(Which::Stdin),
        text => text.parse().map(Which::Key),
    }
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    context.ui.require_format("revoke", &FORMATS)?;
    if let Some(file) = args.leaked.file() {
        leaked::run(args, file, context)
    } else if args.keys.is_empty() {
        matching::run(args, context)
    } else {
        named::run(args, context)
    }
}
