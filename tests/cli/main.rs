//! The program from outside: one file a command.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/reports.rs"]
mod reports;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/transcript.rs"]
mod transcript;

mod audit;
mod backup;
mod bad_input;
mod check;
mod complete;
mod create;
mod disable;
mod edit;
mod export;
mod git;
mod global;
mod import;
mod list;
mod on_file;
mod policy;
mod process;
mod prompts;
mod prune;
mod races;
mod redact;
mod revoke;
mod revoke_leaked;
mod revoke_matching;
mod rotate;
mod rules;
mod scan;
mod scan_git;
mod secrets;
mod show;
mod steps;
mod store;
mod store_file;
mod store_file_check;
mod store_file_races;
mod store_file_refused;
mod verify;

use on_file::{CHECKS, Sandbox};
use steps::{field, id_of, issue, json, key_count, next_second};
use support::Run;
use transcript::transcript;
