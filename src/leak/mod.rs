//! Leaked tokens: found in any bytes, without a store to ask.
//!
//! Nothing here decides what a token is worth: a [`finder`] says what may be
//! one, and whoever asks says which of them to keep. [`walk`] searches files,
//! [`git`] the objects of a repository, [`content`] what is packed in either.
//! [`rules`] makes other scanners find the same tokens, [`report`] reads what
//! they write about them, and [`leads`] says what that is worth.

pub mod content;
pub mod finder;
pub mod findings;
pub mod git;
pub mod leads;
mod redact;
pub mod report;
pub mod rules;
pub mod search;
pub mod walk;

pub use redact::{Redactor, redacted};

use std::sync::LazyLock;

use finder::{Encoding, Finder, Form};

/// A path, or what is said of one, without the token that it may be named after,
/// in whatever encoding.
pub fn presentable(text: &str) -> String {
    static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);
    let mut text = redacted(text).into_owned();
    let mut end = None;
    FINDER.find(text.as_bytes(), &mut |candidate| {
        if candidate.form != Form::Loose || candidate.encoding != Encoding::Plain {
            end = Some(end.unwrap_or(candidate.start).min(candidate.start));
        }
    });
    // Where an encoded one ends is not worth finding out.
    if let Some(end) = end {
        text.truncate(end);
        text.push_str("...");
    }
    text
}
