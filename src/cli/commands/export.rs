use std::path::{Path, PathBuf};

use keyctl::Registry;
use keyctl::ops::{Progress, Record};
use keyctl::store::PrivateFile;
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::handover::cannot_make;
use crate::cli::record::Written;
use crate::cli::signals;
use crate::cli::ui::{Bar, quoted};
use crate::cli::view::Content;

/// How many records are written between two looks at the clock.
const PORTION: u64 = 256;

/// Write out the whole store: keys of every workspace, policy and log
///
/// As JSON Lines, for `keyctl import`. There is no token in it, but the digest by
/// which each is recognised.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write to this new file, mode 0600; - or nothing for standard output
    #[arg(value_name = "FILE|-", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// What was written to a file.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    file: String,
    #[serde(flatten)]
    content: Content,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let format = context.ui.format();
    context
        .ui
        .require_format("export", &[Format::Table, Format::Json, Format::Jsonl])?;
    if context.is_workspace_named {
        context
            .ui
            .note("an export is of the whole store: keys of every workspace are in it");
    }
    let stdout = Path::new("-");
    match args.file.as_deref().filter(|path| *path != stdout) {
        Some(path) => to_file(path, context)?,
        None if format == Format::Json => {
            return Err(
                Failure::usage("an export is JSON Lines, not one JSON document")
                    .hint("write it to a file: keyctl export FILE")
                    .hint("or print it: keyctl export -o jsonl"),
            );
        }
        None if context.ui.is_shown() && format == Format::Table => {
            return Err(Failure::usage(
                "standard output is a terminal, and an export is for a file",
            )
            .hint("name the file: keyctl export FILE")
            .hint("or print it all the same: keyctl export -o jsonl"));
        }
        None => {
            export(context)?;
            context.ui.flush()?;
        }
    }
    Ok(Exit::Done)
}

fn to_file(path: &Path, context: &mut Context<'_>) -> Result<(), Failure> {
    PrivateFile::check(path).map_err(|error| cannot_make(path, &error))?;
    // A store that is not there leaves no file.
    let mut registry = context.open()?;
    signals::watch();
    let file = PrivateFile::create_beside(path).map_err(|error| cannot_make(path, &error))?;
    let place = quoted(&path.display().to_string());
    let mut progress = context.ui.progress("exporting");
    let written = context.ui.write_file(&file, |ui| {
        write_records(&mut registry, &mut progress, |record| {
            ui.document_line(&record)
        })
    });
    drop(progress);
    let content = written.map_err(|failure| context.about_store(failure))?;
    file.keep().map_err(|error| cannot_make(path, &error))?;
    let counted = content.counted();
    if context.ui.format() != Format::Table {
        context.ui.document(&Document {
            schema: "keyctl.export.file/v1",
            file: path.display().to_string(),
            content,
        })?;
        context.ui.flush()?;
    }
    context.ui.note(&format!("exported {counted} to {place}"));
    Ok(())
}

fn export(context: &mut Context<'_>) -> Result<(), Failure> {
    let mut registry = context.open()?;
    let mut progress = context.ui.progress("exporting");
    let ui = &mut *context.ui;
    let written = write_records(&mut registry, &mut progress, |record| {
        ui.document_line(&record)
    });
    drop(progress);
    written
        .map(|_| ())
        .map_err(|failure| context.about_store(failure))
}

/// Writes every record, and counts them.
fn write_records(
    registry: &mut Registry,
    progress: &mut Bar,
    mut write: impl FnMut(Written) -> Result<(), Failure> + Send,
) -> Result<Content, Failure> {
    let mut content = Content::default();
    let mut done = 0;
    registry.export(|record| {
        match &record {
            Record::Head(head) => content = Content::new(head, 0),
            Record::End { key_count } => content.key_count = *key_count,
            Record::Event(_) | Record::Policy(_) | Record::Key { .. } => {}
        }
        if done % PORTION == 0 {
            // How many keys there are is known at the end alone.
            progress.show(Progress { done, total: 0 });
        }
        done += 1;
        write(Written::from(record))
    })?;
    Ok(content)
}
