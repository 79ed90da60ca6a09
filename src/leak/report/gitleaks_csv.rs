//! CSV of gitleaks: a header and a row for each finding, and an empty file
//! without any. See `report/csv.go` of gitleaks 8.30.

use csv::{Position, ReaderBuilder, StringRecord};
use zeroize::Zeroizing;

use super::finding::{Place, Secret};
use super::object::Unfit;
use super::reading::Reading;
use super::{Format, Report, ReportError};

/// The columns that a report has at least; which others, depends on the version.
const COLUMNS: [&str; 6] = [
    "RuleID",
    "Commit",
    "File",
    "Secret",
    "StartLine",
    "StartColumn",
];

/// Whether a text begins as such a report does.
pub(super) fn is_one(text: &str) -> bool {
    text.starts_with("RuleID,") || text.starts_with("\"RuleID\",")
}

pub(super) fn read(text: &str) -> Result<Report, ReportError> {
    let mut reading = Reading::new(text);
    // Rows of another length than the header are errors: one was cut off.
    let mut reader = ReaderBuilder::new().from_reader(text.trim_start().as_bytes());
    let header = reader.headers().map_err(|error| broken(&reading, &error))?;
    let index = |name: &&'static str| header.iter().position(|column| column == *name);
    let columns: Option<Vec<usize>> = COLUMNS.iter().map(index).collect();
    let mut row = StringRecord::new();
    let mut has_rows = false;
    while reader
        .read_record(&mut row)
        .map_err(|error| broken(&reading, &error))?
    {
        has_rows = true;
        let Some(columns) = &columns else { break };
        reading.go_to_line(line_of_row(&reading, row.position()));
        let fields: Vec<&str> = columns.iter().map(|column| &row[*column]).collect();
        read_row(&fields, &mut reading)
            .map_err(|unfit| reading.unfit(Format::GitleaksCsv, &unfit))?;
    }
    if !has_rows || columns.is_none() {
        // Without findings, gitleaks writes no header either.
        let line = line_of_row(&reading, None);
        return Err(ReportError::Broken { line });
    }
    Ok(reading.finish(Format::GitleaksCsv))
}

fn broken(reading: &Reading<'_>, error: &csv::Error) -> ReportError {
    let line = line_of_row(reading, error.position());
    ReportError::Broken { line }
}

/// The line of a row, or of the header. Its position is behind the row before it,
/// but not always behind that one's newline.
fn line_of_row(reading: &Reading<'_>, position: Option<&Position>) -> u64 {
    let text = reading.text();
    let above = text.len() - text.trim_start().len();
    let position = position.map_or(0, Position::byte);
    let row = above + usize::try_from(position).unwrap_or(0);
    let rest = text.as_bytes().get(row..).unwrap_or_default();
    let newlines = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    reading.line_at(row + newlines.count())
}

/// Reads the fields of a row, in the order of [`COLUMNS`].
fn read_row(fields: &[&str], reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let word = |index: usize| {
        let field: &str = fields[index];
        (!field.is_empty()).then(|| field.to_owned())
    };
    let number = |index: usize| {
        fields[index].parse::<u64>().map_err(|_| Unfit {
            field: COLUMNS[index],
            expected: "a whole number",
        })
    };
    let line = number(4)?;
    let column = number(5)?;
    let place = word(2).map(|path| Place {
        path,
        line: (line > 0).then_some(line),
        end_line: None,
        column: Some(column),
        commit: word(1),
    });
    let secret = Secret::of(Some(Zeroizing::new(fields[3].to_owned())));
    reading.push(word(0), place, secret, None);
    Ok(())
}
