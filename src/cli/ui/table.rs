//! Tables: fitted to a terminal for the eye, or whole and plain for a pipe.

use std::io::Write;

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use keyctl::domain::Status;
use keyctl::{Key, Timestamp};
use terminal_size::terminal_size_of;

use super::{Ui, escaped};
use crate::cli::exit::Failure;
use crate::cli::view::{Field, Value};

/// The columns of a table unless others are named.
const TABLE_FIELDS: [Field; 9] = [
    Field::Id,
    Field::Name,
    Field::Access,
    Field::Scopes,
    Field::Status,
    Field::MaskedToken,
    Field::CreatedAt,
    Field::LastUsedAt,
    Field::ExpiresAt,
];
/// The columns that a narrow terminal goes without, the first one first.
const DISPENSABLE: [Field; 4] = [
    Field::CreatedAt,
    Field::Scopes,
    Field::ExpiresAt,
    Field::LastUsedAt,
];
/// Up to which length a word is kept whole, at the price of other columns.
const WHOLE_WORD_LEN: usize = 28;
/// The least width of a column of free text on the narrowest terminal.
const NARROWEST_TEXT: usize = 8;
/// The blanks between two columns.
const GAP: &str = "  ";
/// The width of a terminal that does not tell it.
const DEFAULT_WIDTH: u16 = 80;

/// The columns of a plain table: nothing cut, RFC 3339 times, no colour. Later
/// rows may be wider than those it was measured by; they are still whole.
pub(super) struct Columns {
    fields: Vec<Field>,
    widths: Vec<usize>,
    now: Timestamp,
}

impl Columns {
    /// Columns wide enough for these keys.
    pub(super) fn measure(keys: &[Key], named: Option<&[Field]>, now: Timestamp) -> Columns {
        let fields = named.unwrap_or(&TABLE_FIELDS).to_vec();
        let width_of = |field: &Field| {
            let texts = keys
                .iter()
                .map(|key| plain_text(*field, &field.of(key, now)));
            let content = texts.map(|text| text.chars().count()).max().unwrap_or(0);
            content.max(heading(*field).len())
        };
        Columns {
            widths: fields.iter().map(width_of).collect(),
            fields,
            now,
        }
    }

    /// Writes the names of the columns.
    pub(super) fn write_header(&self, ui: &mut Ui) -> Result<(), Failure> {
        self.write(ui, self.fields.iter().map(|field| heading(*field)))
    }

    /// Writes one key.
    pub(super) fn write_row(&self, ui: &mut Ui, key: &Key) -> Result<(), Failure> {
        let texts = self
            .fields
            .iter()
            .map(|field| plain_text(*field, &field.of(key, self.now)));
        self.write(ui, texts)
    }

    fn write(&self, ui: &mut Ui, cells: impl Iterator<Item = String>) -> Result<(), Failure> {
        let mut line = String::new();
        for (cell, width) in cells.zip(&self.widths) {
            line.push_str(&cell);
            let missing = width.saturating_sub(cell.chars().count());
            line.extend(std::iter::repeat_n(' ', missing));
            line.push_str(GAP);
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        ui.raw(line.as_bytes())
    }
}

/// Writes a table for the eye: no wider than the terminal, with relative times
/// and colour for the status.
pub(super) fn write_fitted(
    ui: &mut Ui,
    keys: &[Key],
    named: Option<&[Field]>,
    now: Timestamp,
) -> Result<(), Failure> {
    let width = terminal_size_of(std::io::stdout()).map_or(DEFAULT_WIDTH, |(width, _)| width.0);
    let fields = match named {
        Some(named) => named.to_vec(),
        None => fields_that_fit(keys, usize::from(width), now),
    };
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width.max(narrowest(keys, &fields, now)))
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
    for key in keys {
        table.add_row(fields.iter().map(|field| {
            let value = field.of(key, now);
            painted(Cell::new(short_text(*field, &value, now)), &value)
        }));
    }
    for (column, field) in table.column_iter_mut().zip(&fields) {
        column.set_padding((0, 2));
        if !is_wrappable(*field) {
            // Ids and masks are not to be broken: they get copied.
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for line in table.lines() {
        writeln!(ui.stdout, "{}", line.trim_end()).map_err(Failure::output)?;
    }
    Ok(())
}

/// The width under which ids and masks would be broken: a narrower terminal
/// wraps the lines by itself.
fn narrowest(keys: &[Key], fields: &[Field], now: Timestamp) -> u16 {
    let width_of = |field: &Field| {
        let least = least_width(keys, *field, now);
        let least = if is_wrappable(*field) {
            least.min(NARROWEST_TEXT)
        } else {
            least
        };
        least + GAP.len()
    };
    let sum: usize = fields.iter().map(width_of).sum();
    u16::try_from(sum).unwrap_or(u16::MAX)
}

/// The columns, without as many of the dispensable ones as it takes.
fn fields_that_fit(keys: &[Key], terminal_width: usize, now: Timestamp) -> Vec<Field> {
    let mut fields = TABLE_FIELDS.to_vec();
    let width_of = |field: &Field| least_width(keys, *field, now) + GAP.len();
    for dispensable in DISPENSABLE {
        if fields.iter().map(width_of).sum::<usize>() <= terminal_width {
            break;
        }
        fields.retain(|field| *field != dispensable);
    }
    fields
}

/// The width below which a column gets ugly.
fn least_width(keys: &[Key], field: Field, now: Timestamp) -> usize {
    let of_key = |key: &Key| {
        let text = short_text(field, &field.of(key, now), now);
        if is_wrappable(field) {
            longest_word(&text)
        } else {
            text.chars().count()
        }
    };
    let content = keys.iter().map(of_key).max().unwrap_or(0);
    content.max(heading(field).len())
}

fn longest_word(text: &str) -> usize {
    let lengths = text.split(' ').map(|word| word.chars().count());
    lengths.max().unwrap_or(0).min(WHOLE_WORD_LEN)
}

fn heading(field: Field) -> String {
    match field {
        Field::MaskedToken => "TOKEN".to_owned(),
        field => {
            let name = field.name().trim_end_matches("_at");
            name.replace('_', " ").to_uppercase()
        }
    }
}

fn is_wrappable(field: Field) -> bool {
    matches!(
        field,
        Field::Name | Field::Access | Field::Scopes | Field::Description | Field::RevokeReason
    )
}

fn painted(cell: Cell, value: &Value<'_>) -> Cell {
    match value {
        Value::Status(Status::Active) => cell.fg(Color::DarkGreen),
        Value::Status(Status::Disabled) => cell.fg(Color::DarkYellow),
        Value::Status(Status::Expired | Status::Revoked) => cell.fg(Color::DarkRed),
        _ => cell,
    }
}

fn plain_text(field: Field, value: &Value<'_>) -> String {
    match value {
        Value::Absent => field.absent_text().to_owned(),
        value => escaped(&value.to_text()).into_owned(),
    }
}

fn short_text(field: Field, value: &Value<'_>, now: Timestamp) -> String {
    match value {
        Value::Time(time) => relative_time(*time, now),
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
