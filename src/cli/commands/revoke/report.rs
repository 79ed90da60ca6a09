//! What is said before and after keys are revoked.

use std::borrow::Cow;

use keyctl::ops::{Outcome, Revocation};
use keyctl::{Key, KeyId, Registry, Timestamp};
use serde::Serialize;

use super::Args;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::prompt::Prompter;
use crate::cli::results::{self, Results, keys_were, name_some};
use crate::cli::ui::relative_time;

/// What became of one selection: what it was called, and where it stood.
#[derive(Serialize)]
pub(super) struct ResultView<'a> {
    selector: Cow<'a, str>,
    id: Option<&'a str>,
    result: &'static str,
    revoked_at: Option<String>,
    source: Cow<'a, str>,
}

impl<'a> ResultView<'a> {
    pub(super) fn new(
        (selector, source): (Cow<'a, str>, Cow<'a, str>),
        outcome: Outcome,
        key: Option<(&'a KeyId, Option<Timestamp>)>,
    ) -> ResultView<'a> {
        ResultView {
            selector,
            id: key.map(|(id, _)| id.as_str()),
            result: outcome.as_str(),
            revoked_at: key.and_then(|(_, at)| at).map(|at| at.to_string()),
            source,
        }
    }
}

impl results::Outcome for ResultView<'_> {
    fn word(&self) -> &'static str {
        self.result
    }

    fn id(&self) -> Option<&str> {
        self.id
    }

    fn selector(&self) -> &str {
        &self.selector
    }
}

/// How many of each.
#[derive(Serialize, Default)]
pub(super) struct Summary {
    pub(super) revoked: usize,
    pub(super) unbound: usize,
    pub(super) ending: usize,
    pub(super) already_revoked: usize,
    not_found: usize,
    pub(super) unknown_token: usize,
    pub(super) unresolved: usize,
}

impl Summary {
    pub(super) fn of(outcomes: impl Iterator<Item = Outcome>) -> Summary {
        let mut summary = Summary::default();
        outcomes.for_each(|outcome| summary.add(outcome));
        summary
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Revoked => self.revoked += 1,
            Outcome::Unbound => self.unbound += 1,
            Outcome::Ending => self.ending += 1,
            Outcome::AlreadyRevoked => self.already_revoked += 1,
            Outcome::NotFound => self.not_found += 1,
            Outcome::UnknownToken => self.unknown_token += 1,
        }
    }
}

/// The keys that a revocation ended, rather than found so.
pub(super) fn newly_revoked(revocations: &[Revocation]) -> impl Iterator<Item = &Key> {
    revocations
        .iter()
        .filter(|revocation| revocation.outcome == Outcome::Revoked)
        .filter_map(|revocation| revocation.key.as_ref())
}

/// Prints what became of each selection.
pub(super) fn print<'a>(
    args: &Args,
    context: &mut Context<'_>,
    summary: &Summary,
    outcomes: impl Iterator<Item = ResultView<'a>>,
) -> Result<(), Failure> {
    let results = Results {
        schema: "keyctl.revoke/v1",
        dry_run: args.dry_run,
        summary,
    };
    let changed = summary.revoked + summary.unbound;
    let done = keys_were(
        changed,
        if summary.unbound == 0 {
            "revoked"
        } else {
            "changed"
        },
    );
    results.print(context.ui, outcomes, done)
}

/// Asks whether to revoke these keys, or another question, naming some of them and
/// their last use.
pub(crate) fn ask_about(
    context: &mut Context<'_>,
    registry: &mut Registry,
    prompter: &Prompter,
    keys: &[&Key],
    question: Option<&str>,
) -> Result<(), Failure> {
    let now = context.now;
    name_some(context.ui, keys, |key| described(key, now));
    context.warn_of_predecessors(registry, keys.iter().copied());
    let question = match (question, keys.len()) {
        (Some(question), _) => question.to_owned(),
        (None, 1) => "Revoke this key for ever?".to_owned(),
        (None, count) => format!("Revoke these {count} keys for ever?"),
    };
    prompter.agree(&question, "nothing was revoked")
}

fn described(key: &Key, now: Timestamp) -> String {
    let name = key.name.as_ref().map(|name| format!(" {name}"));
    let used = match key.last_used_at {
        Some(at) => format!("last used {}", relative_time(at, now)),
        None => "never used".to_owned(),
    };
    format!(
        "{}{} ({}, {used})",
        key.id,
        name.unwrap_or_default(),
        key.access
    )
}
