//! Keys whose tokens are in a log, a diff, an archive, a report: whatever a
//! finder of leaks was handed.

mod input;
mod results;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use keyctl::domain::{Digest, Lifetime, MaskedToken, Remark};
use keyctl::leak::finder::Finder;
use keyctl::leak::findings::Unread;
use keyctl::leak::leads::{self, Claim, Lead, Repository};
use keyctl::leak::presentable;
use keyctl::leak::report::{self, Report, ReportError};
use keyctl::ops::{LeakedKey, Leaks, Outcome, RevokeLeakedRequest};
use keyctl::{Key, Registry};

use self::results::{Item, Known};
use super::Args;
use super::report::ask_about;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, reason};
use crate::cli::handover::Successors;
use crate::cli::results::count;
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

/// All that was learned of what leaked.
struct Learned {
    items: Vec<Item>,
    unread: Vec<Unread>,
    report: Option<Report>,
    report_error: Option<ReportError>,
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

/// Searches the bytes for tokens, and reads what only the structure of a report
/// tells.
fn learn(
    args: &Args,
    file: &Path,
    context: &mut Context<'_>,
    registry: &mut Registry,
    repository: Option<&Repository>,
) -> Result<Learned, Failure> {
    let mut input = input::open(file)?;
    let workspace = context.token_workspace().cloned();
    let Leaks { leaks, unread } = registry
        .find_leaks(workspace.as_ref(), |keep| input.scan(keep))
        .map_err(|error| context.failure(registry, error))?;
    context.refresh_now();
    let mut items: Vec<Item> = leaks.into_iter().map(Item::of_leak).collect();
    let (report, report_error) = match input.report_text().map(report::read) {
        Some(Ok(report)) => (report, None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let finder = Finder::new();
    let findings = report.iter().flat_map(|report| &report.findings);
    let leads: Vec<Lead> = findings
        .flat_map(|finding| leads::follow(&finder, finding, repository))
        .collect();
    for lead in leads {
        items.extend(item_of_lead(args, context, registry, input.name(), lead)?);
    }
    Ok(Learned {
        items: distinct(items),
        unread,
        report,
        report_error,
    })
}

/// Each token once, and nothing unresolved that can only be one of them.
fn distinct(mut items: Vec<Item>) -> Vec<Item> {
    let mut seen = HashSet::new();
    items.retain(|item| {
        item.digest()
            .is_none_or(|digest| seen.insert(*digest.as_bytes()))
    });
    items.retain_mut(|item| match &mut item.known {
        Known::Token(_) => true,
        Known::Unresolved {
            candidates,
            standing,
            ..
        } => {
            let may_be_one = !candidates.is_empty() || !standing.is_empty();
            candidates.retain(|key| !seen.contains(key.digest.as_bytes()));
            standing.retain(|digest| !seen.contains(digest.as_bytes()));
            !may_be_one || !candidates.is_empty() || !standing.is_empty()
        }
    });
    items
}

/// What a lead is worth to this store; `None` is nothing.
fn item_of_lead(
    args: &Args,
    context: &Context<'_>,
    registry: &mut Registry,
    source: &str,
    lead: Lead,
) -> Result<Option<Item>, Failure> {
    let workspace = context.token_workspace();
    let source = format!("{}:{}", presentable(source), lead.line);
    let item = |masked_token, known| Item {
        masked_token,
        source,
        place: lead.place,
        known,
    };
    Ok(match lead.claim {
        Claim::Token {
            digest,
            masked_token,
        } => Some(item(masked_token, Known::Token(digest))),
        Claim::Hash { digest, otherwise } => {
            let key = registry
                .find_by_digest(workspace, &digest)
                .map_err(|error| context.failure(registry, error))?;
            match (key, otherwise) {
                (Some(key), _) => Some(item(key.masked_token.clone(), by_hash(args, key, digest))),
                (None, Some(doubt)) => Some(item(MaskedToken::nothing(), Known::unresolved(doubt))),
                // Hashes of other secrets are no key's.
                (None, None) => None,
            }
        }
        Claim::Unresolved {
            masked_token,
            doubt,
        } => {
            let Some(mask) = masked_token else {
                let known = Known::unresolved(doubt);
                return Ok(Some(item(MaskedToken::nothing(), known)));
            };
            let candidates = registry
                .keys_masked(workspace, &mask)
                .map_err(|error| context.failure(registry, error))?;
            // A mask that no key has is of another secret, or of a dead key.
            let known = Known::Unresolved {
                reason: doubt.reason,
                candidates,
                has_hash: false,
                standing: doubt.standing,
            };
            known.has_candidates().then(|| item(mask, known))
        }
        Claim::Other => None,
    })
}

fn by_hash(args: &Args, key: Key, digest: Digest) -> Known {
    if args.leaked.by_hash || key.revoked_at.is_some() {
        return Known::Token(digest);
    }
    Known::Unresolved {
        reason: "the report has only its hash".to_owned(),
        candidates: vec![key],
        has_hash: true,
        standing: Vec::new(),
    }
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
                (None, true) => Some("Replace what is active, and revoke the rest?"),
                (Some(_), _) => {
                    Some("Let what is active end after its grace, and revoke the rest?")
                }
            };
            ask_about(context, registry, &prompter, &keys, question)?;
        }
        context.refresh_now();
    }
    request.dry_run = args.dry_run;
    let ui = &mut *context.ui;
    let ended = registry.revoke_leaked(&request, context.now, |all| successors.deliver(ui, all));
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

fn tell(
    args: &Args,
    context: &mut Context<'_>,
    registry: &mut Registry,
    learned: &Learned,
    ended: &[LeakedKey],
) {
    for Unread { path, reason } in &learned.unread {
        context.ui.note(&format!("not searched: {path}: {reason}"));
    }
    for item in &learned.items {
        if let Known::Unresolved {
            reason, candidates, ..
        } = &item.known
        {
            tell_unresolved(context, item, reason, candidates);
        }
    }
    if let Some(report) = &learned.report {
        let findings = count(report.findings.len() as u64, "finding");
        context
            .ui
            .note(&format!("{} with {findings}", report.format));
    }
    if args.dry_run {
        return;
    }
    for key in ended.iter().filter(|one| one.outcome == Outcome::Ending) {
        if let Some((id, end)) = key
            .key
            .as_ref()
            .and_then(|key| Some((&key.id, key.expires_at?)))
        {
            context.ui.note(&format!("{id} is valid until {end}"));
        }
    }
    let successors = ended.iter().filter_map(|one| one.successor.as_ref());
    if let (count @ 1.., Some(path)) = (successors.count(), &args.leaked.token_file) {
        let path = quoted(&path.display().to_string());
        let successors = crate::cli::results::count(count as u64, "successor");
        let said = match count {
            1 => format!("the token of {successors} is in {path} and nowhere else"),
            _ => format!("the tokens of {successors} are in {path} and nowhere else"),
        };
        context.ui.note(&said);
    }
    context.warn_of_predecessors(registry, ending(ended));
}

fn tell_unresolved(context: &mut Context<'_>, item: &Item, reason: &str, candidates: &[Key]) {
    let place = item.place.as_deref().unwrap_or("no place named");
    context
        .ui
        .note(&format!("unresolved: {} ({place}): {reason}", item.source));
    for Key { id, .. } in candidates {
        context
            .ui
            .hint(&format!("it may be {id}: keyctl show {id}"));
    }
}

/// What is not known to be ended must not look done.
fn verdict(
    args: &Args,
    context: &Context<'_>,
    learned: &Learned,
    summary: &super::report::Summary,
) -> Result<Exit, Failure> {
    let incomplete = |message: String| Failure::new(Exit::Incomplete, "incomplete", message);
    if let Some(error) = &learned.report_error {
        let hint = match error {
            ReportError::Broken { .. } => "get a whole report for the others",
            _ => "the others are not known",
        };
        let hint = format!("the tokens that stand in it were taken; {hint}");
        return Err(incomplete(error.to_string()).hint(hint));
    }
    if summary.unresolved > 0 {
        let findings = count(summary.unresolved as u64, "finding");
        let failure = incomplete(format!("{findings} could not be resolved"));
        return Err(hint_to_resolve(args, failure, learned));
    }
    if !learned.unread.is_empty() {
        let parts = count(learned.unread.len() as u64, "part");
        return Err(incomplete(format!(
            "{parts} of the input could not be read"
        )));
    }
    let no_match = |code, message: String| {
        Failure::new(Exit::NoMatch, code, message)
            .about_store(&context.location)
            .hint("is this the right store? name another one: --store PATH")
    };
    if summary.unknown_token > 0 && !args.if_exists {
        let message = match (summary.unknown_token, learned.items.len()) {
            (1, 1) => "no key has the token that was found".to_owned(),
            (unknown, all) => format!("no key has {unknown} of the {all} tokens that were found"),
        };
        let failure = no_match("unknown_token", message);
        return Err(failure.hint("--if-exists ignores what does not exist"));
    }
    if !learned.items.is_empty() {
        return Ok(Exit::Done);
    }
    match &learned.report {
        Some(report) if report.findings.is_empty() => Ok(Exit::Done),
        // Not even with --if-exists: somebody found something.
        Some(report) => {
            let findings = count(report.findings.len() as u64, "finding");
            let message = format!("the report lists {findings}, none a token of this store");
            Err(no_match("no_match", message))
        }
        None if args.if_exists => Ok(Exit::Done),
        None => Err(no_match("no_match", "no token was found".to_owned())
            .hint("--if-exists ignores what does not exist")),
    }
}

fn hint_to_resolve(args: &Args, failure: Failure, learned: &Learned) -> Failure {
    let mut failure = failure;
    let has_hash = |item: &Item| matches!(item.known, Known::Unresolved { has_hash: true, .. });
    if args.leaked.repo.is_none() {
        failure = failure.hint("read hidden tokens where the report says they are: --repo DIR");
    }
    if learned.items.iter().any(has_hash) {
        failure = failure.hint("take a hash for proof: --by-hash");
    }
    failure
}
