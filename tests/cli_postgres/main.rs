//! The program from outside, its store in a PostgreSQL database: the same tests
//! with the same answers as on a file.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/database.rs"]
mod database;
#[expect(dead_code, reason = "one server is enough here, and never falls")]
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/reports.rs"]
mod reports;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/transcript.rs"]
mod transcript;

#[path = "../cli/audit.rs"]
mod audit;
#[path = "../cli/bad_input.rs"]
mod bad_input;
#[path = "../cli/check.rs"]
mod check;
#[path = "../cli/complete.rs"]
mod complete;
#[path = "../cli/create.rs"]
mod create;
#[path = "../scenarios/days.rs"]
mod days;
#[path = "../cli/disable.rs"]
mod disable;
#[path = "../cli/edit.rs"]
mod edit;
#[path = "../cli/export.rs"]
mod export;
#[path = "../cli/git.rs"]
mod git;
#[path = "../cli/global.rs"]
mod global;
#[path = "../cli/import.rs"]
mod import;
#[path = "../cli/list.rs"]
mod list;
mod on_server;
#[path = "../cli/policy.rs"]
mod policy;
#[path = "../cli/process.rs"]
mod process;
#[path = "../cli/prompts.rs"]
mod prompts;
#[path = "../cli/prune.rs"]
mod prune;
#[path = "../cli/races.rs"]
mod races;
#[path = "../cli/redact.rs"]
mod redact;
#[path = "../cli/revoke.rs"]
mod revoke;
#[path = "../cli/revoke_leaked.rs"]
mod revoke_leaked;
#[path = "../cli/revoke_matching.rs"]
mod revoke_matching;
#[path = "../cli/rotate.rs"]
mod rotate;
#[path = "../cli/rules.rs"]
mod rules;
#[path = "../cli/scan.rs"]
mod scan;
#[path = "../cli/scan_git.rs"]
mod scan_git;
#[path = "../cli/secrets.rs"]
mod secrets;
#[path = "../support/shell.rs"]
mod shell;
#[path = "../cli/show.rs"]
mod show;
#[path = "../cli/steps.rs"]
mod steps;
#[path = "../cli/store.rs"]
mod store;
#[path = "../cli/verify.rs"]
mod verify;

use on_server::{CHECKS, Sandbox};
use steps::{field, id_of, issue, json, key_count, next_second};
use support::Run;
use transcript::transcript;

/// What is about the file that a store is in, and not about the program.
const ABOUT_FILES: [&str; 6] = [
    "backup",
    "on_file",
    "store_file",
    "store_file_check",
    "store_file_races",
    "store_file_refused",
];

#[test]
fn every_test_of_the_program_is_run_here_too() {
    fn modules(source: &str) -> Vec<&str> {
        let lines = source.lines();
        lines
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
            .collect()
    }
    let here = modules(include_str!("main.rs"));
    for module in modules(include_str!("../cli/main.rs")) {
        let is_left_out = ABOUT_FILES.contains(&module);
        assert_ne!(here.contains(&module), is_left_out, "{module}");
    }
}
