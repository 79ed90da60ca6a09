//! What is said of leaked keys beside the results, and how it ends.

use keyctl::leak::findings::Unread;
use keyctl::leak::report::ReportError;
use keyctl::ops::{LeakedKey, Outcome};
use keyctl::{Key, Registry};

use super::ending;
use super::learn::Learned;
use super::results::{Item, Known};
use crate::cli::commands::revoke::Args;
use crate::cli::commands::revoke::report::Summary;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::results::count;
use crate::cli::ui::quoted;

/// Of how many findings it is said why they could not be resolved.
const NAMED: usize = 20;

/// Says what could not be read or resolved, and until when keys work on.
pub(super) fn tell(
    args: &Args,
    context: &mut Context<'_>,
    registry: &mut Registry,
    learned: &Learned,
    ended: &[LeakedKey],
) {
    for Unread { path, reason } in &learned.unread {
        context.ui.note(&format!("not searched: {path}: {reason}"));
    }
    let mut unresolved = 0;
    for item in &learned.items {
        if let Known::Unresolved {
            reason, candidates, ..
        } = &item.known
        {
            unresolved += 1;
            if unresolved <= NAMED {
                tell_unresolved(context, item, reason, candidates);
            }
        }
    }
    if unresolved > NAMED {
        let more = unresolved - NAMED;
        context
            .ui
            .note(&format!("and {more} more: --json tells of them all"));
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
    if let (number @ 1.., Some(path)) = (successors.count(), &args.leaked.token_file) {
        let path = quoted(&path.display().to_string());
        let successors = count(number as u64, "successor");
        let said = match number {
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
pub(super) fn verdict(
    args: &Args,
    context: &Context<'_>,
    learned: &Learned,
    summary: &Summary,
) -> Result<Exit, Failure> {
    let incomplete = |message: String| Failure::new(Exit::Incomplete, "incomplete", message);
    if let Some(error) = &learned.report_error {
        let failure = incomplete(error.to_string());
        let failure = match error {
            ReportError::Broken { .. } => failure.hint("get a whole report"),
            _ => failure,
        };
        if learned.items.is_empty() {
            return Err(failure);
        }
        return Err(failure.hint("the tokens that stand in what was read of it were taken"));
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
    let has_place = |item: &Item| item.place.is_some();
    if args.leaked.repo.is_none() && learned.items.iter().any(has_place) {
        failure = failure.hint("read hidden tokens where the report says they are: --repo DIR");
    }
    if learned.items.iter().any(has_hash) {
        failure = failure.hint("take a hash for proof: --by-hash");
    }
    failure
}
