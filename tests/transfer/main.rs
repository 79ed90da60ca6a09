//! Exports that cannot be taken in, tried on stores in files.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod exports;
#[path = "../support/site.rs"]
mod site;
