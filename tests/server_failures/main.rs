//! A server that is killed, connections that are cut, transactions that are undone:
//! what was acknowledged is there afterwards, what was refused is not, and nothing is
//! there by half.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

mod abandoned;
#[path = "../support/campaign.rs"]
mod campaign;
mod conflicts;
mod crowd;
mod cuts;
#[path = "../support/database.rs"]
mod database;
mod ground;
mod kills;
mod migrations;
mod operations;
mod plans;
#[expect(dead_code, reason = "other harnesses need more of it")]
#[path = "../support/postgres.rs"]
mod postgres;
mod proxy;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod wire;
mod writer;
