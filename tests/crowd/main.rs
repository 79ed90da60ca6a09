//! Many processes at one store: none is turned away, nothing that was
//! acknowledged is lost, and readers do not wait for writers.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[expect(dead_code, reason = "each writer throws dice of its own")]
#[path = "../support/campaign.rs"]
mod campaign;
mod first;
mod readers;
#[expect(dead_code, reason = "other harnesses need more of it")]
#[path = "../support/mod.rs"]
mod support;
#[expect(dead_code, reason = "other harnesses weaken other things")]
#[path = "../support/weakened.rs"]
mod weakened;
mod writers;

use std::path::{Path, PathBuf};

use keyctl::{Location, Need, Target};
use support::{Run, Sandbox};

/// The program as it was built.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_keyctl"))
}

/// Runs the program as `actor` to its end.
fn run(sandbox: &Sandbox, program: &Path, actor: &str, args: &[&str], stdin: &str) -> Run {
    let mut command = sandbox.command(program.to_str().unwrap());
    command.args(args).env("KEYCTL_ACTOR", actor);
    sandbox.finish(command, stdin.as_bytes())
}

fn store(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".local/share/keyctl/keys.db")
}

fn location(sandbox: &Sandbox) -> Location {
    Location::File(store(sandbox))
}

/// What the holder of a key for that app asks for.
fn need(app: &str) -> Need {
    Need {
        target: Some(Target::App(app.parse().unwrap())),
        scopes: Vec::new(),
    }
}

fn document(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}
