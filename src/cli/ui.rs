//! Everything the program prints, in every format.
//!
//! Results go to standard output and nothing else does; remarks go to standard
//! error, and `--quiet` silences them; errors go to standard error always.
//! Whether a stream is a terminal, and whether it gets colour, is decided once,
//! at the start. Text that came from outside is escaped on its way out.

mod csv;
mod escape;
mod failure;
mod list;
mod numbers;
mod progress;
mod secret;
mod table;

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::panic;
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::builder::StyledStr;
use keyctl::Location;
use keyctl::leak::redacted;
use keyctl::store::PrivateFile;
use serde::Serialize;

pub(crate) use escape::{escape_from, escaped, quoted};
use escape::{escaped_json, is_plain};
pub(crate) use failure::shell_word;
pub(crate) use list::List;
pub(crate) use numbers::{grouped, size};
pub(crate) use progress::Bar;
pub(crate) use secret::Destination;
pub(crate) use table::relative_time;

use super::args::{Color, Format, GlobalArgs};
use super::exit::Failure;
use super::guard::joined_output;

/// How many bytes of results are gathered before they are written.
const OUTPUT_BUFFER_LEN: usize = 64 * 1024;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// The program's voice.
pub(crate) struct Ui {
    format: Format,
    quiet: bool,
    /// The options that a command in a hint needs to mean the same store and
    /// workspace as this one.
    hint_options: Vec<(&'static str, String)>,
    stdout: BufWriter<Box<dyn Write + Send>>,
    /// What a document is made in, one after the other.
    text: Vec<u8>,
    stdout_look: Look,
    stderr_look: Look,
}

/// What is known of a stream.
#[derive(Debug, Clone, Copy)]
struct Look {
    is_terminal: bool,
    has_color: bool,
}

impl Ui {
    /// The voice that these options ask for.
    pub(crate) fn new(args: &GlobalArgs) -> Ui {
        Ui {
            hint_options: failure::hint_options(args),
            ..Ui::with(args.format(), args.quiet, args.color.unwrap_or(Color::Auto))
        }
    }

    /// The voice for arguments that are not understood yet: JSON if they seem
    /// to ask for it.
    pub(crate) fn guess(args: &[OsString]) -> Ui {
        let words: Vec<Cow<'_, str>> = args.iter().map(|arg| arg.to_string_lossy()).collect();
        let is_json = |text: &str| matches!(text, "json" | "jsonl");
        let joined = |word: &str| {
            let long = word.strip_prefix("--output=");
            long.or_else(|| joined_output(word)).is_some_and(is_json)
        };
        let expects_value = |word: &str| word == "--output" || joined_output(word) == Some("");
        let wants_json = words.iter().any(|word| word == "--json" || joined(word))
            || words
                .windows(2)
                .any(|pair| expects_value(&pair[0]) && is_json(&pair[1]));
        let format = if wants_json {
            Format::Json
        } else {
            Format::Table
        };
        let is_color = |name: &str| {
            words
                .windows(2)
                .any(|pair| pair[0] == "--color" && pair[1] == name)
                || words
                    .iter()
                    .any(|word| word.strip_prefix("--color=") == Some(name))
        };
        let color = if is_color("never") {
            Color::Never
        } else if is_color("always") {
            Color::Always
        } else {
            Color::Auto
        };
        Ui::with(format, false, color)
    }

    fn with(format: Format, quiet: bool, color: Color) -> Ui {
        let look = |is_terminal, choice| Look {
            is_terminal,
            has_color: match color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => choice != ColorChoice::Never,
            },
        };
        Ui {
            format,
            quiet,
            hint_options: Vec::new(),
            stdout: buffered_stdout(),
            text: Vec::new(),
            stdout_look: look(
                io::stdout().is_terminal(),
                AutoStream::choice(&io::stdout()),
            ),
            stderr_look: look(
                io::stderr().is_terminal(),
                AutoStream::choice(&io::stderr()),
            ),
        }
    }

    /// The format of results.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether only what matters is to be said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether results are shown to somebody as they are.
    pub(crate) fn is_shown(&self) -> bool {
        self.stdout_look.is_terminal
    }

    /// Runs what makes results, and sends them to this file instead.
    pub(crate) fn write_file<T>(
        &mut self,
        file: &PrivateFile,
        work: impl FnOnce(&mut Ui) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let writer: Box<dyn Write + Send> = Box::new(file.writer().map_err(Failure::output)?);
        self.stdout = BufWriter::with_capacity(OUTPUT_BUFFER_LEN, writer);
        let worked = work(self).and_then(|result| self.flush().map(|()| result));
        self.discard();
        self.stdout = buffered_stdout();
        let result = worked?;
        file.sync().map_err(Failure::output)?;
        Ok(result)
    }

