use keyctl::domain::{MaskedToken, Remark, Selector};
use keyctl::ops::{Outcome, Revocation, RevokeRequest, Selection};
use keyctl::{Error, Invalid, Key, KeyId, Registry, Timestamp, Token};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::Lines;
use crate::cli::prompt::Prompter;
use crate::cli::ui::relative_time;

/// Revoke keys, for ever
///
/// Revokes all the keys that are named, or none of them. With -, reads ids and
/// tokens (not names) from standard input, one per line. Tokens are looked up in
/// every workspace, unless --workspace or its variable names one; those that no
/// key has are reported, and the others are revoked. Where somebody reads and
/// can answer on a terminal, it asks first.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Ids, beginnings of ids, or names; or - for ids and tokens on standard input
    #[arg(value_name = "KEY|-", required = true, value_parser = which)]
    keys: Vec<Which>,

    /// Why, for the record and the log
    #[arg(long, value_name = "TEXT")]
    reason: Option<Remark>,

    /// Do not fail for keys and tokens that do not exist
    #[arg(long)]
    if_exists: bool,

    /// Check everything and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
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

/// What points at a key, how it is called in the report, and where it stood.
struct Entry {
    selection: Selection,
    label: String,
    source: String,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    dry_run: bool,
    results: Vec<ResultView<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct ResultView<'a> {
    selector: &'a str,
    id: Option<&'a str>,
    result: &'static str,
    revoked_at: Option<String>,
    source: &'a str,
}

/// A result that stands alone on its line.
#[derive(Serialize)]
struct LineView<'a> {
    dry_run: bool,
    #[serde(flatten)]
    result: ResultView<'a>,
}

#[derive(Serialize, Default)]
struct Summary {
    revoked: usize,
    already_revoked: usize,
    not_found: usize,
    unknown_token: usize,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let formats = [Format::Table, Format::Json, Format::Jsonl, Format::Id];
    context.ui.require_format("revoke", &formats)?;
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
        expected_count: None,
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
    report(args, context, &labels, &revocations).map_err(|failure| {
        let count = summary(&revocations).revoked;
        let keys = if count == 1 { "key was" } else { "keys were" };
        let message = format!("{count} {keys} revoked, but {}", failure.message());
        if args.dry_run {
            failure
        } else {
            failure.saying(message)
        }
    })?;
    if args.dry_run {
        context.ui.note("dry run: nothing was changed");
    } else if revocations.is_empty() {
        context
            .ui
            .note("nothing to revoke: standard input was empty");
    }
    let tokens = request
        .selections
        .iter()
        .filter(|selection| !matches!(selection, Selection::Key(_)));
    let unknown_count = summary(&revocations).unknown_token;
    verdict_on_unknown_tokens(args, context, unknown_count, tokens.count())
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

/// A line of standard input; a blank one says nothing. What has the form of an
/// id is one, and everything else is a token, to be shown by its mask alone.
fn entry(line: &[u8], number: usize) -> Option<Entry> {
    if line.is_empty() {
        return None;
    }
    let source = format!("stdin:{number}");
    let id = std::str::from_utf8(line)
        .ok()
        .and_then(|text| text.parse::<Selector>().ok());
    if let Some(selector @ (Selector::Id(_) | Selector::IdPrefix(_))) = id {
        return Some(Entry {
            label: selector.to_string(),
            selection: Selection::Key(selector),
            source,
        });
    }
    let (label, selection) = match Token::parse(line) {
        Ok(token) => (token.mask(), Selection::Token(token)),
        Err(_) => (MaskedToken::nothing(), Selection::Malformed),
    };
    Some(Entry {
        label: label.to_string(),
        selection,
        source,
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
    const NAMED: usize = 10;
    let planned = registry
        .revoke(dry_run, context.now)
        .map_err(|error| nothing_done(context, registry, error))?;
    let keys: Vec<&Key> = planned
        .iter()
        .filter(|revocation| revocation.outcome == Outcome::Revoked)
        .filter_map(|revocation| revocation.key.as_ref())
        .collect();
    let question = match keys.as_slice() {
        [] => return Ok(planned),
        [_] => "Revoke this key for ever?".to_owned(),
        keys => format!("Revoke these {} keys for ever?", keys.len()),
    };
    for key in keys.iter().take(NAMED) {
        context.ui.ask(&described(key, context.now));
    }
    if keys.len() > NAMED {
        context.ui.ask(&format!("and {} more", keys.len() - NAMED));
    }
    if prompter.confirm(&question)? {
        Ok(planned)
    } else {
        Err(Failure::new(
            Exit::Failed,
            "declined",
            "nothing was revoked",
        ))
    }
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

fn nothing_done(context: &Context<'_>, registry: &mut Registry, error: Error) -> Failure {
    let is_no_match = matches!(error, Error::NoMatch { .. });
    let failure = context.failure(registry, error);
    if is_no_match {
        failure.hint("nothing was revoked; --if-exists ignores what does not exist")
    } else {
        failure
    }
}

fn report(
    args: &Args,
    context: &mut Context<'_>,
    labels: &[(String, String)],
    revocations: &[Revocation],
) -> Result<(), Failure> {
    let ui = &mut *context.ui;
    let results = || labels.iter().zip(revocations).map(view);
    match ui.format() {
        Format::Json => ui.document(&Document {
            schema: "keyctl.revoke/v1",
            dry_run: args.dry_run,
            results: results().collect(),
            summary: summary(revocations),
        })?,
        Format::Jsonl => results().try_for_each(|result| {
            ui.document(&LineView {
                dry_run: args.dry_run,
                result,
            })
        })?,
        Format::Id => results()
            .filter_map(|result| result.id)
            .try_for_each(|id| ui.line(id))?,
        Format::Table | Format::Csv => results().try_for_each(|result| {
            let what = result.id.unwrap_or(result.selector);
            ui.line(&format!("{} {what}", result.result))
        })?,
    }
    ui.flush()
}

fn view<'a>(
    ((label, source), revocation): (&'a (String, String), &'a Revocation),
) -> ResultView<'a> {
    let key = revocation.key.as_ref();
    ResultView {
        selector: label,
        id: key.map(|key| &key.id).map(KeyId::as_str),
        result: revocation.outcome.as_str(),
        revoked_at: key.and_then(|key| key.revoked_at).map(|at| at.to_string()),
        source,
    }
}

fn summary(revocations: &[Revocation]) -> Summary {
    let mut summary = Summary::default();
    for revocation in revocations {
        match revocation.outcome {
            Outcome::Revoked | Outcome::Unbound => summary.revoked += 1,
            Outcome::AlreadyRevoked => summary.already_revoked += 1,
            Outcome::NotFound => summary.not_found += 1,
            Outcome::UnknownToken => summary.unknown_token += 1,
        }
    }
    summary
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
