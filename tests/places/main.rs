//! Places and surroundings that are not made for it: any umask, any clock, any
//! limit, a disk that is full, one that cannot be written.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[expect(
    dead_code,
    reason = "what is tried here is written down, and not drawn"
)]
#[path = "../support/campaign.rs"]
mod campaign;
mod clock;
mod disk;
mod limits;
mod mounts;
#[path = "../support/mod.rs"]
mod support;
mod umask;

use std::process::Command;

use serde_json::Value;
use support::{Run, Sandbox};

/// Runs the program after the shell has done `setting`: a umask, a limit.
fn run_after(sandbox: &Sandbox, setting: &str, args: &[&str], stdin: &str) -> Run {
    let mut command = sandbox.command("sh");
    command
        .arg("-c")
        .arg(format!(r#"{setting}; exec "$0" "$@""#))
        .arg(env!("CARGO_BIN_EXE_keyctl"))
        .args(args);
    sandbox.finish(command, stdin.as_bytes())
}

/// What a command with `--json` printed.
#[track_caller]
fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", run.command, run.stderr))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Fails where a tool is missing: what is not tried is not promised.
fn require(tool: &str, package: &str) {
    let found = Command::new(tool).arg("--version").output();
    assert!(
        found.is_ok(),
        "{tool} is missing: install Debian's package {package}"
    );
}
