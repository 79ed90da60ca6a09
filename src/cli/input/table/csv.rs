//! CSV as RFC 4180 and `COPY … CSV HEADER` write it. Records are put together in
//! memory that is wiped, which the `csv` crate's own reader does not offer.
//!
//! A record is one line: nothing that is wanted here has a line's end in it, and
//! behind a stray quotation mark all rows would be part of the first.

use csv_core::{ReadRecordResult, Reader};
use zeroize::Zeroizing;

use super::super::source::Source;
use super::{Cell, Column, MAX_ROW_LEN, Row, too_long};
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::quoted;

/// The most columns a table may have: more than any database allows (SQLite's
/// default is 2,000, PostgreSQL's bound 1,600).
const MAX_COLUMNS: usize = 2_048;

/// The rows below a header.
pub(super) struct CsvRows {
    records: Records,
    /// For each wanted column, where it is.
    places: Vec<Option<usize>>,
    column_count: usize,
}

impl CsvRows {
    /// Reads the header.
    pub(super) fn open(
        source: &mut Source,
        columns: &'static [Column],
    ) -> Result<CsvRows, Failure> {
        let mut records = Records::new();
        records.next(source)?;
        let names: Vec<&[u8]> = records.fields().collect();
        let mut places = Vec::new();
        let mut missing = Vec::new();
        for column in columns {
            let is_it = |place: &usize| names[*place] == column.name.as_bytes();
            let mut found = (0..names.len()).filter(is_it);
            let place = found.next();
            if found.next().is_some() {
                return Err(header_failure(source, "two columns", &[column.name]));
            }
            if place.is_none() && column.is_required {
                missing.push(column.name);
            }
            places.push(place);
        }
        if !missing.is_empty() {
            let problem = if missing.len() == 1 {
                "no column"
            } else {
                "no columns"
            };
            let failure = header_failure(source, problem, &missing);
            return Err(match separator(&names) {
                Some(separator) => failure.hint_first(format!(
                    "its fields are separated by {separator}, not commas"
                )),
                None => failure,
            });
        }
        let column_count = names.len();
        Ok(CsvRows {
            records,
            places,
            column_count,
        })
    }

    pub(super) fn next_row(&mut self, source: &mut Source) -> Result<Option<Row<'_>>, Failure> {
        let Some(line) = self.records.next(source)? else {
            return Ok(None);
        };
        let fields: Vec<&[u8]> = self.records.fields().collect();
        let cells = if fields.len() == self.column_count {
            let cell = |place: &Option<usize>| place.map_or(Cell::Missing, |at| cell(fields[at]));
            Ok(self.places.iter().map(cell).collect())
        } else {
            let (found, expected) = (fields.len(), self.column_count);
            Err(format!(
                "it has another number of fields than the header: {found}, not {expected}"
            ))
        };
        Ok(Some(Row { line, cells }))
    }
}

fn cell(field: &[u8]) -> Cell<'_> {
    match std::str::from_utf8(field) {
        // What MySQL and PostgreSQL's COPY write where nothing is.
        Ok("" | "\\N") => Cell::Empty,
        Ok(text) => Cell::Text(text),
        Err(_) => Cell::Unreadable,
    }
}

/// What stands between the fields of a header that has no comma.
fn separator(names: &[&[u8]]) -> Option<&'static str> {
    let separators = [(b'\t', "tabs"), (b';', "semicolons"), (b'|', "bars")];
    let [name] = names else {
        return None;
    };
    let found = separators.into_iter().find(|(byte, _)| name.contains(byte));
    found.map(|(_, separator)| separator)
}

fn header_failure(source: &Source, problem: &str, columns: &[&str]) -> Failure {
    let columns: Vec<_> = columns.iter().map(|name| quoted(name)).collect();
    let columns = columns.join(", ");
    let message = format!("the header of {} has {problem} {columns}", source.name());
    Failure::usage(message).hint("export the whole table, as CSV with a header or as JSON Lines")
}

/// Records, one at a time.
struct Records {
    parser: Reader,
    record: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
    count: usize,
    line: u64,
}

impl Records {
    fn new() -> Records {
        Records {
            parser: Reader::new(),
            record: Zeroizing::new(vec![0; MAX_ROW_LEN]),
            ends: vec![0; MAX_COLUMNS],
            count: 0,
            line: 1,
        }
    }

