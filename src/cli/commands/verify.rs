use std::fmt::Write as _;
use std::path::PathBuf;

use keyctl::domain::TargetId;
use keyctl::{Key, Need, Scope, Target, Timestamp, Token, Verdict, Verification, Verifier};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, missing_target_hint};
use crate::cli::input::{self, Lines, MANY_LINES};
use crate::cli::ui::home_relative;
use crate::cli::view::{KeyView, NeedView};

/// How many tokens are judged in one go where there is nothing to wait for: the
/// more, the fewer pages are read for each, and the more memory it takes.
const MANY_TOKENS: usize = 32 * 1024;

/// Check whether a token may do something
///
/// Reads the token from standard input; only keys of the workspace count. The
/// exit code tells the verdict: 0 for valid, 5 for what a server answers with
/// 401, 6 for 403.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("target"))]
pub(crate) struct Args {
    /// The request is for this dataset
    #[arg(short, long, value_name = "ID", group = "target", add = complete::datasets())]
    dataset: Option<TargetId>,

    /// The request is for this app
    #[arg(long, value_name = "ID", group = "target", add = complete::apps())]
    app: Option<TargetId>,

    /// The request is for the whole workspace, the default without a target
    #[arg(long, group = "target")]
    all_datasets: bool,

    /// The request needs this scope; repeat it, or use commas, for more
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    scope: Vec<Scope>,

    /// Read from this file
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath, conflicts_with = "stdin")]
    token_file: Option<PathBuf>,

    /// Read one token per line, print one verdict per line, in order
    #[arg(long)]
    batch: bool,

    /// Do not record that the key was used, which is otherwise done as often as the policy says
    #[arg(long)]
    no_touch: bool,

    /// Ask a replica too, where a revoked key is valid until the replica has heard of it
    #[arg(long)]
    allow_replica: bool,

    /// Read from standard input (the default)
    #[arg(value_name = "-", value_parser = ["-"])]
    stdin: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    valid: bool,
    verdict: &'static str,
    http_status: u16,
    key: Option<KeyView<'a>>,
    need: NeedView<'a>,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    context
        .ui
        .require_format("verify", &[Format::Table, Format::Json, Format::Jsonl])?;
    let need = need(args);
    let verifier = context.verifier(args.allow_replica)?;
    let verifier = if args.no_touch {
        verifier.without_touch()
    } else {
        verifier
    };
    if args.batch {
        verify_lines(args, context, &verifier, &need)
    } else {
        verify_one(args, context, &verifier, &need)
    }
}

fn need(args: &Args) -> Need {
    let target = match (&args.dataset, &args.app) {
        (Some(id), _) => Some(Target::Dataset(id.clone())),
        (None, Some(id)) => Some(Target::App(id.clone())),
        (None, None) => args.all_datasets.then_some(Target::AllDatasets),
    };
    Need {
        target,
        scopes: args.scope.clone(),
    }
}

fn verify_one(
    args: &Args,
    context: &mut Context<'_>,
    verifier: &Verifier,
    need: &Need,
) -> Result<Exit, Failure> {
    let text = input::token(context, args.token_file.as_deref())?;
    context.refresh_now();
    let answer = verifier
        .verify(&*text, need, context.now)
        .map_err(|error| Failure::from(error).about_store(&context.location))?;
    let exit = Exit::from(answer.verdict);
    let now = context.now;
    match context.ui.format() {
        Format::Table => context.ui.line(&sentence(&answer))?,
        _ => context.ui.document(&document(&answer, need, now))?,
    }
    match context.ui.flush() {
        // The exit code is the verdict, whether the words were read or not.
        Err(failure) if failure.is_reader_gone() => {}
        flushed => flushed?,
    }
    if let Some(hint) = hint(&answer, &text, need, context) {
        context.ui.hint(&hint);
    }
    Ok(exit)
}

fn verify_lines(
    args: &Args,
    context: &mut Context<'_>,
    verifier: &Verifier,
    need: &Need,
) -> Result<Exit, Failure> {
    let mut lines = Lines::open(args.token_file.as_deref())?;
    let mut exit = Exit::Done;
    let max_count = match context.ui.format() {
        Format::Table => MANY_TOKENS,
        _ => MANY_LINES,
    };
    while let Some(group) = lines.next_group(max_count)? {
        // A line may have been waited for.
        context.refresh_now();
        let tokens: Vec<&[u8]> = group.lines().collect();
        let verdict = match context.ui.format() {
            Format::Table => say_all(context, verifier, &tokens, need)?,
            // One verdict a line, whatever kind of JSON was asked for.
            _ => document_all(context, verifier, &tokens, need)?,
        };
        exit = worse(exit, verdict);
        // Whoever sent one line and waits is answered now.
        context.ui.flush()?;
    }
    Ok(exit)
}

