use std::path::{Path, PathBuf};

use keyctl::store::{PrivateFile, has_name_beside_a_store};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::handover::cannot_make;
use crate::cli::signals;
use crate::cli::ui::quoted;
use crate::cli::view::Content;

/// Copy the whole store into a new file, while others use it
///
/// The copy is what the store is at one moment. It is held against its own log, synced, and only
/// then gets its name, with mode 0600; a file that is there is never overwritten. The end of its
/// log is printed, as by `keyctl audit head`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file to make
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    file: String,
    #[serde(flatten)]
    content: Content,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if args.file == Path::new("-") {
        return Err(Failure::usage(
            "a backup is a file, and not for standard output",
        ));
    }
    if has_name_beside_a_store(&args.file) {
        return Err(
            Failure::usage("names with that ending are for what is kept beside a store")
                .hint("give it another one, such as .db"),
        );
    }
    let cannot_make = |error| cannot_make(&args.file, &error);
    PrivateFile::check(&args.file).map_err(cannot_make)?;
    let mut registry = context.open()?;
    signals::watch();
    let file = PrivateFile::create_beside(&args.file).map_err(cannot_make)?;
    let checked = registry
        .backup(&file)
        .map_err(|error| context.failure(&mut registry, error))?;
    file.keep().map_err(cannot_make)?;
    let content = Content::new(&checked.head, checked.key_count);
    let place = quoted(&args.file.display().to_string());
    let said = format!("backed up {} to {place}", content.counted());
    if context.ui.format() == Format::Table {
        context.ui.line(&checked.head.to_string())?;
    } else {
        context.ui.document(&Document {
            schema: "keyctl.store.backup/v1",
            file: args.file.display().to_string(),
            content,
        })?;
    }
    context.ui.flush().map_err(|failure| {
        let message = format!("{said}, but {}", failure.message());
        failure.saying(message)
    })?;
    context.ui.note(&said);
    if context.ui.format() == Format::Table {
        context.ui.hint(
            "what was printed is the end of its log: keep it where nobody can change the backup",
        );
    }
    Ok(Exit::Done)
}
