//! What only a store on a server has: roles that may do one thing and not the
//! other, replicas, connections that break, and whoever else changes its tables.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod check;
mod library;
mod moving;
mod place;
#[expect(dead_code, reason = "no server falls here")]
#[path = "../support/postgres.rs"]
mod postgres;
mod replica;
mod roles;
#[expect(dead_code, reason = "no more is needed on the way")]
#[path = "../cli/steps.rs"]
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod versions;

use keyctl::{Need, Target};
use place::{OWNER, Place as Sandbox, until};
use steps::{issue, json};
use support::Run;

/// A request for this dataset.
fn need(dataset: &str) -> Need {
    Need {
        target: Some(Target::Dataset(dataset.parse().unwrap())),
        scopes: Vec::new(),
    }
}
