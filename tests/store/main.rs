//! What every engine promises, held to by a store in a file.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod cases;
mod files;
#[path = "../support/site.rs"]
mod site;
