//! Keys by what they have in common.

use keyctl::domain::Lifetime;
use keyctl::ops::{Matching, Outcome, Revocation, RevokeMatchingRequest};
use keyctl::{Key, Registry};

use super::Args;
use super::report::{self, ResultView, Summary, ask_about, newly_revoked};
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::results::{confirmation_needed, keys};

/// Whoever revokes many keys wants to know how many are in use.
const RECENT: Lifetime = Lifetime::from_seconds(24 * 3_600);

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let mut request = RevokeMatchingRequest {
        workspace: context.workspace.clone(),
        matching: matching(args),
        agreed: None,
        expected_count: args.expect_count,
        reason: args.reason.clone(),
        dry_run: true,
    };
    if !args.dry_run && !context.assume_yes {
        let planned = revoke(context, &mut registry, &request)?;
        agree(context, &mut registry, &planned)?;
        // What somebody said yes to is what is revoked, whatever fits by then.
        let agreed = planned.into_iter().filter_map(|one| {
            let key = one.key?;
            Some((key.id, one.outcome))
        });
        request.agreed = Some(agreed.collect());
        context.refresh_now();
    }
    request.dry_run = args.dry_run;
    let revocations = revoke(context, &mut registry, &request)?;
    let summary = Summary::of(revocations.iter().map(|revocation| revocation.outcome));
    let views = revocations.iter().map(|revocation| {
        let key = revocation.key.as_ref();
        let called = key.map_or("", |key| key.id.as_str());
        let label = (called.into(), "filter".into());
        let key = key.map(|key| (&key.id, key.revoked_at));
        ResultView::new(label, revocation.outcome, key)
    });
    report::print(args, context, &summary, views)?;
    if !args.dry_run {
        context.warn_of_predecessors(&mut registry, newly_revoked(&revocations));
    }
    if request.agreed.is_some() && tell_of_others(context, &mut registry, request)? {
        return Ok(Exit::Done);
    }
    tell(args, context, &summary);
    Ok(Exit::Done)
}

/// Says that keys fit which nobody was asked about, or that something else would
/// become of them by now; whether there are any.
fn tell_of_others(
    context: &mut Context<'_>,
    registry: &mut Registry,
    done: RevokeMatchingRequest,
) -> Result<bool, Failure> {
    let again = RevokeMatchingRequest {
        agreed: None,
        expected_count: None,
        dry_run: true,
        ..done
    };
    let others = revoke(context, registry, &again)?.len();
    if others > 0 {
        context.ui.note(&format!(
            "{} changed while the question was open and {} left: run it again",
            keys(others),
            if others == 1 { "was" } else { "were" }
        ));
    }
    Ok(others > 0)
}

fn tell(args: &Args, context: &mut Context<'_>, summary: &Summary) {
    let workspace = &context.workspace;
    let told = match (summary.revoked, summary.unbound) {
        (0, 0) => format!(
            "nothing to revoke: no key {}in workspace {workspace}",
            fitting(args)
        ),
        _ if args.dry_run => return,
        (revoked, unbound) => {
            let done = effects("revoked", "took", revoked, unbound);
            format!("{done} in workspace {workspace}")
        }
    };
    context.ui.note(&told);
}

/// What a mistyped id would show.
fn fitting(args: &Args) -> String {
    match (&args.dataset, &args.app) {
        (Some(id), _) => format!("bound to dataset {id} "),
        (None, Some(id)) => format!("of app {id} that fits "),
        (None, None) => "that fits ".to_owned(),
    }
}

fn matching(args: &Args) -> Matching {
    match &args.dataset {
        Some(id) => Matching::DatasetGone(id.clone()),
        // With --all, none of these.
        None => Matching::Keys {
            app: args.app.clone(),
            expired: args.expired,
            unused_for: args.unused_for,
        },
    }
}

fn revoke(
    context: &mut Context<'_>,
    registry: &mut Registry,
    request: &RevokeMatchingRequest,
) -> Result<Vec<Revocation>, Failure> {
    let what = if request.dry_run {
        "checking"
    } else {
        "revoking"
    };
    let mut progress = context.ui.progress(what);
    let revoked = registry.revoke_matching(request, context.now, |step| progress.show(step));
    drop(progress);
    if !request.dry_run && revoked.is_ok() {
        context.tell_of_ballast(registry);
    }
    revoked.map_err(|error| context.failure(registry, error))
}

/// Asks, with the number of keys and how many are in use; without anybody to
/// ask, it is too much to take for granted.
fn agree(
    context: &mut Context<'_>,
    registry: &mut Registry,
    planned: &[Revocation],
) -> Result<(), Failure> {
    let of = |outcome| -> Vec<&Key> {
        let of_outcome = planned.iter().filter(|one| one.outcome == outcome);
        of_outcome.filter_map(|one| one.key.as_ref()).collect()
    };
    let (revoked, unbound) = (of(Outcome::Revoked), of(Outcome::Unbound));
    if planned.is_empty() {
        return Ok(());
    }
    let used_since = context.now.saturating_sub(RECENT);
    let is_recent = |key: &&&Key| key.last_used_at.is_some_and(|at| at >= used_since);
    let recent_count = revoked.iter().chain(&unbound).filter(is_recent).count();
    let what = format!(
        "this would {} in workspace {}, {recent_count} used in the last 24 hours",
        effects("revoke", "take", revoked.len(), unbound.len()),
        context.workspace
    );
    let Some(prompter) = context.prompter() else {
        return Err(confirmation_needed(&what));
    };
    context.ui.ask(&what);
    if revoked.is_empty() {
        prompter.agree("Take the dataset from these keys?", "nothing was changed")
    } else {
        ask_about(context, registry, &prompter, &revoked, None)
    }
}

/// `revoke 2 keys and take the dataset from 1 key`, in these words.
fn effects(revoke: &str, take: &str, revoked: usize, unbound: usize) -> String {
    let revoke = format!("{revoke} {}", keys(revoked));
    let unbind = format!("{take} the dataset from {}", keys(unbound));
    match (revoked, unbound) {
        (_, 0) => revoke,
        (0, _) => unbind,
        _ => format!("{revoke} and {unbind}"),
    }
}
