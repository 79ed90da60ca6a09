//! Tables: fitted to a terminal for the eye, or whole and plain for a pipe.

use std::io::Write;

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use keyctl::Timestamp;
use keyctl::domain::Status;
use terminal_size::terminal_size_of;

use super::Ui;
use super::escape::{escape_from, is_plain};
use crate::cli::exit::Failure;
use crate::cli::view::{Column, Value};

/// Up to which length a word is kept whole, at the price of other columns.
const WHOLE_WORD_LEN: usize = 28;
/// The least width of a column of free text on the narrowest terminal.
const NARROWEST_TEXT: usize = 8;
/// How much of an object's id is shown to people, who can hand it to `git`.
const OBJECT_ID_LEN: usize = 10;
/// The blanks between two columns.
const GAP: &str = "  ";
/// The width of a terminal that does not tell it.
pub(super) const DEFAULT_WIDTH: u16 = 80;

/// The columns of a plain table: nothing cut, RFC 3339 times, no colour. Later
/// rows may be wider than those it was measured by; they are still whole.
pub(super) struct Columns<C> {
    fields: Vec<C>,
    widths: Vec<usize>,
    now: Timestamp,
    /// What a row is written out in, one after the other.
    line: String,
}

impl<C: Column> Columns<C> {
    /// Columns wide enough for these rows.
    pub(super) fn measure(rows: &[C::Row], named: Option<&[C]>, now: Timestamp) -> Columns<C> {
        let fields = named.unwrap_or(C::of_table()).to_vec();
        let width_of = |field: &C| {
            let texts = rows
                .iter()
                .map(|row| plain_text(*field, &field.of(row, now)));
            let content = texts.map(|text| text.chars().count()).max().unwrap_or(0);
            content.max(heading(*field).len())
        };
        Columns {
            widths: fields.iter().map(width_of).collect(),
            fields,
            now,
            line: String::new(),
        }
    }

    /// Writes the names of the columns.
    pub(super) fn write_header(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        for (field, width) in self.fields.iter().zip(&self.widths) {
            let heading = heading(*field);
            self.line.push_str(&heading);
            fill_cell(&mut self.line, *width, heading.len());
        }
        self.end_line(ui)
    }

    /// Writes one row.
    pub(super) fn write_row(&mut self, ui: &mut Ui, row: &C::Row) -> Result<(), Failure> {
        // Nearly all are plain, which is found out of all cells of a row at once.
        self.push_row(row, push_text, str::len);
        if !is_plain(self.line.as_bytes(), false) {
            self.line.clear();
            self.push_row(row, push_plain, |text| text.chars().count());
        }
        self.end_line(ui)
    }

