//! Leaks: bytes in, findings out. Pure functions: no files, no store.
//!
//! [`rules`] makes other scanners find the tokens issued here, and [`report`]
//! reads what they write about them.

pub mod report;
pub mod rules;
