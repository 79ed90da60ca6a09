//! What an error looks like, and hints that can be run as they stand.

use std::borrow::Cow;

use keyctl::Location;
use serde::Serialize;

use super::{ERROR, HINT, Ui, absolute, escaped, escaped_json, home_relative};
use crate::cli::args::{Format, GlobalArgs};
use crate::cli::exit::Failure;

#[derive(Serialize)]
struct ErrorDocument<'a> {
    error: ErrorView<'a>,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    code: &'static str,
    exit_code: u8,
    message: &'a str,
    store: Option<String>,
    hints: Vec<Cow<'a, str>>,
}

impl Ui {
    /// An error: text, or one line of JSON where the results would be JSON.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        let text = match self.format {
            Format::Json | Format::Jsonl => self.error_document(failure),
            Format::Table | Format::Csv | Format::Id => self.error_text(failure),
        };
        self.talk(&text);
    }

    fn error_text(&self, failure: &Failure) -> String {
        let error = self.painted(ERROR, "error:");
        let mut text = format!("{error} {}\n", escaped(failure.message()));
        if let Some(store) = failure.store() {
            text.push_str(&format!("  store: {}\n", escaped(&home_relative(store))));
        }
        for hint in failure.hints() {
            let word = self.painted(HINT, "hint:");
            text.push_str(&format!("{word} {}\n", escaped(&self.runnable(hint))));
        }
        text
    }

    /// One line, so that it can be told from whatever else a log holds.
    fn error_document(&self, failure: &Failure) -> String {
        let hints = failure.hints().iter().map(|hint| self.runnable(hint));
        let document = ErrorDocument {
            error: ErrorView {
                code: failure.code(),
                exit_code: failure.exit().code(),
                message: failure.message(),
                store: failure.store().map(absolute),
                hints: hints.collect(),
            },
        };
        // Text and numbers always become JSON.
        let json = serde_json::to_string(&document).unwrap_or_default();
        escaped_json(&json).into_owned() + "\n"
    }

    /// A hint whose command, after a colon, means the store and the workspace
    /// that this command was told by options.
    pub(crate) fn runnable<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        const COMMAND: &str = ": keyctl ";
        if !hint.contains(COMMAND) || hint.ends_with("help") {
            return Cow::Borrowed(hint);
        }
        // One that names another itself means that.
        let options = self.hint_options.iter();
        let options = options.filter(|(option, _)| !hint.contains(option));
        let options: String = options
            .map(|(option, value)| format!("{option} {value} "))
            .collect();
        Cow::Owned(hint.replacen(COMMAND, &format!("{COMMAND}{options}"), 1))
    }
}

/// The options that make a command mean the store and the workspace that these
/// name.
pub(super) fn hint_options(args: &GlobalArgs) -> Vec<(&'static str, String)> {
    let store = args.store.as_ref().map(|path| path.display().to_string());
    // A password is not repeated.
    let is_shown =
        |text: &String| matches!(text.parse::<Location>(), Ok(place) if !place.holds_password());
    let store = store.filter(is_shown);
    let store = store.map(|store| ("--store", store));
    let workspace = args
        .workspace
        .as_ref()
        .map(|name| ("--workspace", name.to_string()));
    let options = store.into_iter().chain(workspace);
    options
        .map(|(option, value)| (option, shell_word(&value).into_owned()))
        .collect()
}

/// A word that a shell takes for itself alone.
pub(crate) fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-~:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}
