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
