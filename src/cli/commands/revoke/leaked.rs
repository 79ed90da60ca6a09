//! Keys whose tokens are in a log, a diff, an archive, a report: whatever a
//! finder of leaks was handed.

mod input;
mod learn;
mod results;
mod said;

use std::path::{Path, PathBuf};

use keyctl::domain::{Lifetime, Remark};
use keyctl::leak::leads::Repository;
use keyctl::ops::{LeakedKey, Outcome, RevokeLeakedRequest};
use keyctl::{Key, Registry};

use self::learn::learn;
use self::results::Item;
use self::said::{tell, verdict};
use super::Args;
use super::report::ask_about;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, reason};
use crate::cli::handover::Successors;
use crate::cli::ui::quoted;

/// What else says which keys to revoke. clap asks for what an option requires only
/// where that does not contradict what is there, so that each of them says it.
const OTHERS: [&str; 6] = ["keys", "dataset", "app", "expired", "unused_for", "all"];

/// What `--leaked` takes.
#[derive(clap::Args)]
#[command(next_help_heading = "Leaked keys")]
pub(super) struct Options {
    /// Revoke the keys of all tokens that are found in this file, or on standard input
    #[arg(
        long,
        value_name = "FILE|-",
        num_args = 0..=1,
        default_missing_value = "-",
        group = "which",
        conflicts_with_all = OTHERS,
        conflicts_with = "expect_count",
        value_hint = clap::ValueHint::FilePath,
    )]
    leaked: Option<PathBuf>,

    /// Where a report hides a token, read it in this folder or Git repository, at the place that
    /// the report names
    #[arg(long, value_name = "DIR", requires = "leaked", conflicts_with_all = OTHERS, value_hint = clap::ValueHint::DirPath)]
    repo: Option<PathBuf>,

    /// Take a token's SHA-256 in a report for proof that the token leaked
    #[arg(long, requires = "leaked", conflicts_with_all = OTHERS)]
    by_hash: bool,

    /// Keep active keys valid for this time, such as 24h, but not beyond their own expiry
    #[arg(long, value_name = "DURATION", requires = "leaked", conflicts_with_all = OTHERS)]
    grace: Option<Lifetime>,

    /// Issue a successor with the same access for each active key
    #[arg(long, requires_all = ["leaked", "token_file"], conflicts_with_all = OTHERS)]
    replace: bool,

    /// Write the successors' tokens to this new file, mode 0600: on each line the old key's id,
    /// the new one's, and the token
    #[arg(long, value_name = "PATH", requires = "replace", conflicts_with_all = OTHERS, value_hint = clap::ValueHint::FilePath)]
    token_file: Option<PathBuf>,
}

impl Options {
    /// What to search, if that is asked for.
    pub(super) fn file(&self) -> Option<&Path> {
        self.leaked.as_deref()
    }
}

pub(super) fn run(args: &Args, file: &Path, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let successors = Successors::new(args.leaked.token_file.as_deref());
    successors.check()?;
    let repository = repository(args)?;
    let mut registry = context.open()?;
    let learned = learn(args, file, context, &mut registry, repository.as_ref())?;
    let ended = end(args, context, &mut registry, &learned.items, successors)?;
    let summary = results::print(args.dry_run, context, &learned.items, &ended)?;
    tell(args, context, &mut registry, &learned, &ended);
    verdict(args, context, &learned, &summary)
}

fn repository(args: &Args) -> Result<Option<Repository>, Failure> {
    let Some(path) = &args.leaked.repo else {
        return Ok(None);
    };
    Repository::open(path).map(Some).map_err(|error| {
        let path = quoted(&path.display().to_string());
        Failure::usage(format!("cannot read in {path}: {}", reason(&error)))
    })
}

/// Ends the keys whose tokens are known, all of them or none.
fn end(
    args: &Args,
    context: &mut Context<'_>,
    registry: &mut Registry,
    items: &[Item],
    mut successors: Successors<'_>,
) -> Result<Vec<LeakedKey>, Failure> {
    let default_reason: Remark = "leaked".parse().expect("a word is a remark");
    let mut request = RevokeLeakedRequest {
        tokens: items.iter().filter_map(Item::digest).cloned().collect(),
        token_workspace: context.token_workspace().cloned(),
        grace: args.leaked.grace,
        replace: args.leaked.replace,
        reason: args.reason.clone().unwrap_or(default_reason),
        dry_run: true,
    };
    if let (Some(prompter), false, false) = (context.prompter(), context.assume_yes, args.dry_run) {
        let planned = registry
            .revoke_leaked(&request, context.now, |_| Ok(()))
            .map_err(|error| context.failure(registry, error))?;
        let keys: Vec<&Key> = ending(&planned).collect();
        if !keys.is_empty() {
            let question = match (args.leaked.grace, args.leaked.replace) {
                (None, false) => None,
                (None, true) => Some(
                    "Issue successors for the active ones, and revoke all of these?".to_owned(),
                ),
                (Some(grace), false) => Some(format!(
                    "Let the active ones end in {grace}, and revoke the others now?"
                )),
                (Some(grace), true) => Some(format!(
                    "Issue successors for the active ones, let these end in {grace}, and revoke \
                     the others now?"
                )),
            };
            ask_about(context, registry, &prompter, &keys, question.as_deref())?;
        }
        context.refresh_now();
    }
    request.dry_run = args.dry_run;
    let ui = &mut *context.ui;
    let ended = registry.revoke_leaked(&request, context.now, |all| successors.deliver(ui, all));
    if ended.is_ok() {
        context.tell_of_ballast(registry);
    }
    successors
        .settle(ended)
        .map_err(|error| context.failure(registry, error))
}

/// The keys that were alive, or could have been made to live.
fn ending(ended: &[LeakedKey]) -> impl Iterator<Item = &Key> {
    ended
        .iter()
        .filter(|one| matches!(one.outcome, Outcome::Revoked | Outcome::Ending))
        .filter_map(|one| one.key.as_ref())
}
