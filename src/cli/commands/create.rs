use keyctl::domain::{KeyName, Remark, TargetId};
use keyctl::{
    Access, Datasets, Error, Expiry, IssueRequest, Key, Registry, Scope, Scopes, Timestamp,
};
use serde::Serialize;

use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::handover::{Handover, described};
use crate::cli::view::KeyView;

/// Issue a key and show its token, once
///
/// The token goes to standard output, alone on its line, and is neither stored
/// nor shown again. Without a target, and on a terminal, keyctl asks for one.
/// The first key makes the store.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("target"))]
pub(crate) struct Args {
    /// Bind the key to this dataset; repeat it for more
    #[arg(short, long, value_name = "ID", group = "target", add = complete::datasets())]
    dataset: Vec<TargetId>,

    /// Bind the key to this app
    #[arg(long, value_name = "ID", group = "target", add = complete::apps())]
    app: Option<TargetId>,

    /// Open the key to every dataset of the workspace, including future ones
    #[arg(long, group = "target")]
    all_datasets: bool,

    /// A name to call the key by
    #[arg(long, value_name = "NAME")]
    name: Option<KeyName>,

    /// A remark about the key
    #[arg(long, value_name = "TEXT")]
    description: Option<Remark>,

    /// What the key may do; repeat it, or use commas, for more [default: full]
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    scope: Vec<Scope>,

    /// When the key ends: after 30s, 15m, 12h, 90d, 4w or 1y; at the end of 2027-01-31, UTC; at an
    /// RFC 3339 time; or never [default: as the policy says]
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    expires: Option<Expiry>,

    #[command(flatten)]
    handover: Handover,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    dry_run: bool,
    key: KeyView<'a>,
    token: Option<&'a str>,
    token_file: Option<String>,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let handover = &args.handover;
    handover.check("create", context.ui)?;
    let request = IssueRequest {
        workspace: context.workspace.clone(),
        access: access(args, context)?,
        name: args.name.clone(),
        description: args.description.clone(),
        scopes: Scopes::new(args.scope.iter().cloned()).unwrap_or_else(Scopes::full),
        expiry: args.expires,
        dry_run: handover.dry_run,
    };
    // A question may have been open for long.
    context.refresh_now();
    // What can be refused without a store makes none.
    if let Some(expiry) = args.expires {
        let resolved = expiry.resolve(context.now);
        resolved.map_err(|refusal| Failure::from(Error::Refused(refusal)))?;
    }
    let mut registry = context.open_or_create(handover.dry_run)?;
    let key = issue(args, context, &mut registry, &request)?;
    let document = document(args, &key, context.now, None);
    handover.report(context.ui, &key, &document)?;
    tell(args, context, &key);
    context.warn_of_shared_name(&mut registry, &key);
    Ok(Exit::Done)
}

/// Issues the key and hands its token over.
fn issue(
    args: &Args,
    context: &mut Context<'_>,
    registry: &mut Registry,
    request: &IssueRequest,
) -> Result<Key, Failure> {
    let now = context.now;
    let ui = &mut *context.ui;
    let mut delivery = args.handover.delivery();
    let issued = registry.issue(request, now, |key, token| {
        delivery.deliver(ui, token, |text| document(args, key, now, Some(text)))
    });
    delivery
        .settle(issued)
        .map_err(|error| context.failure(registry, error))
}

fn document<'a>(args: &Args, key: &'a Key, now: Timestamp, token: Option<&'a str>) -> Document<'a> {
    Document {
        schema: "keyctl.create/v1",
        dry_run: args.handover.dry_run,
        key: KeyView::whole(key, now),
        token,
        token_file: args.handover.token_file(),
    }
}

fn tell(args: &Args, context: &mut Context<'_>, key: &Key) {
    let what = described(key);
    if args.handover.dry_run {
        context
            .ui
            .note(&format!("dry run: would issue a key {what}"));
        return;
    }
    context.ui.note(&format!("issued {} {what}", key.id));
    args.handover.tell(context.ui);
    if args.expires.is_none() && key.expires_at.is_none() {
        context.ui.hint("keys can end by themselves: --expires 90d");
    }
}

fn access(args: &Args, context: &Context<'_>) -> Result<Access, Failure> {
    if let Some(datasets) = Datasets::new(args.dataset.iter().cloned()) {
        return Ok(Access::Datasets(datasets));
    }
    if let Some(app) = &args.app {
        return Ok(Access::App(app.clone()));
    }
    if args.all_datasets {
        return Ok(Access::AllDatasets);
    }
    ask_for_access(context)
}

fn ask_for_access(context: &Context<'_>) -> Result<Access, Failure> {
    let Some(prompter) = context.prompter() else {
        return Err(Failure::usage("the key needs a target")
            .hint("one dataset: keyctl create --dataset ID")
            .hint("all datasets of the workspace: keyctl create --all-datasets")
            .hint("an app: keyctl create --app ID"));
    };
    let all = format!("all datasets of workspace {}", context.workspace);
    let choices = ["one dataset", all.as_str(), "an app"];
    match prompter.choose("The key is for", &choices)? {
        0 => prompter
            .value("Dataset id")
            .map(|id| Access::Datasets(Datasets::one(id))),
        1 => Ok(Access::AllDatasets),
        _ => prompter.value("App id").map(Access::App),
    }
}
