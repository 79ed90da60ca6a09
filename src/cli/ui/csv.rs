//! CSV on its way out.

use std::borrow::Cow;
use std::io;

use super::Ui;
use crate::cli::exit::Failure;

/// How many records are gathered before they are written: a writer has a buffer of
/// its own, which is too dear for one record.
const PORTION: usize = 256;

/// Records, and what was gathered of them.
pub(super) struct Csv {
    writer: csv::Writer<Vec<u8>>,
    gathered: usize,
}

impl Csv {
    pub(super) fn new() -> Csv {
        Csv {
            writer: csv::Writer::from_writer(Vec::new()),
            gathered: 0,
        }
    }

    /// Adds a value to the record.
    pub(super) fn field(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.writer.write_field(text);
        written.map_err(io::Error::from).map_err(Failure::output)
    }

    /// Ends the record.
    pub(super) fn end_record(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        let written = self.writer.write_record(None::<&[u8]>);
        written.map_err(io::Error::from).map_err(Failure::output)?;
        self.gathered += 1;
        match self.gathered {
            PORTION => self.write(ui),
            _ => Ok(()),
        }
    }

    /// Writes what was gathered.
    pub(super) fn write(&mut self, ui: &mut Ui) -> Result<(), Failure> {
        let gathered = std::mem::replace(self, Csv::new()).writer.into_inner();
        ui.raw(&gathered.map_err(|error| Failure::output(error.into_error()))?)
    }
}

/// A value that a spreadsheet does not take for a formula (OWASP's advice on
/// CSV injection).
pub(super) fn disarmed(value: &str) -> Cow<'_, str> {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
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
            assert_eq!(disarmed(value), expected);
        }
    }
}
