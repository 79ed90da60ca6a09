use std::fmt::Write as _;
use std::path::PathBuf;

use keyctl::domain::{Standing, TargetId};
use keyctl::{
    Key, Need, Presented, Scope, Target, Timestamp, Token, Verdict, Verification, Verifier,
};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, missing_target_hint};
use crate::cli::input::{self, Group, Lines, MANY_LINES};
use crate::cli::ui::{escape_from, home_relative};
use crate::cli::view::{KeyView, NeedView};

/// How many tokens are judged in one go where there is nothing to wait for: the
/// more, the fewer pages are read for each, and the more memory it takes.
const MANY_TOKENS: usize = 124 * 1024;
/// How many bytes of sentences are held, or about so many.
const SENTENCES_LEN: usize = 8 * 1024 * 1024;

/// In what portions sentences are held.
const BLOCK_LEN: usize = 64 * 1024;
/// How long nearly all of them are at most.
const MAX_SENTENCE_LEN: usize = 1024;

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
    let mut max_count = MANY_LINES;
    while let Some(group) = lines.next_group(max_count)? {
        // A line may have been waited for.
        context.refresh_now();
        let verdict = match context.ui.format() {
            Format::Table => {
                let count = group.count();
                let (verdict, len) = say_all(context, verifier, group, need)?;
                max_count = fitting_count(count, len);
                verdict
            }
            // One verdict a line, whatever kind of JSON was asked for.
            _ => document_all(context, verifier, &group, need)?,
        };
        exit = worse(exit, verdict);
        // Whoever sent one line and waits is answered now.
        context.ui.flush()?;
    }
    Ok(exit)
}

/// About how many tokens the sentences are held, if those about `count` took `len` bytes.
fn fitting_count(count: usize, len: usize) -> usize {
    let mean = len.div_ceil(count.max(1)).max(1);
    (SENTENCES_LEN / mean).clamp(MANY_LINES, MANY_TOKENS)
}

/// A sentence for each token, in their order, and how many bytes they took.
fn say_all(
    context: &mut Context<'_>,
    verifier: &Verifier,
    group: Group,
    need: &Need,
) -> Result<(Exit, usize), Failure> {
    let count = group.count();
    let all = verifier
        .verify_each(presented(group), need, context.now, Sentences::add)
        .map_err(|error| Failure::from(error).about_store(&context.location))?;
    let mut lines = vec![""; count];
    for sentences in &all {
        sentences.put_in_order(&mut lines);
    }
    for line in lines {
        context.ui.raw(line.as_bytes())?;
    }
    let exits = all.iter().map(|sentences| sentences.exit);
    let len = all.iter().map(Sentences::len).sum();
    Ok((exits.fold(Exit::Done, worse), len))
}

/// Lets go of the tokens, which take as much memory as what is said of them.
fn presented(group: Group) -> Presented {
    let tokens: Vec<&[u8]> = group.lines().collect();
    Presented::of(&tokens)
}

/// Sentences about answers, a line each as the answers came, as they are shown.
struct Sentences {
    /// In blocks: one long text would be in memory twice each time that it grew.
    blocks: Vec<String>,
    /// The places of their tokens.
    places: Vec<usize>,
    exit: Exit,
}

impl Default for Sentences {
    fn default() -> Sentences {
        Sentences {
            blocks: Vec::new(),
            places: Vec::new(),
            exit: Exit::Done,
        }
    }
}

impl Sentences {
    fn add(&mut self, place: usize, answer: Verification<Standing>) {
        let is_full = |block: &String| block.len() + MAX_SENTENCE_LEN > BLOCK_LEN;
        if self.blocks.last().is_none_or(is_full) {
            self.blocks.push(String::with_capacity(BLOCK_LEN));
        }
        if let Some(block) = self.blocks.last_mut() {
            let start = block.len();
            write_sentence(block, &answer);
            escape_from(block, start);
            block.push('\n');
        }
        self.places.push(place);
        self.exit = worse(self.exit, Exit::from(answer.verdict));
    }

    /// In bytes.
    fn len(&self) -> usize {
        self.blocks.iter().map(String::len).sum()
    }

    fn put_in_order<'a>(&'a self, lines: &mut [&'a str]) {
        let sentences = self.blocks.iter();
        let sentences = sentences.flat_map(|block| block.split_inclusive('\n'));
        for (sentence, place) in sentences.zip(&self.places) {
            lines[*place] = sentence;
        }
    }
}

/// A document for each token, in their order.
fn document_all(
    context: &mut Context<'_>,
    verifier: &Verifier,
    group: &Group,
    need: &Need,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let tokens: Vec<&[u8]> = group.lines().collect();
    let answers = verifier
        .verify_all(&tokens, need, context.now)
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
    write_sentence(&mut text, &answer.clone().into());
    text
}

/// `valid key_…  dataset ds_42  full  ci-deploy`, `denied: revoked key_…`.
fn write_sentence(text: &mut String, answer: &Verification<Standing>) {
    // Words as they are: through fmt, a sentence took twice as long.
    match (answer.verdict, &answer.key) {
        (Verdict::Valid, Some(key)) => {
            for part in ["valid ", key.id.as_str(), "  "] {
                text.push_str(part);
            }
            write!(text, "{}  {}", key.access, key.scopes)
                .expect("a text takes all that is written to it");
            if let Some(name) = &key.name {
                text.push_str("  ");
                text.push_str(name.as_str());
            }
        }
        (verdict, key) => {
            text.push_str("denied: ");
            text.push_str(verdict.as_str());
            if let Some(key) = key {
                text.push(' ');
                text.push_str(key.id.as_str());
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_sentences_are_the_fewer_are_held() {
        let cases = [
            (MANY_TOKENS, 50 * MANY_TOKENS, MANY_TOKENS),
            (1, 20, MANY_TOKENS),
            (MANY_LINES, 128 * MANY_LINES, 64 * 1024),
            (10, 10 * 128 - 1, 64 * 1024),
            (1_000, 2_000_000, MANY_LINES),
        ];
        for (count, len, expected) in cases {
            assert_eq!(fitting_count(count, len), expected, "{count} {len}");
        }
    }
}
