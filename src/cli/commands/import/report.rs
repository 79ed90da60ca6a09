//! What was imported: the same report, wherever the keys are from.

use keyctl::KeyId;
use keyctl::domain::Status;
use keyctl::ops::Imported;
use serde::Serialize;

use super::Args;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::ui::Ui;

/// How many keys a remark names.
const NAMED: usize = 10;

/// All of it.
pub(super) struct Report {
    pub(super) from: &'static str,
    /// Whether the store is now the one that was exported.
    pub(super) is_taken_over: bool,
    pub(super) imported: Imported,
    pub(super) left_out: LeftOut,
    /// Those that were added, if they are to be printed.
    pub(super) ids: Vec<KeyId>,
}

/// What of the input is not in the store.
#[derive(Default)]
pub(super) struct LeftOut {
    /// How many rows gave no key.
    pub(super) row_count: u64,
    /// How many keys were bound to something that is not a dataset too, and are
    /// bound to their datasets alone.
    pub(super) narrowed_count: u64,
    /// How many bound keys were not in the input.
    pub(super) unmet_count: u64,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    dry_run: bool,
    from: &'static str,
    taken_over: bool,
    summary: Summary,
    differing: Vec<&'a str>,
    still_valid: Vec<&'a str>,
}

#[derive(Serialize)]
struct Summary {
    imported: u64,
    already_there: u64,
    pruned: u64,
    differing: usize,
    left_out: u64,
    narrowed: u64,
    unmet_bindings: u64,
}

impl Report {
    /// Prints it, and says what is to be known of it.
    pub(super) fn print(&self, args: &Args, context: &mut Context<'_>) -> Result<(), Failure> {
        let done = format!(
            "{} imported",
            counted(self.imported.imported_count, "key was", "keys were")
        );
        self.write(args, context).map_err(|failure| {
            if args.dry_run {
                return failure;
            }
            let message = format!("{done}, but {}", failure.message());
            failure.saying(message)
        })?;
        if args.dry_run {
            context.ui.note("dry run: nothing was changed");
        }
        self.tell(context);
        Ok(())
    }

    fn write(&self, args: &Args, context: &mut Context<'_>) -> Result<(), Failure> {
        let ui = &mut *context.ui;
        match ui.format() {
            Format::Id => self.ids.iter().try_for_each(|id| ui.line(id.as_str()))?,
            Format::Json | Format::Jsonl => ui.document(&self.document(args.dry_run))?,
            Format::Table | Format::Csv => ui.line(&self.sentence())?,
        }
        ui.flush()
    }

    fn document(&self, dry_run: bool) -> Document<'_> {
        let imported = &self.imported;
        let still_valid = imported.still_valid.iter();
        Document {
            schema: "keyctl.import/v1",
            dry_run,
            from: self.from,
            taken_over: self.is_taken_over,
            summary: Summary {
                imported: imported.imported_count,
                already_there: imported.present_count,
                pruned: imported.pruned_count,
                differing: imported.differing.len(),
                left_out: self.left_out.row_count,
                narrowed: self.left_out.narrowed_count,
                unmet_bindings: self.left_out.unmet_count,
            },
            differing: imported.differing.iter().map(KeyId::as_str).collect(),
            still_valid: still_valid.map(|key| key.id.as_str()).collect(),
        }
    }

    fn sentence(&self) -> String {
        let imported = &self.imported;
        let mut text = format!(
            "imported {}",
            counted(imported.imported_count, "key", "keys")
        );
        if imported.present_count > 0 {
            text.push_str(&format!(", {} already there", imported.present_count));
        }
        if imported.pruned_count > 0 {
            text.push_str(&format!(", {} pruned here before", imported.pruned_count));
        }
        if self.left_out.row_count > 0 {
            let rows = counted(self.left_out.row_count, "row", "rows");
            text.push_str(&format!(", {rows} left out"));
        }
        text
    }

    fn tell(&self, context: &mut Context<'_>) {
        let imported = &self.imported;
        if self.left_out.narrowed_count > 0 {
            let keys = counted(self.left_out.narrowed_count, "key was", "keys were");
            context.ui.note(&format!(
                "{keys} bound to something that is not a dataset too: only the datasets were taken"
            ));
        }
        if self.left_out.unmet_count > 0 {
            let keys = counted(self.left_out.unmet_count, "key", "keys");
            context.ui.note(&format!(
                "the bindings name {keys} that the input does not have"
            ));
        }
        if imported.pruned_count > 0 {
            let keys = counted(imported.pruned_count, "key", "keys");
            context.ui.note(&format!(
                "{keys} had ended here and been pruned: they stay so"
            ));
        }
        name_first(context, &imported.differing, |ui, id| {
            ui.note(&format!(
                "{id} has other rights here than where it comes from: what the store has stays"
            ));
        });
        let workspace = context.workspace.clone();
        name_first(context, &imported.still_valid, |ui, key| {
            let (id, there, here) = (&key.id, key.status_there, key.status_here);
            ui.note(&format!(
                "{id} is {there} where it comes from, and {here} here"
            ));
            let command = match there {
                Status::Disabled => "disable",
                Status::Active | Status::Expired | Status::Revoked => "revoke",
            };
            let option = if key.workspace == workspace {
                String::new()
            } else {
                format!(" --workspace {}", key.workspace)
            };
            ui.hint(&format!("end it here too: keyctl {command} {id}{option}"));
        });
    }
}

fn name_first<T>(context: &mut Context<'_>, of: &[T], name: impl Fn(&mut Ui, &T)) {
    of.iter().take(NAMED).for_each(|one| name(context.ui, one));
    if of.len() > NAMED {
        let more = of.len() - NAMED;
        context
            .ui
            .note(&format!("and {more} more: --json names them all"));
    }
}

/// `1 key`, `3 keys`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
