use keyctl::domain::Selector;
use keyctl::ops::{Switch, SwitchRequest};

use super::disable::switch;
use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};

/// Enable keys that were disabled
///
/// Enables all the keys that are named, or none of them. A key that was revoked
/// stays so for ever.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Ids, beginnings of ids, or names
    #[arg(value_name = "KEY", required = true, add = complete::disabled_keys())]
    keys: Vec<Selector>,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let request = SwitchRequest {
        workspace: context.workspace.clone(),
        selectors: args.keys.clone(),
        to: Switch::Enabled,
        reason: None,
    };
    switch(&request, context)
}
