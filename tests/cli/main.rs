//! The program from outside: one file a command.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/transcript.rs"]
mod transcript;

mod bad_input;
mod create;
mod global;
mod list;
mod prompts;
mod revoke;
mod secrets;
mod show;
mod store;
mod verify;

use support::{Run, Sandbox};
use transcript::transcript;

/// Issues a key with these arguments; its id and its token.
#[track_caller]
fn issue(sandbox: &Sandbox, args: &[&str]) -> (String, String) {
    let args = [&["create", "--json"], args].concat();
    let run = sandbox.run(&args, "").expect_code(0);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON is printed");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    (text(&document["key"]["id"]), text(&document["token"]))
}

/// What a command with `--json` printed.
#[track_caller]
fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", run.command, run.stdout))
}

/// How many live keys there are.
#[track_caller]
fn key_count(sandbox: &Sandbox) -> usize {
    let run = sandbox.run(&["list", "-o", "id"], "").expect_code(0);
    run.stdout.lines().count()
}
