//! Shell scripts in a sandbox, with the built program on their PATH.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::support::{Run, Sandbox};

/// What stands for cargo in scripts: it runs the program that was built, and
/// knows the other commands that the README shows without running them again.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
    "run --release --locked -- "*) shift 4; exec keyctl "$@" ;;
    "test --locked --all-features" | "install --locked --path ." | \
        "install --locked --path . --features postgres" | \
        "bench --bench figures" | "bench --bench leaks") exit 0 ;;
    *) echo "the README shows an unknown command: cargo $*" >&2; exit 1 ;;
esac
"#;

/// Runs a script with bash, which stops at the first command that fails.
pub(crate) fn run_script(sandbox: &Sandbox, script: &str, surroundings: &[(&str, &str)]) -> Run {
    let tools = sandbox.home().join(".tools");
    fs::create_dir_all(&tools).expect("a folder can be made");
    let cargo = tools.join("cargo");
    fs::write(&cargo, CARGO).expect("a file can be written");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    let program = Path::new(env!("CARGO_BIN_EXE_keyctl"));
    let folder = program.parent().expect("a program is in a folder");
    let system = env::var_os("PATH").unwrap_or_default();
    let path = [tools, folder.to_owned()]
        .into_iter()
        .chain(env::split_paths(&system));
    let mut command = sandbox.command("bash");
    command
        .args(["-euo", "pipefail", "-c", script])
        .env(
            "PATH",
            env::join_paths(path).expect("no folder has a colon"),
        )
        .envs(surroundings.iter().copied());
    sandbox.finish(command, b"")
}

/// Whether scripts can use jq. Where everything is to be tested, it must be
/// there; elsewhere a test without it says so and ends.
#[expect(clippy::print_stderr, reason = "a test that ends early says so")]
pub(crate) fn has_jq() -> bool {
    let found = std::process::Command::new("jq").arg("--version").output();
    if found.is_ok() {
        return true;
    }
    assert!(env::var_os("CI").is_none(), "jq is not installed");
    eprintln!("jq is not installed: a script was not tried");
    false
}
