use std::io;
use std::path::PathBuf;

use keyctl::domain::{KeyName, Refusal, Remark, Selector, TargetId};
use keyctl::{
    Access, Datasets, Error, Expiry, IssueRequest, Key, Registry, Scope, Scopes, Timestamp,
};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, reason};
use crate::cli::ui::{Destination, TokenFile, quoted};
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
    #[arg(short, long, value_name = "ID", group = "target")]
    dataset: Vec<TargetId>,

    /// Bind the key to this app
    #[arg(long, value_name = "ID", group = "target")]
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
    /// RFC 3339 time; or never [default: never]
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    expires: Option<Expiry>,

    /// Write the token to this new file, mode 0600, and print the id instead
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    token_file: Option<PathBuf>,

    /// Check everything, change nothing, and show no token
    #[arg(short = 'n', long)]
    dry_run: bool,
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
    let formats: &[Format] = match args.token_file {
        Some(_) => &[Format::Table, Format::Json, Format::Jsonl, Format::Id],
        // Printing anything else would lose the token.
        None => &[Format::Table, Format::Json, Format::Jsonl],
    };
    context.ui.require_format("create", formats)?;
    let request = IssueRequest {
        workspace: context.workspace.clone(),
        access: access(args, context)?,
        name: args.name.clone(),
        description: args.description.clone(),
        scopes: Scopes::new(args.scope.iter().cloned()).unwrap_or_else(Scopes::full),
        expiry: args.expires,
        dry_run: args.dry_run,
    };
    // A question may have been open for long.
    context.refresh_now();
    fail_early(args, context, &request)?;
    let mut registry = context.open_or_create(args.dry_run)?;
    let key = issue(args, context, &mut registry, &request)?;
    report(args, context, &key)?;
    tell(args, context, &key);
    warn_of_shared_name(context, &mut registry, &key);
    Ok(Exit::Done)
}

/// What can be refused without a store makes none.
fn fail_early(args: &Args, context: &Context<'_>, request: &IssueRequest) -> Result<(), Failure> {
    if let Some(expiry) = request.expiry {
        let resolved = expiry.resolve(context.now);
        resolved.map_err(|refusal| Failure::from(Error::Refused(refusal)))?;
    }
    let Some(path) = &args.token_file else {
        return Ok(());
    };
    TokenFile::check(path).map_err(|error| {
        let path = quoted(&path.display().to_string());
        let message = format!("cannot make {path}: {}", reason(&error));
        let failure = Failure::new(Exit::Failed, "output", message);
        match error.kind() {
            io::ErrorKind::AlreadyExists => {
                failure.hint("name a new file: one that is there is never overwritten")
            }
            _ => failure,
        }
    })
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
    let mut file = None;
    let issued = registry.issue(request, now, |key, token| {
        let destination = match &args.token_file {
            // Made only now, with nothing left to wait for.
            Some(path) => Destination::File(file.insert(TokenFile::create(path)?)),
            None => Destination::Stdout,
        };
        ui.reveal(token, &destination, |text| {
            document(args, key, now, Some(text))
        })
    });
    match issued {
        Ok(key) => {
            file.into_iter().for_each(TokenFile::keep);
            Ok(key)
        }
        // The file goes with its token, so there is no token above.
        Err(Error::NotSaved(cause)) if file.is_some() => {
            Err(context.failure(registry, Error::Store(cause)))
        }
        Err(error) => Err(context.failure(registry, error)),
    }
}

fn document<'a>(args: &Args, key: &'a Key, now: Timestamp, token: Option<&'a str>) -> Document<'a> {
    Document {
        schema: "keyctl.create/v1",
        dry_run: args.dry_run,
        key: KeyView::whole(key, now),
        token,
        token_file: args
            .token_file
            .as_ref()
            .map(|path| path.display().to_string()),
    }
}

/// Prints the result where it is not the token itself.
fn report(args: &Args, context: &mut Context<'_>, key: &Key) -> Result<(), Failure> {
    if args.token_file.is_none() && !args.dry_run {
        return Ok(());
    }
    let printed = match context.ui.format() {
        Format::Json | Format::Jsonl => {
            let document = document(args, key, context.now, None);
            context.ui.document(&document)
        }
        // The place of the token stays empty.
        _ if args.token_file.is_none() => Ok(()),
        _ => context.ui.line(key.id.as_str()),
    };
    printed
        .and_then(|()| context.ui.flush())
        .map_err(|failure| {
            let message = format!("{} was issued, but {}", key.id, failure.message());
            if args.dry_run {
                failure
            } else {
                failure.saying(message)
            }
        })
}

fn tell(args: &Args, context: &mut Context<'_>, key: &Key) {
    let ends = match key.expires_at {
        Some(at) => format!("expires {at}"),
        None => "never expires".to_owned(),
    };
    let what = format!("for {}, scope {}, {ends}", key.access, key.scopes);
    if args.dry_run {
        context
            .ui
            .note(&format!("dry run: would issue a key {what}"));
        return;
    }
    context.ui.note(&format!("issued {} {what}", key.id));
    match &args.token_file {
        Some(path) => {
            let path = quoted(&path.display().to_string());
            context.ui.note(&format!(
                "The token is in {path} and nowhere else: it cannot be shown again."
            ));
        }
        None => context
            .ui
            .note("Copy it now: it is not stored and cannot be shown again."),
    }
    if args.expires.is_none() {
        context.ui.hint("keys can end by themselves: --expires 90d");
    }
}

fn warn_of_shared_name(context: &mut Context<'_>, registry: &mut Registry, key: &Key) {
    let Some(name) = &key.name else {
        return;
    };
    let selector = Selector::Name(name.clone());
    if let Err(Error::Refused(Refusal::Ambiguous { candidates, .. })) =
        registry.find(&context.workspace, &selector, context.now)
    {
        context.ui.note(&format!(
            "{} live keys are now named {name}: tell them apart by id",
            candidates.len()
        ));
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
