//! Days of work with a store in a file.

mod days;
#[path = "../support/shell.rs"]
mod shell;
#[path = "../support/mod.rs"]
mod support;

use support::Sandbox;
