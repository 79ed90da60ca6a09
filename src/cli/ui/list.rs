//! Lists of keys, in every format, without holding them all in memory where
//! the format allows it.

use keyctl::{Key, Timestamp};
use serde::Serialize;

use super::table::{Columns, write_fitted};
use super::{Ui, escaped};
use crate::cli::args::Format;
use crate::cli::exit::Failure;
use crate::cli::view::{Field, KeyView};

/// How many rows decide the widths of a table's columns. A longer list is
/// written as it is read.
const MEASURED_ROWS: usize = 1_000;

/// A list of keys being written.
pub(crate) struct KeyList {
    /// The fields that were asked for by name.
    named_fields: Option<Vec<Field>>,
    now: Timestamp,
    /// What is held back: all of it for one JSON document, the first rows of a
    /// table until its widths are known.
    held: Vec<Key>,
    columns: Option<Columns>,
    has_header: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    count: usize,
    keys: Vec<KeyView<'a>>,
    /// The key to go on after, if there are more.
    next: Option<&'a str>,
}

impl KeyList {
    /// A list of these fields, or of those that the format has by itself.
    pub(crate) fn new(named_fields: Option<Vec<Field>>, now: Timestamp) -> KeyList {
        KeyList {
            named_fields,
            now,
            held: Vec::new(),
            columns: None,
            has_header: false,
        }
    }

    /// Adds a key.
    pub(crate) fn push(&mut self, ui: &mut Ui, key: Key) -> Result<(), Failure> {
        match (ui.format, &self.columns) {
            (Format::Json, _) => self.held.push(key),
            (Format::Jsonl, _) => ui.document(&self.view(&key))?,
            (Format::Id, _) => ui.line(key.id.as_str())?,
            (Format::Csv, _) => self.csv_row(ui, &key)?,
            (Format::Table, Some(columns)) => columns.write_row(ui, &key)?,
            (Format::Table, None) => {
                self.held.push(key);
                if self.held.len() == MEASURED_ROWS {
                    self.begin_table(ui)?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is left. Where `has_more`, a document says so.
    pub(crate) fn finish(mut self, ui: &mut Ui, has_more: bool) -> Result<(), Failure> {
        match ui.format {
            Format::Json => ui.document(&Document {
                schema: "keyctl.list/v1",
                count: self.held.len(),
                keys: self.held.iter().map(|key| self.view(key)).collect(),
                next: self
                    .held
                    .last()
                    .filter(|_| has_more)
                    .map(|key| key.id.as_str()),
            })?,
            Format::Csv => self.csv_header(ui)?,
            Format::Table if self.held.is_empty() => {}
            Format::Table if ui.stdout_look.is_terminal => {
                write_fitted(ui, &self.held, self.named_fields.as_deref(), self.now)?;
            }
            Format::Table => self.begin_table(ui)?,
            Format::Jsonl | Format::Id => {}
        }
        ui.flush()
    }

    /// Starts a table of which later rows are not known yet.
    fn begin_table(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        let columns = Columns::measure(&self.held, self.named_fields.as_deref(), self.now);
        columns.write_header(ui)?;
        for key in self.held.drain(..) {
            columns.write_row(ui, &key)?;
        }
        self.columns = Some(columns);
        Ok(())
    }

    fn fields(&self) -> &[Field] {
        self.named_fields.as_deref().unwrap_or(Field::all())
    }

    fn view<'a>(&'a self, key: &'a Key) -> KeyView<'a> {
        KeyView {
            key,
            fields: self.fields(),
            now: self.now,
        }
    }

    fn csv_header(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        if self.has_header {
            return Ok(());
        }
        self.has_header = true;
        let names = self.fields().iter().map(|field| field.name().to_owned());
        csv_record(ui, names)
    }

    fn csv_row(&mut self, ui: &mut Ui, key: &Key) -> Result<(), Failure> {
        self.csv_header(ui)?;
        let is_terminal = ui.stdout_look.is_terminal;
        let values = self.fields().iter().map(|field| {
            let text = disarmed(field.of(key, self.now).to_text());
            if is_terminal {
                escaped(&text).into_owned()
            } else {
                text
            }
        });
        csv_record(ui, values)
    }
}

fn csv_record(ui: &mut Ui, values: impl Iterator<Item = String>) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer
        .write_record(values.collect::<Vec<_>>())
        .map_err(std::io::Error::from)
        .and_then(|()| writer.into_inner().map_err(|error| error.into_error()));
    ui.raw(&written.map_err(Failure::output)?)
}

/// A value that a spreadsheet does not take for a formula (OWASP's advice on
/// CSV injection).
fn disarmed(value: String) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{value}")
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for (value, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\t=1", "'\t=1"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(disarmed(value.to_owned()), expected);
        }
    }
}
