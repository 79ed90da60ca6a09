//! Keys that are named, one by one.

use keyctl::domain::Selector;
use keyctl::ops::{Revocation, RevokeRequest, Selection};
use keyctl::{Error, Key, Registry};

use super::report::{self, Summary, ask_about, newly_revoked};
use super::{Args, Which};
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{Lines, selection};
use crate::cli::prompt::Prompter;

/// What points at a key, how it is called in the report, and where it stood.
struct Entry {
    selection: Selection,
    label: String,
    source: String,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let (selections, labels): (Vec<_>, Vec<_>) = entries(args, context)?
        .into_iter()
        .map(|entry| (entry.selection, (entry.label, entry.source)))
        .unzip();
    let mut request = RevokeRequest {
        workspace: context.workspace.clone(),
        token_workspace: context.token_workspace().cloned(),
        selections,
        reason: args.reason.clone(),
        if_exists: args.if_exists,
        expected_count: args.expect_count,
        dry_run: true,
    };
    if let (Some(prompter), false, false) = (context.prompter(), context.assume_yes, args.dry_run) {
        let confirmed = confirm(context, &mut registry, &request, &prompter)?;
        pin(&mut request.selections, &confirmed);
    }
    context.refresh_now();
    request.dry_run = args.dry_run;
    let revocations = registry
        .revoke(&request, context.now)
        .map_err(|error| nothing_done(context, &mut registry, error))?;
    context.tell_of_ballast(&registry);
    let summary = Summary::of(&revocations);
    let labels = labels
        .iter()
        .map(|(label, source)| (label.as_str(), source.as_str()));
    report::print(args, context, &summary, labels.zip(&revocations))?;
    if revocations.is_empty() && !args.dry_run {
        context
            .ui
            .note("nothing to revoke: standard input was empty");
    }
    if !args.dry_run {
        context.warn_of_predecessors(&mut registry, newly_revoked(&revocations));
    }
    let tokens = request
        .selections
        .iter()
        .filter(|selection| !matches!(selection, Selection::Key(_)));
    verdict_on_unknown_tokens(args, context, summary.unknown_token, tokens.count())
}

fn entries(args: &Args, context: &Context<'_>) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for which in &args.keys {
        match which {
            Which::Key(selector) => entries.push(Entry {
                selection: Selection::Key(selector.clone()),
                label: selector.to_string(),
                source: "argument".to_owned(),
            }),
            Which::Stdin => read_entries(context, &mut entries)?,
        }
    }
    Ok(entries)
}

fn read_entries(context: &Context<'_>, entries: &mut Vec<Entry>) -> Result<(), Failure> {
    // At a terminal, what is typed must not be seen.
    if let Some(prompter) = context.prompter() {
        entries.extend(entry(&prompter.secret("Token or id")?, 1));
        return Ok(());
    }
    let mut lines = Lines::open(None)?;
    let mut number = 0;
    while let Some(group) = lines.next_group()? {
        for line in group {
            number += 1;
            entries.extend(entry(&line, number));
        }
    }
    Ok(())
}

/// A line of standard input; a blank one says nothing.
fn entry(line: &[u8], number: usize) -> Option<Entry> {
    let (selection, label) = selection(line)?;
    Some(Entry {
        label,
        selection,
        source: format!("stdin:{number}"),
    })
}

/// Replaces names by the ids they meant when they were shown: what somebody
/// said yes to is what is revoked, whoever has the name by then.
fn pin(selections: &mut [Selection], confirmed: &[Revocation]) {
    for (selection, revocation) in selections.iter_mut().zip(confirmed) {
        if let (Selection::Key(selector), Some(key)) = (selection, &revocation.key) {
            *selector = Selector::Id(key.id.clone());
        }
    }
}

/// Asks, naming the keys and their last use, as a dry run finds them; what it
/// found, if the answer is yes.
fn confirm(
    context: &mut Context<'_>,
    registry: &mut Registry,
    dry_run: &RevokeRequest,
    prompter: &Prompter,
) -> Result<Vec<Revocation>, Failure> {
    let planned = registry
        .revoke(dry_run, context.now)
        .map_err(|error| nothing_done(context, registry, error))?;
    let keys: Vec<&Key> = newly_revoked(&planned).collect();
    if !keys.is_empty() {
        ask_about(context, registry, prompter, &keys, None)?;
    }
    Ok(planned)
}

fn nothing_done(context: &Context<'_>, registry: &mut Registry, error: Error) -> Failure {
    let is_no_match = matches!(error, Error::NoMatch { .. });
    let failure = context.failure(registry, error);
    if is_no_match {
        failure.hint("nothing was revoked; --if-exists ignores what does not exist")
    } else {
        failure
    }
}

/// A token that this store does not know may live in another one: that must
/// not look done.
fn verdict_on_unknown_tokens(
    args: &Args,
    context: &Context<'_>,
    unknown_count: usize,
    token_count: usize,
) -> Result<Exit, Failure> {
    if unknown_count == 0 || args.if_exists {
        return Ok(Exit::Done);
    }
    let message = match (unknown_count, token_count) {
        (1, 1) => "no key has this token".to_owned(),
        (unknown, all) if unknown == all => format!("no key has any of these {all} tokens"),
        (unknown, all) if args.dry_run => format!("no key has {unknown} of these {all} tokens"),
        (unknown, all) => {
            format!("no key has {unknown} of these {all} tokens; the other keys are revoked")
        }
    };
    Err(Failure::new(Exit::NoMatch, "unknown_token", message)
        .about_store(&context.location)
        .hint("is this the right store? name another one: --store PATH")
        .hint("--if-exists ignores what does not exist"))
}
