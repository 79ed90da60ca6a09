use keyctl::domain::Lifetime;
use keyctl::ops::PruneRequest;
use keyctl::{Key, Registry, Timestamp};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::results::{
    FORMATS, Outcome, Results, confirmation_needed, keys, keys_were, name_some,
};
use crate::cli::ui::relative_time;

/// Remove the records of keys that ended long ago
///
/// Their tokens are denied as unknown from then on, and the log keeps what
/// happened to them. Asks first, or needs --yes.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub(crate) struct Args {
    /// Remove keys that were revoked
    #[arg(long, group = "which")]
    revoked: bool,

    /// Remove keys that are expired
    #[arg(long, group = "which")]
    expired: bool,

    /// Only those that ended at least this long ago, such as 90d
    #[arg(long, value_name = "DURATION")]
    older_than: Lifetime,

    /// Check everything and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct ResultView<'a> {
    id: &'a str,
    name: Option<&'a str>,
    result: &'static str,
}

impl Outcome for ResultView<'_> {
    fn word(&self) -> &'static str {
        self.result
    }

    fn id(&self) -> Option<&str> {
        Some(self.id)
    }

    fn selector(&self) -> &str {
        self.id
    }
}

#[derive(Serialize)]
struct Summary {
    pruned: usize,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    context.ui.require_format("prune", &FORMATS)?;
    let mut registry = context.open()?;
    let mut request = PruneRequest {
        workspace: context.workspace.clone(),
        revoked: args.revoked,
        expired: args.expired,
        older_than: args.older_than,
        agreed: None,
        dry_run: true,
    };
    if !args.dry_run && !context.assume_yes {
        let planned = prune(context, &mut registry, &request)?;
        agree(context, &planned)?;
        request.agreed = Some(planned.into_iter().map(|key| key.id).collect());
    }
    request.dry_run = args.dry_run;
    let pruned = prune(context, &mut registry, &request)?;
    let results = Results {
        schema: "keyctl.prune/v1",
        dry_run: args.dry_run,
        summary: &Summary {
            pruned: pruned.len(),
        },
    };
    let views = pruned.iter().map(|key| ResultView {
        id: key.id.as_str(),
        name: key.name.as_ref().map(|name| name.as_str()),
        result: "pruned",
    });
    results.print(context.ui, views, keys_were(pruned.len(), "pruned"))?;
    let (count, workspace) = (keys(pruned.len()), &context.workspace);
    if pruned.is_empty() {
        let nothing = format!("nothing to prune: no key that fits in workspace {workspace}");
        context.ui.note(&nothing);
    } else if !args.dry_run {
        let done = format!("pruned {count} in workspace {workspace}");
        context.ui.note(&done);
    }
    Ok(Exit::Done)
}

fn prune(
    context: &mut Context<'_>,
    registry: &mut Registry,
    request: &PruneRequest,
) -> Result<Vec<Key>, Failure> {
    let what = if request.dry_run {
        "checking"
    } else {
        "pruning"
    };
    let mut progress = context.ui.progress(what);
    let pruned = registry.prune(request, context.now, |step| progress.show(step));
    drop(progress);
    pruned.map_err(|error| context.failure(registry, error))
}

fn agree(context: &mut Context<'_>, planned: &[Key]) -> Result<(), Failure> {
    if planned.is_empty() {
        return Ok(());
    }
    let records = if planned.len() == 1 {
        "record"
    } else {
        "records"
    };
    let what = format!(
        "remove the {records} of {} in workspace {}",
        keys(planned.len()),
        context.workspace
    );
    let Some(prompter) = context.prompter() else {
        return Err(confirmation_needed(&format!("this would {what}")));
    };
    let now = context.now;
    let planned: Vec<&Key> = planned.iter().collect();
    name_some(context.ui, &planned, |key| described(key, now));
    prompter.agree(&format!("Really {what}?"), "nothing was removed")
}

fn described(key: &Key, now: Timestamp) -> String {
    let name = key.name.as_ref().map(|name| format!(" {name}"));
    let ended = key.revoked_at.or(key.expires_at);
    let ended = ended.map(|at| format!(" {}", relative_time(at, now)));
    format!(
        "{}{} ({}, {}{})",
        key.id,
        name.unwrap_or_default(),
        key.access,
        key.status(now),
        ended.unwrap_or_default()
    )
}
