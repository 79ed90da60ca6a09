//! Keys that are named, one by one.

use std::borrow::Cow;

use keyctl::domain::Selector;
use keyctl::ops::{Outcome, Revocation, RevokeRequest, Selection};
use keyctl::{Error, Key, KeyId, Registry, Timestamp};

use super::report::{self, ResultView, Summary, ask_about, newly_revoked};
use super::{Args, Which};
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{Lines, MANY_LINES, selection};
use crate::cli::prompt::Prompter;

/// How a selection is called in the report, and where it stood. There may be very
/// many, so that nothing is held that can be told from the selection.
struct Label {
    /// None is the id that it is.
    text: Option<Box<str>>,
    /// The line of standard input; none is an argument.
    line: Option<u32>,
}

impl Label {
    fn view<'a>(&'a self, selection: &'a Selection, done: &'a Done) -> ResultView<'a> {
        let text = match (&self.text, selection) {
            (Some(text), _) => Cow::Borrowed(&**text),
            (None, Selection::Key(selector)) => Cow::Owned(selector.to_string()),
            (None, Selection::Token(_) | Selection::Malformed) => Cow::Borrowed(""),
        };
        let source = match self.line {
            Some(line) => Cow::Owned(format!("stdin:{line}")),
            None => Cow::Borrowed("argument"),
        };
        let key = done.key.as_ref().map(|(id, at)| (id, *at));
        ResultView::new((text, source), done.outcome, key)
    }
}

/// What is held of what became of a selection.
struct Done {
    outcome: Outcome,
    /// The id of its key, and when that was revoked.
    key: Option<(KeyId, Option<Timestamp>)>,
    /// The key itself, if it was revoked now and had replaced another.
    successor: Option<Box<Key>>,
}

impl Done {
    fn of(revocation: Revocation) -> Done {
        let Revocation { outcome, key } = revocation;
        let id = key.as_ref().map(|key| (key.id.clone(), key.revoked_at));
        let successor = key.filter(|key| outcome == Outcome::Revoked && key.replaces.is_some());
        Done {
            outcome,
            key: id,
            successor: successor.map(Box::new),
        }
    }
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let (selections, labels) = entries(args, context)?;
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
    let done = registry
        .revoke_keeping(&request, context.now, Done::of)
        .map_err(|error| nothing_done(context, &mut registry, error))?;
    context.tell_of_ballast(&registry);
    let summary = Summary::of(done.iter().map(|done| done.outcome));
    let selected = labels.iter().zip(&request.selections).zip(&done);
    let views = selected.map(|((label, selection), done)| label.view(selection, done));
    report::print(args, context, &summary, views)?;
    if done.is_empty() && !args.dry_run {
        context
            .ui
            .note("nothing to revoke: standard input was empty");
    }
    if !args.dry_run {
        let successors = done.iter().filter_map(|done| done.successor.as_deref());
        context.warn_of_predecessors(&mut registry, successors);
    }
    let tokens = request
        .selections
        .iter()
        .filter(|selection| !matches!(selection, Selection::Key(_)));
    verdict_on_unknown_tokens(args, context, summary.unknown_token, tokens.count())
}

fn entries(args: &Args, context: &Context<'_>) -> Result<(Vec<Selection>, Vec<Label>), Failure> {
    let mut entries = (Vec::new(), Vec::new());
    for which in &args.keys {
        match which {
            Which::Key(selector) => entries.extend([(
                Selection::Key(selector.clone()),
                Label {
                    text: Some(selector.to_string().into()),
                    line: None,
                },
            )]),
            Which::Stdin => read_entries(context, &mut entries)?,
        }
    }
    Ok(entries)
}

fn read_entries(
    context: &Context<'_>,
    entries: &mut (Vec<Selection>, Vec<Label>),
) -> Result<(), Failure> {
    // At a terminal, what is typed must not be seen.
    if let Some(prompter) = context.prompter() {
        entries.extend(entry(&prompter.secret("Token or id")?, 1));
        return Ok(());
    }
    let mut lines = Lines::open(None)?;
    let mut number = 0;
    while let Some(group) = lines.next_group(MANY_LINES)? {
        for line in group.lines() {
            number += 1;
            entries.extend(entry(line, number));
        }
    }
    Ok(())
}

/// A line of standard input; a blank one says nothing.
fn entry(line: &[u8], number: u32) -> Option<(Selection, Label)> {
    let (selection, text) = selection(line)?;
    let is_id = matches!(selection, Selection::Key(Selector::Id(_)));
    let label = Label {
        text: (!is_id).then(|| text.into()),
        line: Some(number),
    };
    Some((selection, label))
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
