//! The state of reading one report: its findings so far, and on which line one is.

use serde_json::value::RawValue;

use super::finding::{Finding, Hash, Place, Secret};
use super::object::Unfit;
use super::{Format, Report, ReportError};

/// How many bytes lie between the places at which lines are counted beforehand:
/// what a line number costs at most.
const STRIDE: usize = 512;

/// A report that is being read.
pub(super) struct Reading<'a> {
    text: &'a str,
    /// How many lines end before each multiple of [`STRIDE`].
    newlines: Vec<u64>,
    line: u64,
    findings: Vec<Finding>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a str) -> Reading<'a> {
        let mut count = 0;
        let newlines = text.as_bytes().chunks(STRIDE).map(|chunk| {
            let before = count;
            count += count_newlines(chunk);
            before
        });
        Reading {
            newlines: newlines.collect(),
            text,
            line: 1,
            findings: Vec::new(),
        }
    }

    /// The whole report.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The line, from 1, on which the byte at `offset` stands.
    pub(super) fn line_at(&self, offset: usize) -> u64 {
        let offset = offset.min(self.text.len());
        let stride = (offset / STRIDE).min(self.newlines.len().saturating_sub(1));
        let before = self.newlines.get(stride).copied().unwrap_or(0);
        let rest = &self.text.as_bytes()[(stride * STRIDE).min(offset)..offset];
        before + count_newlines(rest) + 1
    }

    /// The line on which a part of the report begins, which is a slice of it.
    pub(super) fn line_of(&self, part: &RawValue) -> u64 {
        let start = self.text.as_ptr().addr();
        self.line_at(part.get().as_ptr().addr().saturating_sub(start))
    }

    /// Goes on to a part of the report: findings and errors are on its line.
    pub(super) fn go_to(&mut self, part: &RawValue) {
        self.line = self.line_of(part);
    }

    /// Goes on to this line.
    pub(super) fn go_to_line(&mut self, line: u64) {
        self.line = line;
    }

    /// A finding, on the line where the reading is.
    pub(super) fn push(
        &mut self,
        rule: Option<String>,
        place: Option<Place>,
        secret: Secret,
        hash: Option<Hash>,
    ) {
        self.findings.push(Finding {
            line: self.line,
            rule,
            place,
            secret,
            hash,
        });
    }

    /// What was wrong with the part where the reading is.
    pub(super) fn unfit(&self, format: Format, unfit: &Unfit) -> ReportError {
        ReportError::Unfit {
            line: self.line,
            format,
            field: unfit.field,
            expected: unfit.expected,
        }
    }

    pub(super) fn finish(self, format: Format) -> Report {
        Report {
            format,
            findings: self.findings,
        }
    }
}

fn count_newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_that_counting_gives() {
        let long = "ab\nc\n".repeat(3000);
        for text in ["", "x", "\n", "a\nb", &long] {
            let reading = Reading::new(text);
            for offset in (0..=text.len()).step_by(7) {
                let counted = text[..offset].matches('\n').count() as u64 + 1;
                assert_eq!(reading.line_at(offset), counted, "{offset}");
            }
            let last = text.matches('\n').count() as u64 + 1;
            assert_eq!(reading.line_at(usize::MAX), last);
        }
    }
}
