use keyctl::domain::{Choice, Policy, Setting};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::{Ui, quoted};

/// See what the store allows, or change it
///
/// A policy holds for the whole store, and for what is asked for from now on:
/// keys that are there already stay as they are.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print every setting
    Show,
    /// Change one setting
    ///
    /// max-keys-per-target: how many live keys a dataset, an app, or the workspace as a whole may
    /// have; a number, or unlimited [10 at first]
    ///
    /// default-expiry: when a key ends for which no end is asked; a length of time such as 90d, or
    /// never [never at first]
    ///
    /// max-expiry: the longest that a key may be given from now on; a length of time, or none [none
    /// at first]
    ///
    /// last-used-interval: how much time passes before the use of a key is recorded again [10m at
    /// first]
    Set(SetArgs),
}

#[derive(clap::Args)]
struct SetArgs {
    /// The setting
    #[arg(value_name = "NAME", value_parser = setting_parser())]
    name: Setting,

    /// Its value
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,
}

fn setting_parser() -> impl clap::builder::TypedValueParser<Value = Setting> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(Setting::ALL.map(Setting::as_str))
        .try_map(|text| text.parse::<Setting>())
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    policy: PolicyView,
}

#[derive(Serialize)]
struct PolicyView {
    max_keys_per_target: Option<u32>,
    default_expiry: Option<String>,
    max_expiry: Option<String>,
    last_used_interval: String,
}

impl Args {
    /// Whether it is a question and not a change.
    pub(crate) fn only_reads(&self) -> bool {
        matches!(self.command, Command::Show)
    }
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let formats = [Format::Table, Format::Json, Format::Jsonl];
    context.ui.require_format("policy", &formats)?;
    match &args.command {
        Command::Show => show(context),
        Command::Set(args) => {
            let choice = args.name.choose(&args.value).map_err(|problem| {
                let (value, name) = (quoted(&args.value), args.name.as_str());
                Failure::usage(format!("invalid value {value} for {name}: {problem}"))
            })?;
            set(args.name, choice, context)
        }
    }
}

fn show(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let policy = registry
        .policy()
        .map_err(|error| context.failure(&mut registry, error))?;
    print(context.ui, &policy).map(|()| Exit::Done)
}

fn set(setting: Setting, choice: Choice, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut registry = context.open()?;
    let change = registry
        .set_policy(choice, context.now)
        .map_err(|error| context.failure(&mut registry, error))?;
    let (before, after) = (change.before.value(setting), change.after.value(setting));
    print(context.ui, &change.after).map_err(|failure| {
        let message = format!("the policy was changed, but {}", failure.message());
        if before == after {
            failure
        } else {
            failure.saying(message)
        }
    })?;
    let name = setting.as_str();
    context.ui.note(&if before == after {
        format!("unchanged: {name} is {after}")
    } else {
        format!("{name}: {before} -> {after}")
    });
    if let Some(max) = change.after.max_expiry
        && change
            .after
            .default_expiry
            .is_none_or(|default| default > max)
    {
        context
            .ui
            .note("create is now refused unless --expires is given");
        context.ui.hint(&format!(
            "give keys an end by default: keyctl policy set default-expiry {max}"
        ));
    }
    Ok(Exit::Done)
}

fn print(ui: &mut Ui, policy: &Policy) -> Result<(), Failure> {
    if ui.format() == Format::Table {
        for setting in Setting::ALL {
            ui.line(&format!(
                "{:<20} {}",
                setting.as_str(),
                policy.value(setting)
            ))?;
        }
    } else {
        ui.document(&Document {
            schema: "keyctl.policy/v1",
            policy: PolicyView {
                max_keys_per_target: policy.max_keys_per_target,
                default_expiry: policy.default_expiry.map(|lifetime| lifetime.to_string()),
                max_expiry: policy.max_expiry.map(|lifetime| lifetime.to_string()),
                last_used_interval: policy.last_used_interval.to_string(),
            },
        })?;
    }
    ui.flush()
}
