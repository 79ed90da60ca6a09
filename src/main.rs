//! The `keyctl` program: issues, lists, verifies and revokes API keys.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os().collect())
}
