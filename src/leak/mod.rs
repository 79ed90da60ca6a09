//! Leaks: bytes in, findings out. Pure functions: no files, no store.
//!
//! [`rules`] makes other scanners find the tokens issued here.

pub mod rules;
