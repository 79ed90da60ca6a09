//! From an error to what is said about it: a message, hints, an exit code.

mod connection;
mod errors;

use std::io;

use keyctl::domain::Verdict;
use keyctl::{Key, Location};

/// How the program ends. The table stands in the help, the manual and the
/// README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or the token is valid.
    Done,
    /// Input or output failed, or somebody said no.
    Failed,
    /// Wrong usage, or nobody to ask.
    Usage,
    /// No key matches.
    NoMatch,
    /// A rule said no.
    Refused,
    /// The token proves nothing, like HTTP 401.
    Unauthorized,
    /// The token does not reach so far, like HTTP 403.
    Forbidden,
    /// The store is at fault, or was altered.
    Store,
    /// Not everything could be looked at, or resolved.
    Incomplete,
    /// A scan found a live key.
    LiveKeyFound,
    /// SIGINT.
    Interrupted,
}

impl Exit {
    /// Its number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NoMatch => 3,
            Exit::Refused => 4,
            Exit::Unauthorized => 5,
            Exit::Forbidden => 6,
            Exit::Store => 7,
            Exit::Incomplete => 8,
            Exit::LiveKeyFound => 9,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict.http_status() {
            200 => Exit::Done,
            401 => Exit::Unauthorized,
            _ => Exit::Forbidden,
        }
    }
}

/// Why a command did not do what it was told.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    code: &'static str,
    message: String,
    store: Option<Location>,
    hints: Vec<String>,
    is_reader_gone: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            code,
            message: message.into(),
            store: None,
            hints: Vec::new(),
            is_reader_gone: false,
        }
    }

    /// The command was given wrongly.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, "usage", message)
    }

    /// Reading from `what` failed; a path is given in quotation marks.
    pub(crate) fn input(what: &str, error: &io::Error) -> Failure {
        let message = format!("cannot read {what}: {}", reason(error));
        Failure::new(Exit::Failed, "input", message)
    }

    /// Writing results failed.
    pub(crate) fn output(error: io::Error) -> Failure {
        Failure {
            is_reader_gone: error.kind() == io::ErrorKind::BrokenPipe,
            ..Failure::new(
                Exit::Failed,
                "output",
                format!("cannot write the result: {}", reason(&error)),
            )
        }
    }

    /// Somebody pressed Ctrl-C.
    pub(crate) fn interrupted() -> Failure {
        Failure::new(Exit::Interrupted, "interrupted", "interrupted")
    }

    /// With one more hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }

    /// With one more hint, before all others.
    pub(crate) fn hint_first(mut self, hint: impl Into<String>) -> Failure {
        self.hints.insert(0, hint.into());
        self
    }

    /// With the store it is about.
    pub(crate) fn about_store(mut self, location: &Location) -> Failure {
        self.store = Some(location.clone());
        self
    }

    /// With another exit code, that of what was found out before it failed.
    pub(crate) fn with_exit(mut self, exit: Exit) -> Failure {
        self.exit = exit;
        self
    }

    /// With a message of its own in place of the one it has.
    pub(crate) fn saying(mut self, message: impl Into<String>) -> Failure {
        self.message = message.into();
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn store(&self) -> Option<&Location> {
        self.store.as_ref()
    }

    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }

    pub(crate) fn is_of_the_store(&self) -> bool {
        self.exit == Exit::Store
    }

    /// Whether the result could not be written because nobody reads it any
    /// more, which ends a command that only reads without a word.
    pub(crate) fn is_reader_gone(&self) -> bool {
        self.is_reader_gone
    }
}

/// The hint for a request that names no target and a key that needs one.
pub(crate) fn missing_target_hint(key: &Key) -> Option<String> {
    match &key.access {
        keyctl::Access::Datasets(bound) => bound
            .iter()
            .next()
            .map(|id| format!("the key is bound: say which dataset is asked for: --dataset {id}")),
        keyctl::Access::App(id) => Some(format!(
            "the key is bound: say which app is asked for: --app {id}"
        )),
        keyctl::Access::AllDatasets => None,
    }
}

/// An input or output error without Rust's "(os error N)".
pub(crate) fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => nix::errno::Errno::from_raw(number).desc().to_lowercase(),
        None => error.to_string(),
    }
}
