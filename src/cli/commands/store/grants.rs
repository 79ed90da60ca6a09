use keyctl::store::Duty;
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};

/// Print what the owner of a store on PostgreSQL grants to a role
///
/// Nothing is changed: the statements are for psql. A verifier can check tokens and record their
/// use; it can neither list keys or digests nor change a key. An admin can do all that operators
/// do, but neither alter what the log says nor bring the tables up to date.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("role").required(true))]
pub(crate) struct Args {
    /// A role that checks tokens, as a service does
    #[arg(long, value_name = "ROLE", group = "role")]
    verifier: Option<String>,

    /// A role that issues and revokes keys
    #[arg(long, value_name = "ROLE", group = "role")]
    admin: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    role: &'a str,
    duty: &'static str,
    statements: Vec<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let (duty, role) = match (&args.verifier, &args.admin) {
        (Some(role), _) => (Duty::Verifier, role.as_str()),
        (None, role) => (Duty::Admin, role.as_deref().unwrap_or_default()),
    };
    if role.is_empty() || role.contains(char::is_control) {
        return Err(Failure::usage(
            "a role has a name, without control characters",
        ));
    }
    let statements = keyctl::store::grants(&context.location, duty, role)
        .map_err(|error| context.store_failure(error))?;
    if context.ui.format() == Format::Table {
        for statement in &statements {
            context.ui.line(statement)?;
        }
    } else {
        context.ui.document(&Document {
            schema: "keyctl.store.grants/v1",
            role,
            duty: duty.as_str(),
            statements,
        })?;
    }
    context.ui.flush().map(|()| Exit::Done)
}