    fn push_row(
        &mut self,
        row: &C::Row,
        push: impl Fn(&mut String, C, &Value<'_>),
        width_of: impl Fn(&str) -> usize,
    ) {
        for (field, width) in self.fields.iter().zip(&self.widths) {
            let start = self.line.len();
            push(&mut self.line, *field, &field.of(row, self.now));
            let taken = width_of(&self.line[start..]);
            fill_cell(&mut self.line, *width, taken);
        }
    }

    fn end_line(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        self.line.truncate(self.line.trim_end().len());
        self.line.push('\n');
        ui.raw(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

/// Appends what a cell lacks of the width of its column, and the gap behind it.
fn fill_cell(line: &mut String, width: usize, taken: usize) {
    push_blanks(line, width.saturating_sub(taken));
    line.push_str(GAP);
}

fn push_blanks(line: &mut String, mut count: usize) {
    const BLANKS: &str = "                                ";
    while count > 0 {
        let some = count.min(BLANKS.len());
        line.push_str(&BLANKS[..some]);
        count -= some;
    }
}

/// Writes a table for the eye: no wider than the terminal, with relative times
/// and colour for the status.
pub(super) fn write_fitted<C: Column>(
    ui: &mut Ui,
    rows: &[C::Row],
    named: Option<&[C]>,
    now: Timestamp,
) -> Result<(), Failure> {
    let width = terminal_size_of(std::io::stdout()).map_or(DEFAULT_WIDTH, |(width, _)| width.0);
    let fields = match named {
        Some(named) => named.to_vec(),
        None => fields_that_fit(rows, usize::from(width), now),
    };
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width.max(narrowest(rows, &fields, now)))
        .set_header(
            fields
                .iter()
                .map(|field| Cell::new(heading(*field)).add_attribute(Attribute::Bold)),
        );
    // comfy-table would look at standard output again; what was decided at the
    // start counts.
    if ui.stdout_look.has_color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for row in rows {
        table.add_row(fields.iter().map(|field| {
            let value = field.of(row, now);
            painted(Cell::new(short_text(*field, &value, now)), &value)
        }));
    }
    let last = fields.len().saturating_sub(1);
    for (index, (column, field)) in table.column_iter_mut().zip(&fields).enumerate() {
        // Behind the last one, blanks would only make a line too long.
        column.set_padding((0, if index == last { 0 } else { 2 }));
        if !field.is_wrappable() {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for line in table.lines() {
        writeln!(ui.stdout, "{}", line.trim_end()).map_err(Failure::output)?;
    }
    Ok(())
}

/// The width under which what gets copied would be broken: a narrower terminal
/// wraps the lines by itself.
fn narrowest<C: Column>(rows: &[C::Row], fields: &[C], now: Timestamp) -> u16 {
    let width_of = |field: &C| {
        let least = least_width(rows, *field, now);
        let least = if field.is_wrappable() {
            least.min(NARROWEST_TEXT)
        } else {
            least
        };
        least + GAP.len()
    };
    let sum: usize = fields.iter().map(width_of).sum();
    u16::try_from(sum).unwrap_or(u16::MAX)
}

/// The columns, without as many of the dispensable ones as it takes: first those
/// that say nothing.
fn fields_that_fit<C: Column>(rows: &[C::Row], terminal_width: usize, now: Timestamp) -> Vec<C> {
    let mut fields = C::of_table().to_vec();
    let width_of = |field: &C| least_width(rows, *field, now) + GAP.len();
    let is_empty = |field: &&C| {
        let mut values = rows.iter().map(|row| field.of(row, now));
        values.all(|value| matches!(value, Value::Absent))
    };
    let (empty, other): (Vec<&C>, Vec<&C>) = C::dispensable().iter().partition(is_empty);
    for dispensable in empty.into_iter().chain(other) {
        if fields.iter().map(width_of).sum::<usize>() <= terminal_width {
            break;
        }
        fields.retain(|field| field != dispensable);
    }
    fields
}

/// The width below which a column gets ugly.
fn least_width<C: Column>(rows: &[C::Row], field: C, now: Timestamp) -> usize {
    let of_row = |row: &C::Row| {
        let text = short_text(field, &field.of(row, now), now);
        if field.is_wrappable() {
            longest_word(&text)
        } else {
            text.chars().count()
        }
    };
    let content = rows.iter().map(of_row).max().unwrap_or(0);
    content.max(heading(field).len())
}

fn longest_word(text: &str) -> usize {
    let lengths = text.split(' ').map(|word| word.chars().count());
    lengths.max().unwrap_or(0).min(WHOLE_WORD_LEN)
}

fn heading(field: impl Column) -> String {
    match field.name() {
        "masked_token" => "TOKEN".to_owned(),
        "at" => "AT".to_owned(),
        name => name
            .trim_end_matches("_at")
            .replace('_', " ")
            .to_uppercase(),
    }
}

fn painted(cell: Cell, value: &Value<'_>) -> Cell {
    match value {
        Value::Status(Status::Active, _) => cell.fg(Color::DarkGreen),
        Value::Status(Status::Disabled, _) => cell.fg(Color::DarkYellow),
        Value::Status(Status::Expired | Status::Revoked, _) => cell.fg(Color::DarkRed),
        _ => cell,
    }
}

fn plain_text(field: impl Column, value: &Value<'_>) -> String {
    let mut text = String::new();
    push_plain(&mut text, field, value);
    text
}

/// Appends a value as it is shown in a table, without what a terminal would obey.
fn push_plain(line: &mut String, field: impl Column, value: &Value<'_>) {
    let start = line.len();
    push_text(line, field, value);
    escape_from(line, start);
}

/// Appends a value as it is called in a table.
fn push_text(line: &mut String, field: impl Column, value: &Value<'_>) {
    match value {
        Value::Absent => line.push_str(field.absent_text()),
        value => value.push_text(line),
    }
}

fn short_text(field: impl Column, value: &Value<'_>, now: Timestamp) -> String {
    match value {
        Value::Time(time) => relative_time(*time, now),
        Value::ObjectId(id) => id.chars().take(OBJECT_ID_LEN).collect(),
        value => plain_text(field, value),
    }
}

/// `12m ago`, `in 89d`: the largest unit that fits, rounded down.
pub(crate) fn relative_time(time: Timestamp, now: Timestamp) -> String {
    const UNITS: [(i64, &str); 5] = [
        (365 * 86_400, "y"),
        (86_400, "d"),
        (3_600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    let ago = now.seconds_since(time);
    let unit = UNITS.iter().find(|(length, _)| ago.abs() >= *length);
    match unit {
        None => "now".to_owned(),
        Some((length, name)) if ago > 0 => format!("{}{name} ago", ago / length),
        Some((length, name)) => format!("in {}{name}", -ago / length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_their_largest_unit() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let now = at(100_000_000);
        let cases = [
            (100_000_000, "now"),
            (99_999_999, "1s ago"),
            (100_000_059, "in 59s"),
            (100_000_060, "in 1m"),
            (99_996_401, "59m ago"),
            (99_996_400, "1h ago"),
            (100_086_399, "in 23h"),
            (100_086_400, "in 1d"),
            (107_776_000, "in 90d"),
            (68_464_000, "1y ago"),
        ];
        for (time, expected) in cases {
            assert_eq!(relative_time(at(time), now), expected, "{time}");
        }
    }
}
