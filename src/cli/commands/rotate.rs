use keyctl::domain::{Lifetime, Selector};
use keyctl::ops::{RotateRequest, Rotation};
use keyctl::{Expiry, Registry, Timestamp};
use serde::Serialize;

use crate::cli::complete;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::handover::{Handover, described};
use crate::cli::view::KeyView;

/// Replace a key by a new one of the same name, access and scopes
///
/// Shows the new token once, as create does. The old key ends at once, or with
/// --grace when that time is over. From then on the name means the new key.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key: its id, the beginning of its id, or its name
    #[arg(value_name = "KEY", add = complete::keys())]
    key: Selector,

    /// Keep the old token valid for this time, such as 24h, but not beyond its own expiry
    #[arg(long, value_name = "DURATION")]
    grace: Option<Lifetime>,

    /// When the new key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never
    /// [default: after a life as long as the old key's, since that was added here]
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
    replaced: KeyView<'a>,
    token: Option<&'a str>,
    token_file: Option<String>,
    old_valid_until: String,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    args.handover.check("rotate", context.ui)?;
    let mut registry = context.open()?;
    let rotation = rotate(args, context, &mut registry)?;
    let document = document(args, &rotation, context.now, None);
    args.handover.report(context.ui, &rotation.key, &document)?;
    tell(args, context, &rotation);
    if !args.handover.dry_run {
        // Those in their grace from rotations before.
        context.warn_of_predecessors(&mut registry, [&rotation.replaced]);
    }
    Ok(Exit::Done)
}

/// Replaces the key and hands the new token over.
fn rotate(
    args: &Args,
    context: &mut Context<'_>,
    registry: &mut Registry,
) -> Result<Rotation, Failure> {
    let request = RotateRequest {
        workspace: context.workspace.clone(),
        selector: args.key.clone(),
        grace: args.grace,
        expiry: args.expires,
        dry_run: args.handover.dry_run,
    };
    let now = context.now;
    let ui = &mut *context.ui;
    let mut delivery = args.handover.delivery();
    let rotated = registry.rotate(&request, now, |rotation, token| {
        delivery.deliver(ui, token, |text| document(args, rotation, now, Some(text)))
    });
    delivery
        .settle(rotated)
        .map_err(|error| context.failure(registry, error))
}

fn document<'a>(
    args: &Args,
    rotation: &'a Rotation,
    now: Timestamp,
    token: Option<&'a str>,
) -> Document<'a> {
    Document {
        schema: "keyctl.rotate/v1",
        dry_run: args.handover.dry_run,
        key: KeyView::whole(&rotation.key, now),
        replaced: KeyView::whole(&rotation.replaced, now),
        token,
        token_file: args.handover.token_file(),
        old_valid_until: rotation.old_valid_until.to_string(),
    }
}

fn tell(args: &Args, context: &mut Context<'_>, rotation: &Rotation) {
    let Rotation {
        key,
        replaced,
        old_valid_until,
    } = rotation;
    let what = described(key);
    let is_over = replaced.revoked_at.is_some();
    if args.handover.dry_run {
        let end = if is_over {
            "end at once".to_owned()
        } else {
            format!("be valid until {old_valid_until}")
        };
        context.ui.note(&format!(
            "dry run: would replace {} by a key {what}; its token would {end}",
            replaced.id
        ));
        return;
    }
    context.ui.note(&format!(
        "issued {} {what}, in place of {}",
        key.id, replaced.id
    ));
    args.handover.tell(context.ui);
    if is_over {
        context.ui.note("The old token is no longer valid.");
        if args.grace.is_none() {
            context
                .ui
                .hint("to keep it valid meanwhile next time: --grace 24h");
        }
    } else {
        context
            .ui
            .note(&format!("The old token is valid until {old_valid_until}."));
    }
}
