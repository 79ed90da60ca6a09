use keyctl::domain::{Action, Event, Selector};
use keyctl::{Invalid, Key, Registry, Timestamp, Token};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input;
use crate::cli::ui::{List, Ui};
use crate::cli::view::{Column, EventView, KeyField, KeyView, Value, changes};

/// Show one key and its history
///
/// With -, reads a token from standard input and shows whose it is, in any
/// workspace unless one is named.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// An id, the beginning of one, a name, or - for a token on standard input
    #[arg(value_name = "KEY|-", value_parser = which, add = complete::keys())]
    key: Which,
}

#[derive(Clone)]
enum Which {
    Key(Selector),
    TokenOnStdin,
}

fn which(text: &str) -> Result<Which, Invalid> {
    match text {
        "-" => Ok(Which::TokenOnStdin),
        text => text.parse().map(Which::Key),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    key: KeyView<'a>,
    history: Vec<EventView<'a>>,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let key = match &args.key {
        Which::Key(selector) => context.find(&mut registry, selector)?,
        Which::TokenOnStdin => key_of_presented_token(context, &mut registry)?,
    };
    let now = context.now;
    match context.ui.format() {
        Format::Csv | Format::Id => {
            let mut list = List::<KeyField>::new(None, now);
            list.push(context.ui, key)?;
            return list.finish(context.ui, false).map(|()| Exit::Done);
        }
        Format::Table | Format::Json | Format::Jsonl => {}
    }
    let history = registry
        .history(&key.id)
        .map_err(|error| context.failure(&mut registry, error))?;
    if context.ui.format() == Format::Table {
        print_fields(context.ui, &key, now)?;
        print_history(context.ui, &history)?;
    } else {
        context.ui.document(&Document {
            schema: "keyctl.show/v1",
            key: KeyView::whole(&key, now),
            history: history
                .iter()
                .map(|event| EventView::whole(event, now))
                .collect(),
        })?;
    }
    context.ui.flush().map(|()| Exit::Done)
}

fn key_of_presented_token(context: &Context<'_>, registry: &mut Registry) -> Result<Key, Failure> {
    let text = input::token(context, None)?;
    let token = Token::parse(&text).map_err(|problem| {
        Failure::usage(format!("standard input holds no token: {problem}"))
            .hint("give it a token alone: keyctl show - < FILE")
    })?;
    let found = registry
        .find_by_token(context.token_workspace(), &token)
        .map_err(|error| context.failure(registry, error))?;
    found.ok_or_else(|| {
        let message = format!("no key has the token {}", token.mask());
        let failure =
            Failure::new(Exit::NoMatch, "no_match", message).about_store(&context.location);
        if token.looks_mistyped() {
            failure.hint("its check characters do not fit: was it mistyped or cut?")
        } else {
            failure.hint("see all keys: keyctl list --all")
        }
    })
}

/// What is absent is left out, save what its absence tells.
fn print_fields(ui: &mut Ui, key: &Key, now: Timestamp) -> Result<(), Failure> {
    for field in KeyField::all() {
        let text = match (field, field.of(key, now)) {
            (KeyField::ExpiresAt | KeyField::LastUsedAt, Value::Absent) => {
                field.absent_text().to_owned()
            }
            (_, Value::Absent) => continue,
            (_, value) => value.to_text(),
        };
        ui.line(&format!("{:<14} {text}", field.name()))?;
    }
    Ok(())
}

fn print_history(ui: &mut Ui, history: &[Event]) -> Result<(), Failure> {
    for (i, event) in history.iter().enumerate() {
        let label = if i == 0 { "history" } else { "" };
        let entry = &event.entry;
        // What it was issued with is what stands above.
        let changes = match entry.action {
            Action::Issued | Action::Imported => String::new(),
            _ => changes(event),
        };
        let line = format!(
            "{label:<14} {}  {} by {}  {changes}",
            entry.at, entry.action, entry.actor
        );
        ui.line(line.trim_end())?;
    }
    Ok(())
}
