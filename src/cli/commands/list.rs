use std::ops::ControlFlow;

use clap::ValueEnum;
use keyctl::Registry;
use keyctl::domain::{Lifetime, Selector, Status, TargetId};
use keyctl::ops::{ListQuery, Listed, Listing, NamePattern};
use keyctl::store::{Order, Page, Reach};

use crate::cli::args::Format;
use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::List;
use crate::cli::view::{Column, KeyField, OutlineField};

/// How many workspaces are named where a list is empty.
const NAMED_WORKSPACES: usize = 3;

/// List keys with their masked tokens
///
/// Shows active and disabled keys; a last line says how many others there are.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("target"))]
pub(crate) struct Args {
    /// Only keys that can reach this dataset, workspace-wide ones included
    #[arg(short, long, value_name = "ID", group = "target", add = complete::datasets())]
    dataset: Option<TargetId>,

    /// With --dataset: only keys bound to it
    #[arg(long, requires = "dataset")]
    bound_only: bool,

    /// Only keys of this app
    #[arg(long, value_name = "ID", group = "target", add = complete::apps())]
    app: Option<TargetId>,

    /// Only keys whose name fits this pattern of *, ? and [abc]
    #[arg(long, value_name = "GLOB")]
    name: Option<NamePattern>,

    /// Only keys of this status; repeat it, or use commas, for more
    #[arg(
        long,
        value_name = "STATUS",
        value_enum,
        value_delimiter = ',',
        conflicts_with = "all"
    )]
    status: Vec<StatusArg>,

    /// Keys of every status
    #[arg(short, long)]
    all: bool,

    /// Only keys that expire within this time, such as 14d
    #[arg(long, value_name = "DURATION")]
    expiring_within: Option<Lifetime>,

    /// Only keys not used for this time, such as 90d; one never used counts from its issue
    #[arg(long, value_name = "DURATION")]
    unused_for: Option<Lifetime>,

    /// Sort by created_at, expires_at, last_used_at, name or id; add :desc to reverse the order
    #[arg(long, value_name = "FIELD[:desc]", value_parser = sorting, default_value = "created_at")]
    sort: Sorting,

    /// Show at most this many keys
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// Only keys that come after this one in the order
    #[arg(long, value_name = "KEY", add = complete::keys())]
    after: Option<Selector>,

    /// Only these fields, in this order, with commas between
    #[arg(long, value_name = "FIELD", value_enum, value_delimiter = ',')]
    fields: Option<Vec<KeyField>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StatusArg {
    Active,
    Disabled,
    Expired,
    Revoked,
}

impl From<StatusArg> for Status {
    fn from(status: StatusArg) -> Status {
        match status {
            StatusArg::Active => Status::Active,
            StatusArg::Disabled => Status::Disabled,
            StatusArg::Expired => Status::Expired,
            StatusArg::Revoked => Status::Revoked,
        }
    }
}

#[derive(Clone, Copy)]
struct Sorting {
    order: Order,
    descending: bool,
}

fn sorting(text: &str) -> Result<Sorting, String> {
    let (field, direction) = text.split_once(':').unwrap_or((text, "asc"));
    let descending = match direction {
        "asc" => false,
        "desc" => true,
        _ => return Err("the direction is asc or desc".to_owned()),
    };
    let order = match field {
        "created_at" | "created" => Order::CreatedAt,
        "expires_at" | "expires" => Order::ExpiresAt,
        "last_used_at" | "last_used" => Order::LastUsedAt,
        "name" => Order::Name,
        "id" => Order::Id,
        _ => {
            return Err(
                "keys are sorted by created_at, expires_at, last_used_at, name or id".to_owned(),
            );
        }
    };
    Ok(Sorting { order, descending })
}

/// A field named twice is shown once: an object has no two members of a name.
fn each_once(fields: &[KeyField]) -> Vec<KeyField> {
    let mut once = Vec::new();
    for field in fields {
        if !once.contains(field) {
            once.push(*field);
        }
    }
    once
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let fields = args.fields.as_deref().map(each_once);
    match (fields, context.ui.format()) {
        (None, Format::Table | Format::Id) => list::<OutlineField>(args, context, None),
        (fields, _) => list::<KeyField>(args, context, fields),
    }
}

/// Lists keys whole or in outline, as fields of this kind need them.
fn list<C: Column<Row: Listed>>(
    args: &Args,
    context: &mut Context<'_>,
    fields: Option<Vec<C>>,
) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let after = match &args.after {
        Some(selector) => Some(context.find(&mut registry, selector)?.id),
        None => None,
    };
    let query = query(args, context, after);
    let mut list = List::new(fields, context.now);
    let mut count = 0u64;
    let mut last = None;
    let (ui, now) = (&mut *context.ui, context.now);
    let mut written = Ok(());
    let listed = registry.list(&query, now, |row: C::Row| {
        count += 1;
        last = Some(row.id().clone());
        written = list.push(ui, row);
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    let listing = listed.map_err(|error| context.failure(&mut registry, error))?;
    written?;
    list.finish(context.ui, listing.has_more)?;
    tell(args, context, count, &listing);
    if count == 0 && listing.hidden_count == Some(0) && !context.is_workspace_named {
        tell_of_others(context, &mut registry);
    }
    if let (true, Some(last)) = (listing.has_more, last) {
        context
            .ui
            .hint(&format!("more keys follow: --after {last}"));
    }
    Ok(Exit::Done)
}

fn query(args: &Args, context: &Context<'_>, after: Option<keyctl::KeyId>) -> ListQuery {
    ListQuery {
        workspace: context.workspace.clone(),
        reach: match (&args.dataset, &args.app) {
            (Some(id), _) if args.bound_only => Reach::BoundTo(id.clone()),
            (Some(id), _) => Reach::Dataset(id.clone()),
            (None, Some(id)) => Reach::App(id.clone()),
            (None, None) => Reach::Anything,
        },
        name: args.name.clone(),
        statuses: statuses(args),
        expiring_within: args.expiring_within,
        unused_for: args.unused_for,
        page: Page {
            order: args.sort.order,
            descending: args.sort.descending,
            after,
        },
        limit: args.limit.map(|limit| limit as usize),
    }
}

fn statuses(args: &Args) -> Vec<Status> {
    let all = StatusArg::value_variants();
    if args.all {
        all.iter().copied().map(Status::from).collect()
    } else if args.status.is_empty() {
        vec![Status::Active, Status::Disabled]
    } else {
        args.status.iter().copied().map(Status::from).collect()
    }
}

/// Where the keys are, if they are elsewhere.
fn tell_of_others(context: &mut Context<'_>, registry: &mut Registry) {
    // A courtesy: a store that fails here has answered already.
    let workspaces = registry.some_workspaces().unwrap_or_default();
    if workspaces.contains(&context.workspace) {
        return;
    }
    for name in workspaces.iter().take(NAMED_WORKSPACES) {
        context.ui.hint(&format!(
            "there are keys in another workspace: keyctl list --workspace {name}"
        ));
    }
}

fn tell(args: &Args, context: &mut Context<'_>, count: u64, listing: &Listing) {
    match listing.hidden_count {
        None => {}
        Some(0) if count == 0 => context.ui.note("no keys"),
        Some(hidden_count @ 1..) if args.status.is_empty() => context.ui.note(&format!(
            "{hidden_count} revoked or expired hidden; --all shows them"
        )),
        Some(_) if count == 0 => context.ui.note("no keys of that status"),
        Some(_) => {}
    }
}
