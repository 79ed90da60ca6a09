use std::str::FromStr;

use keyctl::domain::{KeyName, Remark, Selector};
use keyctl::ops::{EditRequest, Edited};
use keyctl::{Expiry, Invalid, Key, Scope};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::view::{Column, KeyField, KeyView, Value};

/// Change a key's name, description, expiry or scopes
///
/// What a key reaches cannot be changed: issue another one instead.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key: its id, the beginning of its id, or its name
    #[arg(value_name = "KEY", add = complete::keys())]
    key: Selector,

    #[command(flatten)]
    changes: Changes,

    /// Check everything and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

#[derive(clap::Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// The name to call it by from now on; '' takes the name away
    #[arg(long, value_name = "NAME", value_parser = or_nothing::<KeyName>)]
    name: Option<OrNothing<KeyName>>,

    /// A remark about the key; '' takes it away
    #[arg(long, value_name = "TEXT", value_parser = or_nothing::<Remark>)]
    description: Option<OrNothing<Remark>>,

    /// When the key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    expires: Option<Expiry>,

    /// Let the key do this too; repeat it, or use commas, for more
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    add_scope: Vec<Scope>,

    /// Let the key no longer do this; repeat it, or use commas, for more
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    remove_scope: Vec<Scope>,
}

/// A value, or none in its place. (clap would read an `Option` in an `Option` as
/// one whose value may be left out.)
#[derive(Clone)]
struct OrNothing<T>(Option<T>);

fn or_nothing<T: FromStr<Err = Invalid>>(text: &str) -> Result<OrNothing<T>, Invalid> {
    match text {
        "" => Ok(OrNothing(None)),
        text => text.parse().map(|value| OrNothing(Some(value))),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    dry_run: bool,
    key: KeyView<'a>,
    changed: Vec<&'static str>,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let formats = [Format::Table, Format::Json, Format::Jsonl, Format::Id];
    context.ui.require_format("edit", &formats)?;
    let changes = &args.changes;
    if let Some(scope) = changes
        .add_scope
        .iter()
        .find(|scope| changes.remove_scope.contains(scope))
    {
        return Err(Failure::usage(format!(
            "--add-scope and --remove-scope contradict each other over {scope}"
        )));
    }
    let mut registry = context.open()?;
    let request = EditRequest {
        workspace: context.workspace.clone(),
        selector: args.key.clone(),
        name: changes.name.clone().map(|name| name.0),
        description: changes.description.clone().map(|text| text.0),
        expiry: changes.expires,
        added_scopes: changes.add_scope.clone(),
        removed_scopes: changes.remove_scope.clone(),
        dry_run: args.dry_run,
    };
    let edited = registry
        .edit(&request, context.now)
        .map_err(|error| context.failure(&mut registry, error))?;
    report(args, context, &edited)?;
    tell(args, context, &edited);
    if edited.before.name != edited.after.name {
        context.warn_of_shared_name(&mut registry, &edited.after);
    }
    Ok(Exit::Done)
}

/// A field as the log has it.
fn text(field: KeyField, key: &Key) -> String {
    match field.of(key, key.created_at) {
        Value::Absent if field == KeyField::ExpiresAt => field.absent_text().to_owned(),
        Value::Absent => "none".to_owned(),
        value => value.to_text(),
    }
}

/// The fields that differ.
fn changed(edited: &Edited) -> Vec<KeyField> {
    [
        KeyField::Name,
        KeyField::Description,
        KeyField::Scopes,
        KeyField::ExpiresAt,
    ]
    .into_iter()
    .filter(|field| text(*field, &edited.before) != text(*field, &edited.after))
    .collect()
}

fn report(args: &Args, context: &mut Context<'_>, edited: &Edited) -> Result<(), Failure> {
    let (ui, now) = (&mut *context.ui, context.now);
    let changed = changed(edited);
    let id = &edited.after.id;
    match ui.format() {
        Format::Table | Format::Csv if changed.is_empty() => ui.line(&format!("unchanged {id}"))?,
        Format::Table | Format::Csv => ui.line(&format!("edited {id}"))?,
        Format::Id => ui.line(id.as_str())?,
        Format::Json | Format::Jsonl => ui.document(&Document {
            schema: "keyctl.edit/v1",
            dry_run: args.dry_run,
            key: KeyView::whole(&edited.after, now),
            changed: changed.iter().map(|field| field.name()).collect(),
        })?,
    }
    ui.flush().map_err(|failure| {
        let message = format!("{id} was edited, but {}", failure.message());
        if args.dry_run || changed.is_empty() {
            failure
        } else {
            failure.saying(message)
        }
    })
}

fn tell(args: &Args, context: &mut Context<'_>, edited: &Edited) {
    let ui = &mut *context.ui;
    for field in changed(edited) {
        ui.note(&format!(
            "{}: {} -> {}",
            field.name(),
            text(field, &edited.before),
            text(field, &edited.after)
        ));
    }
    for scope in &args.changes.remove_scope {
        if !edited.before.scopes.iter().any(|held| held == scope) {
            ui.note(&format!("the key did not have the scope {scope}"));
        }
        if edited.after.scopes.allow(scope) {
            ui.note(&format!("the key still has full, which allows {scope}"));
        }
    }
    if args.dry_run {
        ui.note("dry run: nothing was changed");
    }
}
