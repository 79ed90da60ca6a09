use keyctl::domain::Lifetime;
use keyctl::ops::PruneRequest;
use keyctl::{Key, Registry};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::results::{FORMATS, Outcome, Results, confirmation_needed, keys, keys_were};

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
        agree(context, planned.len())?;
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
    results.print(context.ui, views, &keys_were(pruned.len(), "pruned"))?;
    if pruned.is_empty() && !args.dry_run {
        context.ui.note("nothing to prune: no key fits");
    }
    Ok(Exit::Done)
}

fn prune(
    context: &mut Context<'_>,
    registry: &mut Registry,
    request: &PruneRequest,
) -> Result<Vec<Key>, Failure> {
    let mut progress = context.ui.progress("pruning");
    let pruned = registry.prune(request, context.now, |step| progress.show(step));
    drop(progress);
    pruned.map_err(|error| context.failure(registry, error))
}

fn agree(context: &Context<'_>, count: usize) -> Result<(), Failure> {
    if count == 0 {
        return Ok(());
    }
    let records = if count == 1 { "record" } else { "records" };
    let what = format!(
        "remove the {records} of {} in workspace {}",
        keys(count),
        context.workspace
    );
    match context.prompter() {
        Some(prompter) => prompter.agree(&format!("Really {what}?"), "nothing was removed"),
        None => Err(confirmation_needed(&format!("this would {what}"))),
    }
}
