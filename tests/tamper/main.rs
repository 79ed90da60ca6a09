//! A store that is altered behind keyctl's back: whatever is changed, an audit
//! finds it, or, for what only a head kept elsewhere can show, finds it with one.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod cases;
mod files;
mod history;
mod original;
