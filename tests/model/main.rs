//! Random lives of keys in a store in a file.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod lives;
#[path = "../support/site.rs"]
mod site;

/// How many lives are tried, unless `PROPTEST_CASES` says otherwise.
const LIVES: u32 = 64;