    /// Reads the next record; the line at which it begins.
    fn next(&mut self, source: &mut Source) -> Result<Option<u64>, Failure> {
        self.skip_line_ends(source)?;
        let line = self.line;
        let mut len = 0;
        self.count = 0;
        if source.peek()?.is_empty() {
            return Ok(None);
        }
        loop {
            let shown = source.peek()?;
            // The end of the last line, if it has none: what is open stays so.
            let input = if shown.is_empty() { b"\n" } else { shown };
            let is_missing = shown.is_empty();
            let (result, taken, written, ended) = self.parser.read_record(
                input,
                &mut self.record[len..],
                &mut self.ends[self.count..],
            );
            if !is_missing {
                self.line += count_line_ends(&input[..taken]);
                source.take(taken);
            }
            if self.record[len..len + written].iter().any(is_line_end) {
                return Err(goes_on(source, line));
            }
            len += written;
            self.count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(too_long(source, line));
                }
                ReadRecordResult::Record => return Ok(Some(line)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let ends = &self.ends[..self.count];
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts
            .zip(ends)
            .map(|(start, end)| &self.record[start..*end])
    }

    /// Skips what is left of the last line's end, and empty lines.
    fn skip_line_ends(&mut self, source: &mut Source) -> Result<(), Failure> {
        loop {
            let input = source.peek()?;
            let len = input.iter().take_while(|byte| is_line_end(byte)).count();
            if len == 0 {
                return Ok(());
            }
            self.line += count_line_ends(&input[..len]);
            source.take(len);
        }
    }
}

fn goes_on(source: &Source, line: u64) -> Failure {
    let message = format!(
        "line {line} of {}: a field goes on behind it",
        source.name()
    );
    Failure::new(Exit::Refused, "bad_input", message).hint("is there a stray quotation mark?")
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn count_line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::A_AND_B;
    use super::*;

    /// Each row as `line: a|b`, or what is wrong.
    fn rows(bytes: &[u8]) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut source = Source::open(file.path()).unwrap();
        let mut rows = match CsvRows::open(&mut source, A_AND_B) {
            Ok(rows) => rows,
            Err(failure) => return vec![failure.message().replace(source.name(), "F")],
        };
        let mut read = Vec::new();
        loop {
            match rows.next_row(&mut source) {
                Ok(Some(row)) => read.push(match row.cells {
                    Ok(cells) => format!("{}: {}|{}", row.line, shown(&cells[0]), shown(&cells[1])),
                    Err(problem) => format!("{}: {problem}", row.line),
                }),
                Ok(None) => return read,
                Err(failure) => {
                    read.push(failure.message().replace(source.name(), "F"));
                    return read;
                }
            }
        }
    }

    fn shown(cell: &Cell<'_>) -> String {
        match cell {
            Cell::Missing => "(missing)".to_owned(),
            Cell::Empty => String::new(),
            Cell::Text(text) => text.to_string(),
            Cell::Unreadable => "(unreadable)".to_owned(),
        }
    }

    #[test]
    fn rows_are_read_as_databases_write_them() {
        const GOES_ON: &str = "line 2 of F: a field goes on behind it";
        let cases: [(&[u8], &[&str]); 18] = [
            (b"a,b\n1,2\n", &["2: 1|2"]),
            (b"a,b\r\n1,2\r\n3,4\r\n", &["2: 1|2", "3: 3|4"]),
            (b"\xef\xbb\xbfa,b\n1,2", &["2: 1|2"]),
            (b"b,x,a\n1,2,3\n", &["2: 3|1"]),
            (b"a\n1\n", &["2: 1|(missing)"]),
            (b"a,b\n,\"\"\n", &["2: |"]),
            (b"a,b\n\"1,\"\"x\",2\n", &["2: 1,\"x|2"]),
            (b"a,b\n\"1\n2\",3\n4,5\n", &[GOES_ON]),
            (b"a,b\r\n1,\"\r\n2\",3\r\n4,5\r\n", &[GOES_ON]),
            (b"a,b,x\n1,2,\"\n3,4,x\n", &[GOES_ON]),
            (b"a,b,x\n1,2,\"", &[GOES_ON]),
            (b"a,b\n\n\n1,2\n", &["4: 1|2"]),
            (b"a,b\n\\N,\\n\n", &["2: |\\n"]),
            (b"a,b\n\xff,2\n", &["2: (unreadable)|2"]),
            (
                b"a,b\n1\n1,2,3\n",
                &[
                    "2: it has another number of fields than the header: 1, not 2",
                    "3: it has another number of fields than the header: 3, not 2",
                ],
            ),
            (b"a,b\n", &[]),
            (b"b\n1\n", &["the header of F has no column \"a\""]),
            (
                b"a,b,b\n1,2,3\n",
                &["the header of F has two columns \"b\""],
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(rows(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_row_across_blocks_is_whole_and_one_without_an_end_is_refused() {
        let filler = "x".repeat(1_000);
        let many: String = (0..600).map(|i| format!("{i},{filler}\n")).collect();
        let read = rows(format!("a,b\n{many}").as_bytes());
        assert_eq!(read.len(), 600);
        for (i, row) in read.iter().enumerate() {
            assert_eq!(*row, format!("{}: {i}|{filler}", i + 2));
        }
        let endless = format!("a,b\n1,2\n\"{}", "x".repeat(MAX_ROW_LEN));
        let expected = ["2: 1|2", "line 3 of F is too long for a row"];
        assert_eq!(rows(endless.as_bytes()), expected);
        let wide = "a,".repeat(MAX_COLUMNS);
        assert_eq!(rows(wide.as_bytes()), ["line 1 of F is too long for a row"]);
    }
}
