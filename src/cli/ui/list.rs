//! Lists of keys or events, in every format, without holding them all in memory where
//! the format allows it.

use keyctl::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::table::{Columns, write_fitted};
use super::{Ui, escaped};
use crate::cli::args::Format;
use crate::cli::exit::Failure;
use crate::cli::view::{Column, RowView};

/// How many rows decide the widths of a table's columns. A longer list is
/// written as it is read.
const MEASURED_ROWS: usize = 1_000;

/// A list being written.
pub(crate) struct List<C: Column> {
    /// The fields that were asked for by name.
    named_fields: Option<Vec<C>>,
    now: Timestamp,
    /// What is held back: all of it for one JSON document, the first rows of a
    /// table until its widths are known.
    held: Vec<C::Row>,
    columns: Option<Columns<C>>,
    has_header: bool,
}

/// A whole list as one document.
struct Document<'a, C: Column> {
    list: &'a List<C>,
    has_more: bool,
}

impl<C: Column> Serialize for Document<'_, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows: Vec<_> = self
            .list
            .held
            .iter()
            .map(|row| self.list.view(row))
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", C::SCHEMA)?;
        map.serialize_entry("count", &rows.len())?;
        map.serialize_entry(C::PLURAL, &rows)?;
        if C::IS_PAGED {
            // Where there are more: the one to go on after.
            let last = self.list.held.last().filter(|_| self.has_more);
            map.serialize_entry("next", &last.map(|row| self.list.id(row)))?;
        }
        map.end()
    }
}

impl<C: Column> List<C> {
    /// A list of these fields, or of those that the format has by itself.
    pub(crate) fn new(named_fields: Option<Vec<C>>, now: Timestamp) -> List<C> {
        List {
            named_fields,
            now,
            held: Vec::new(),
            columns: None,
            has_header: false,
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, ui: &mut Ui, row: C::Row) -> Result<(), Failure> {
        match (ui.format, &self.columns) {
            (Format::Json, _) => self.held.push(row),
            (Format::Jsonl, _) => ui.document(&self.view(&row))?,
            (Format::Id, _) => ui.line(&self.id(&row))?,
            (Format::Csv, _) => self.csv_row(ui, &row)?,
            (Format::Table, Some(columns)) => columns.write_row(ui, &row)?,
            (Format::Table, None) => {
                self.held.push(row);
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
                list: &self,
                has_more,
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
        for row in self.held.drain(..) {
            columns.write_row(ui, &row)?;
        }
        self.columns = Some(columns);
        Ok(())
    }

    fn fields(&self) -> &[C] {
        self.named_fields.as_deref().unwrap_or(C::all())
    }

    fn view<'a>(&'a self, row: &'a C::Row) -> RowView<'a, C> {
        RowView {
            row,
            fields: self.fields(),
            now: self.now,
        }
    }

    /// What a row is called.
    fn id(&self, row: &C::Row) -> String {
        C::id().of(row, self.now).to_text()
    }

    fn csv_header(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        if self.has_header {
            return Ok(());
        }
        self.has_header = true;
        let names = self.fields().iter().map(|field| field.name().to_owned());
        csv_record(ui, names)
    }

    fn csv_row(&mut self, ui: &mut Ui, row: &C::Row) -> Result<(), Failure> {
        self.csv_header(ui)?;
        let is_terminal = ui.stdout_look.is_terminal;
        let values = self.fields().iter().map(|field| {
            let text = disarmed(field.of(row, self.now).to_raw_text());
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
