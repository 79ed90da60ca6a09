//! What is searched for leaked tokens, and kept meanwhile if it may be a report.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use keyctl::leak::findings::{Coverage, Keep, Scanned};
use keyctl::leak::{report, walk};
use zeroize::Zeroizing;

use crate::cli::exit::Failure;
use crate::cli::ui::quoted;

/// How much of it shows whether it may be a report.
const HEAD_LEN: usize = 4 * 1024;
/// How much is kept of what does not begin like one: a scanner may have said
/// something before.
const MAX_KEPT_LEN: usize = 32 * 1024 * 1024;

/// A file, or standard input.
pub(super) struct Input {
    name: String,
    reader: Box<dyn Read>,
    /// What was read, of what may be a report.
    kept: Option<Zeroizing<Vec<u8>>>,
}

/// Opens it.
pub(super) fn open(path: &Path) -> Result<Input, Failure> {
    let (name, reader): (String, Box<dyn Read>) = if path == Path::new("-") {
        if io::stdin().is_terminal() {
            return Err(Failure::usage(
                "standard input is a terminal, which would show the tokens",
            )
            .hint("give it by a file or a pipe: keyctl revoke --leaked FILE"));
        }
        ("stdin".to_owned(), Box::new(io::stdin()))
    } else {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Failure::input(&quoted(&name), &error))?;
        (name, Box::new(file))
    };
    Ok(Input {
        name,
        reader,
        kept: Some(Zeroizing::new(Vec::new())),
    })
}

impl Input {
    /// What results call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Searches all of it.
    pub(super) fn scan(&mut self, keep: Keep<'_>) -> Scanned {
        let name = self.name.clone();
        walk::scan_reader(&name, self, keep, &Coverage::default())
    }

    /// What is to be read as a report, if it may be one.
    pub(super) fn report_text(&self) -> Option<&[u8]> {
        self.kept.as_deref().map(Vec::as_slice)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buffer)?;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(&buffer[..len]);
            // A log of many gigabytes is not to be kept; one byte too much of a
            // report says that it is too long.
            if kept.len() > MAX_KEPT_LEN && !report::may_begin(&kept[..HEAD_LEN]) {
                self.kept = None;
            } else {
                kept.truncate(report::MAX_LEN + 1);
            }
        }
        Ok(len)
    }
}