    /// Refuses a format that a command does not have.
    pub(crate) fn require_format(&self, command: &str, formats: &[Format]) -> Result<(), Failure> {
        if formats.contains(&self.format) {
            return Ok(());
        }
        let names: Vec<&str> = formats.iter().map(|format| format.as_str()).collect();
        Err(Failure::usage(format!(
            "{command} has no output as {}",
            self.format.as_str()
        ))
        .hint(format!("choose one of {}", names.join(", "))))
    }

    /// A document: indented as `json`, on one line as `jsonl`.
    pub(crate) fn document(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        if self.format == Format::Jsonl {
            return self.document_line(document);
        }
        self.json(|text| serde_json::to_writer_pretty(text, document))
    }

    /// A document on one line, where there are many.
    pub(crate) fn document_line(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        self.json(|text| serde_json::to_writer(text, document))
    }

    fn json(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> Result<(), Failure> {
        self.text.clear();
        write(&mut self.text).map_err(|error| Failure::output(error.into()))?;
        self.text.push(b'\n');
        let written = if is_plain(&self.text, true) {
            self.stdout.write_all(&self.text)
        } else {
            let text = std::str::from_utf8(&self.text).expect("JSON is UTF-8");
            self.stdout.write_all(escaped_json(text).as_bytes())
        };
        written.map_err(Failure::output)
    }

    /// A line of results.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        // A batch writes a million of them: through fmt, each took twice as long.
        let written = self.stdout.write_all(escaped(text).as_bytes());
        written
            .and_then(|()| self.stdout.write_all(b"\n"))
            .map_err(Failure::output)
    }

    /// Bytes made by this program, as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stdout.write_all(bytes).map_err(Failure::output)
    }

    /// A help text, in colour where there is colour.
    pub(crate) fn help(&mut self, text: &StyledStr) -> Result<(), Failure> {
        let text = if self.stdout_look.has_color {
            text.ansi().to_string()
        } else {
            text.to_string()
        };
        self.raw(text.as_bytes())?;
        self.flush()
    }

    /// Writes out what was gathered. A command that has results ends with it.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().map_err(Failure::output)
    }

    /// Forgets what was gathered: on an error, standard output stays empty.
    pub(crate) fn discard(&mut self) {
        let sink: Box<dyn Write + Send> = Box::new(io::sink());
        let gathered = std::mem::replace(&mut self.stdout, BufWriter::new(sink));
        // Unlike dropping it, taking it apart does not write it.
        drop(gathered.into_parts());
    }

    /// A remark.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.quiet {
            self.talk(&format!("{}\n", escaped(text)));
        }
    }

    /// What a question is about, which even the quiet have to see.
    pub(crate) fn ask(&mut self, text: &str) {
        self.talk(&format!("{}\n", escaped(text)));
    }

    /// A remark about what to run or to mend.
    pub(crate) fn hint(&mut self, text: &str) {
        if !self.quiet {
            let hint = self.painted(HINT, "hint:");
            let text = self.runnable(text);
            self.talk(&format!("{hint} {}\n", escaped(&text)));
        }
    }

    fn painted(&self, style: Style, word: &str) -> String {
        if self.stderr_look.has_color {
            format!("{style}{word}{style:#}")
        } else {
            word.to_owned()
        }
    }

    /// Says it, with whatever may be a token masked: a file may be named after
    /// one, and an argument meant for another place may be one.
    fn talk(&mut self, text: &str) {
        // Nobody is left to tell that standard error is gone.
        let _ = io::stderr().write_all(redacted(text).as_bytes());
    }
}

/// Says that the program failed by its own fault, and where. What it was working
/// with stays unsaid.
pub(crate) fn panicked(place: Option<&panic::Location<'_>>) {
    let place = place.map(|place| format!(" at {}:{}", place.file(), place.line()));
    let place = place.unwrap_or_default();
    let text = format!(
        "error: keyctl failed{place}: this is a defect of the program\n\
         hint: see what was done before it: keyctl audit\n"
    );
    // Nobody is left to tell that standard error is gone.
    let _ = io::stderr().write_all(text.as_bytes());
}

fn buffered_stdout() -> BufWriter<Box<dyn Write + Send>> {
    let stdout: Box<dyn Write + Send> = match unbuffered_stdout() {
        Ok(file) => Box::new(file),
        Err(_) => Box::new(io::stdout()),
    };
    BufWriter::with_capacity(OUTPUT_BUFFER_LEN, stdout)
}

/// Standard output without the library's own buffer: nothing of a token stays
/// in one, and a write is done when it returns.
fn unbuffered_stdout() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Where a store is, for programs.
pub(crate) fn absolute(location: &Location) -> String {
    match location {
        Location::File(path) => {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            absolute.display().to_string()
        }
        Location::Url(_) => location.to_string(),
    }
}

/// Where a store is, for people: with the home directory as `~`.
pub(crate) fn home_relative(location: &Location) -> String {
    let Location::File(path) = location else {
        return location.to_string();
    };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match home.and_then(|home| Some(absolute.strip_prefix(Path::new(&home)).ok()?.to_owned())) {
        Some(rest) => format!("~/{}", rest.display()),
        None => absolute.display().to_string(),
    }
}
