use keyctl::Registry;
use keyctl::domain::{Remark, Selector, Status};
use keyctl::ops::{Switch, SwitchRequest, Switched};
use serde::Serialize;

use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::results::{FORMATS, Outcome, Results, keys_were};

/// Disable keys, until they are enabled again
///
/// Disables all the keys that are named, or none of them. Their tokens are
/// denied from then on; they still count against the limit of their targets.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Ids, beginnings of ids, or names
    #[arg(value_name = "KEY", required = true, add = complete::enabled_keys())]
    keys: Vec<Selector>,

    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    reason: Option<Remark>,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let request = SwitchRequest {
        workspace: context.workspace.clone(),
        selectors: args.keys.clone(),
        to: Switch::Disabled,
        reason: args.reason.clone(),
    };
    switch(&request, context)
}

#[derive(Serialize)]
struct ResultView<'a> {
    selector: String,
    id: &'a str,
    result: &'static str,
    disabled_at: Option<String>,
}

impl Outcome for ResultView<'_> {
    fn word(&self) -> &'static str {
        self.result
    }

    fn id(&self) -> Option<&str> {
        Some(self.id)
    }

    fn selector(&self) -> &str {
        &self.selector
    }
}

#[derive(Serialize)]
struct DisableSummary {
    disabled: usize,
    already_disabled: usize,
}

#[derive(Serialize)]
struct EnableSummary {
    enabled: usize,
    already_enabled: usize,
}

/// Turns the keys to one of the two positions, and says so.
pub(super) fn switch(request: &SwitchRequest, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let command = match request.to {
        Switch::Disabled => "disable",
        Switch::Enabled => "enable",
    };
    context.ui.require_format(command, &FORMATS)?;
    let mut registry = context.open()?;
    let switched = registry
        .switch(request, context.now)
        .map_err(|error| context.failure(&mut registry, error))?;
    context.tell_of_ballast(&registry);
    print(request, context, &switched)?;
    for one in &switched {
        tell(request.to, context, &mut registry, one);
    }
    Ok(Exit::Done)
}

fn print(
    request: &SwitchRequest,
    context: &mut Context<'_>,
    switched: &[Switched],
) -> Result<(), Failure> {
    let changed = switched.iter().filter(|one| one.is_changed).count();
    let unchanged = switched.len() - changed;
    let views = request
        .selectors
        .iter()
        .zip(switched)
        .map(|(selector, one)| {
            let result = word(request.to, one);
            ResultView {
                selector: selector.to_string(),
                id: one.key.id.as_str(),
                result,
                disabled_at: one.key.disabled_at.map(|at| at.to_string()),
            }
        });
    match request.to {
        Switch::Disabled => Results {
            schema: "keyctl.disable/v1",
            dry_run: false,
            summary: &DisableSummary {
                disabled: changed,
                already_disabled: unchanged,
            },
        }
        .print(context.ui, views, keys_were(changed, "disabled")),
        Switch::Enabled => Results {
            schema: "keyctl.enable/v1",
            dry_run: false,
            summary: &EnableSummary {
                enabled: changed,
                already_enabled: unchanged,
            },
        }
        .print(context.ui, views, keys_were(changed, "enabled")),
    }
}

/// Says what is denied all the same, and what still works all the same.
fn tell(to: Switch, context: &mut Context<'_>, registry: &mut Registry, switched: &Switched) {
    let key = &switched.key;
    match (to, key.status(context.now), key.expires_at) {
        (Switch::Disabled, ..) => context.warn_of_predecessors(registry, [key]),
        (Switch::Enabled, Status::Expired, Some(at)) => {
            let (id, ui) = (&key.id, &mut *context.ui);
            ui.note(&format!("{id} is denied all the same: it expired {at}"));
            ui.hint(&format!(
                "give it a new end: keyctl edit {id} --expires 90d"
            ));
        }
        (Switch::Enabled, ..) => {}
    }
}

fn word(to: Switch, switched: &Switched) -> &'static str {
    match (to, switched.is_changed) {
        (Switch::Disabled, true) => "disabled",
        (Switch::Disabled, false) => "already_disabled",
        (Switch::Enabled, true) => "enabled",
        (Switch::Enabled, false) => "already_enabled",
    }
}
