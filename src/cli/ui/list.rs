//! Lists of keys or events, in every format, without holding them all in memory where
//! the format allows it.

use keyctl::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::csv::{Csv, disarmed};
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
    csv: Option<Csv>,
    /// What a value is written out in, one after the other.
    text: String,
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
            csv: None,
            text: String::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, ui: &mut Ui, row: C::Row) -> Result<(), Failure> {
        match (ui.format, &mut self.columns) {
            (Format::Json, _) => self.held.push(row),
            (Format::Jsonl, _) => ui.document(&self.view(&row))?,
            (Format::Id, _) => self.id_line(ui, &row)?,
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
            Format::Csv => self.finish_csv(ui)?,
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
        let mut columns = Columns::measure(&self.held, self.named_fields.as_deref(), self.now);
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

    fn id_line(&mut self, ui: &mut Ui, row: &C::Row) -> Result<(), Failure> {
        self.text.clear();
        C::id().of(row, self.now).push_text(&mut self.text);
        ui.line(&self.text)
    }

    fn csv_row(&mut self, ui: &mut Ui, row: &C::Row) -> Result<(), Failure> {
        let mut csv = match self.csv.take() {
            Some(csv) => csv,
            None => self.begin_csv(ui)?,
        };
        let text = &mut self.text;
        for field in self.named_fields.as_deref().unwrap_or(C::all()) {
            text.clear();
            field.of(row, self.now).push_raw_text(text);
            let text = disarmed(text);
            if ui.stdout_look.is_terminal {
                csv.field(&escaped(&text))?;
            } else {
                csv.field(&text)?;
            }
        }
        csv.end_record(ui)?;
        self.csv = Some(csv);
        Ok(())
    }

    fn begin_csv(&self, ui: &mut Ui) -> Result<Csv, Failure> {
        let mut csv = Csv::new();
        for field in self.fields() {
            csv.field(field.name())?;
        }
        csv.end_record(ui)?;
        Ok(csv)
    }

    fn finish_csv(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        let csv = self.csv.take();
        csv.map_or_else(|| self.begin_csv(ui), Ok)?.write(ui)
    }
}
