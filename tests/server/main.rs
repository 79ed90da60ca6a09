//! What only a store on a server has: roles that may do one thing and not the
//! other, replicas, connections that break, and whoever else changes its tables.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod place;
#[expect(dead_code, reason = "no server falls here")]
#[path = "../support/postgres.rs"]
mod postgres;
mod roles;
#[expect(dead_code, reason = "no more is needed on the way")]
#[path = "../cli/steps.rs"]
mod steps;
#[path = "../support/mod.rs"]
mod support;

use place::{OWNER, Place as Sandbox};
use steps::{issue, json};
use support::Run;
