//! What became of each of several keys: a line each, or one document.

use keyctl::Key;
use serde::Serialize;

use super::args::Format;
use super::exit::Failure;
use super::ui::{Ui, grouped};

/// What became of one key.
pub(crate) trait Outcome: Serialize {
    /// In a word.
    fn word(&self) -> &'static str;

    /// The key, if there is one.
    fn id(&self) -> Option<&str>;

    /// How it was called, where there is no key.
    fn selector(&self) -> &str;
}

/// The formats that results have.
pub(crate) const FORMATS: [Format; 4] = [Format::Table, Format::Json, Format::Jsonl, Format::Id];

/// All of it.
pub(crate) struct Results<'a, S> {
    pub(crate) schema: &'static str,
    pub(crate) dry_run: bool,
    pub(crate) summary: &'a S,
}

#[derive(Serialize)]
struct Document<'a, O, S> {
    schema: &'static str,
    dry_run: bool,
    results: Vec<O>,
    summary: &'a S,
}

/// A result that stands alone on its line.
#[derive(Serialize)]
struct LineView<O> {
    dry_run: bool,
    #[serde(flatten)]
    result: O,
}

impl<S: Serialize> Results<'_, S> {
    /// Prints them. Where that fails, the error says what was `done` all the
    /// same, as in `3 keys were revoked`, if anything was.
    pub(crate) fn print<O: Outcome>(
        &self,
        ui: &mut Ui,
        outcomes: impl Iterator<Item = O>,
        done: Option<String>,
    ) -> Result<(), Failure> {
        self.write(ui, outcomes).map_err(|failure| match done {
            Some(done) if !self.dry_run => {
                let message = format!("{done}, but {}", failure.message());
                failure.saying(message)
            }
            _ => failure,
        })?;
        if self.dry_run {
            ui.note("dry run: nothing was changed");
        }
        Ok(())
    }

    fn write<O: Outcome>(
        &self,
        ui: &mut Ui,
        mut outcomes: impl Iterator<Item = O>,
    ) -> Result<(), Failure> {
        match ui.format() {
            Format::Json => ui.document(&Document {
                schema: self.schema,
                dry_run: self.dry_run,
                results: outcomes.collect(),
                summary: self.summary,
            })?,
            Format::Jsonl => outcomes.try_for_each(|result| {
                ui.document(&LineView {
                    dry_run: self.dry_run,
                    result,
                })
            })?,
            Format::Id => outcomes.try_for_each(|outcome| match outcome.id() {
                Some(id) => ui.line(id),
                None => Ok(()),
            })?,
            Format::Table | Format::Csv => outcomes.try_for_each(|outcome| {
                let what = outcome.id().unwrap_or(outcome.selector());
                ui.line(&format!("{} {what}", outcome.word()))
            })?,
        }
        ui.flush()
    }
}

/// The refusal to do what needs a yes where nobody can be asked for it.
pub(crate) fn confirmation_needed(what: &str) -> Failure {
    Failure::usage(format!("confirmation needed: {what}"))
        .hint("see which keys they are: --dry-run")
        .hint("say yes to all of it: --yes")
}

/// Names the first of these keys, for somebody who is about to be asked.
pub(crate) fn name_some(ui: &mut Ui, keys: &[&Key], described: impl Fn(&Key) -> String) {
    const NAMED: usize = 10;
    for key in keys.iter().take(NAMED) {
        ui.ask(&described(key));
    }
    if keys.len() > NAMED {
        ui.ask(&format!("and {} more", keys.len() - NAMED));
    }
}

/// `1 key`, `3 keys`.
pub(crate) fn keys(number: usize) -> String {
    count(number as u64, "key")
}

/// `1 file`, `12,345 files`.
pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

/// `1 key was revoked`, `3 keys were revoked`; nothing of none.
pub(crate) fn keys_were(count: usize, done: &str) -> Option<String> {
    let were = if count == 1 { "was" } else { "were" };
    (count > 0).then(|| format!("{} {were} {done}", keys(count)))
}
