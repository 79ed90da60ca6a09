use std::ops::ControlFlow;

use keyctl::KeyId;
use keyctl::domain::{Action, Event, KeptHead, Lifetime, Selector};
use keyctl::store::EventFilter;
use keyctl::{Error, Registry};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::List;
use crate::cli::view::EventField;

/// List what was done, by whom and when, or check that nobody altered it
///
/// Lists the events of the store's log, or those of one key, oldest first; of
/// one workspace if it is named.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Only events of this key: its id, the beginning of its id, or its name
    #[arg(value_name = "KEY", add = complete::keys())]
    key: Option<Selector>,

    /// Only events of the last while, such as 7d
    #[arg(long, value_name = "DURATION")]
    since: Option<Lifetime>,

    /// Only events of this kind
    #[arg(long, value_name = "ACTION", value_parser = action_parser())]
    action: Option<Action>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Recompute the log and hold it against every key; exit code 7 at the first difference
    ///
    /// Each entry of the log has a hash over itself and the hash before it, and a digest of the key
    /// as it left it. All of these are computed again. Whoever can write the store can also write a
    /// whole new log: only a head that was kept elsewhere shows that, or that the end of the log
    /// was cut off.
    Verify(VerifyArgs),
    /// Print the end of the log, to be kept where the store's writers cannot reach it
    Head,
}

#[derive(clap::Args)]
struct VerifyArgs {
    /// A head that was kept elsewhere, which the log must hold: its hash, or all that `audit head`
    /// printed
    #[arg(long, value_name = "HASH")]
    head: Option<KeptHead>,
}

fn action_parser() -> impl clap::builder::TypedValueParser<Value = Action> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(Action::ALL.map(Action::as_str))
        .try_map(|text| text.parse::<Action>())
}

#[derive(Serialize)]
struct HeadDocument {
    schema: &'static str,
    store_id: String,
    seq: i64,
    hash: Option<String>,
}

#[derive(Serialize)]
struct VerifyDocument {
    schema: &'static str,
    intact: bool,
    store_id: String,
    event_count: i64,
    key_count: u64,
    hash: Option<String>,
    matches_head_at: Option<i64>,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let has_filter = args.key.is_some() || args.since.is_some() || args.action.is_some();
    if args.command.is_some() && has_filter {
        return Err(Failure::usage("the whole log is meant, not a part of it")
            .hint("give no key and no filter to audit verify and audit head"));
    }
    match &args.command {
        None => list(args, context),
        Some(Command::Verify(args)) => verify(args, context),
        Some(Command::Head) => head(context),
    }
}

fn list(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let key_id = match &args.key {
        Some(selector) => Some(key_id(context, &mut registry, selector)?),
        None => None,
    };
    let filter = EventFilter {
        workspace: context.token_workspace().cloned(),
        key_id,
        since: args.since.map(|since| context.now.saturating_sub(since)),
        actor: context.named_actor.clone(),
        action: args.action,
    };
    let mut list = List::<EventField>::new(None, context.now);
    let mut count = 0u64;
    let ui = &mut *context.ui;
    let mut written = Ok(());
    let listed = registry.events(&filter, |event| {
        count += 1;
        written = list.push(ui, event);
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    listed.map_err(|error| context.failure(&mut registry, error))?;
    written?;
    list.finish(context.ui, false)?;
    if count == 0 {
        context.ui.note("no events");
    }
    Ok(Exit::Done)
}

/// The key that is meant. A whole id is also that of a key that was pruned, of
/// which only the log still knows.
fn key_id(
    context: &Context<'_>,
    registry: &mut Registry,
    selector: &Selector,
) -> Result<KeyId, Failure> {
    if let Selector::Id(id) = selector {
        let history = registry
            .history(id)
            .map_err(|error| context.failure(registry, error))?;
        let is_here = |event: &Event| {
            let workspace = context.token_workspace();
            workspace.is_none() || event.entry.workspace.as_ref() == workspace
        };
        if history.first().is_some_and(is_here) {
            return Ok(id.clone());
        }
    }
    context.find(registry, selector).map(|key| key.id)
}

fn verify(args: &VerifyArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    require_document_format(context, "audit verify")?;
    let mut registry = context.open()?;
    let checked = registry
        .audit(args.head.as_ref())
        .map_err(|error| context.failure(&mut registry, error))?;
    let (events, keys) = (checked.head.seq, checked.key_count);
    if context.ui.format() == Format::Table {
        context
            .ui
            .line(&format!("intact: {events} events, {}", counted(keys)))?;
        if let Some(seq) = checked.matches_head_at {
            context.ui.line(&format!("matches the head at {seq}"))?;
        }
    } else {
        context.ui.document(&VerifyDocument {
            schema: "keyctl.audit.verify/v1",
            intact: true,
            store_id: checked.head.store_id,
            event_count: events,
            key_count: keys,
            hash: checked.head.hash.map(|hash| hash.to_string()),
            matches_head_at: checked.matches_head_at,
        })?;
    }
    context.ui.flush()?;
    if args.head.is_none() {
        context.ui.hint(
            "only a head kept elsewhere shows an end cut off, or an older copy: keyctl audit head",
        );
    }
    Ok(Exit::Done)
}

fn counted(keys: u64) -> String {
    match keys {
        1 => "1 key".to_owned(),
        keys => format!("{keys} keys"),
    }
}

fn head(context: &mut Context<'_>) -> Result<Exit, Failure> {
    require_document_format(context, "audit head")?;
    let mut registry = context.open()?;
    let head = registry
        .head()
        .map_err(|error: Error| context.failure(&mut registry, error))?;
    if context.ui.format() == Format::Table {
        context.ui.line(&head.to_string())?;
    } else {
        context.ui.document(&HeadDocument {
            schema: "keyctl.audit.head/v1",
            store_id: head.store_id,
            seq: head.seq,
            hash: head.hash.map(|hash| hash.to_string()),
        })?;
    }
    context.ui.flush().map(|()| Exit::Done)
}

fn require_document_format(context: &Context<'_>, command: &str) -> Result<(), Failure> {
    context
        .ui
        .require_format(command, &[Format::Table, Format::Json, Format::Jsonl])
}