/// A sentence for each token, in their order.
fn say_all(
    context: &mut Context<'_>,
    verifier: &Verifier,
    tokens: &[&[u8]],
    need: &Need,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let mut text = String::new();
    let mut sentences = vec![0..0; tokens.len()];
    let judged = verifier.verify_each(tokens, need, context.now, |place, answer| {
        exit = worse(exit, Exit::from(answer.verdict));
        let start = text.len();
        write_sentence(&mut text, &answer);
        sentences[place] = start..text.len();
    });
    judged.map_err(|error| Failure::from(error).about_store(&context.location))?;
    for sentence in sentences {
        context.ui.line(&text[sentence])?;
    }
    Ok(exit)
}

/// A document for each token, in their order.
fn document_all(
    context: &mut Context<'_>,
    verifier: &Verifier,
    tokens: &[&[u8]],
    need: &Need,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let answers = verifier
        .verify_all(tokens, need, context.now)
        .map_err(|error| Failure::from(error).about_store(&context.location))?;
    for answer in &answers {
        exit = worse(exit, Exit::from(answer.verdict));
        context
            .ui
            .document_line(&document(answer, need, context.now))?;
    }
    Ok(exit)
}

/// Any 401 outweighs any 403, which outweighs what is valid.
fn worse(one: Exit, other: Exit) -> Exit {
    [Exit::Unauthorized, Exit::Forbidden]
        .into_iter()
        .find(|exit| one == *exit || other == *exit)
        .unwrap_or(Exit::Done)
}

fn document<'a>(answer: &'a Verification, need: &'a Need, now: Timestamp) -> Document<'a> {
    Document {
        schema: "keyctl.verify/v1",
        valid: answer.verdict.is_valid(),
        verdict: answer.verdict.as_str(),
        http_status: answer.verdict.http_status(),
        key: answer.key.as_ref().map(|key| KeyView::whole(key, now)),
        need: NeedView::from(need),
    }
}

fn sentence(answer: &Verification) -> String {
    let mut text = String::new();
    write_sentence(&mut text, answer);
    text
}

/// `valid key_…  dataset ds_42  full  ci-deploy`, `denied: revoked key_…`.
fn write_sentence(text: &mut String, answer: &Verification) {
    let written = match (answer.verdict, &answer.key) {
        (Verdict::Valid, Some(key)) => {
            let valid = write!(text, "valid {}  {}  {}", key.id, key.access, key.scopes);
            let mut name = key.name.iter();
            valid.and_then(|()| name.try_for_each(|name| write!(text, "  {name}")))
        }
        (verdict, Some(key)) => write!(text, "denied: {verdict} {}", key.id),
        (verdict, None) => write!(text, "denied: {verdict}"),
    };
    written.expect("a text takes all that is written to it");
}

fn hint(
    answer: &Verification,
    presented: &[u8],
    need: &Need,
    context: &Context<'_>,
) -> Option<String> {
    match (answer.verdict, &answer.key) {
        (Verdict::Forbidden, Some(key)) if need.target.is_none() => missing_target_hint(key),
        (Verdict::Forbidden, Some(key)) => Some(format!("the key reaches {}", key.access)),
        (Verdict::InsufficientScope, Some(key)) => {
            Some(format!("the key has scope {}", key.scopes))
        }
        (Verdict::Revoked, Some(key)) => Some(revocation(key)),
        (Verdict::Expired, Some(key)) => key.expires_at.map(|at| format!("it expired {at}")),
        (Verdict::Disabled, Some(key)) => key.disabled_at.map(|at| format!("disabled since {at}")),
        (Verdict::Malformed, _) => Token::parse(presented)
            .err()
            .map(|problem| format!("this cannot be a token: {problem}")),
        (Verdict::NotFound, _) => Some(match Token::parse(presented) {
            Ok(token) if token.looks_mistyped() => {
                "its check characters do not fit: was it mistyped or cut?".to_owned()
            }
            _ => format!(
                "no such key in workspace {} of {}",
                context.workspace,
                home_relative(&context.location)
            ),
        }),
        _ => None,
    }
}

fn revocation(key: &Key) -> String {
    let at = key
        .revoked_at
        .map(|at| format!(" {at}"))
        .unwrap_or_default();
    match &key.revoke_reason {
        Some(reason) => format!("it was revoked{at}: {reason}"),
        None => format!("it was revoked{at}"),
    }
}
