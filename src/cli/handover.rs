//! What `create` and `rotate` share: a new token goes to standard output, into a
//! document, or to a file, and the key becomes real only when it is there.

use std::io;
use std::path::{Path, PathBuf};

use keyctl::ops::Rotation;
use keyctl::store::PrivateFile;
use keyctl::{Error, Key, Token};
use serde::Serialize;

use super::args::Format;
use super::exit::{Exit, Failure, reason};
use super::ui::{Destination, Ui, quoted};

/// Where the token goes.
#[derive(clap::Args)]
pub(crate) struct Handover {
    /// Write the token to this new file, mode 0600, and print the id instead
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    token_file: Option<PathBuf>,

    /// Check everything, change nothing, and show no token
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}

/// A token being handed over.
pub(crate) struct Delivery<'a> {
    handover: &'a Handover,
    file: Option<PrivateFile>,
}

impl Handover {
    /// Refuses a format that would lose the token, and a file that cannot be
    /// made: before anything is changed.
    pub(crate) fn check(&self, command: &str, ui: &Ui) -> Result<(), Failure> {
        let formats: &[Format] = match self.token_file {
            Some(_) => &[Format::Table, Format::Json, Format::Jsonl, Format::Id],
            None => &[Format::Table, Format::Json, Format::Jsonl],
        };
        ui.require_format(command, formats)?;
        self.token_file.as_deref().map_or(Ok(()), check_token_file)
    }

    /// Begins to hand over a token.
    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery {
            handover: self,
            file: None,
        }
    }

    /// The file, as documents name it.
    pub(crate) fn token_file(&self) -> Option<String> {
        self.token_file
            .as_ref()
            .map(|path| path.display().to_string())
    }

    /// Prints the result where it is not the token itself: the id beside a
    /// file, the document beside a file or of a dry run.
    pub(crate) fn report(
        &self,
        ui: &mut Ui,
        key: &Key,
        document: &impl Serialize,
    ) -> Result<(), Failure> {
        if self.token_file.is_none() && !self.dry_run {
            return Ok(());
        }
        let printed = match ui.format() {
            Format::Json | Format::Jsonl => ui.document(document),
            // The place of the token stays empty.
            _ if self.token_file.is_none() => Ok(()),
            _ => ui.line(key.id.as_str()),
        };
        printed.and_then(|()| ui.flush()).map_err(|failure| {
            let message = format!("{} was issued, but {}", key.id, failure.message());
            if self.dry_run {
                failure
            } else {
                failure.saying(message)
            }
        })
    }

    /// Says where the token is.
    pub(crate) fn tell(&self, ui: &mut Ui) {
        match &self.token_file {
            Some(path) => {
                let path = quoted(&path.display().to_string());
                ui.note(&format!(
                    "The token is in {path} and nowhere else: it cannot be shown again."
                ));
            }
            None => ui.note("Copy it now: it is not stored and cannot be shown again."),
        }
    }
}

impl Delivery<'_> {
    /// Writes the token to where it is to go; see [`Ui::reveal`].
    pub(crate) fn deliver<'t, D: Serialize>(
        &mut self,
        ui: &mut Ui,
        token: &'t Token,
        document: impl FnOnce(&'t str) -> D,
    ) -> io::Result<()> {
        let destination = match &self.handover.token_file {
            // Made only now, with nothing left to wait for.
            Some(path) => Destination::File(self.file.insert(PrivateFile::create(path)?)),
            None => Destination::Stdout,
        };
        ui.reveal(token, &destination, document)
    }

    /// Keeps the file if its token is valid.
    pub(crate) fn settle<T>(self, outcome: Result<T, Error>) -> Result<T, Error> {
        settle(self.file, outcome)
    }
}

fn check_token_file(path: &Path) -> Result<(), Failure> {
    PrivateFile::check(path).map_err(|error| cannot_make(path, &error))
}

fn settle<T>(file: Option<PrivateFile>, outcome: Result<T, Error>) -> Result<T, Error> {
    match &outcome {
        Ok(_) | Err(Error::Unconfirmed(_)) => {
            // It has its own name already: nothing can fail.
            let _ = file.map(PrivateFile::keep);
            outcome
        }
        // The file goes with its token, so there is no token above.
        Err(_) if file.is_some() => outcome.map_err(without_token),
        Err(_) => outcome,
    }
}

/// The error of a command whose token is gone with its file.
fn without_token(error: Error) -> Error {
    match error {
        Error::NotSaved(cause) => Error::Store(cause),
        error => error,
    }
}

/// The failure to make a file that is to be new.
pub(crate) fn cannot_make(path: &Path, error: &io::Error) -> Failure {
    let path = quoted(&path.display().to_string());
    let message = format!("cannot make {path}: {}", reason(error));
    let failure = Failure::new(Exit::Failed, "output", message);
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            failure.hint("name a new file: one that is there is never overwritten")
        }
        _ => failure,
    }
}

/// What a key may do, where, and until when: `for dataset ds_1, scope full,
/// never expires`.
pub(crate) fn described(key: &Key) -> String {
    let ends = match key.expires_at {
        Some(at) => format!("expires {at}"),
        None => "never expires".to_owned(),
    };
    format!("for {}, scope {}, {ends}", key.access, key.scopes)
}

/// The tokens of several new keys, on their way to one file.
pub(crate) struct Successors<'a> {
    path: Option<&'a Path>,
    file: Option<PrivateFile>,
}

impl<'a> Successors<'a> {
    /// To this file, if there are to be any.
    pub(crate) fn new(path: Option<&'a Path>) -> Successors<'a> {
        Successors { path, file: None }
    }

    /// Refuses a file that cannot be made, before anything is changed.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.path.map_or(Ok(()), check_token_file)
    }

    /// Writes them out, with the ids of the old and the new keys.
    pub(crate) fn deliver(&mut self, ui: &mut Ui, all: &[(Rotation, Token)]) -> io::Result<()> {
        let path = self
            .path
            .ok_or_else(|| io::Error::other("there is no file for them"))?;
        let file = self.file.insert(PrivateFile::create(path)?);
        let rows = all.iter().map(|(rotation, token)| {
            let ids = format!("{} {}", rotation.replaced.id, rotation.key.id);
            (ids, token)
        });
        ui.reveal_all(file, rows)
    }

    /// Keeps the file if its tokens are valid.
    pub(crate) fn settle<T>(self, outcome: Result<T, Error>) -> Result<T, Error> {
        settle(self.file, outcome)
    }
}
