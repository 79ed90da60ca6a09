//! From an export of another store.

use keyctl::ops::{Imported, Moved, Record, check_export};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::report::{LeftOut, Report};
use super::{Args, work};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::Source;
use crate::cli::record;
use crate::cli::results::count;

/// The longest line of an export, in bytes. A key that is bound to 300,000
/// datasets fits, and what is no export cannot fill the memory.
const MAX_LINE_LEN: usize = 64 * 1024 * 1024;

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut records = Records::open(args)?;
    if !args.dry_run && records.source.is_file() && !context.has_store()? {
        // What is refused makes no store.
        let mut progress = context.ui.progress("checking").of_bytes();
        let checked = check_export(|| {
            progress.show(records.source.progress());
            records.next()
        });
        drop(progress);
        checked.map_err(|failure| records.place(failure))?;
        records.rewind()?;
    }
    let mut registry = context.open_or_create(args.dry_run)?;
    records.source.keep_others_waiting();
    let mut ids = Vec::new();
    let wants_ids = context.ui.format() == Format::Id;
    let mut progress = context.ui.progress(work(args)).of_bytes();
    let moved = registry.import_export(
        args.dry_run,
        context.now,
        || {
            progress.show(records.source.progress());
            records.next()
        },
        |key| {
            if wants_ids {
                ids.push(key.id.clone());
            }
        },
    );
    drop(progress);
    let moved = moved.map_err(|failure| context.about_store(records.place(failure)))?;
    let (is_taken_over, imported) = match &moved {
        Moved::TakenOver { key_count, .. } => {
            let imported = Imported {
                imported_count: *key_count,
                ..Imported::default()
            };
            (true, imported)
        }
        Moved::Added { imported, .. } => (false, imported.clone()),
    };
    let report = Report {
        from: "keyctl",
        is_taken_over,
        imported,
        left_out: LeftOut::default(),
        ids,
    };
    report.print(args, context)?;
    tell(args, context, &moved);
    Ok(Exit::Done)
}

fn tell(args: &Args, context: &mut Context<'_>, moved: &Moved) {
    match moved {
        Moved::TakenOver { head, .. } => {
            let is_now = if args.dry_run {
                "would become"
            } else {
                "is now"
            };
            let events = count(head.seq.unsigned_abs(), "event");
            context.ui.note(&format!(
                "this store {is_now} {}, with its policy and its log of {events}",
                head.store_id
            ));
            context.ui.hint(
                "use one of the two from then on: what is revoked in one stays valid in the other",
            );
        }
        Moved::Added {
            imported,
            has_other_policy,
        } => {
            if imported.imported_count > 0 {
                context.ui.note(
                    "the store has a log of its own, which tells of them as imported: that of the \
                     export is not taken over",
                );
            }
            if *has_other_policy {
                context
                    .ui
                    .note("the policy of the export is another one: the store's own stays");
            }
        }
    }
}

/// All that is read of a line that may be anything.
#[derive(Deserialize)]
struct Schema {
    schema: String,
}

/// The records of an export, line by line.
struct Records {
    source: Source,
    text: Zeroizing<Vec<u8>>,
    line: u64,
    first: Option<Record>,
}

impl Records {
    /// Reads the first line, before anything is done: it may be waited for, and
    /// it tells what is no export.
    fn open(args: &Args) -> Result<Records, Failure> {
        let mut records = Records {
            source: Source::open(&args.file)?,
            // It could be something else by mistake, tokens included.
            text: Zeroizing::new(Vec::new()),
            line: 1,
            first: None,
        };
        records.read_first()?;
        Ok(records)
    }

    fn read_first(&mut self) -> Result<(), Failure> {
        self.source.read_line(&mut self.text, MAX_LINE_LEN)?;
        let first = record::read_first(&self.text).ok_or_else(|| self.no_export())?;
        self.first = Some(first.map_err(|problem| self.bad_line(&problem))?);
        Ok(())
    }

    /// Back to the first.
    fn rewind(&mut self) -> Result<(), Failure> {
        self.source.rewind()?;
        self.text.clear();
        self.line = 1;
        self.read_first()
    }

    fn next(&mut self) -> Result<Option<Record>, Failure> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        self.text.clear();
        self.source.read_line(&mut self.text, MAX_LINE_LEN)?;
        if self.text.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        match record::read(&self.text) {
            Ok(record) => Ok(Some(record)),
            Err(_) if self.text.len() == MAX_LINE_LEN => Err(self.bad_line("it is too long")),
            Err(_) if !self.text.ends_with(b"\n") => Err(self.bad_line("it is not whole")),
            Err(problem) => Err(self.bad_line(&problem)),
        }
    }

    /// A refusal of a record, with the line at which it stands.
    fn place(&self, failure: Failure) -> Failure {
        match failure.code() {
            "export_altered" | "id_taken" | "token_taken" => {
                let message = format!("line {}: {}", self.line, failure.message());
                failure.saying(message)
            }
            _ => failure,
        }
    }

    fn bad_line(&self, problem: &str) -> Failure {
        let message = format!("line {} of {}: {problem}", self.line, self.source.name());
        Failure::new(Exit::Refused, "bad_input", message)
            .hint("nothing was imported; export it again where it comes from")
    }

    fn no_export(&self) -> Failure {
        let name = self.source.name();
        let first = serde_json::from_slice::<Schema>(&self.text);
        let is_of_other_version =
            first.is_ok_and(|first| first.schema.starts_with("keyctl.export/"));
        if is_of_other_version {
            return Failure::new(
                Exit::Refused,
                "bad_input",
                format!("{name} is an export of a form that this keyctl does not know"),
            )
            .hint("use the newest keyctl that has been used where it comes from");
        }
        Failure::usage(format!("{name} is not an export of keyctl"))
            .hint("keyctl export makes one, of the store that the keys are in")
            .hint("keys of a service are imported with --from dify")
    }
}
